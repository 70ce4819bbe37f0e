import type { ApplicationName, SourceSettings } from '../model/application.js';
import { type Refusal, refuse } from './refusal.js';
import { baseNameOf } from './repository-path.js';
import type { RepositoryTree } from './repository-tree.js';
import { isMapping, readYaml } from './yaml-text.js';

type Settings = Readonly<Record<string, unknown>>;

/** What Argo CD renders an application as, with the settings the repository itself adds. */
export interface EffectiveSource {
  readonly kind: 'source';
  readonly shape: 'directory' | 'kustomize';
  readonly settings: Settings;
}

/** File names kustomize and Argo CD know. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;
/** These never come from the repository (Argo CD, mergeSourceParameters). */
const PROTECTED: readonly string[] = ['repoURL', 'path', 'chart', 'targetRevision', 'ref'];
const TYPED_BLOCKS = ['helm', 'kustomize', 'directory', 'plugin'] as const;

/** JSON merge patch (RFC 7396): null removes, mappings are merged, all else replaces. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) return patch;
  const merged = new Map(Object.entries(isMapping(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** The override files of an application; which of the last two counts depends on where the controller runs. */
export const overrideNames = (application: ApplicationName): readonly string[] => [
  '.argocd-source.yaml',
  `.argocd-source-${application.name}.yaml`,
  `.argocd-source-${application.namespace}_${application.name}.yaml`,
];

async function withOverrides(
  tree: RepositoryTree,
  path: string,
  source: SourceSettings,
  application: ApplicationName,
): Promise<{ readonly kind: 'settings'; readonly settings: Settings } | Refusal> {
  let settings: Settings = source;
  for (const name of overrideNames(application)) {
    const resolved = await tree.resolve(path === '' ? name : `${path}/${name}`);
    const entry = resolved.kind === 'file' ? tree.find(resolved.path) : undefined;
    if (!entry) continue;
    const reading = readYaml(await tree.readText(entry.oid));
    if (reading.kind === 'unreadable') return refuse('unreadable-yaml', `${resolved.path}: ${reading.why}`);
    const [patch, ...more] = reading.documents;
    if (patch === undefined) continue;
    if (!isMapping(patch) || more.length > 0) {
      return refuse('unreadable-yaml', `${resolved.path}: one mapping is expected`);
    }
    const allowed = Object.fromEntries(Object.entries(patch).filter(([key]) => !PROTECTED.includes(key)));
    const merged = mergePatch(settings, allowed);
    settings = isMapping(merged) ? merged : settings;
  }
  return { kind: 'settings', settings };
}

/** Argo CD drops blocks that say nothing (`directory: {jsonnet: {}}` is what its UI writes), so they name no shape. */
function saysSomething(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMapping(value)) return Object.values(value).some(saysSomething);
  return value !== null && value !== undefined && value !== '' && value !== false;
}

function explicitShape(settings: Settings): EffectiveSource['shape'] | Refusal | undefined {
  // An empty plugin block still asks for a plugin.
  const blocks = TYPED_BLOCKS.filter((b) => saysSomething(settings[b]) || (b === 'plugin' && isMapping(settings[b])));
  const [block, ...others] = blocks;
  if (others.length > 0) return refuse('closure-not-computable', `the source has several types: ${blocks.join(', ')}`);
  if (block === undefined) return undefined;
  switch (block) {
    case 'helm':
      return refuse('helm-source', 'the source has a helm block');
    case 'plugin':
      return refuse('plugin-source', 'the source has a plugin block');
    case 'kustomize':
    case 'directory':
      return block;
  }
}

/**
 * The shape of a source at one commit, found as Argo CD finds it: the explicit block, else the files in the directory;
 * `.argocd-source*.yaml` are merged first. Whatever is neither a plain directory nor kustomize is refused by name.
 */
export async function effectiveSource(
  tree: RepositoryTree,
  path: string,
  source: SourceSettings,
  application: ApplicationName,
): Promise<EffectiveSource | Refusal> {
  const overridden = await withOverrides(tree, path, source, application);
  if (overridden.kind === 'refusal') return overridden;
  const { settings } = overridden;
  const explicit = explicitShape(settings);
  if (typeof explicit === 'object') return explicit;
  if (explicit !== undefined) return { kind: 'source', shape: explicit, settings };
  const names = tree.filesIn(path).map(baseNameOf);
  const chart = names.find((name) => name.endsWith('Chart.yaml'));
  if (chart !== undefined) return refuse('helm-source', `${chart} in ${path || 'the root'} makes it a Helm chart`);
  const kustomize = names.some((name) => KUSTOMIZATION_NAMES.some((known) => known === name));
  return { kind: 'source', shape: kustomize ? 'kustomize' : 'directory', settings };
}
