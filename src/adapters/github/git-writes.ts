import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { NewCommit, RepositoryId, TreeChange } from '../../ports/source-control.js';
import { fullName, inRepository, oidSchema } from './fields.js';
import type { Refusal } from './github-failure.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';
import { findBranchHead } from './repository-reads.js';

const createdSchema = z.object({ sha: oidSchema });

interface SentEntry {
  readonly path: string;
  readonly mode: string;
  readonly type: 'blob' | 'commit';
  readonly sha: string | null;
}
function sentEntry(change: TreeChange): SentEntry {
  const mode = change.entry?.mode ?? change.baseMode ?? '100644';
  return { path: change.path, mode, type: mode === '160000' ? 'commit' : 'blob', sha: change.entry?.oid ?? null };
}

/** A tree made of another and changes. Directories are never sent: what GitHub makes of them is undocumented. */
export async function createTree(
  client: OctokitClient,
  repo: RepositoryId,
  baseTree: string,
  changes: readonly TreeChange[],
  signal: AbortSignal,
): Promise<string> {
  // Removals first: else a file that becomes a directory, or the reverse, collides with itself.
  const tree = [...changes.filter((c) => c.entry === undefined), ...changes.filter((c) => c.entry !== undefined)].map(
    (c) => sentEntry(c),
  );
  const parameters = { ...inRepository(repo), base_tree: baseTree, tree };
  const made = await client.call(
    { route: 'POST /repos/{owner}/{repo}/git/trees', parameters, schema: createdSchema, kind: 'repeatable-write' },
    signal,
  );
  return made.sha;
}

const newCommitSchema = z.object({
  sha: oidSchema,
  tree: z.object({ sha: oidSchema }),
  parents: z.array(z.object({ sha: oidSchema })),
});

/**
 * A commit, signed by GitHub because author and committer are left out. May be repeated: what nothing points at is
 * swept away.
 */
export async function createCommit(
  client: OctokitClient,
  repo: RepositoryId,
  commit: NewCommit,
  signal: AbortSignal,
): Promise<string> {
  const parameters = { ...inRepository(repo), message: commit.message, tree: commit.tree, parents: [commit.parent] };
  const refused = raceWith(/tree sha does not exist/i, `tree ${commit.tree}`);
  const made = await client.call(
    {
      route: 'POST /repos/{owner}/{repo}/git/commits',
      parameters,
      schema: newCommitSchema,
      kind: 'repeatable-write',
      refused,
    },
    signal,
  );
  if (made.tree.sha !== commit.tree || made.parents.length !== 1 || made.parents[0]?.sha !== commit.parent) {
    throw malformed(`POST /repos/${fullName(repo)}/git/commits`, `a commit of tree ${made.tree.sha}`);
  }
  return made.sha;
}

const refSchema = z.object({ ref: z.string(), object: z.object({ sha: oidSchema }) });
type WrittenRef = z.infer<typeof refSchema>;
function checkRef(name: string, written: WrittenRef, branch: string, sha: string): void {
  if (written.ref !== `refs/heads/${branch}` || written.object.sha !== sha)
    throw malformed(name, `${written.ref} at ${written.object.sha}`, 'write');
}

/**
 * The lock. Throws `GITHUB_REF_EXISTS` (conflict); `GITHUB_REF_BLOCKED` (config) when a branch is named like a folder
 * of this one, which GitHub words like a passing failure.
 */
export async function createBranch(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  sha: string,
  signal: AbortSignal,
): Promise<void> {
  const race = raceWith(/object does not exist|reference update failed/i, `commit ${sha}`);
  const refused = (refusal: Refusal): OperatorError | undefined =>
    refusal.status === 422 && /reference already exists/i.test(refusal.text)
      ? new OperatorError('GITHUB_REF_EXISTS', 'conflict', `${fullName(repo)}: branch ${branch} already exists`, {
          status: 422,
        })
      : race(refusal);
  const parameters = { ...inRepository(repo), ref: `refs/heads/${branch}`, sha };
  try {
    const made = await client.call(
      { route: 'POST /repos/{owner}/{repo}/git/refs', parameters, schema: refSchema, kind: 'write', refused },
      signal,
    );
    checkRef(`POST /repos/${fullName(repo)}/git/refs`, made, branch, sha);
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'GITHUB_NOT_VISIBLE_YET')
      await checkFolders(client, repo, branch, signal);
    throw error;
  }
}
/** git keeps branches like files: with a branch `a` there can be no `a/b`. */
async function checkFolders(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  signal: AbortSignal,
): Promise<void> {
  const parts = branch.split('/').slice(0, -1);
  for (const folder of parts.map((_, i) => parts.slice(0, i + 1).join('/'))) {
    if ((await findBranchHead(client, repo, folder, signal)) === undefined) continue;
    throw new OperatorError(
      'GITHUB_REF_BLOCKED',
      'config',
      `${fullName(repo)}: branch ${branch} cannot be made while there is a branch ${folder}: rename that one`,
    );
  }
}

/**
 * Moves a branch that still points at `from`; one that is at `to` already stays. Throws `GITHUB_REF_MOVED` (conflict).
 */
export async function moveBranch(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const moved = (where: string): OperatorError =>
    new OperatorError(
      'GITHUB_REF_MOVED',
      'conflict',
      `${fullName(repo)}: branch ${branch} is ${where}, not at ${from}: somebody else moved it`,
    );
  // GitHub has no compare-and-set for a forced move, so the look before it is the only guard.
  const head = await findBranchHead(client, repo, branch, signal, true);
  if (head === to) return;
  if (head !== from) throw moved(head === undefined ? 'gone' : `at ${head}`);
  const race = raceWith(/object does not exist|reference update failed/i, `commit ${to}`);
  const refused = (refusal: Refusal): OperatorError | undefined =>
    refusal.status === 422 && /reference does not exist/i.test(refusal.text) ? moved('gone') : race(refusal);
  const parameters = { ...inRepository(repo), ref: `heads/${branch}`, sha: to, force: true };
  const made = await client.call(
    { route: 'PATCH /repos/{owner}/{repo}/git/refs/{ref}', parameters, schema: refSchema, kind: 'write', refused },
    signal,
  );
  checkRef(`PATCH /repos/${fullName(repo)}/git/refs/heads/${branch}`, made, branch, to);
}

/** Right after an object is made, GitHub's other servers may not know it yet: nothing happened, and soon it will do. */
function raceWith(text: RegExp, what: string): (refusal: Refusal) => OperatorError | undefined {
  return (refusal) =>
    refusal.status === 422 && text.test(refusal.text)
      ? new OperatorError('GITHUB_NOT_VISIBLE_YET', 'transient', `GitHub does not see ${what} yet: ${refusal.text}`, {
          status: 422,
        })
      : undefined;
}
