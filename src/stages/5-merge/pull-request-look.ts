import type { Clock } from '../../base/clock.js';
import type { Outcome } from '../../model/outcome.js';
import type { AwaitingMergeApproval, Merge, PRCreated } from '../../model/rollback-attempt.js';
import { roleAtLeast } from '../../model/repository-role.js';
import type { Evaluation } from '../../model/rule-result.js';
import type { PullRequestStatus, SourceControl } from '../../ports/source-control.js';
import { repositoryOf, type BranchDrift } from './branch-drift.js';
import { abortComments, pullRequestFate } from './pull-request-fate.js';

export type Proposed = PRCreated | AwaitingMergeApproval;
/** What both states answer alike: it fits either. */
export type CommonAnswer =
  | Extract<Outcome<'PRCreated'>, { kind: 'abort' | 'wait' }>
  | Extract<Outcome<'PRCreated'>, { kind: 'advance'; to: 'RollbackMerged' }>;

/** People whose role is asked for in one look. */
const MOST_ASKED = 20;
/** GitHub's pull requests were seen to lag ten seconds behind the branches; the poll is 5 s by default. */
const LAG_POLLS = 4;

/** What has become of our pull request, the branch under it, and what people say in it; the same in both waiting states. */
export class PullRequestLook {
  constructor(
    private readonly clock: Clock,
    private readonly sourceControl: Pick<
      SourceControl,
      'getPullRequestStatus' | 'listComments' | 'getRole' | 'self' | 'isAncestor' | 'getCommit'
    >,
    private readonly drift: BranchDrift,
  ) {}

  /** What ends the waiting; undefined = the pull request is open, ours, and still wanted. */
  async end(a: Proposed, signal: AbortSignal): Promise<CommonAnswer | undefined> {
    const repo = repositoryOf(a);
    const [pr, drift, comments] = await Promise.all([
      this.sourceControl.getPullRequestStatus(repo, a.pullRequest.number, signal),
      this.drift.read(a, undefined, signal),
      this.sourceControl.listComments(repo, a.pullRequest.number, signal),
    ]);
    const end = await this.endOf(a, pr, undefined, signal);
    if (end !== undefined) return end;
    if (drift.kind === 'changed')
      return {
        kind: 'abort',
        reason: 'superseded',
        why: `the application's files changed on ${a.target.branch} (${drift.head.slice(0, 10)})`,
      };
    if (drift.kind === 'restored') return this.#restored(a, pr, drift.head, signal);
    // Anybody may comment, and often: each is asked about once, and not more of them than can be.
    const authors = new Set(abortComments(comments, a.pullRequest.openedAt).map((c) => c.author.login));
    for (const login of [...authors].slice(-MOST_ASKED)) {
      if (roleAtLeast(await this.sourceControl.getRole(repo, login, signal), 'write')) {
        return { kind: 'abort', reason: 'aborted-by-user', why: `${login} commented /abort` };
      }
    }
    return undefined;
  }
  /** Branches are read fresh and pull requests lag: what restored the files may be the merge of this very pull request. */
  async #restored(a: Proposed, pr: PullRequestStatus, head: string, signal: AbortSignal): Promise<CommonAnswer> {
    const repo = repositoryOf(a);
    const branch = a.target.branch;
    const [isIn, { committedAt }] = await Promise.all([
      this.sourceControl.isAncestor(repo, pr.headSha, head, signal),
      this.sourceControl.getCommit(repo, head, signal),
    ]);
    const poll = a.policy.timing.pullRequestPollInterval;
    const wait = (why: string): CommonAnswer => ({ kind: 'wait', lookAgainAt: this.clock.now() + poll, why });
    if (isIn) return wait(`#${pr.number} is in ${branch}; GitHub does not say merged yet`);
    // A squashed or rebased merge is no descendant of ours, and looks like anybody's change until GitHub tells.
    if (Math.abs(this.clock.now() - committedAt) < LAG_POLLS * poll)
      return wait(`the application's files were just restored on ${branch}; GitHub may yet say by #${pr.number}`);
    const why = `the application's files were restored on ${branch} by another change (${head.slice(0, 10)})`;
    return { kind: 'abort', reason: 'superseded', why };
  }
  /** What a pull request that is open no more, or not ours any more, means; undefined = it is neither. */
  async endOf(
    a: Proposed,
    pr: PullRequestStatus,
    evaluation: Evaluation | undefined,
    signal: AbortSignal,
  ): Promise<CommonAnswer | undefined> {
    const self = await this.sourceControl.self(signal);
    const fate = pullRequestFate(pr, a.pullRequest.headSha, self.login);
    switch (fate.kind) {
      case 'open':
        return undefined;
      case 'merged': {
        if (fate.commit === '')
          return {
            kind: 'wait',
            lookAgainAt: this.clock.now() + a.policy.timing.pullRequestPollInterval,
            why: `#${pr.number} is merged; GitHub does not name the merge commit yet`,
          };
        const merge: Merge = {
          commit: fate.commit,
          by: fate.by,
          ...(fate.login === undefined ? {} : { login: fate.login }),
          pullRequest: pr.number,
          at: pr.mergedAt ?? this.clock.now(),
          ...(evaluation === undefined ? evaluationOf(a) : { evaluation }),
        };
        return {
          kind: 'advance',
          to: 'RollbackMerged',
          why: `#${pr.number} merged by ${fate.by === 'operator' ? 'the operator' : (fate.login ?? 'a person')}`,
          with: { merge, step: { name: 'syncing' } },
        };
      }
      case 'closed':
        return fate.ours
          ? {
              kind: 'abort',
              reason: 'not-mergeable',
              why: `#${pr.number} was closed by the operator's own account elsewhere`,
            }
          : { kind: 'abort', reason: 'pr-closed-by-human', why: `${fate.by} closed #${pr.number}: a veto` };
      case 'taken-over':
        return { kind: 'abort', reason: 'taken-over', why: fate.why };
    }
  }
}
const evaluationOf = (a: Proposed): { readonly evaluation?: Evaluation } =>
  'evaluation' in a.step ? { evaluation: a.step.evaluation } : {};
