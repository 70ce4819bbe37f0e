import { posix } from 'node:path';
import { RenderFailure } from './render-failure.js';

/** The part of a git repository that rendering reads. */
export interface CommitReader {
  listTree(
    treeish: string,
    options: { readonly recursive: boolean },
  ): Promise<readonly { readonly path: string; readonly mode: string; readonly type: string; readonly oid: string }[]>;
  readBlob(oid: string): Promise<Buffer>;
}

const SYMLINK = '120000';

/**
 * The files of one commit, as a repo-server's checkout shows them. Paths have no leading or trailing slash; `` is the
 * root.
 */
export class CommitFiles {
  readonly #files: ReadonlyMap<string, { readonly mode: string; readonly oid: string }>;
  readonly #directories: ReadonlySet<string>;
  private constructor(
    readonly commit: string,
    private readonly reader: CommitReader,
    files: ReadonlyMap<string, { readonly mode: string; readonly oid: string }>,
  ) {
    this.#files = files;
    const directories = new Set(['']);
    for (const path of files.keys()) {
      for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) directories.add(at);
    }
    this.#directories = directories;
  }

  static async load(reader: CommitReader, commit: string): Promise<CommitFiles> {
    const entries = await reader.listTree(commit, { recursive: true });
    const blobs = entries.filter((entry) => entry.type === 'blob');
    return new CommitFiles(commit, reader, new Map(blobs.map((entry) => [entry.path, entry])));
  }

  isFile(path: string): boolean {
    return this.#files.has(path);
  }
  isDirectory(path: string): boolean {
    return this.#directories.has(path);
  }
  /** The files below a directory (its own only, unless `recurse`), sorted. */
  filesIn(directory: string, recurse: boolean): readonly string[] {
    const prefix = directory === '' ? '' : `${directory}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix) && (recurse || !path.slice(prefix.length).includes('/')))
      .toSorted();
  }
  /** Text of a file. Throws RenderFailure when it is not there, or is a symlink (out of the sandbox's subset). */
  async read(path: string): Promise<string> {
    const file = this.#files.get(path);
    if (!file) throw new RenderFailure(`open ${path}: no such file or directory`);
    if (file.mode === SYMLINK) throw new RenderFailure(`${path}: symlinks are not supported by the sandbox`);
    return (await this.reader.readBlob(file.oid)).toString('utf8');
  }
}

/** Joins a path to a directory and cleans it. Throws RenderFailure when it leaves the repository. */
export function resolveInside(directory: string, relative: string): string {
  const joined = relative.startsWith('/')
    ? '..'
    : posix.normalize(posix.join(directory === '' ? '.' : directory, relative));
  if (joined === '..' || joined.startsWith('../')) {
    throw new RenderFailure(`${relative}: path is outside of the repository (from ${directory || '.'})`);
  }
  return joined === '.' ? '' : joined.replace(/\/$/, '');
}
