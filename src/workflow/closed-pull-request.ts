import type { Clock } from '../base/clock.js';
import { closuresEqual } from '../gitops/closure-equality.js';
import type { ClosureReader } from '../gitops/closure-reader.js';
import { parseCommitMessage } from '../gitops/commit-message.js';
import { isOwnCommit } from '../gitops/own-commit.js';
import { branchOf } from '../gitops/rollback-branch.js';
import type { Effects } from '../model/effect.js';
import { mayBeUnseen, pullRequestOf, resolvedOf, type ClosedAttempt } from '../model/rollback-attempt.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { PullRequestSummary, RepositoryId, SourceControl } from '../ports/source-control.js';

/** GitHub gives up on a request after some ten seconds; lists may lag a little longer. */
const LATE_ARRIVAL_MS = 60_000;

/** The pull request of an attempt that has ended: found even if the attempt ended before it was seen. */
export class ClosedPullRequest {
  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly sourceControl: Pick<
      SourceControl,
      'findPullRequests' | 'getPullRequestStatus' | 'updatePullRequest' | 'findBranchHead' | 'getCommit' | 'self'
    >,
    private readonly closures: ClosureReader,
  ) {}

  /** Closes it if it is open and ours. True = nothing of ours is open any more. */
  async close(a: ClosedAttempt, effects: Effects, signal: AbortSignal): Promise<boolean> {
    const own = await this.#find(a, signal);
    // One that is closed goes through the gate as well: whoever announced its closing and died owes the outcome.
    if (own === undefined || (own.pr.state === 'closed' && this.#mayStillArrive(a))) return !this.#mayStillArrive(a);
    const { repo, pr } = own;
    const done = await effects.perform(
      a,
      {
        id: `${a.id}:close`,
        kind: 'closing',
        text: `close pull request #${pr.number}`,
        look: async (s) =>
          (await this.sourceControl.getPullRequestStatus(repo, pr.number, s)).state === 'closed' ? true : undefined,
        act: (s) => this.sourceControl.updatePullRequest(repo, pr.number, { state: 'closed' }, s),
      },
      signal,
    );
    return done.kind === 'done';
  }

  /** A request whose answer was lost may still be carried out a moment later. */
  #mayStillArrive(a: ClosedAttempt): boolean {
    return wasUnseen(a) && this.clock.now() - a.closedAt < LATE_ARRIVAL_MS;
  }

  /** Need a pull request left open for people be left no longer: it was dealt with, the application recovered, or its files changed. */
  async isOver(a: ClosedAttempt, signal: AbortSignal): Promise<boolean> {
    const resolved = resolvedOf(a);
    const open = await this.#find(a, signal);
    if (open === undefined || open.pr.state === 'closed' || resolved === undefined) return true;
    const app = await this.argocd.getApplicationHealth(a.application, a.project, signal);
    if (app.health === 'Healthy') return true;
    const head = await this.sourceControl.findBranchHead(open.repo, resolved.target.branch, signal);
    if (head === undefined) return true;
    const [now, bad] = await Promise.all(
      [head, a.bad.revisions[0] ?? ''].map((r) => this.closures.read(open.repo, app, r, signal)),
    );
    return (
      now?.closure.kind !== 'closure' || bad?.closure.kind !== 'closure' || !closuresEqual(now.closure, bad.closure)
    );
  }

  /** The pull request of this attempt, an open one first. */
  async #find(
    a: ClosedAttempt,
    signal: AbortSignal,
  ): Promise<{ readonly repo: RepositoryId; readonly pr: PullRequestSummary } | undefined> {
    const resolved = resolvedOf(a);
    if (resolved === undefined || (pullRequestOf(a) === undefined && !wasUnseen(a))) return undefined;
    const branch = pullRequestOf(a)?.plan.branch ?? branchOf({ ...a, ...resolved });
    const repo = { owner: resolved.target.owner, name: resolved.target.repository };
    const [prs, self] = await Promise.all([
      this.sourceControl.findPullRequests(repo, branch, resolved.target.branch, signal),
      this.sourceControl.self(signal),
    ]);
    const mine = prs.filter((p) => p.author.login === self.login);
    const pr = mine.find((p) => p.state === 'open') ?? mine[0];
    return pr !== undefined && (await this.#isOf(a, repo, pr, self.login, signal)) ? { repo, pr } : undefined;
  }
  /**
   * A later attempt uses the same branch for a pull request of its own. One that was never seen is known by its commit:
   * of which plan it is does not matter. One that people pushed to is theirs: it is left alone.
   */
  async #isOf(
    a: ClosedAttempt,
    repo: RepositoryId,
    pr: PullRequestSummary,
    self: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const seen = pullRequestOf(a);
    if (seen !== undefined) return seen.number === pr.number && seen.headSha === pr.headSha;
    const commit = await this.sourceControl.getCommit(repo, pr.headSha, signal);
    return parseCommitMessage(commit.message)?.attempt === a.id && isOwnCommit(commit, self);
  }
}
const wasUnseen = (a: ClosedAttempt): boolean => a.state === 'Abort' && mayBeUnseen(a.last);
