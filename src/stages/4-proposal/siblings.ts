import { parseBranchName } from '../../gitops/branch-name.js';
import type { CandidateResolved, Merge } from '../../model/rollback-attempt.js';
import type { PullRequestSummary, SourceControl } from '../../ports/source-control.js';
import { branchOf } from '../../gitops/rollback-branch.js';
import { repositoryOf } from './restore-planner.js';

/** The rollback pull requests of other attempts (semantics 7). */
export class Siblings {
  constructor(
    private readonly sourceControl: Pick<
      SourceControl,
      | 'self'
      | 'listOpenPullRequests'
      | 'listPullRequestFiles'
      | 'getPullRequestStatus'
      | 'listCommits'
      | 'listPullRequestsOf'
    >,
  ) {}

  /** An open one that changes one of these files, or may. */
  async findOpen(
    a: CandidateResolved,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<PullRequestSummary | undefined> {
    const repo = repositoryOf(a);
    const own = branchOf(a);
    const [open, self] = await Promise.all([
      this.sourceControl.listOpenPullRequests(repo, a.target.branch, signal),
      this.sourceControl.self(signal),
    ]);
    const siblings = open.filter(
      (pr) =>
        pr.sameRepository &&
        pr.author.login === self.login &&
        pr.headBranch !== own &&
        parseBranchName(pr.headBranch) !== undefined,
    );
    for (const pr of siblings) {
      const files = await this.sourceControl.listPullRequestFiles(repo, pr.number, signal);
      if (files === undefined || files.some((f) => paths.includes(f))) return pr;
    }
    return undefined;
  }
  async isOpen(a: CandidateResolved, number: number, signal: AbortSignal): Promise<boolean> {
    return (await this.sourceControl.getPullRequestStatus(repositoryOf(a), number, signal)).state === 'open';
  }
  /** The merged rollback pull request that restored our files, ours or a sibling's; undefined = people did it another way. */
  async findRestoring(a: CandidateResolved, head: string, signal: AbortSignal): Promise<Merge | undefined> {
    const repo = repositoryOf(a);
    const [self, [newest]] = await Promise.all([
      this.sourceControl.self(signal),
      this.sourceControl.listCommits(repo, { revision: head, path: a.target.path, limit: 1 }, signal),
    ]);
    if (newest === undefined) return undefined;
    const merged = (await this.sourceControl.listPullRequestsOf(repo, newest.sha, signal)).find(
      (pr) => pr.merged && pr.author.login === self.login && parseBranchName(pr.headBranch) !== undefined,
    );
    if (merged === undefined) return undefined;
    const status = await this.sourceControl.getPullRequestStatus(repo, merged.number, signal);
    const human = status.mergedBy?.kind === 'human';
    return {
      commit: status.mergeCommit ?? newest.sha,
      by: merged.headBranch === branchOf(a) ? (human ? 'human' : 'operator') : 'sibling',
      ...(human && status.mergedBy !== undefined ? { login: status.mergedBy.login } : {}),
      pullRequest: merged.number,
      at: status.mergedAt ?? newest.committedAt,
    };
  }
}
