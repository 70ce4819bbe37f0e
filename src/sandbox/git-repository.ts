import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { OperatorError } from '../base/errors.js';
import type { EpochMs } from '../model/application.js';
import { GitHistory } from './git-history.js';
import { GitObjectReader } from './git-object-reader.js';
import { encodeCommit } from './git-objects.js';
import type { GitCommit, GitPerson, GitTreeEntry, NewGitCommit } from './git-objects.js';
import { GitProcess } from './git-process.js';
import { readLooseRef, readLooseRefs, type GitRef } from './loose-refs.js';
import { writeLooseObject } from './loose-objects.js';

const NO_OBJECT = '0'.repeat(40);
const OBJECT_ID = /^[0-9a-f]{40}$/;
export const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface NewFiles {
  readonly branch: string;
  /** Text by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly author: GitPerson;
  readonly at: EpochMs;
}
export interface TreeListing {
  /** Files and folders at every depth, instead of the top only. */
  readonly recursive: boolean;
  /** List this folder only; paths in the answer still start at the root. */
  readonly path?: string;
}
/** Files by path: mode and blob id. */
export type FlatTree = Map<string, { readonly mode: string; readonly oid: string }>;
export type RefListener = (ref: string, sha: string | undefined) => void;

/** A bare git repository on disk, by git's own plumbing. */
export class GitRepository {
  readonly git: GitProcess;
  readonly #listeners = new Set<RefListener>();
  readonly #objects: GitObjectReader;
  readonly #history: GitHistory;

  private constructor(git: GitProcess) {
    this.git = git;
    this.#objects = new GitObjectReader(git);
    this.#history = new GitHistory(this.#objects);
  }

  /** Makes the repository in `directory`, or takes the one that is there. */
  static async init(directory: string, defaultBranch: string): Promise<GitRepository> {
    const git = new GitProcess(path.resolve(directory));
    await git.run(['init', '--quiet', '--bare', '-b', defaultBranch, git.directory]);
    return new GitRepository(git);
  }

  /** Called after every change of a ref made through this object; answers how to stop that. */
  onRefChanged(listener: RefListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Commit a branch, tag, full ref or (abbreviated) id names; undefined = none. */
  async resolve(rev: string): Promise<string | undefined> {
    const sha = rev.startsWith('refs/') ? await readLooseRef(this.git.directory, rev) : undefined;
    return this.resolveObject(`${sha ?? rev}^{commit}`);
  }

  /** Any object by git's own syntax: `<rev>:<path>`, `<rev>^{tree}`. */
  async resolveObject(expression: string): Promise<string | undefined> {
    const known = await this.#objects.resolve(expression);
    return known === null ? this.#parse(expression) : known;
  }
  async #parse(expression: string): Promise<string | undefined> {
    const result = await this.git.try(['rev-parse', '--verify', '--quiet', '--end-of-options', expression]);
    // git prints the separator itself when told where options end
    const oid = result.stdout.toString('utf8').trim().split('\n').at(-1);
    return result.code === 0 && oid !== '' ? oid : undefined;
  }

  /** Undefined = there is no such object. */
  async objectType(oid: string): Promise<string | undefined> {
    return (await this.#objects.read(oid))?.type;
  }

  /** Empty when the folder does not exist; throws when the commit or tree does not. */
  async listTree(treeish: string, listing: TreeListing): Promise<readonly GitTreeEntry[]> {
    const prefix = (listing.path ?? '').replace(/^\.?\/+|\/+$/g, '').replace(/^\.$/, '');
    const oid = await this.#idOf(treeish);
    if (prefix === '') return this.#objects.sized(await this.#objects.tree(oid, listing.recursive));
    const folder = await this.resolveObject(`${oid}:${prefix}`);
    if (folder === undefined || (await this.objectType(folder)) !== 'tree') return [];
    return this.#objects.sized(await this.#objects.tree(folder, listing.recursive, `${prefix}/`));
  }
  async #idOf(treeish: string): Promise<string> {
    return OBJECT_ID.test(treeish) ? treeish : ((await this.resolve(treeish)) ?? treeish);
  }

  readBlob(oid: string): Promise<Buffer> {
    return this.#objects.content(oid, 'blob');
  }

  /** Text of a file of a commit; undefined = no such file. */
  async readFile(rev: string, file: string): Promise<string | undefined> {
    const commit = await this.resolve(rev);
    const entry = commit === undefined ? undefined : (await this.readFlat(commit)).get(file);
    return entry === undefined ? undefined : (await this.readBlob(entry.oid)).toString('utf8');
  }

  readCommit(sha: string): Promise<GitCommit> {
    return this.#objects.commit(sha);
  }

  /** Is `ancestor` reachable from `descendant` (or the same)? Throws when one does not exist. */
  isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    return this.#history.isAncestor(ancestor, descendant);
  }

  /** Undefined = they have no common history, or one of them is no commit. */
  async mergeBase(a: string, b: string): Promise<string | undefined> {
    for (const sha of [a, b]) if ((await this.objectType(sha)) !== 'commit') return undefined;
    if (await this.isAncestor(a, b)) return a;
    if (await this.isAncestor(b, a)) return b;
    const result = await this.git.try(['merge-base', a, b], { about: [a, b] });
    return result.code === 0 ? result.stdout.toString('utf8').trim() : undefined;
  }

  /** Commits reachable from `rev` (also `a..b`), newest first, with git's usual simplification for a path. */
  async log(
    rev: string,
    query: { readonly path?: string; readonly limit: number; readonly skip?: number },
  ): Promise<readonly GitCommit[]> {
    const window = [`--max-count=${query.limit}`, `--skip=${query.skip ?? 0}`];
    const args = [
      'log',
      '-z',
      '--no-color',
      '--no-show-signature',
      '--format=%H%n%P%n%T%n%an%n%ae%n%at%n%cn%n%ce%n%ct%n%B',
    ];
    const place = query.path === undefined ? [] : [query.path];
    const text = await this.git.text([...args, ...window, rev, '--', ...place], { about: [rev] });
    return text.split('\0').filter(Boolean).map(decodeLogRecord);
  }

  /** How many commits `log` would find. */
  async count(rev: string, file?: string): Promise<number> {
    const [from, to] = rev.includes('..') ? rev.split('..') : [undefined, rev];
    if (file === undefined && [from, to].every((sha) => sha === undefined || OBJECT_ID.test(sha)))
      return this.#history.count(to ?? '', from);
    const args = ['rev-list', '--count', rev, '--', ...(file === undefined ? [] : [file])];
    return Number(await this.git.text(args, { about: [rev] }));
  }

  /** Full names and commits of refs that start with `prefix` (`refs/heads/a`), in order of name. */
  async listRefs(prefix: string): Promise<readonly GitRef[]> {
    const refs = (await readLooseRefs(this.git.directory)) ?? (await this.#allRefs());
    return refs.filter(({ ref }) => ref.startsWith(prefix));
  }
  async #allRefs(): Promise<readonly GitRef[]> {
    const text = await this.git.text(['for-each-ref', '--format=%(refname)%00%(objectname)']);
    return text
      .split('\n')
      .map((line) => line.split('\0'))
      .flatMap(([ref = '', sha = '']) => (ref === '' ? [] : [{ ref, sha }]));
  }

  /**
   * Moves a ref from `old` to `sha` atomically (undefined: absent; as `sha` it deletes) and tells the listeners.
   * Throws `SANDBOX_REF_MOVED` (conflict) when the ref is not at `old`.
   */
  async updateRef(ref: string, sha: string | undefined, old: string | undefined): Promise<void> {
    const args = sha === undefined ? ['-d', ref, old ?? NO_OBJECT] : [ref, sha, old ?? NO_OBJECT];
    const result = await this.git.try(['update-ref', ...args]);
    if (result.code !== 0) {
      const what = `ref ${ref} is not at ${old ?? 'nothing'}, look again: ${result.stderr}`;
      throw new OperatorError('SANDBOX_REF_MOVED', 'conflict', what);
    }
    for (const listener of this.#listeners) listener(ref, sha);
  }

  writeBlob(content: Buffer): Promise<string> {
    return writeLooseObject(this.git.directory, 'blob', content);
  }

  writeCommit(commit: NewGitCommit): Promise<string> {
    return writeLooseObject(this.git.directory, 'commit', encodeCommit(commit));
  }

  /** Every file of a commit or tree. */
  async readFlat(treeish: string): Promise<FlatTree> {
    const entries = await this.#objects.tree(await this.#idOf(treeish), true);
    return new Map(entries.filter((e) => e.type !== 'tree').map((e) => [e.path, { mode: e.mode, oid: e.oid }]));
  }

  /** Stores a tree of exactly these files and answers its id; throws when a blob is missing. */
  async writeTree(files: FlatTree): Promise<string> {
    const index = path.join(this.git.directory, `index-${randomUUID()}`);
    const env = { GIT_INDEX_FILE: index };
    const input = [...files].map(([file, { mode, oid }]) => `${mode} ${oid}\t${file}\0`).join('');
    try {
      await this.git.run(['update-index', '-z', '--index-info'], { env, input });
      return await this.git.text(['write-tree'], { env });
    } finally {
      await rm(index, { force: true });
      await rm(`${index}.lock`, { force: true });
    }
  }

  /**
   * Commits files on top of a branch (or makes it, without a parent) and answers the commit.
   * Throws `SANDBOX_NO_SUCH_FILE` when told to delete what is absent.
   */
  async commitFiles(change: NewFiles): Promise<string> {
    const ref = `refs/heads/${change.branch}`;
    const head = await this.resolve(ref);
    const files: FlatTree = head === undefined ? new Map() : await this.readFlat(head);
    for (const [file, text] of Object.entries(change.files)) {
      const before = files.get(file);
      if (text !== null)
        files.set(file, { mode: before?.mode ?? '100644', oid: await this.writeBlob(Buffer.from(text)) });
      else if (!files.delete(file)) {
        throw new OperatorError(
          'SANDBOX_NO_SUCH_FILE',
          'config',
          `${file} is not on ${change.branch}: it cannot be deleted`,
        );
      }
    }
    const author = { ...change.author, at: change.at };
    const tree = await this.writeTree(files);
    const sha = await this.writeCommit({
      tree,
      parents: head === undefined ? [] : [head],
      author,
      committer: author,
      message: change.message,
    });
    await this.updateRef(ref, sha, head);
    return sha;
  }
}

function decodeLogRecord(record: string): GitCommit {
  const [sha = '', parents = '', tree = '', an = '', ae = '', at = '0', cn = '', ce = '', ct = '0', ...body] =
    record.split('\n');
  return {
    sha,
    tree,
    parents: parents.split(' ').filter(Boolean),
    author: { name: an, email: ae, at: Number(at) * 1000 },
    committer: { name: cn, email: ce, at: Number(ct) * 1000 },
    message: body.join('\n').replace(/\n+$/, ''),
  };
}
