import type { AwaitingMergeApproval, RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { failing, type RuleResult } from '../../src/model/rule-result.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import type { Check, PullRequestStatus } from '../../src/ports/source-control.js';
import { BOT } from '../support/fakes/fake-github.js';
import type { OperatorProcess } from '../support/operator-process.js';
import { manifestPath } from '../support/operator-world.js';
import type { Bench } from './bench.js';

const EVIDENCE_MAX_AGE_MS = 30_000;
export const LONGEST_GAP = 2.5;
/** I4 is read from the stored checks: the newest may be as old as one may be late. */
const oldest = ({ id }: RuleResult): number =>
  id === 'I4_persistence' ? LONGEST_GAP * DEFAULT_TIMING.HEALTH_CHECK_INTERVAL : 0;

type MergeStep = Extract<AwaitingMergeApproval['step'], { name: 'intent-merge' }>;
interface Pinned {
  /** Number of the call that stored the intent. */
  readonly call: number;
  /** When its CI was told, by the world's clock. */
  readonly ciAt: number;
}
interface Intent {
  readonly attempt: AwaitingMergeApproval;
  readonly step: MergeStep;
  readonly ageMs: number;
}
export const mergeStepOf = (a: RollbackAttempt): MergeStep | undefined =>
  a.state === 'AwaitingMergeApproval' && a.step.name === 'intent-merge' ? a.step : undefined;

/** S1, S3, S4: what a merge rests on, judged by what its process was told and when, never by what it could not know. */
export class MergeJudge {
  readonly #pinned = new Map<string, Pinned>();
  #intent: Intent | undefined;
  constructor(private readonly bench: Bench) {}

  /** A process stores that it will merge: what it was told since it pinned its evidence must say so. */
  intended(a: AwaitingMergeApproval, step: MergeStep, by: OperatorProcess | undefined): void {
    const { bench } = this;
    const { told } = bench;
    if (by === undefined) return;
    const { headSha, evaluation } = step;
    const fresh = (wall: number): boolean => bench.clockJumped || wall >= evaluation.pinnedAt;
    const ci = told.when(by, 'listChecks', headSha, 0);
    const checks = (ci?.answer ?? []) as readonly Check[];
    if (ci === undefined || !fresh(ci.wall)) bench.violate('S1', 'CI was not read after the evidence was pinned');
    else if (checks.length === 0 || checks.some((c) => c.state !== 'success'))
      bench.violate('S1', `CI was said to be ${checks.map((c) => c.state).join() || 'nothing'}`);
    if (!told.healths.some((h) => h.process === by && fresh(h.wall) && h.health === 'Degraded'))
      bench.violate('S1', 'Argo CD was not said to be Degraded after the evidence was pinned');
    this.#pinned.set(a.id, { call: bench.calls, ciAt: ci?.at ?? Number.NEGATIVE_INFINITY });
  }
  /** A process asks GitHub to merge: it must have looked since the intent was stored, and been told that all is as judged. */
  asked(a: AwaitingMergeApproval, step: MergeStep, by: OperatorProcess): void {
    const { bench } = this;
    const { world, told } = bench;
    if (world.plan.environment !== 'staging' || a.policy.environment !== 'staging')
      bench.violate('S4', `a merge in ${world.plan.environment}`);
    const ageMs = world.operatorClock().now() - step.evaluation.pinnedAt;
    this.#intent = { attempt: a, step, ageMs };
    const { call, ciAt } = this.#pinned.get(a.id) ?? { call: bench.calls, ciAt: Number.NEGATIVE_INFINITY };
    if (!bench.clockJumped && world.clock.now() - ciAt > EVIDENCE_MAX_AGE_MS)
      bench.violate('S1', `CI was read ${world.clock.now() - ciAt} ms before the merge`);
    const pr = told.last<PullRequestStatus>(by, 'getPullRequestStatus', a.pullRequest.number, call);
    if (pr === undefined) bench.violate('S1', 'the pull request was not looked at after the intent');
    else if (pr.merged) bench.violate('S22', `#${pr.number} is merged again, and it was said to be merged`);
    else if (pr.state !== 'open' || pr.draft || pr.headSha !== step.headSha)
      bench.violate('S1', `#${pr.number} was said to be ${pr.state} at ${pr.headSha.slice(0, 10)}`);
    const base = told.last<string>(by, 'findBranchHead', a.target.branch, call);
    if (base === undefined) bench.violate('S1', 'the base branch was not looked at after the intent');
    else if (this.#manifest(base) !== this.#manifest(a.pullRequest.plan.baseSha))
      bench.violate('S1', "the application's files on the base were said to be others than those that were judged");
  }
  #manifest(revision: string): string | undefined {
    return this.bench.world.github.git.read(revision, manifestPath('shop'));
  }

  /** GitHub is about to merge for us. */
  merges(number: number): void {
    const { bench } = this;
    const { github } = bench.world;
    const intent = this.#intent;
    if (intent === undefined) {
      bench.violate('S5', `#${number} merged without an intent`);
      return;
    }
    const { attempt, step, ageMs } = intent;
    const pr = github.get(number);
    const head = github.git.head(pr.headBranch);
    if (attempt.pullRequest.number !== number)
      bench.violate('S1', `#${number} merged instead of #${attempt.pullRequest.number}`);
    if (step.headSha !== head || step.evaluation.headSha !== head)
      bench.violate('S1', 'another head than the one judged');
    if (failing(step.evaluation.invariants).length > 0 || step.evaluation.invariants.length !== 8)
      bench.violate('S1', 'an invariant does not pass');
    const old = step.evaluation.invariants
      .filter((r) => r.readAt < step.evaluation.pinnedAt - oldest(r))
      .map((r) => r.id);
    if (old.length > 0 && !bench.clockJumped) bench.violate('S1', `old evidence: ${old.join()}`);
    const earlier = github.pullRequests.filter((p) => p.merged?.by === BOT && p.headBranch === pr.headBranch);
    if (earlier.length > 0) bench.violate('S3', `a second merge from ${pr.headBranch}`);
    if (!bench.late && (ageMs < 0 || ageMs > EVIDENCE_MAX_AGE_MS)) bench.violate('S1', `evidence ${ageMs} ms old`);
  }
}
