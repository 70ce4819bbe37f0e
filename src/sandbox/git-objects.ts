import type { EpochMs } from '../model/application.js';

const TREE_MODE = '40000';
const SUBMODULE_MODE = '160000';
const ID_BYTES = 20;

export type GitObjectType = 'blob' | 'tree' | 'commit' | 'tag';
export interface GitObject {
  readonly type: GitObjectType;
  readonly content: Buffer;
}

export interface GitPerson {
  readonly name: string;
  readonly email: string;
}
/** A person at a moment; git keeps whole seconds. */
export interface GitSignature extends GitPerson {
  readonly at: EpochMs;
}
export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitSignature;
  readonly committer: GitSignature;
  /** Without newlines at its end. */
  readonly message: string;
}
export type NewGitCommit = Omit<GitCommit, 'sha'>;

export interface GitTreeEntry {
  /** From the root of the listed commit or tree. */
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly oid: string;
  /** Bytes; blobs only. */
  readonly size?: number;
}

/** The text of a commit object. */
export function encodeCommit(commit: NewGitCommit): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${encodeSignature(commit.author)}`,
    `committer ${encodeSignature(commit.committer)}`,
    '',
    commit.message,
  ];
  return Buffer.from(lines.join('\n'));
}

function encodeSignature(signature: GitSignature): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\0]/g, '');
  return `${clean(signature.name)} <${clean(signature.email)}> ${Math.floor(signature.at / 1000)} +0000`;
}

/** Reads the text of a commit object. */
export function decodeCommit(sha: string, text: string): GitCommit {
  const end = text.indexOf('\n\n');
  const header = (end < 0 ? text : text.slice(0, end)).split('\n');
  const values = (name: string): string[] =>
    header.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: decodeSignature(values('author')[0] ?? ''),
    committer: decodeSignature(values('committer')[0] ?? ''),
    message: (end < 0 ? '' : text.slice(end + 2)).replace(/\n+$/, ''),
  };
}

function decodeSignature(text: string): GitSignature {
  const match = /^(.*?) ?<(.*)> (\d+) [+-]\d{4}$/.exec(text);
  return { name: match?.[1] ?? '', email: match?.[2] ?? '', at: Number(match?.[3] ?? 0) * 1000 };
}

/** What a tree object holds, in git's own order; `path` is the name alone. */
export function decodeTree(content: Buffer): readonly GitTreeEntry[] {
  const entries: GitTreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const [space, end] = [content.indexOf(' ', at), content.indexOf(0, at)];
    const mode = content.toString('latin1', at, space);
    entries.push({
      path: content.toString('utf8', space + 1, end),
      mode: mode.padStart(6, '0'),
      type: mode === TREE_MODE ? 'tree' : mode === SUBMODULE_MODE ? 'commit' : 'blob',
      oid: content.toString('hex', end + 1, end + 1 + ID_BYTES),
    });
    at = end + 1 + ID_BYTES;
  }
  return entries;
}
