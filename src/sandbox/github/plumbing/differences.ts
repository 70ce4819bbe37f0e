import type { GitRepository } from '../../git-repository.js';

export interface FileDifference {
  readonly path: string;
  /** Before a rename or copy. */
  readonly previousPath?: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed';
  /** Blob after the change; of a removed file the blob it had. */
  readonly oid: string;
  readonly additions: number;
  readonly deletions: number;
}

const STATUS: Readonly<Record<string, FileDifference['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

/** Files that differ between two commits or trees, renames found as GitHub finds them (half the content). */
export async function differences(
  repository: GitRepository,
  before: string,
  after: string,
): Promise<readonly FileDifference[]> {
  const flags = ['-r', '-z', '-M', '--no-color', '--full-index', '--raw', '--numstat'];
  const about = [before, after];
  const fields = (await repository.git.text(['diff-tree', ...flags, before, after], { about })).split('\0');
  const found: Omit<FileDifference, 'additions' | 'deletions'>[] = [];
  let i = 0;
  // First what changed, each with one path or two; then how many lines.
  while (fields[i]?.startsWith(':') === true) {
    const [, , oldOid = '', newOid = '', letter = ''] = (fields[i] ?? '').split(' ');
    const status = STATUS[letter.charAt(0)] ?? 'changed';
    const moved = status === 'renamed' || status === 'copied';
    found.push({
      path: fields[i + (moved ? 2 : 1)] ?? '',
      ...(moved ? { previousPath: fields[i + 1] ?? '' } : {}),
      status,
      oid: status === 'removed' ? oldOid : newOid,
    });
    i += moved ? 3 : 2;
  }
  const lines = readCounts(fields.slice(i));
  return found.map((file) => {
    const [additions = 0, deletions = 0] = lines.get(file.path) ?? [];
    return { ...file, additions, deletions };
  });
}

/** Added and deleted lines by new path; a binary file counts none. */
function readCounts(fields: readonly string[]): ReadonlyMap<string, readonly [number, number]> {
  const counts = new Map<string, readonly [number, number]>();
  for (let i = 0; (fields[i] ?? '') !== ''; ) {
    const [added = '', deleted = '', path = ''] = (fields[i] ?? '').split('\t');
    const moved = path === '';
    counts.set(moved ? (fields[i + 2] ?? '') : path, [Number(added) || 0, Number(deleted) || 0]);
    i += moved ? 3 : 1;
  }
  return counts;
}
