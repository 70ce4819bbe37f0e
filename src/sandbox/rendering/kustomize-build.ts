import { stringAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { CommitFiles } from './commit-files.js';
import { resolveInside } from './commit-files.js';
import { overrideImages } from './image-override.js';
import { findKustomizationFile, readKustomization } from './kustomization.js';
import type { Kustomization } from './kustomization.js';
import { applyPatches } from './kustomize-patches.js';
import { isPrefixed, nameOf, resourceId, withName } from './kustomize-resource.js';
import type { KustomizeResource } from './kustomize-resource.js';
import { followRenames } from './name-references.js';
import { RenderFailure } from './render-failure.js';
import { parseManifests } from './yaml-documents.js';

const REMOTE = /^(?:[a-z+]+:\/\/|git@|github\.com[/:])|\?ref=/;

/** `kustomize build` of a directory, within the sandbox's subset. Throws RenderFailure for everything else. */
export async function buildKustomization(
  files: CommitFiles,
  directory: string,
  change: (kustomization: Kustomization) => Kustomization = (k) => k,
): Promise<readonly JsonObject[]> {
  const kustomization = change(await readKustomization(files, directory));
  const resources = await build(files, directory, kustomization, [], []);
  return resources.map((resource) => resource.manifest);
}

/** A component starts from what its parent has gathered, anything else from nothing. */
async function build(
  files: CommitFiles,
  directory: string,
  kustomization: Kustomization,
  given: readonly KustomizeResource[],
  trail: readonly string[],
): Promise<readonly KustomizeResource[]> {
  if (trail.includes(directory)) throw new RenderFailure(`cycle detected: ${[...trail, directory].join(' -> ')}`);
  const path = [...trail, directory];
  let resources = given;
  for (const entry of [...kustomization.resources, ...kustomization.bases]) {
    resources = join(resources, await load(files, directory, entry, path));
  }
  for (const entry of kustomization.components) {
    const target = localDirectory(files, directory, entry);
    const component = await readKustomization(files, target);
    if (component.kind !== 'Component') throw new RenderFailure(`${target}: expected kind 'Component' for a component`);
    resources = await build(files, target, component, resources, path);
  }
  resources = await applyPatches(resources, kustomization.patches, files, directory);
  resources = prefixNames(resources, kustomization.namePrefix);
  if (kustomization.images.length === 0) return resources;
  return resources.map((r) => ({ ...r, manifest: overrideImages(r.manifest, kustomization.images) }));
}

async function load(
  files: CommitFiles,
  directory: string,
  entry: string,
  trail: readonly string[],
): Promise<readonly KustomizeResource[]> {
  if (REMOTE.test(entry)) {
    throw new RenderFailure(`accumulating resources from '${entry}': remote resources cannot be fetched`);
  }
  const target = resolveInside(directory, entry);
  if (files.isFile(target)) {
    const manifests = parseManifests(await files.read(target), target);
    return manifests.map((manifest) => ({ manifest, names: [] }));
  }
  const kustomization = await readKustomization(files, localDirectory(files, directory, entry));
  if (kustomization.kind === 'Component') {
    throw new RenderFailure(`accumulating resources from '${entry}': a Component may only stand under 'components'`);
  }
  return build(files, target, kustomization, [], trail);
}

function localDirectory(files: CommitFiles, directory: string, entry: string): string {
  const target = resolveInside(directory, entry);
  if (!files.isDirectory(target) || findKustomizationFile(files, target) === undefined) {
    throw new RenderFailure(`accumulating resources from '${entry}' in '${directory}': no such file or kustomization`);
  }
  return target;
}

function join(before: readonly KustomizeResource[], added: readonly KustomizeResource[]): readonly KustomizeResource[] {
  const known = new Set(before.map((resource) => resourceId(resource.manifest)));
  for (const resource of added) {
    const id = resourceId(resource.manifest);
    if (known.has(id)) throw new RenderFailure(`may not add resource with an already registered id: ${id}`);
    known.add(id);
  }
  return [...before, ...added];
}

function prefixNames(resources: readonly KustomizeResource[], prefix: string): readonly KustomizeResource[] {
  if (prefix === '') return resources;
  const renames = new Map<string, string>();
  for (const { manifest } of resources) {
    if (isPrefixed(manifest)) {
      renames.set(`${stringAt(manifest, 'kind')}/${nameOf(manifest)}`, `${prefix}${nameOf(manifest)}`);
    }
  }
  return resources.map(({ manifest, names }) => {
    const followed = followRenames(manifest, (kind, name) => renames.get(`${kind}/${name}`));
    const name = nameOf(manifest);
    if (!isPrefixed(manifest)) return { manifest: followed, names };
    return { manifest: withName(followed, `${prefix}${name}`), names: [...names, name] };
  });
}
