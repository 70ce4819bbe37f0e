import type { ClosureBuilder } from './closure-builder.js';
import { type Refusal, refuse } from './refusal.js';
import { isMapping } from './yaml-text.js';

const isJsonnet = (path: string): boolean => path.endsWith('.jsonnet') || path.endsWith('.libsonnet');

/**
 * Files of a plain directory: the directory itself, and everything below it with `recurse`. Argo CD looks no deeper
 * without `recurse`, and what it does not read is not ours to restore. Include and exclude patterns are not applied:
 * a file too many is safe, a file too few is not. Jsonnet is refused, since it imports from anywhere.
 */
export async function addDirectoryClosure(
  builder: ClosureBuilder,
  path: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Refusal | undefined> {
  const directory = isMapping(settings['directory']) ? settings['directory'] : {};
  const jsonnet = directory['jsonnet'];
  if (isMapping(jsonnet) && Object.values(jsonnet).some((v) => v !== null && !(Array.isArray(v) && v.length === 0))) {
    return refuse('jsonnet-source', 'the source has jsonnet settings');
  }
  const recurse = directory['recurse'] === true;
  const files = recurse ? builder.tree.filesUnder(path) : builder.tree.filesIn(path);
  const found = files.find(isJsonnet);
  if (found !== undefined) return refuse('jsonnet-source', `${found} is a jsonnet file`);
  if (recurse) return builder.addSubtree(path);
  builder.addScope('level', path);
  return builder.addFiles(files);
}
