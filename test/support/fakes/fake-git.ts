import { createHash } from 'node:crypto';
import { OperatorError } from '../../../src/base/errors.js';
import { treeOid } from '../../../src/gitops/tree-hash.js';
import type { Commit, RepositoryContent, TreeChange, TreeEntry } from '../../../src/ports/source-control.js';

export const OPERATOR_LOGIN = 'ai-operator[bot]';
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

interface StoredCommit extends Commit {
  readonly files: ReadonlyMap<string, TreeEntry>;
}
export interface CommitFacts {
  readonly parents: readonly string[];
  readonly files: ReadonlyMap<string, TreeEntry>;
  readonly message: string;
  readonly authorLogin: string;
  /** Somebody who amended it; else the author. */
  readonly committerLogin?: string;
  readonly at: number;
}

/** One git repository in memory: blobs, trees, commits and branches with git's own ids for blobs and trees. */
export class FakeGit {
  readonly branches = new Map<string, string>();
  readonly #blobs = new Map<string, string>();
  readonly #trees = new Map<string, ReadonlyMap<string, TreeEntry>>();
  readonly #commits = new Map<string, StoredCommit>();
  readonly #merges = new Map<string, string>();

  /** A person's commit on a branch: these files come on top of what is there (`undefined` removes one). Answers its id. */
  push(
    branch: string,
    files: Readonly<Record<string, string | undefined>>,
    { message = 'change', authorLogin = 'dev', at = 0 } = {},
  ): string {
    const head = this.branches.get(branch);
    const after = new Map(head === undefined ? [] : this.commit(head).files);
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) after.delete(path);
      else after.set(path, this.blob(text));
    }
    const sha = this.add({ parents: head === undefined ? [] : [head], files: after, message, authorLogin, at });
    this.branches.set(branch, sha);
    return sha;
  }
  add(facts: CommitFacts): string {
    const tree = this.addTree(facts.files);
    const sha = sha1(JSON.stringify([tree, facts.parents, facts.message, facts.authorLogin, facts.at]));
    const { parents, files, message, authorLogin, committerLogin = authorLogin, at } = facts;
    this.#commits.set(sha, {
      sha,
      tree,
      parents,
      files,
      message,
      authorLogin,
      committerLogin,
      authorName: authorLogin,
      committedAt: at,
    });
    return sha;
  }
  blob(text: string): TreeEntry {
    const oid = sha1(`blob ${Buffer.byteLength(text)}\0${text}`);
    this.#blobs.set(oid, text);
    return { mode: '100644', oid };
  }
  addTree(files: ReadonlyMap<string, TreeEntry>): string {
    const tree = treeOid(files);
    this.#trees.set(tree, files);
    return tree;
  }
  changedTree(baseTree: string, changes: readonly TreeChange[]): string {
    const files = new Map(this.filesOf(baseTree));
    for (const { path, entry } of changes) {
      if (entry === undefined) files.delete(path);
      else files.set(path, entry);
    }
    return this.addTree(files);
  }
  filesOf(tree: string): ReadonlyMap<string, TreeEntry> {
    const files = this.#trees.get(tree);
    if (files === undefined) throw new OperatorError('GITHUB_NOT_FOUND', 'terminal', `no tree ${tree}`);
    return files;
  }
  commit(sha: string): StoredCommit {
    const found = this.#commits.get(sha);
    if (found === undefined) throw new OperatorError('GITHUB_NOT_FOUND', 'terminal', `no commit ${sha}`);
    return found;
  }
  head(branch = 'main'): string {
    const sha = this.branches.get(branch);
    if (sha === undefined) throw new Error(`no branch ${branch}`);
    return sha;
  }
  content(revision: string): RepositoryContent {
    const { tree, files } = this.commit(revision);
    return { revision, tree, files };
  }
  text(oid: string): string {
    const text = this.#blobs.get(oid);
    if (text === undefined) throw new OperatorError('GITHUB_NOT_FOUND', 'terminal', `no blob ${oid}`);
    return text;
  }
  /** Text of a file at a commit; undefined = it is not there. */
  read(revision: string, path: string): string | undefined {
    const entry = this.commit(revision).files.get(path);
    return entry === undefined ? undefined : this.text(entry.oid);
  }
  isAncestor(ancestor: string, descendant: string): boolean {
    return ancestor === descendant || this.commit(descendant).parents.some((p) => this.isAncestor(ancestor, p));
  }
  /** First-parent history, newest first. */
  *history(revision: string): Iterable<StoredCommit> {
    for (let at: string | undefined = revision; at !== undefined; ) {
      const commit: StoredCommit = this.commit(at);
      yield commit;
      [at] = commit.parents;
    }
  }
  /** Paths that differ between two commits. */
  changedPaths(from: string, to: string): readonly string[] {
    const [before, after] = [this.commit(from).files, this.commit(to).files];
    return [...new Set([...before.keys(), ...after.keys()])].filter((p) => before.get(p)?.oid !== after.get(p)?.oid);
  }
  /** A merge commit of `head` (one commit on an older base) into `base`: the same one for the same question. */
  merge(base: string, head: string, authorLogin: string, at: number): string {
    const question = `${base} ${head} ${authorLogin} ${at}`;
    const known = this.#merges.get(question);
    if (known !== undefined) return known;
    const made = this.#merge(base, head, authorLogin, at);
    this.#merges.set(question, made);
    return made;
  }
  #merge(base: string, head: string, authorLogin: string, at: number): string {
    const [from = head] = this.commit(head).parents;
    const files = new Map(this.commit(base).files);
    for (const path of this.changedPaths(from, head)) {
      const entry = this.commit(head).files.get(path);
      if (entry === undefined) files.delete(path);
      else files.set(path, entry);
    }
    return this.add({ parents: [base, head], files, message: `Merge ${head.slice(0, 10)}`, authorLogin, at });
  }
}
