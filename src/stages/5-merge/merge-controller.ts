import type { Clock } from '../../base/clock.js';
import { RecentMap } from '../../base/recent-map.js';
import { isFrozen } from '../../governance/freeze.js';
import { HOLD_LABEL } from '../../governance/guards.js';
import { ciVerdict, type CiVerdict } from '../../governance/ci-verdict.js';
import type { GovernanceEngine } from '../../governance/governance-engine.js';
import type { AbortReason } from '../../model/abort-reason.js';
import type { Effects } from '../../model/effect.js';
import type { EpochMs } from '../../model/application.js';
import type { Outcome } from '../../model/outcome.js';
import { refusedOpening } from '../../model/refused-opening.js';
import type { AttemptId, AwaitingMergeApproval, PRCreated } from '../../model/rollback-attempt.js';
import type { Evaluation } from '../../model/rule-result.js';
import type { PullRequestStatus, SourceControl } from '../../ports/source-control.js';
import type { Approval } from './approval.js';
import type { ApprovalReader } from './approval-reader.js';
import { repositoryOf, type BranchDrift } from './branch-drift.js';
import { decideMerge } from './merge-decision.js';
import type { MergeEvidenceReader } from './merge-evidence.js';
import { PromisedMerges } from './promised-merges.js';
import type { CommonAnswer, Proposed, PullRequestLook } from './pull-request-look.js';

type Deciding = Outcome<'AwaitingMergeApproval'>;
/** Evidence older than this is read again before a merge (semantics 8). */
const EVIDENCE_MAX_AGE_MS = 30_000;
const REMEMBERED_ATTEMPTS = 1_000;

/** Module 5: waits for CI, reads all evidence fresh, decides, merges the pinned head or asks people (semantics 8). */
export class MergeController {
  readonly #evaluatedAt = new RecentMap<AttemptId, { readonly at: EpochMs; readonly approvedBy: string }>(
    REMEMBERED_ATTEMPTS,
  );
  readonly #promised = new PromisedMerges();
  constructor(
    private readonly clock: Clock,
    private readonly sourceControl: SourceControl,
    private readonly drift: BranchDrift,
    private readonly pullRequest: PullRequestLook,
    private readonly evidence: MergeEvidenceReader,
    private readonly approvals: ApprovalReader,
    private readonly governance: GovernanceEngine,
    private readonly effects: Effects,
    private readonly observer: {
      ruleEvaluated(
        rule: Evaluation['invariants'][number]['id'],
        verdict: Evaluation['invariants'][number]['verdict'],
      ): void;
    },
  ) {}

  /** PRCreated: CI on the pinned head. */
  async awaitCi(a: PRCreated, signal: AbortSignal): Promise<Outcome<'PRCreated'>> {
    const [end, ci] = await Promise.all([this.pullRequest.end(a, signal), this.#ci(a, signal)]);
    if (end !== undefined) return end;
    switch (ci.kind) {
      case 'success':
        return {
          kind: 'advance',
          to: 'AwaitingMergeApproval',
          why: `CI succeeded on ${a.pullRequest.headSha.slice(0, 10)}: ${ci.checks.join(', ') || ci.basis}`,
          with: { step: { name: 'deciding' } },
        };
      case 'failed':
        return { kind: 'abort', reason: 'ci-failed', why: ci.failed.join(', ') };
      case 'pending':
        return this.#wait(a, `waiting for ${ci.waitingFor.join(', ')}`);
      case 'none':
        return this.#wait(
          a,
          'no check was expected and none ran: that is no success (repositories[].ci.allowNoChecks)',
        );
    }
  }

  /** AwaitingMergeApproval: decide, ask people, or merge. */
  async decide(a: AwaitingMergeApproval, signal: AbortSignal): Promise<Deciding> {
    if (a.step.name === 'intent-merge') return this.#merge(a, a.step, signal);
    const [end, approval] = await Promise.all([
      this.pullRequest.end(a, signal),
      this.approvals.read(repositoryOf(a), a.pullRequest, a.policy.approval, signal),
    ]);
    if (end !== undefined) return end;
    if (approval.rejectedBy.length > 0)
      return { kind: 'abort', reason: 'rejected-by-human', why: `${approval.rejectedBy.join(', ')} requested changes` };
    if (!this.#isDue(a, approval)) return this.#wait(a, 'waiting for a person');
    return this.#evaluate(a, approval, signal);
  }

  async #evaluate(a: AwaitingMergeApproval, approval: Approval, signal: AbortSignal): Promise<Deciding> {
    const read = await this.evidence.read(a, signal);
    // From here to the decision nothing is awaited: no other attempt is judged in between.
    const evidence = { ...read, spends: this.#promised.with(read.spends, this.clock.now()) };
    const environmentNow = evidence.policyNow?.environment ?? 'unmanaged';
    if (environmentNow !== a.policy.environment)
      return {
        kind: 'abort',
        reason: 'no-longer-managed',
        why: `it is ${environmentNow} now, it was ${a.policy.environment} when the attempt began`,
      };
    const evaluation = this.governance.evaluate({ attempt: a, evidence, now: this.clock.now() });
    for (const r of [...evaluation.invariants, ...evaluation.guards]) this.observer.ruleEvaluated(r.id, r.verdict);
    const decision = decideMerge(a, evaluation, evidence, approval);
    if (decision.kind === 'not-yet') return this.#wait(a, decision.why);
    this.#evaluatedAt.set(a.id, { at: this.clock.now(), approvedBy: approval.approvedBy.join() });
    switch (decision.kind) {
      case 'ci-failed':
        return { kind: 'abort', reason: 'ci-failed', why: decision.why };
      case 'human': {
        const { barredBy } = decision;
        const same = a.step.name === 'waiting-for-human' && a.step.barredBy.join() === barredBy.join();
        if (same) return this.#wait(a, `not merged by the operator: ${barredBy.join(', ')}`);
        return {
          kind: 'step',
          step: { name: 'waiting-for-human', evaluation, barredBy },
          why: `left to people: ${barredBy.join(', ')}`,
        };
      }
      case 'merge': {
        const paused = this.effects.refusal(a, 'opening');
        if (paused !== undefined && paused !== 'aborted')
          return this.#wait(
            a,
            `not merged: ${paused}`,
            paused === 'paused' || paused === 'killed' ? { expiresAs: 'refused(paused)' } : {},
          );
        if (evidence.mergeMethod.kind === 'unknown') return this.#wait(a, evidence.mergeMethod.why);
        this.#promised.note(a, this.clock.now());
        return {
          kind: 'step',
          step: {
            name: 'intent-merge',
            evaluation,
            headSha: a.pullRequest.headSha,
            method: evidence.mergeMethod.value,
            decidedAt: this.clock.now(),
            approvedBy: decision.approvedBy,
          },
          why: decision.why,
        };
      }
    }
  }

  /** The intent is stored; now merge exactly the pinned head, and believe only what is seen afterwards. */
  async #merge(
    a: AwaitingMergeApproval,
    step: Extract<AwaitingMergeApproval['step'], { name: 'intent-merge' }>,
    signal: AbortSignal,
  ): Promise<Deciding> {
    const repo = repositoryOf(a);
    const { number } = a.pullRequest;
    const tooOld = (): boolean => {
      const now = this.clock.now();
      const age = now - step.evaluation.pinnedAt;
      // Evidence from the future: the clock was set back, and how old it is nobody knows.
      return age < 0 || age > EVIDENCE_MAX_AGE_MS || a.policy.guards.freeze.some((w) => isFrozen(w, now));
    };
    // Asked again at the last moment: the configuration may have become stricter while GitHub was looked at.
    const mayMerge = (): boolean => {
      const policy = this.evidence.policyNow(a);
      const same = policy?.environment === a.policy.environment && policy.mode === 'auto' && a.policy.mode === 'auto';
      return same && !tooOld() && !policy.guards.freeze.some((w) => isFrozen(w, this.clock.now()));
    };
    const done = await this.effects.perform(
      a,
      {
        id: `${a.id}:merge`,
        kind: 'opening',
        text: `merge pull request #${number} at ${step.headSha.slice(0, 10)} (${step.method})`,
        look: async (s) => {
          const pr = await this.sourceControl.getPullRequestStatus(repo, number, s);
          return (await this.#isAsJudged(a, pr, step.headSha, s)) ? undefined : pr;
        },
        isDone: (pr) => pr.merged,
        act: async (s) => {
          if (mayMerge())
            await this.sourceControl.mergePullRequest(repo, number, { headSha: step.headSha, method: step.method }, s);
        },
      },
      signal,
    );
    const again = (why: string): Deciding => ({ kind: 'step', step: { name: 'deciding' }, why });
    if (done.kind === 'refused') {
      const meaning = refusedOpening(a, done.code);
      return meaning.kind === 'abort' ? meaning : this.#wait(a, `not merged: ${done.code}`, meaning);
    }
    if (done.kind === 'unseen') {
      // Tried again while the evidence is fresh, at the pace of a look: deciding anew at once would be a loop without a pause.
      if (mayMerge()) return this.#wait(a, `not merged (${done.why})`);
      this.#evaluatedAt.delete(a.id);
      return again(
        a.policy.mode === 'auto' ? 'the evidence grew too old; it is read again' : `the mode is ${a.policy.mode} now`,
      );
    }
    return this.#ended(a, done.value, step.evaluation, signal);
  }

  /** Still open, and nothing that people or a push can change at the last moment is otherwise than it was judged. */
  async #isAsJudged(
    a: AwaitingMergeApproval,
    pr: PullRequestStatus,
    headSha: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const held = pr.draft || pr.autoMerge || pr.labels.includes(HOLD_LABEL);
    if (pr.merged || pr.state === 'closed' || held || pr.headSha !== headSha || pr.baseBranch !== a.target.branch)
      return false;
    return (await this.drift.read(a, undefined, signal)).kind === 'unchanged';
  }

  async #ended(
    a: AwaitingMergeApproval,
    pr: PullRequestStatus,
    evaluation: Evaluation,
    signal: AbortSignal,
  ): Promise<Deciding> {
    const end = await this.pullRequest.endOf(a, pr, evaluation, signal);
    return (
      end ?? {
        kind: 'step',
        step: { name: 'deciding' },
        why: 'the pull request is still open; everything is read again',
      }
    );
  }
  async #ci(a: PRCreated, signal: AbortSignal): Promise<CiVerdict> {
    const repo = repositoryOf(a);
    const [checks, rules] = await Promise.all([
      this.sourceControl.listChecks(repo, a.pullRequest.headSha, signal),
      this.sourceControl.getBranchRules(repo, a.target.branch, signal),
    ]);
    const repository = a.policy.repository ?? { requiredChecks: [], allowNoChecks: false, failOnOptionalFailure: true };
    return ciVerdict({
      checks,
      rules,
      repository,
      pushedAt: a.pullRequest.openedAt,
      settleWindowMs: a.policy.timing.ciSettleWindow,
      now: this.clock.now(),
    });
  }
  /** While a person is waited for, the rules are judged each `reevaluationInterval`, and at once when an approval comes. */
  #isDue(a: AwaitingMergeApproval, approval: Approval): boolean {
    if (a.step.name !== 'waiting-for-human') return true;
    const last = this.#evaluatedAt.get(a.id);
    return (
      last === undefined ||
      last.approvedBy !== approval.approvedBy.join() ||
      this.clock.now() - last.at >= a.policy.timing.reevaluationInterval
    );
  }
  #wait(
    a: Proposed,
    why: string,
    { expiresAs }: { readonly expiresAs?: AbortReason } = {},
  ): Extract<CommonAnswer, { kind: 'wait' }> {
    // People take their time, and every look costs GitHub calls.
    const patience = a.step.name === 'waiting-for-human' ? 3 : 1;
    return {
      kind: 'wait',
      lookAgainAt: this.clock.now() + patience * a.policy.timing.pullRequestPollInterval,
      why,
      ...(expiresAs === undefined ? {} : { expiresAs }),
    };
  }
}
