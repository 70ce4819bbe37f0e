import { OperatorError } from '../../base/errors.js';
import { passFailpoint } from '../../base/failpoint.js';
import { commitMessage, parseCommitMessage } from '../../gitops/commit-message.js';
import { isOwnCommit } from '../../gitops/own-commit.js';
import type { RestorePlan } from '../../gitops/restore-plan.js';
import type { CandidateResolved, ProposePlan } from '../../model/rollback-attempt.js';
import type { PullRequestStatus, PullRequestSummary, SourceControl } from '../../ports/source-control.js';
import { repositoryOf } from './restore-planner.js';

/** What is to be seen of a rollback on GitHub. */
export type FoundProposal =
  | { readonly kind: 'open'; readonly pr: PullRequestSummary }
  | { readonly kind: 'merged'; readonly pr: PullRequestStatus }
  /** We opened it, and somebody pushed to it since. */
  | { readonly kind: 'taken-over'; readonly why: string }
  | { readonly kind: 'vetoed'; readonly number: number; readonly by: string }
  | { readonly kind: 'foreign'; readonly why: string };

export interface ProposalText {
  readonly title: string;
  readonly body: string;
}
/** A proposal takes several calls: before each that people can see, somebody may have said stop. */
export interface StoppableText extends ProposalText {
  readonly mayGoOn: () => boolean;
}

/** Looks for and makes the branch and pull request of one rollback (semantics 7). Creating the branch is the lock. */
export class RollbackProposal {
  constructor(private readonly sourceControl: SourceControl) {}

  /** Undefined = nothing stands in the way and nothing is there (or only our branch). */
  async find(a: CandidateResolved, plan: ProposePlan, signal: AbortSignal): Promise<FoundProposal | undefined> {
    const sc = this.sourceControl;
    const repo = repositoryOf(a);
    const [prs, head, self] = await Promise.all([
      sc.findPullRequests(repo, plan.branch, a.target.branch, signal),
      sc.findBranchHead(repo, plan.branch, signal),
      sc.self(signal),
    ]);
    const open = prs.find((pr) => pr.state === 'open');
    if (open !== undefined) return this.#adoptable(a, plan, open, self.login, signal);
    const [newest] = prs;
    if (newest !== undefined) {
      const ended = await this.#ended(a, newest, self.login, signal);
      if (ended !== undefined) return ended;
    }
    if (head === undefined) return undefined;
    const commit = await sc.getCommit(repo, head, signal);
    return isOwnCommit(commit, self.login)
      ? undefined
      : {
          kind: 'foreign',
          why: `the branch ${plan.branch} holds ${head.slice(0, 10)}, which is not a commit of this operator`,
        };
  }

  /** Branch (created, reused, or rebuilt when it is ours and stands on an older base) and pull request. */
  async open(
    a: CandidateResolved,
    plan: ProposePlan,
    restore: { readonly restore: RestorePlan; readonly baseTree: string },
    text: StoppableText,
    signal: AbortSignal,
  ): Promise<void> {
    const { mayGoOn, ...words } = text;
    const sc = this.sourceControl;
    const repo = repositoryOf(a);
    const head = await sc.findBranchHead(repo, plan.branch, signal);
    const commit = head === undefined ? undefined : await sc.getCommit(repo, head, signal);
    const self = await sc.self(signal);
    if (commit !== undefined && !isOwnCommit(commit, self.login))
      throw new OperatorError('FOREIGN_BRANCH', 'conflict', `${plan.branch} is not ours`);
    if (commit === undefined || commit.tree !== plan.tree || commit.parents[0] !== plan.baseSha) {
      const sha = await this.#commit(a, plan, restore, signal);
      if (!mayGoOn()) return;
      if (head === undefined) await sc.createBranch(repo, plan.branch, sha, signal);
      else await sc.moveBranch(repo, plan.branch, head, sha, signal);
    }
    passFailpoint('branch-made', 'pull-request');
    if (!mayGoOn()) return;
    await sc.createPullRequest(repo, { ...words, head: plan.branch, base: a.target.branch, draft: false }, signal);
  }

  async #commit(
    a: CandidateResolved,
    plan: ProposePlan,
    { restore, baseTree }: { readonly restore: RestorePlan; readonly baseTree: string },
    signal: AbortSignal,
  ): Promise<string> {
    const repo = repositoryOf(a);
    const tree = await this.sourceControl.createTree(repo, baseTree, restore.changes, signal);
    if (tree !== plan.tree) {
      throw new OperatorError(
        'TREE_DIFFERS',
        'terminal',
        `GitHub made the tree ${tree}, the restore must be ${plan.tree}: nothing was proposed`,
      );
    }
    const message = commitMessage({
      rollbackOf: a.bad.revisions[0] ?? '',
      rollbackTo: a.candidate.revision,
      attempt: a.id,
    });
    return this.sourceControl.createCommit(repo, { message, tree, parent: plan.baseSha }, signal);
  }

  async #adoptable(
    a: CandidateResolved,
    plan: ProposePlan,
    pr: PullRequestSummary,
    self: string,
    signal: AbortSignal,
  ): Promise<FoundProposal | undefined> {
    const foreign = (why: string): FoundProposal => ({
      kind: 'foreign',
      why: `pull request #${pr.number} from ${plan.branch} ${why}`,
    });
    if (pr.author.login !== self) return foreign(`was opened by ${pr.author.login}`);
    if (!pr.sameRepository) return foreign('comes from another repository');
    const commit = await this.sourceControl.getCommit(repositoryOf(a), pr.headSha, signal);
    if (!isOwnCommit(commit, self))
      return { kind: 'taken-over', why: `somebody pushed ${pr.headSha.slice(0, 10)} to pull request #${pr.number}` };
    if (commit.tree === plan.tree && commit.parents[0] === plan.baseSha) return { kind: 'open', pr };
    // An earlier attempt left it open for people, and the base has moved since: a retry rebuilds it (semantics 7).
    if (parseCommitMessage(commit.message)?.attempt !== a.id) return undefined;
    return foreign('is not the commit that was planned');
  }
  /** A closed one by anybody but us is a veto, unless a person asked for this very retry after it. */
  async #ended(
    a: CandidateResolved,
    pr: PullRequestSummary,
    self: string,
    signal: AbortSignal,
  ): Promise<FoundProposal | undefined> {
    const status = await this.sourceControl.getPullRequestStatus(repositoryOf(a), pr.number, signal);
    if (status.merged) return (await this.#isOfThisAttempt(a, pr, signal)) ? { kind: 'merged', pr: status } : undefined;
    if (status.closedBy?.login === self) return undefined;
    if (a.retryOf !== undefined && !(await this.#isOfThisAttempt(a, pr, signal))) return undefined;
    return { kind: 'vetoed', number: pr.number, by: status.closedBy?.login ?? 'somebody' };
  }
  /** GitHub's clock is not ours: where the times say no, the commit says for which attempt it was made. */
  async #isOfThisAttempt(a: CandidateResolved, pr: PullRequestSummary, signal: AbortSignal): Promise<boolean> {
    if (pr.createdAt >= a.openedAt) return true;
    const commit = await this.sourceControl.getCommit(repositoryOf(a), pr.headSha, signal);
    return parseCommitMessage(commit.message)?.attempt === a.id;
  }
}
