import { isJsonObject, stringAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { CommitFiles } from './commit-files.js';
import { resolveInside } from './commit-files.js';
import { applyJsonPatch } from './json-patch.js';
import type { KustomizePatch, PatchTarget } from './kustomization.js';
import { isTargeted } from './kustomize-resource.js';
import type { KustomizeResource } from './kustomize-resource.js';
import { RenderFailure } from './render-failure.js';
import { strategicMerge } from './strategic-merge.js';
import { parseDocuments } from './yaml-documents.js';

/** Applies the `patches` of a kustomization in order. Throws RenderFailure when a patch finds no target. */
export async function applyPatches(
  resources: readonly KustomizeResource[],
  patches: readonly KustomizePatch[],
  files: CommitFiles,
  directory: string,
): Promise<readonly KustomizeResource[]> {
  let patched = resources;
  for (const patch of patches) {
    const { text, where } = await patchText(patch, files, directory);
    for (const document of parseDocuments(text, where)) patched = applyOne(patched, document, patch.target, where);
  }
  return patched;
}

async function patchText(
  patch: KustomizePatch,
  files: CommitFiles,
  directory: string,
): Promise<{ readonly text: string; readonly where: string }> {
  if ((patch.path === undefined) === (patch.patch === undefined)) {
    throw new RenderFailure(`patch in ${directory}: exactly one of 'path' and 'patch' must be given`);
  }
  if (patch.patch !== undefined) return { text: patch.patch, where: `patch in ${directory}` };
  const path = resolveInside(directory, patch.path ?? '');
  return { text: await files.read(path), where: path };
}

function applyOne(
  resources: readonly KustomizeResource[],
  patch: unknown,
  target: PatchTarget | undefined,
  where: string,
): readonly KustomizeResource[] {
  if (Array.isArray(patch)) {
    if (!target) throw new RenderFailure(`${where}: must specify a target for JSON patch`);
    const operations: readonly unknown[] = patch;
    return change(resources, target, where, (manifest) => applyJsonPatch(manifest, operations));
  }
  if (!isJsonObject(patch)) throw new RenderFailure(`${where}: unable to parse SM or JSON patch`);
  const addressed = target ?? ownTarget(patch, where);
  if (patch['$patch'] === 'delete') {
    const left = resources.filter((resource) => !isTargeted(resource, addressed));
    if (left.length === resources.length) throw noTarget(where, addressed);
    return left;
  }
  return change(resources, addressed, where, (manifest) => {
    const merged = strategicMerge(manifest, patch);
    // a patch cannot rename or retype what it is merged into
    return {
      ...merged,
      kind: manifest['kind'],
      metadata: { ...(merged['metadata'] as JsonObject), ...identity(manifest) },
    };
  });
}

function identity(manifest: JsonObject): JsonObject {
  return { name: stringAt(manifest, 'metadata', 'name') };
}

function ownTarget(patch: JsonObject, where: string): PatchTarget {
  const kind = stringAt(patch, 'kind');
  const name = stringAt(patch, 'metadata', 'name');
  if (kind === undefined || name === undefined) {
    throw new RenderFailure(`${where}: a strategic merge patch needs kind and metadata.name, or a target`);
  }
  return { kind, name: name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') };
}

function change(
  resources: readonly KustomizeResource[],
  target: PatchTarget,
  where: string,
  fn: (manifest: JsonObject) => JsonObject,
): readonly KustomizeResource[] {
  let hit = false;
  const changed = resources.map((resource) => {
    if (!isTargeted(resource, target)) return resource;
    hit = true;
    return { ...resource, manifest: fn(resource.manifest) };
  });
  if (!hit) throw noTarget(where, target);
  return changed;
}

const noTarget = (where: string, target: PatchTarget): RenderFailure =>
  new RenderFailure(`${where}: no matches for patch target ${JSON.stringify(target)}`);
