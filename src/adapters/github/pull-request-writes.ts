import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { MergeMethod, NewPullRequest, RepositoryId } from '../../ports/source-control.js';
import { fullName, inRepository } from './fields.js';
import type { Refusal } from './github-failure.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const createdSchema = z.object({
  number: z.number().int().positive(),
  head: z.object({ ref: z.string() }),
  base: z.object({ ref: z.string() }),
});

/**
 * Opens a pull request and answers its number. Throws `GITHUB_PULL_REQUEST_EXISTS` (conflict), `GITHUB_NO_CHANGE`
 * (terminal), `GITHUB_NOT_VISIBLE_YET` (transient).
 */
export async function createPullRequest(
  client: OctokitClient,
  repo: RepositoryId,
  pr: NewPullRequest,
  signal: AbortSignal,
): Promise<number> {
  const parameters = {
    ...inRepository(repo),
    title: pr.title,
    body: pr.body,
    head: pr.head,
    base: pr.base,
    draft: pr.draft,
  };
  const refused = (refusal: Refusal): OperatorError | undefined => createRefusal(repo, pr, refusal);
  const made = await client.call(
    { route: 'POST /repos/{owner}/{repo}/pulls', parameters, schema: createdSchema, kind: 'write', refused },
    signal,
  );
  if (made.head.ref !== pr.head || made.base.ref !== pr.base) {
    throw malformed(
      `POST /repos/${fullName(repo)}/pulls`,
      `#${made.number} from ${made.head.ref} to ${made.base.ref}`,
      'write',
    );
  }
  return made.number;
}
function createRefusal(repo: RepositoryId, pr: NewPullRequest, refusal: Refusal): OperatorError | undefined {
  if (refusal.status !== 422) return undefined;
  const error = (code: string, category: OperatorError['category'], what: string): OperatorError =>
    new OperatorError(code, category, `${fullName(repo)}: ${pr.head} -> ${pr.base}: ${what}`, { status: 422 });
  if (/pull request already exists/i.test(refusal.text))
    return error('GITHUB_PULL_REQUEST_EXISTS', 'conflict', 'there is a pull request already');
  if (/no commits between/i.test(refusal.text))
    return error('GITHUB_NO_CHANGE', 'terminal', 'the branch changes nothing');
  const headUnknown = refusal.reasons.some((reason) => reason.field === 'head' && reason.code === 'invalid');
  // A 422 without a reason, too, has been seen to pass the second time.
  return headUnknown || refusal.reasons.length === 0
    ? error('GITHUB_NOT_VISIBLE_YET', 'transient', `GitHub does not see the branch yet: ${refusal.text}`)
    : undefined;
}

/** Rewrites the body or closes. */
export async function updatePullRequest(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  change: { readonly body?: string; readonly state?: 'closed' },
  signal: AbortSignal,
): Promise<void> {
  const parameters = { ...inRepository(repo), pull_number: number, ...change };
  const schema = z.object({
    number: z.literal(number),
    state: change.state === undefined ? z.string() : z.literal(change.state),
  });
  await client.call(
    { route: 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}', parameters, schema, kind: 'write' },
    signal,
  );
}

const mergedSchema = z.object({ merged: z.literal(true) });

/**
 * Merges the pinned head. Title and message are left to GitHub. Throws `GITHUB_HEAD_MOVED`, `GITHUB_NOT_MERGEABLE`
 * (conflict), `GITHUB_BASE_MODIFIED` (transient), `GITHUB_MERGE_METHOD` (config). Neither a success nor an error here
 * is proof: look afterwards.
 */
export async function mergePullRequest(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  how: { readonly headSha: string; readonly method: MergeMethod },
  signal: AbortSignal,
): Promise<void> {
  const parameters = { ...inRepository(repo), pull_number: number, sha: how.headSha, merge_method: how.method };
  const refused = (refusal: Refusal): OperatorError | undefined => mergeRefusal(repo, number, how, refusal);
  await client.call(
    {
      route: 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
      parameters,
      schema: mergedSchema,
      kind: 'write',
      refused,
    },
    signal,
  );
}
function mergeRefusal(
  repo: RepositoryId,
  number: number,
  how: { readonly headSha: string; readonly method: MergeMethod },
  refusal: Refusal,
): OperatorError | undefined {
  const error = (code: string, category: OperatorError['category'], what: string): OperatorError =>
    new OperatorError(code, category, `${fullName(repo)}#${number}: ${what}: ${refusal.text}`, {
      status: refusal.status,
    });
  if (refusal.status === 409) return error('GITHUB_HEAD_MOVED', 'conflict', `its head is not ${how.headSha} any more`);
  if (refusal.status !== 405) return undefined;
  if (/base branch was modified/i.test(refusal.text))
    return error('GITHUB_BASE_MODIFIED', 'transient', 'its base moved meanwhile');
  if (/not allowed/i.test(refusal.text))
    return error('GITHUB_MERGE_METHOD', 'config', `method ${how.method} is refused; configure another`);
  return error('GITHUB_NOT_MERGEABLE', 'conflict', 'GitHub does not merge it');
}
