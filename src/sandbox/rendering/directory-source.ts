import type { JsonObject } from '../json-path.js';
import type { CommitFiles } from './commit-files.js';
import { globToRegExp } from './glob.js';
import { RenderFailure } from './render-failure.js';
import { parseManifests } from './yaml-documents.js';

/** `spec.source.directory` of an application, as far as it is rendered. */
export interface DirectorySettings {
  readonly recurse?: boolean | undefined;
  readonly include?: string | undefined;
  readonly exclude?: string | undefined;
}

const MANIFEST = /\.(?:ya?ml|json)$/;
/** Argo CD leaves out a file that carries this text. */
const SKIP_MARK = '+argocd:skip-file-rendering';

/**
 * A plain directory as Argo CD's repo-server renders it: every `*.yaml`, `*.yml`, `*.json` (below it too with
 * `recurse`), narrowed by `include` and `exclude`. Throws RenderFailure; jsonnet is out of the sandbox's subset.
 */
export async function renderDirectory(
  files: CommitFiles,
  path: string,
  settings: DirectorySettings,
): Promise<readonly JsonObject[]> {
  const include = settings.include ? globToRegExp(settings.include) : undefined;
  const exclude = settings.exclude ? globToRegExp(settings.exclude) : undefined;
  const manifests: JsonObject[] = [];
  for (const file of files.filesIn(path, settings.recurse ?? false)) {
    const relative = path === '' ? file : file.slice(path.length + 1);
    if (exclude?.test(relative) || (include && !include.test(relative))) continue;
    if (file.endsWith('.jsonnet')) throw new RenderFailure(`${file}: jsonnet is not supported by the sandbox`);
    if (!MANIFEST.test(file)) continue;
    const text = await files.read(file);
    if (!text.includes(SKIP_MARK)) manifests.push(...parseManifests(text, file));
  }
  return manifests;
}
