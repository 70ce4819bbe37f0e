import { refusal, unprocessable } from '../refusals.js';
import { isObject } from '../body.js';
import type { FlatTree, GitRepository } from '../../git-repository.js';

const MODES: Readonly<Record<string, 'blob' | 'tree' | 'commit'>> = {
  '100644': 'blob',
  '100755': 'blob',
  '120000': 'blob',
  '160000': 'commit',
  '040000': 'tree',
};

interface TreeEdit {
  readonly path: string;
  readonly mode: string;
  /** null deletes. */
  readonly sha: string | null;
}

export interface TreeRequest {
  readonly baseTree: string | undefined;
  readonly entries: readonly unknown[];
  readonly folders: 'merge' | 'replace' | 'reject';
}

/** Builds the tree that `POST git/trees` asks for; refuses as GitHub does. Entries count in the order given. */
export async function buildTree(repository: GitRepository, request: TreeRequest): Promise<string> {
  if (request.entries.length === 0) throw unprocessable('Invalid tree info');
  const files: FlatTree = new Map();
  if (request.baseTree !== undefined) {
    const base = await repository.resolveObject(`${request.baseTree}^{tree}`);
    if (base === undefined) throw unprocessable('base_tree is not a valid tree oid');
    for (const [path, file] of await repository.readFlat(base)) files.set(path, file);
  }
  for (const entry of request.entries) {
    await applyEdit(repository, files, await readEdit(repository, entry), request);
  }
  return repository.writeTree(files);
}

async function readEdit(repository: GitRepository, entry: unknown): Promise<TreeEdit> {
  if (!isObject(entry)) throw unprocessable('Invalid tree info');
  const { path, mode, type, sha, content } = entry as Record<string, unknown>;
  if (typeof path !== 'string' || !isTreePath(path))
    throw unprocessable('tree.path contains a malformed path component');
  const expected = typeof mode === 'string' ? MODES[mode] : undefined;
  if (typeof mode !== 'string' || expected === undefined) throw unprocessable('Must supply a valid tree.mode');
  if (type !== undefined && type !== expected) throw unprocessable('tree.type does not match its mode');
  if (sha !== undefined && content !== undefined)
    throw unprocessable('Must supply either tree.sha or tree.content, not both');
  if (typeof content === 'string') return { path, mode, sha: await repository.writeBlob(Buffer.from(content)) };
  if (sha === null) return { path, mode, sha };
  if (typeof sha !== 'string') throw unprocessable('Must supply either tree.sha or tree.content');
  // A submodule's commit lives elsewhere.
  if (expected !== 'commit' && (await repository.objectType(sha)) !== expected) {
    throw unprocessable(`tree.sha ${sha} is not a valid ${expected}`);
  }
  return { path, mode, sha };
}

const isTreePath = (path: string): boolean =>
  path !== '' && path.split('/').every((part) => !['', '.', '..'].includes(part) && part.toLowerCase() !== '.git');

async function applyEdit(
  repository: GitRepository,
  files: FlatTree,
  { path, mode, sha }: TreeEdit,
  { baseTree, folders }: TreeRequest,
): Promise<void> {
  if (sha === null) {
    // Also a folder: its deletion as one entry is refused, as it was when last seen to be.
    if (baseTree === undefined || !files.delete(path)) throw unprocessable('GitRPC::BadObjectState');
    return;
  }
  if (mode !== '040000') {
    if (collides(files, path)) throw unprocessable('GitRPC::BadObjectState');
    files.set(path, { mode, oid: sha });
    return;
  }
  if (folders === 'reject') throw refusal(422, 'GitRPC::BadObjectState');
  if (folders === 'replace') for (const file of files.keys()) if (file.startsWith(`${path}/`)) files.delete(file);
  for (const [below, file] of await repository.readFlat(sha)) {
    if (collides(files, `${path}/${below}`)) throw unprocessable('GitRPC::BadObjectState');
    files.set(`${path}/${below}`, file);
  }
}

/** A file where a folder would be, or a folder where the file would be. */
function collides(files: FlatTree, path: string): boolean {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) if (files.has(parts.slice(0, depth).join('/'))) return true;
  for (const file of files.keys()) if (file.startsWith(`${path}/`)) return true;
  return false;
}
