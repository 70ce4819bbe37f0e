import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const OBJECT_ID = /^[0-9a-f]{40}$/;
/** What git writes a ref to before it is one; no ref may be called so. */
const DRAFT = '.lock';

export interface GitRef {
  /** Full name: `refs/heads/a`. */
  readonly ref: string;
  readonly sha: string;
}

/** A ref that is not packed away is a file with its commit: the most frequent question of all needs no process. */
export async function readLooseRef(directory: string, ref: string): Promise<string | undefined> {
  if (ref.split('/').includes('..')) return undefined;
  const text = (await ifThere(readFile(path.join(directory, ref), 'utf8'))) ?? '';
  return OBJECT_ID.test(text.trim()) ? text.trim() : undefined;
}

/** Every ref in order of name; undefined = some are packed away, and git has to say. */
export async function readLooseRefs(directory: string): Promise<readonly GitRef[] | undefined> {
  if ((await ifThere(access(path.join(directory, 'packed-refs')).then(() => true))) === true) return undefined;
  const names = (await below(directory, 'refs')).toSorted();
  const refs = await Promise.all(names.map(async (ref) => ({ ref, sha: await readLooseRef(directory, ref) })));
  return refs.flatMap(({ ref, sha }) => (sha === undefined ? [] : [{ ref, sha }]));
}
/** Files in a folder at every depth. What goes while we look is not there. */
async function below(directory: string, folder: string): Promise<readonly string[]> {
  const entries = (await ifThere(readdir(path.join(directory, folder), { withFileTypes: true }))) ?? [];
  const lists = entries.map(async (entry) => {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return below(directory, name);
    return name.endsWith(DRAFT) ? [] : [name];
  });
  return (await Promise.all(lists)).flat();
}

/** Nothing of that name, a folder in its place, a file where a folder would be, or a name no file can have. */
const NOT_THERE = ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'];
const ifThere = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: NodeJS.ErrnoException) => {
    if (NOT_THERE.includes(error.code ?? '')) return undefined;
    throw error;
  });
