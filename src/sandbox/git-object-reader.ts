import { OperatorError } from '../base/errors.js';
import { decodeCommit, decodeTree } from './git-objects.js';
import type { GitCommit, GitObject, GitObjectType, GitTreeEntry } from './git-objects.js';
import type { GitProcess } from './git-process.js';
import { readLooseObject } from './loose-objects.js';
import { Memo } from './memo.js';

const REMEMBERED = 2_000;
const OBJECT_ID = /^[0-9a-f]{40}$/;
/** An object's id, and where to go from it: `^{commit}`, `^{tree}` or `:<path>`. */
const FROM_OBJECT = /^([0-9a-f]{40})(?:\^\{(commit|tree)\}|:(.*))$/s;
/** The header that names the object which stands behind this one. */
const POINTER: Partial<Readonly<Record<GitObjectType, RegExp>>> = { tag: /^object (.*)$/m, commit: /^tree (.*)$/m };

/**
 * Reads objects by their ids, which mean the same for ever. Almost all of them lie on disk one by one and are read
 * without starting git: a sandbox is asked for hundreds, and each start costs milliseconds. git is asked for the rest.
 */
export class GitObjectReader {
  readonly #known = new Memo<GitObject | undefined>(REMEMBERED);
  constructor(private readonly git: GitProcess) {}

  /** Undefined = there is no such object. What is not a full id is for git to understand. */
  read(oid: string): Promise<GitObject | undefined> {
    if (!OBJECT_ID.test(oid)) return this.#ask(oid);
    return this.#known.of(oid, async () => (await readLooseObject(this.git.directory, oid)) ?? this.#ask(oid));
  }
  async #ask(oid: string): Promise<GitObject | undefined> {
    const answer = await this.git.try(['cat-file', '-t', oid]);
    if (answer.code !== 0) return undefined;
    const type = answer.stdout.toString('utf8').trim() as GitObjectType;
    return { type, content: await this.git.run(['cat-file', type, oid]) };
  }

  /** Throws `SANDBOX_GIT_FAILED` when there is none of this type. */
  async content(oid: string, type: GitObjectType): Promise<Buffer> {
    const object = await this.read(oid);
    if (object?.type === type) return object.content;
    throw new OperatorError('SANDBOX_GIT_FAILED', 'bug', `${oid} is ${object?.type ?? 'nothing'}, not a ${type}`);
  }
  async commit(sha: string): Promise<GitCommit> {
    return decodeCommit(sha, (await this.content(sha, 'commit')).toString('utf8'));
  }

  /** What `expression` says of an object; undefined = nothing, null = it is for git to say. */
  async resolve(expression: string): Promise<string | undefined | null> {
    const [, oid = '', type, file = ''] = FROM_OBJECT.exec(expression) ?? [];
    if (type !== undefined) return this.#peel(oid, type as GitObjectType);
    const names = file.split('/');
    if (oid === '' || file.includes('^') || names.some((name) => name === '' || name === '.' || name === '..'))
      return null;
    let found = await this.#peel(oid, 'tree');
    for (const name of names) found = found === undefined ? undefined : await this.#entry(found, name);
    return found;
  }
  /** From a tag to what it names, from a commit to its tree. */
  async #peel(oid: string, type: GitObjectType): Promise<string | undefined> {
    const object = await this.read(oid);
    if (object === undefined) return undefined;
    if (object.type === type) return oid;
    const pointer = POINTER[object.type]?.exec(object.content.toString('utf8'));
    // From a commit only its tree can be reached.
    if (pointer?.[1] === undefined || (object.type === 'commit' && type !== 'tree')) return undefined;
    return this.#peel(pointer[1], type);
  }
  async #entry(oid: string, name: string): Promise<string | undefined> {
    const object = await this.read(oid);
    if (object?.type !== 'tree') return undefined;
    return decodeTree(object.content).find((entry) => entry.path === name)?.oid;
  }

  /** A tree, or that of a commit, without sizes; `recursive` = what is below a folder follows it. */
  async tree(treeish: string, recursive: boolean, prefix = ''): Promise<readonly GitTreeEntry[]> {
    const oid = (await this.#peel(treeish, 'tree')) ?? treeish;
    const lists = decodeTree(await this.content(oid, 'tree')).map(async (entry) => {
      const whole = { ...entry, path: `${prefix}${entry.path}` };
      return recursive && entry.type === 'tree'
        ? [whole, ...(await this.tree(entry.oid, true, `${whole.path}/`))]
        : [whole];
    });
    return (await Promise.all(lists)).flat();
  }
  /** The same with the sizes of files. */
  sized(entries: readonly GitTreeEntry[]): Promise<readonly GitTreeEntry[]> {
    return Promise.all(
      entries.map(async (entry) => {
        const object = entry.type === 'blob' ? await this.read(entry.oid) : undefined;
        return object === undefined ? entry : { ...entry, size: object.content.length };
      }),
    );
  }
}
