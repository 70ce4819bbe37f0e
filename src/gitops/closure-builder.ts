import type { TreeEntry } from '../ports/source-control.js';
import { generatePathCovers } from './generate-paths.js';
import { type Refusal, refuse } from './refusal.js';
import { byPath, directoryOf, isWithin } from './repository-path.js';
import type { RepositoryTree, ResolvedPath } from './repository-tree.js';

/**
 * Where a file that is not there now would belong to the closure if it were: a directory with all below it, the files
 * of a directory itself, one file, or a pattern of manifest-generate-paths. Restoring a closure removes what
 * lies in its scopes and is not in it.
 */
export interface ClosureScope {
  readonly kind: 'subtree' | 'level' | 'file' | 'pattern';
  readonly path: string;
}

/** The files an application renders from at one commit (semantics 6). */
export interface Closure {
  readonly kind: 'closure';
  readonly shape: 'directory' | 'kustomize';
  /** Commit it was computed at. */
  readonly revision: string;
  /** The source's directory, cleaned and with links followed; `''` is the root of the repository. */
  readonly path: string;
  /** Sorted by path. */
  readonly files: ReadonlyMap<string, TreeEntry>;
  readonly scopes: readonly ClosureScope[];
  /** Entries of manifest-generate-paths; undefined = Argo CD notices every change. */
  readonly generatePaths?: readonly string[];
}
/** A closure, or why there is none. */
export type ClosureResult = Closure | Refusal;

function covers(scope: ClosureScope, path: string): boolean {
  switch (scope.kind) {
    case 'subtree':
      return isWithin(scope.path, path);
    case 'level':
      return directoryOf(path) === scope.path;
    case 'file':
      return path === scope.path;
    case 'pattern':
      return generatePathCovers(scope.path, path);
  }
}

/** Would a file at this path belong to the closure? */
export const inScopes = (scopes: readonly ClosureScope[], path: string): boolean =>
  scopes.some((scope) => covers(scope, path));

/** Refusal for a path that leads nowhere one can read; undefined when it leads to a file, a directory or nothing. */
export function refusalOfPath(resolved: ResolvedPath, named: string): Refusal | undefined {
  switch (resolved.kind) {
    case 'leaves-repository':
      return refuse('leaves-repository', `${named}: ${resolved.path} points outside the repository`);
    case 'submodule':
      return refuse('inside-submodule', `${named}: ${resolved.path} is a submodule`);
    case 'link-loop':
      return refuse('closure-not-computable', `${named}: too many symbolic links at ${resolved.path}`);
    case 'file':
    case 'directory':
    case 'missing':
      return undefined;
  }
}

/** Collects the files of a closure. Symbolic links are followed: the link and what it points at both count. */
export class ClosureBuilder {
  readonly #files = new Map<string, TreeEntry>();
  readonly #scopes = new Map<string, ClosureScope>();
  constructor(
    readonly tree: RepositoryTree,
    /** The application's own directory: a link back to it or above it brings in nothing new. */
    readonly ownPath: string,
  ) {}

  addScope(kind: ClosureScope['kind'], path: string): void {
    this.#scopes.set(`${kind}:${path}`, { kind, path });
  }

  addLinks(links: readonly string[]): void {
    for (const link of links) this.#put(link);
  }

  async addFile(path: string): Promise<Refusal | undefined> {
    if (this.#files.has(path)) return undefined;
    const entry = this.#put(path);
    return entry?.mode === '120000' ? this.#addTarget(path) : undefined;
  }

  async addFiles(paths: readonly string[]): Promise<Refusal | undefined> {
    for (const path of paths) {
      const refused = await this.addFile(path);
      if (refused) return refused;
    }
    return undefined;
  }

  /** A directory with everything below it, now and later. */
  async addSubtree(directory: string): Promise<Refusal | undefined> {
    if (this.#scopes.has(`subtree:${directory}`)) return undefined;
    this.addScope('subtree', directory);
    return this.addFiles(this.tree.filesUnder(directory));
  }

  build(closure: Omit<Closure, 'kind' | 'revision' | 'path' | 'files' | 'scopes'>): Closure {
    return {
      kind: 'closure',
      revision: this.tree.content.revision,
      path: this.ownPath,
      files: new Map([...this.#files].toSorted(([a], [b]) => byPath(a, b))),
      scopes: [...this.#scopes.values()],
      ...closure,
    };
  }

  #put(path: string): TreeEntry | undefined {
    const entry = this.tree.find(path);
    if (entry) this.#files.set(path, entry);
    return entry;
  }

  async #addTarget(link: string): Promise<Refusal | undefined> {
    const target = await this.tree.resolve(link);
    this.addLinks(target.links);
    const refused = target.kind === 'submodule' ? undefined : refusalOfPath(target, `symbolic link ${link}`);
    if (refused) return refused;
    if (target.kind === 'file' || target.kind === 'submodule') return this.addFile(target.path);
    if (target.kind === 'missing' || isWithin(target.path, this.ownPath)) return undefined;
    return this.addSubtree(target.path);
  }
}
