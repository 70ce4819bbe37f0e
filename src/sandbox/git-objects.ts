import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { EpochMs } from '../model/application.js';

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

/** Reads a commit object as git prints it. */
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

/** Stores a loose object without starting git, as git would, and answers its id. */
export async function writeLooseObject(directory: string, type: 'blob' | 'commit', content: Buffer): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const oid = createHash('sha1').update(whole).digest('hex');
  const folder = path.join(directory, 'objects', oid.slice(0, 2));
  const file = path.join(folder, oid.slice(2));
  if (await exists(file)) return oid;
  await mkdir(folder, { recursive: true });
  const draft = path.join(folder, `tmp_obj_${randomUUID()}`);
  await writeFile(draft, await promisify(deflate)(whole), { mode: 0o444 });
  await rename(draft, file);
  return oid;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
