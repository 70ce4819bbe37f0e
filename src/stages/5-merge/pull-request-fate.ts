import type { Comment, PullRequestStatus } from '../../ports/source-control.js';

/** What has become of our pull request (semantics 0.5, 7). */
export type PullRequestFate =
  | { readonly kind: 'open' }
  | { readonly kind: 'merged'; readonly commit: string; readonly by: 'operator' | 'human'; readonly login?: string }
  | { readonly kind: 'closed'; readonly by: string; readonly ours: boolean }
  | { readonly kind: 'taken-over'; readonly why: string };

/** Pure. */
export function pullRequestFate(pr: PullRequestStatus, pinnedHead: string, self: string): PullRequestFate {
  if (pr.merged) {
    // A merger GitHub does not name any more was an account that is gone: not ours.
    const human = pr.mergedBy?.login !== self;
    return {
      kind: 'merged',
      commit: pr.mergeCommit ?? '',
      by: human ? 'human' : 'operator',
      ...(pr.mergedBy === undefined ? {} : { login: pr.mergedBy.login }),
    };
  }
  if (pr.state === 'closed') {
    return { kind: 'closed', by: pr.closedBy?.login ?? 'somebody', ours: pr.closedBy?.login === self };
  }
  if (pr.headSha !== pinnedHead) {
    return { kind: 'taken-over', why: `the head moved from ${pinnedHead.slice(0, 10)} to ${pr.headSha.slice(0, 10)}` };
  }
  if (pr.commits > 1) return { kind: 'taken-over', why: `the branch holds ${pr.commits} commits` };
  return { kind: 'open' };
}

/** Comments that ask for an abort: `/abort` alone on the first line, by a person, never edited. Who may do so is asked apart. */
export const abortComments = (comments: readonly Comment[], since: number): readonly Comment[] =>
  comments.filter(
    (c) => c.author.kind === 'human' && !c.edited && c.createdAt >= since && c.body.split('\n')[0]?.trim() === '/abort',
  );
