import { observe } from '../../governance/known.js';
import type { Clock } from '../../base/clock.js';
import type { CandidateCi } from '../../model/candidate.js';
import type { Check, RepositoryId, SourceControl } from '../../ports/source-control.js';

/** Pure. */
export function ciOf(checks: readonly Check[]): CandidateCi {
  if (checks.some((c) => c.state === 'failure')) return 'failed';
  if (checks.some((c) => c.state === 'pending')) return 'pending';
  // What was skipped proves nothing.
  return checks.some((c) => c.conclusion === 'success') ? 'success' : 'none';
}

/** CI of a candidate: the checks of its commit, else of the pull request that brought it in (semantics 5). Unreadable is unknown. */
export async function readCandidateCi(
  clock: Clock,
  sourceControl: Pick<SourceControl, 'listChecks' | 'listPullRequestsOf'>,
  repo: RepositoryId,
  sha: string,
  signal: AbortSignal,
): Promise<CandidateCi> {
  const read = await observe(clock, 'GitHub checks', async () => {
    const own = ciOf(await sourceControl.listChecks(repo, sha, signal));
    if (own !== 'none') return own;
    const merged = (await sourceControl.listPullRequestsOf(repo, sha, signal)).find((pr) => pr.merged);
    return merged === undefined ? own : ciOf(await sourceControl.listChecks(repo, merged.headSha, signal));
  });
  return read.kind === 'known' ? read.value : 'unknown';
}
