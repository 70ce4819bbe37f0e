import type { OtherPullRequest } from '../../governance/evidence.js';
import { parseBranchName } from '../../gitops/branch-name.js';
import type { ClosureReader } from '../../gitops/closure-reader.js';
import type { ApplicationSnapshot } from '../../model/application.js';
import type { AwaitingMergeApproval } from '../../model/rollback-attempt.js';
import type { PullRequestSummary, SourceControl } from '../../ports/source-control.js';
import { repositoryOf } from './branch-drift.js';

/** The other open pull requests on our base branch, and whether they touch what the application renders from (I7). */
export class OpenPullRequests {
  constructor(
    private readonly sourceControl: Pick<SourceControl, 'listOpenPullRequests' | 'listPullRequestFiles' | 'self'>,
    private readonly closures: ClosureReader,
  ) {}

  async read(
    a: AwaitingMergeApproval,
    app: ApplicationSnapshot,
    signal: AbortSignal,
  ): Promise<readonly OtherPullRequest[]> {
    const repo = repositoryOf(a);
    const [open, self] = await Promise.all([
      this.sourceControl.listOpenPullRequests(repo, a.target.branch, signal),
      this.sourceControl.self(signal),
    ]);
    const others = open.filter((pr) => pr.number !== a.pullRequest.number);
    const isOurs = (pr: PullRequestSummary): boolean =>
      pr.sameRepository && pr.author.login === self.login && parseBranchName(pr.headBranch) !== undefined;
    // The literal rule counts every foreign one, so only ours must be read.
    const byPaths = a.policy.invariants.openPullRequests === 'paths';
    const mustRead = others.filter((pr) => byPaths || isOurs(pr));
    const paths = mustRead.length === 0 ? new Set<string>() : await this.#closurePaths(a, app, signal);
    return Promise.all(
      others.map(async (pr) => {
        const files = mustRead.includes(pr)
          ? await this.sourceControl.listPullRequestFiles(repo, pr.number, signal)
          : undefined;
        return {
          number: pr.number,
          title: pr.title,
          ours: isOurs(pr),
          meetsOurFiles: files?.some((f) => paths.has(f)),
        };
      }),
    );
  }

  /** What the application renders from at the bad version and at the candidate, and what the diff touches. */
  async #closurePaths(
    a: AwaitingMergeApproval,
    app: ApplicationSnapshot,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const repo = repositoryOf(a);
    const read = [a.bad.revisions[0] ?? '', a.candidate.revision].map((r) => this.closures.read(repo, app, r, signal));
    const closures = (await Promise.all(read)).map(({ closure }) => closure);
    const files = closures.flatMap((c) => (c.kind === 'closure' ? [...c.files.keys()] : []));
    return new Set([...files, ...a.pullRequest.plan.files.map((f) => f.path)]);
  }
}
