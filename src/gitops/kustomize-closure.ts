import { type ClosureBuilder, refusalOfPath } from './closure-builder.js';
import { KUSTOMIZATION_NAMES } from './effective-source.js';
import { type KustomizationReference, readKustomization, readPluginFile } from './kustomization-file.js';
import { type Refusal, refuse } from './refusal.js';
import { isWithin, joinInRepository } from './repository-path.js';
import type { ResolvedPath } from './repository-tree.js';
import { isMapping } from './yaml-text.js';

const MAX_KUSTOMIZATIONS = 500;

/** What kustomize takes for a remote target (its git repository specs and http resources). */
const isRemote = (reference: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(reference) ||
  /^git::/i.test(reference) ||
  /^[^/\s@]+@[^/:\s]+[:/]/.test(reference) ||
  /^(?:www\.)?github\.com[/:]/i.test(reference) ||
  /\.git(?:$|[/?])/.test(reference) ||
  /(?:^|\/)_git\//.test(reference) ||
  /[?&](?:ref|version|timeout|submodules)=/.test(reference);

/** Walks kustomizations from one to the next and adds each file they name. */
class KustomizeWalk {
  readonly #done = new Set<string>();
  constructor(
    readonly builder: ClosureBuilder,
    readonly ignoreMissingComponents: boolean,
  ) {}

  /** `above` are the directories that led here: kustomize refuses to come back to one of them, or to above it. */
  async visit(directory: string, above: readonly string[]): Promise<Refusal | undefined> {
    const visited = above.find((d) => isWithin(directory, d));
    if (visited !== undefined) {
      return refuse('cyclic-bases', `${directory || 'the root'} is referenced from ${visited}, which it contains`);
    }
    if (this.#done.has(directory)) return undefined;
    if (this.#done.size >= MAX_KUSTOMIZATIONS) {
      return refuse('closure-not-computable', `more than ${MAX_KUSTOMIZATIONS} kustomizations`);
    }
    this.#done.add(directory);
    const { tree } = this.builder;
    const paths = KUSTOMIZATION_NAMES.map((name) => (directory === '' ? name : `${directory}/${name}`));
    for (const path of paths) this.builder.addScope('file', path);
    const [file, ...others] = paths.filter((path) => tree.find(path) !== undefined);
    if (file === undefined) return refuse('dangling-reference', `${directory || 'the root'} holds no kustomization`);
    if (others.length > 0) {
      return refuse('closure-not-computable', `${directory || 'the root'} holds several kustomizations`);
    }
    const text = await this.#readFile(file);
    if (typeof text !== 'string') return text;
    const read = readKustomization(file, text);
    if (read.kind === 'refusal') return read;
    return this.followAll(directory, read.references, [...above, directory]);
  }

  async followAll(
    directory: string,
    references: readonly KustomizationReference[],
    above: readonly string[],
  ): Promise<Refusal | undefined> {
    for (const reference of references) {
      const refused = await this.#follow(directory, reference, above);
      if (refused) return refused;
    }
    return undefined;
  }

  async #follow(
    directory: string,
    reference: KustomizationReference,
    above: readonly string[],
  ): Promise<Refusal | undefined> {
    const named = `${reference.field} (${reference.path})`;
    if (isRemote(reference.path)) return refuse('remote-reference', `${named} lies outside the repository`);
    const joined = joinInRepository(directory, reference.path);
    if (joined === undefined) return refuse('leaves-repository', `${named} points outside the repository`);
    const resolved = await this.builder.tree.resolve(joined);
    this.builder.addLinks(resolved.links);
    const refused = refusalOfPath(resolved, named) ?? this.#refusalOfTarget(reference, resolved, named);
    if (refused) return refused;
    if (resolved.kind === 'directory') return this.visit(resolved.path, above);
    if (resolved.kind === 'missing') {
      this.builder.addScope('subtree', resolved.path);
      return undefined;
    }
    if (reference.target !== 'plugin-file') return this.builder.addFile(resolved.path);
    const text = await this.#readFile(resolved.path);
    if (typeof text !== 'string') return text;
    const plugin = readPluginFile(resolved.path, text);
    return plugin.kind === 'refusal' ? plugin : this.followAll(directory, plugin.references, above);
  }

  #refusalOfTarget(reference: KustomizationReference, resolved: ResolvedPath, named: string): Refusal | undefined {
    if (resolved.kind === 'missing') {
      const optional = this.ignoreMissingComponents && reference.target === 'directory';
      return optional ? undefined : refuse('dangling-reference', `${named} does not exist`);
    }
    if (resolved.kind === 'directory' && reference.target === 'plugin-file') {
      return refuse('kustomize-plugin', `${named} is a directory of plugins`);
    }
    const wanted = reference.target === 'directory' ? 'directory' : 'file';
    if (reference.target !== 'file-or-directory' && resolved.kind !== wanted) {
      return refuse('dangling-reference', `${named} is not a ${wanted}`);
    }
    return undefined;
  }

  /** Adds a file that has to be read as well, behind links if need be. */
  async #readFile(path: string): Promise<string | Refusal> {
    const refused = await this.builder.addFile(path);
    if (refused) return refused;
    const resolved = await this.builder.tree.resolve(path);
    const entry = resolved.kind === 'file' ? this.builder.tree.find(resolved.path) : undefined;
    return entry ? this.builder.tree.readText(entry.oid) : refuse('dangling-reference', `${path} leads to no file`);
  }
}

/** What the Application itself adds to the kustomization: components and patches kept in files. */
function settingsReferences(settings: Readonly<Record<string, unknown>>): readonly KustomizationReference[] {
  const kustomize = isMapping(settings['kustomize']) ? settings['kustomize'] : {};
  const listed = (field: string): readonly unknown[] => {
    const value: unknown = kustomize[field];
    return Array.isArray(value) ? value : [];
  };
  const components = listed('components').map((item): KustomizationReference => {
    return { field: 'source.kustomize.components', path: String(item), target: 'directory' };
  });
  const patches = listed('patches')
    .filter(isMapping)
    .map((patch) => patch['path'])
    .filter((path) => typeof path === 'string' && path !== '')
    .map((path): KustomizationReference => {
      return { field: 'source.kustomize.patches', path: String(path), target: 'file' };
    });
  return [...components, ...patches];
}

/**
 * Files of a kustomize source: its whole directory, and every file its kustomizations name, recursively
 * (bases, components, patches, generators, plugin configurations, ...), as far as they lie in the repository.
 */
export async function addKustomizeClosure(
  builder: ClosureBuilder,
  path: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Refusal | undefined> {
  const refused = await builder.addSubtree(path);
  if (refused) return refused;
  const kustomize = isMapping(settings['kustomize']) ? settings['kustomize'] : {};
  const walk = new KustomizeWalk(builder, kustomize['ignoreMissingComponents'] === true);
  return (await walk.visit(path, [])) ?? walk.followAll(path, settingsReferences(settings), [path]);
}
