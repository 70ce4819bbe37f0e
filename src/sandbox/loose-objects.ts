import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import type { GitObject, GitObjectType } from './git-objects.js';

/** Stores a loose object without starting git, as git would, and answers its id. */
export async function writeLooseObject(directory: string, type: 'blob' | 'commit', content: Buffer): Promise<string> {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const oid = createHash('sha1').update(whole).digest('hex');
  const file = fileOf(directory, oid);
  if (await exists(file)) return oid;
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true });
  const draft = path.join(folder, `tmp_obj_${randomUUID()}`);
  await writeFile(draft, await promisify(deflate)(whole), { mode: 0o444 });
  await rename(draft, file);
  return oid;
}

/** Reads a loose object without starting git; undefined = it is packed away, or there is none. */
export async function readLooseObject(directory: string, oid: string): Promise<GitObject | undefined> {
  const stored = await readFile(fileOf(directory, oid)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stored === undefined) return undefined;
  const whole = await promisify(inflate)(stored);
  const end = whole.indexOf(0);
  const [type] = whole.toString('latin1', 0, end).split(' ');
  return { type: type as GitObjectType, content: whole.subarray(end + 1) };
}

const fileOf = (directory: string, oid: string): string =>
  path.join(directory, 'objects', oid.slice(0, 2), oid.slice(2));

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
