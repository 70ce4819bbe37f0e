import type { RepositoryContent, TreeEntry } from '../ports/source-control.js';
import { byPath } from './repository-path.js';

/** Reads the text of a blob. What it throws passes through: an upstream that fails is no refusal. */
export type ReadText = (oid: string) => Promise<string>;

/** Where a path leads once every symbolic link on the way is followed. `links` are the links that were passed. */
export interface ResolvedPath {
  readonly kind: 'file' | 'directory' | 'missing' | 'leaves-repository' | 'submodule' | 'link-loop';
  readonly path: string;
  readonly links: readonly string[];
}

interface TreeIndex {
  readonly sorted: readonly string[];
  readonly directories: ReadonlySet<string>;
}

const MAX_LINK_HOPS = 40;
const indexes = new WeakMap<ReadonlyMap<string, TreeEntry>, TreeIndex>();

function buildIndex(files: ReadonlyMap<string, TreeEntry>): TreeIndex {
  const directories = new Set<string>(['']);
  for (const path of files.keys()) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const directory = path.slice(0, slash);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return { sorted: [...files.keys()].toSorted(byPath), directories };
}

function indexOf(files: ReadonlyMap<string, TreeEntry>): TreeIndex {
  const known = indexes.get(files);
  if (known) return known;
  const index = buildIndex(files);
  indexes.set(files, index);
  return index;
}

/** The files of one commit as a tree one can walk. Its index is built once per content, however many look at it. */
export class RepositoryTree {
  readonly #index: TreeIndex;
  constructor(
    readonly content: RepositoryContent,
    readonly readText: ReadText,
  ) {
    this.#index = indexOf(content.files);
  }

  find(path: string): TreeEntry | undefined {
    return this.content.files.get(path);
  }

  isDirectory(path: string): boolean {
    return this.#index.directories.has(path);
  }

  /** Every file below a directory, in order. */
  filesUnder(directory: string): readonly string[] {
    const { sorted } = this.#index;
    if (directory === '') return sorted;
    const prefix = `${directory}/`;
    const from = this.#firstNotBefore(prefix);
    let to = from;
    while (sorted[to]?.startsWith(prefix)) to += 1;
    return sorted.slice(from, to);
  }

  /** The files of a directory itself, without those deeper down. */
  filesIn(directory: string): readonly string[] {
    const start = directory === '' ? 0 : directory.length + 1;
    return this.filesUnder(directory).filter((path) => !path.includes('/', start));
  }

  /** Follows `path` through the tree, links included (at most 40 of them). */
  async resolve(path: string): Promise<ResolvedPath> {
    const links: string[] = [];
    const at: string[] = [];
    let ahead = path.split('/');
    while (ahead.length > 0) {
      const [segment = '', ...rest] = ahead;
      ahead = rest;
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        if (at.pop() === undefined) return { kind: 'leaves-repository', path, links };
        continue;
      }
      const here = [...at, segment].join('/');
      const entry = this.find(here);
      if (entry?.mode === '120000') {
        if (links.length >= MAX_LINK_HOPS) return { kind: 'link-loop', path, links };
        links.push(here);
        const target = await this.readText(entry.oid);
        if (target.startsWith('/')) return { kind: 'leaves-repository', path: here, links };
        ahead = [...target.split('/'), ...rest];
        continue;
      }
      if (entry?.mode === '160000') return { kind: 'submodule', path: here, links };
      if (entry) return { kind: rest.some((s) => s !== '' && s !== '.') ? 'missing' : 'file', path: here, links };
      if (!this.isDirectory(here)) return { kind: 'missing', path: [here, ...rest].join('/'), links };
      at.push(segment);
    }
    return { kind: 'directory', path: at.join('/'), links };
  }

  #firstNotBefore(text: string): number {
    const { sorted } = this.#index;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
