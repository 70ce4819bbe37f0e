import { abortRule } from '../../src/model/abort-reason.js';
import {
  isOpen,
  mergeOf,
  pullRequestOf,
  type AwaitingMergeApproval,
  type RollbackAttempt,
} from '../../src/model/rollback-attempt.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { failing, type RuleResult } from '../../src/model/rule-result.js';
import { TRANSITIONS } from '../../src/model/transitions.js';
import { SHOP } from '../support/attempt-parts.js';
import { manifestPath } from '../support/operator-world.js';
import { BOT, type FakePullRequest } from '../support/fakes/fake-github.js';
import type { FaultWorld } from './fault-world.js';

const OPENING = /^github\.(?:createTree|createCommit|createBranch|moveBranch|createPullRequest|mergePullRequest)$/;
const VISIBLE = /^github\.(?:createBranch|moveBranch|createPullRequest|mergePullRequest)$/;
const EVIDENCE_MAX_AGE_MS = 30_000;
/** What happened fewer calls ago than this may not have been seen yet by the reads before a merge. */
const READS_OF_A_DECISION = 40;
const LONGEST_GAP = 2.5;

/** I4 is read from the stored checks: the newest may be as old as one may be late. */
const oldest = ({ id }: RuleResult): number =>
  id === 'I4_persistence' ? LONGEST_GAP * DEFAULT_TIMING.HEALTH_CHECK_INTERVAL : 0;

interface MergeIntent {
  readonly attempt: AwaitingMergeApproval;
  readonly step: Extract<AwaitingMergeApproval['step'], { name: 'intent-merge' }>;
  readonly ageMs: number;
}

/** Holds the properties against what the world itself remembers: store, audit log, GitHub. Never asks the operator. */
export class Judge {
  readonly violations: string[] = [];
  /** Calls that change GitHub. */
  effects = 0;
  calls = 0;
  /** Then times of before and after it say nothing about what came first. */
  clockJumped = false;
  /** Number of the call at which each of these last happened. */
  readonly last = { base: 0, ci: 0 };
  readonly #proposals = new Map<string, number>();
  #intent: MergeIntent | undefined;
  #late = false;
  #everLate = false;
  constructor(private readonly world: FaultWorld) {
    const { github, shelf } = world;
    const put = shelf.attempts.set.bind(shelf.attempts);
    shelf.attempts.set = (id, next) => {
      this.#judgeStored(shelf.attempts.get(id)?.value, next.value);
      return put(id, next);
    };
    const create = github.create.bind(github);
    github.create = (branch, options) => {
      const pr = create(branch, options);
      this.#judgeProposal(pr);
      return pr;
    };
    const merge = github.merge.bind(github);
    github.merge = (number, by) => {
      if (by === BOT) this.#judgeMerge(number);
      return merge(number, by);
    };
  }
  /** Every attempt is over; a pull request left to people may go on being watched. */
  ended(): boolean {
    const { attempts, active } = this.world.shelf;
    return (
      active.size === 0 &&
      [...attempts.values()].every(
        ({ value: a }) => !('aftercare' in a) || a.aftercare.owed.every((d) => d === 'watch-open-pr'),
      )
    );
  }
  /** A call that was made long ago arrives only now: nobody can call it back. */
  arrivesLate(): void {
    this.#late = true;
    this.#everLate = true;
  }
  /** S4, S5, S7, S15: before each call of a port. */
  judgeCall(call: string): void {
    this.calls += 1;
    this.#late = false;
    if (!OPENING.test(call)) return;
    this.effects += 1;
    const open = this.world.attempts().filter(isOpen);
    const step = call.endsWith('mergePullRequest') ? 'intent-merge' : 'intent-pr';
    const intending = open.find((a) => a.step.name === step);
    if (intending === undefined) {
      this.#violate('S5', `${call} without a stored ${step}: ${open.map((a) => a.step.name).join() || 'nothing open'}`);
      return;
    }
    const decided = `${intending.id}/${intending.version - (intending.stop === undefined ? 0 : 1)}`;
    if (!this.world.audit.entries.some((e) => e.kind === 'decision' && e.subject === decided))
      this.#violate('S5', `${call} without an audited intent`);
    if (!VISIBLE.test(call)) return;
    if (intending.stop !== undefined) this.#violate('S7', `${call} after the stored stop of ${intending.stop.by}`);
    if (this.world.killSwitch.pause !== undefined) this.#violate('S15', `${call} under the kill switch`);
    if (this.world.shelf.pauses.size > 0) this.#violate('S15', `${call} during a pause`);
    if (intending.state !== 'AwaitingMergeApproval' || intending.step.name !== 'intent-merge') return;
    if (intending.policy.environment !== 'staging') this.#violate('S4', `a merge in ${intending.policy.environment}`);
    const ageMs = this.world.operatorClock().now() - intending.step.evaluation.pinnedAt;
    this.#intent = { attempt: intending, step: intending.step, ageMs };
  }
  /** S8, S10, S12: before each stored version. */
  #judgeStored(before: RollbackAttempt | undefined, next: RollbackAttempt): void {
    const from = before?.state ?? 'Idle';
    if (next.version !== (before?.version ?? 0) + 1)
      this.#violate('S8', `version ${before?.version} -> ${next.version}`);
    const legal =
      before?.state === next.state ||
      TRANSITIONS.some((t) => (t.from as readonly string[]).includes(from) && t.to === next.state);
    if (!legal) this.#violate('S8', `${from} became ${next.state}`);
    const others = this.world
      .attempts()
      .filter((a) => a.id !== next.id && isOpen(a) && a.application === next.application);
    if (isOpen(next) && others.length > 0) this.#violate('S10', `${others.length + 1} open attempts`);
    if (isOpen(next) && 'confirmation' in next.step) this.#judgeConfirmation(next.step.confirmation);
  }
  #judgeConfirmation(checks: Extract<RollbackAttempt, { confirmation: unknown }>['confirmation']): void {
    if (checks.length < this.world.config.timing.DEGRADATION_PERSISTENCE_CHECKS)
      this.#violate('S12', `confirmed by ${checks.length} checks`);
    for (const [i, check] of checks.entries()) {
      if (check.health !== 'Degraded') this.#violate('S12', `confirmed by a check that says ${check.health}`);
      const gap = check.at - (checks[i - 1]?.at ?? Number.NaN);
      if (gap < 0.5 * check.intervalMs || gap > LONGEST_GAP * check.intervalMs)
        this.#violate('S12', `confirmed by checks ${gap} ms apart`);
    }
  }
  /** S2: at each pull request of ours. */
  #judgeProposal(pr: FakePullRequest): void {
    const { github } = this.world;
    const open = github.open().filter((p) => p.author === BOT && p.headBranch === pr.headBranch);
    if (open.length > 1) this.#violate('S2', `${open.length} open pull requests from ${pr.headBranch}`);
    // Not by the commit: one that recovered and degrades again takes the branch of the attempt before it.
    const attempt = this.world.attempts().find((a) => isOpen(a) && a.step.name === 'intent-pr')?.id ?? 'none';
    const many = (this.#proposals.get(attempt) ?? 0) + 1;
    this.#proposals.set(attempt, many);
    if (many > 1 && !this.#late) this.#violate('S2', `${many} pull requests of one attempt`);
  }
  /** S1, S3: at each merge of ours, before it happens. */
  #judgeMerge(number: number): void {
    const { github } = this.world;
    const intent = this.#intent;
    if (intent === undefined) return;
    const { attempt, step, ageMs } = intent;
    const pr = github.get(number);
    const head = github.git.head(pr.headBranch);
    if (attempt.pullRequest.number !== number)
      this.#violate('S1', `#${number} merged instead of #${attempt.pullRequest.number}`);
    if (step.headSha !== head || step.evaluation.headSha !== head)
      this.#violate('S1', 'another head than the one judged');
    if (failing(step.evaluation.invariants).length > 0 || step.evaluation.invariants.length !== 8)
      this.#violate('S1', 'an invariant does not pass');
    const old = step.evaluation.invariants
      .filter((r) => r.readAt < step.evaluation.pinnedAt - oldest(r))
      .map((r) => r.id);
    if (old.length > 0 && !this.clockJumped) this.#violate('S1', `old evidence: ${old.join()}`);
    const earlier = github.pullRequests.filter((p) => p.merged?.by === BOT && p.headBranch === pr.headBranch);
    if (earlier.length > 0) this.#violate('S3', `a second merge from ${pr.headBranch}`);
    if (this.#late) return;
    if (ageMs < 0 || ageMs > EVIDENCE_MAX_AGE_MS) this.#violate('S1', `evidence ${ageMs} ms old`);
    const file = manifestPath('shop');
    const [base, judged] = [github.git.head(), attempt.pullRequest.plan.baseSha];
    const recent = (call: number): boolean => call > 0 && this.calls - call < READS_OF_A_DECISION;
    if (github.git.read(base, file) !== github.git.read(judged, file) && !recent(this.last.base))
      this.#violate('S1', "the application's files on the base are not those that were judged");
    const checks = github.checks.get(head) ?? github.ci;
    if (!recent(this.last.ci) && (checks.length === 0 || checks.some((c) => c.state !== 'success')))
      this.#violate('S1', `CI was ${checks.map((c) => c.state).join() || 'nothing'}`);
  }
  /** S3, S6, S9, S22, L1: after the last fault and a quiet time. */
  judgeEnd(): void {
    const { github, audit } = this.world;
    if (this.violations.length > 0) return;
    if (!this.ended())
      this.#violate(
        'L1',
        `never ended: ${JSON.stringify(this.world.attempts().map((a) => [a.state, 'step' in a ? a.step.name : '', 'aftercare' in a ? a.aftercare.owed : '']))}`,
      );
    const mine = github.pullRequests.filter((p) => p.author === BOT);
    for (const a of this.world.attempts()) {
      const number = pullRequestOf(a)?.number;
      const own = mine.find((p) => p.number === number);
      const ours = own !== undefined && github.git.commit(github.git.head(own.headBranch)).authorLogin === BOT.login;
      if (ours && a.state === 'Abort' && abortRule(a.reason).pullRequest === 'close' && own.state === 'open')
        this.#violate('S7', `${a.reason} left pull request #${own.number} open`);
      const said = audit.entries.filter(
        (e) => e.kind === 'outcome' && e.attempt === a.id && e.subject === `${a.id}:pull-request`,
      );
      if (said.some((e) => e.text.startsWith('done')) && mine.length === 0)
        this.#violate('S6', 'a pull request that is none');
      if (a.state === 'RollbackComplete' && own?.merged === undefined && a.merge.by === 'operator')
        this.#violate('S6', 'complete without a merge');
    }
    for (const pr of mine.filter((p) => p.merged?.by === BOT)) {
      const known = this.world.attempts().some((a) => pullRequestOf(a)?.number === pr.number);
      const merged = this.world.attempts().find((a) => pullRequestOf(a)?.number === pr.number);
      if (!this.#everLate && merged !== undefined && mergeOf(merged) === undefined)
        this.#violate('S22', `#${pr.number} was merged by us and its attempt says otherwise`);
      if (!known) this.#violate('S6', `#${pr.number} was merged and no attempt knows it`);
    }
    const openNow = mine.filter((p) => p.state === 'open').map((p) => p.headBranch);
    if (new Set(openNow).size < openNow.length) this.#violate('S2', 'two open pull requests from one branch');
    if (!this.world.argocd.applications.has(SHOP)) this.#violate('S9', 'the application is gone');
  }
  #violate(property: string, what: string): void {
    this.violations.push(`${property}: ${what}`);
  }
}
