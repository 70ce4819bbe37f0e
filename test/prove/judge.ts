import { abortRule } from '../../src/model/abort-reason.js';
import {
  isOpen,
  mergeOf,
  pullRequestOf,
  type ClosedAttempt,
  type OpenAttempt,
  type RollbackAttempt,
} from '../../src/model/rollback-attempt.js';
import type { PullRequestSummary } from '../../src/ports/source-control.js';
import { BOT, type FakePullRequest } from '../support/fakes/fake-github.js';
import type { CallWatch, OperatorProcess } from '../support/operator-process.js';
import { manifestPath } from '../support/operator-world.js';
import { Bench } from './bench.js';
import { announcementOf, isClosing } from './closing.js';
import type { FaultWorld } from './fault-world.js';
import { LONGEST_GAP, MergeJudge, mergeStepOf } from './judge-merges.js';
import { RecordsJudge } from './judge-records.js';
import { replayed } from './replay.js';

const OPENING = /^github\.(?:createTree|createCommit|createBranch|moveBranch|createPullRequest|mergePullRequest)$/;
const VISIBLE = /^github\.(?:createBranch|moveBranch|createPullRequest|mergePullRequest)$/;
const STORE_WRITE = /^store\.(?:open|save|close|forget|recordCheck|appendLedger|put[A-Z]\w*|drop[A-Z]\w*)$/;
const WRITE = /^(?:audit\.append|store\.(?:open|save|close|forget))$/;
/** A schedule takes some hundreds, the worst a thousand; what makes so many goes round in circles. */
export const MOST_CALLS = 10_000;
/** A check carries the time at which its answer came. */
const SAME_INSTANT_MS = 1_000;

/** Holds the properties against what the world itself remembers: store, audit log, GitHub, and what was said to whom. */
export class Judge {
  /** Calls that change GitHub. */
  effects = 0;
  /** Calls that change GitHub, the stored attempts or the audit log. */
  writes = 0;
  readonly bench: Bench;
  readonly #records: RecordsJudge;
  readonly #merges: MergeJudge;
  readonly #proposals = new Map<string, number>();
  readonly #acting = new Map<OperatorProcess, string>();
  /** The process whose call is being carried out. */
  #by: OperatorProcess | undefined;
  constructor(private readonly world: FaultWorld) {
    const { github, shelf } = world;
    this.bench = new Bench(world);
    this.#records = new RecordsJudge(this.bench);
    this.#merges = new MergeJudge(this.bench);
    const put = shelf.attempts.set.bind(shelf.attempts);
    shelf.attempts.set = (id, next) => {
      this.#judgeDecided(shelf.attempts.get(id)?.value, next.value);
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
      if (by === BOT) this.#merges.merges(number);
      return merge(number, by);
    };
  }
  get violations(): readonly string[] {
    return this.bench.violations;
  }
  get calls(): number {
    return this.bench.calls;
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
    this.bench.late = true;
    this.bench.everLate = true;
  }
  clockJumps(): void {
    this.bench.clockJumped = true;
  }

  /** Follows the calls of one process. */
  watch(process: OperatorProcess): CallWatch {
    const { bench, world } = this;
    return (call, args) => {
      this.#by = process;
      const wasFenced = process.fencedAt !== undefined;
      const opening = OPENING.test(call);
      if (opening) {
        const other = this.#acting.get(process);
        if (other !== undefined) bench.violate('S10', `${call} while ${other} is under way`);
        this.#acting.set(process, call);
      }
      return (answer) => {
        if (opening) this.#acting.delete(process);
        if (answer === undefined) return;
        const at = world.clock.now();
        const wall = world.operatorClock().now();
        bench.told.note(process, call, args, { answer: answer.value, call: bench.calls, at, wall });
        if (wasFenced && STORE_WRITE.test(call)) bench.violate('S11', `${call} by a process that was fenced off`);
      };
    };
  }
  /** S4, S5, S7, S15, S22: before each call of a port. */
  judgeCall(call: string, args: readonly unknown[], by: OperatorProcess): void {
    const { bench } = this;
    bench.calls += 1;
    bench.late = false;
    if (bench.calls === MOST_CALLS) bench.violate('L3', `${MOST_CALLS} calls, ${call} the last of them`);
    const opening = OPENING.test(call);
    if (opening || WRITE.test(call)) this.writes += 1;
    if (call === 'github.updatePullRequest' && isClosing(args[2])) this.#judgeClosing(Number(args[1]));
    if (!opening) return;
    this.effects += 1;
    const open = this.world.attempts().filter(isOpen);
    const step = call.endsWith('mergePullRequest') ? 'intent-merge' : 'intent-pr';
    const intending = open.find((a) => a.step.name === step);
    if (intending === undefined) {
      const steps = open.map((a) => a.step.name).join() || 'nothing open';
      bench.violate('S5', `${call} without a stored ${step}: ${steps}`);
      return;
    }
    const decided = `${intending.id}/${intending.version - (intending.stop === undefined ? 0 : 1)}`;
    if (!this.world.audit.entries.some((e) => e.kind === 'decision' && e.subject === decided))
      bench.violate('S5', `${call} without an audited intent`);
    if (VISIBLE.test(call)) this.#judgeVisible(call, intending, by);
  }
  /** S5, S7: announced before it is asked for, by an attempt whose end is stored and still owes it. */
  #judgeClosing(number: number): void {
    const { bench, world } = this;
    const about = announcementOf(number, world.audit.entries);
    if (typeof about === 'string') {
      bench.violate('S5', about);
      return;
    }
    const a = world.attempts().find(({ id }) => id === about.attempt);
    if (a === undefined || isOpen(a) || a.aftercare.owed.every((d) => d === 'reports' || d === 'scorecard')) {
      bench.violate('S7', `#${number} is closed by an attempt that is ${a?.state} and does not owe it`);
      return;
    }
    const fate = a.state === 'Abort' ? abortRule(a.reason).pullRequest : 'hands-off';
    if (fate === 'hands-off' || (fate === 'leave-open' && !this.#isOver(a)))
      bench.violate('S7', `#${number} is closed, and ${a.state === 'Abort' ? a.reason : a.state} leaves it to people`);
  }
  /** A pull request that is left to people is closed when the application recovers, its files change, or a day has passed. */
  #isOver(a: ClosedAttempt): boolean {
    const { bench, world } = this;
    if (bench.clockJumped || world.operatorClock().now() >= a.aftercare.until) return true;
    if (bench.told.healths.some((h) => h.health === 'Healthy' && h.wall >= a.closedAt)) return true;
    const { git } = world.github;
    const textAt = (revision: string): string | undefined => git.read(revision, manifestPath('shop'));
    return textAt(git.head()) !== textAt(a.bad.revisions[0] ?? '');
  }
  #judgeVisible(call: string, intending: OpenAttempt, by: OperatorProcess): void {
    const { bench, world } = this;
    if (intending.stop !== undefined) bench.violate('S7', `${call} after the stored stop of ${intending.stop.by}`);
    if (world.killSwitch.pause !== undefined) bench.violate('S15', `${call} under the kill switch`);
    if (world.shelf.pauses.size > 0) bench.violate('S15', `${call} during a pause`);
    const merge = mergeStepOf(intending);
    this.#records.acts(intending.id, merge === undefined ? 'pull-request' : 'merge');
    if (merge !== undefined && intending.state === 'AwaitingMergeApproval') this.#merges.asked(intending, merge, by);
    else if (call.endsWith('createPullRequest')) this.#judgeLookBefore(intending, by);
  }
  /** S22: nothing is opened that was said to be there. */
  #judgeLookBefore(a: OpenAttempt, by: OperatorProcess): void {
    if (a.step.name !== 'intent-pr') return;
    const { branch } = a.step.plan;
    const said = this.bench.told.last<readonly PullRequestSummary[]>(by, 'findPullRequests', branch, 0);
    if (said === undefined) this.bench.violate('S22', 'a pull request is opened, and nobody looked for it');
    const { git } = this.world.github;
    const mine = said?.find((p) => p.state === 'open' && git.commit(p.headSha).message.includes(a.id));
    if (mine !== undefined) this.bench.violate('S22', `#${mine.number} is opened again, and it was said to be open`);
  }

  /** S12, S24, and S1 of what is intended: before each stored version. */
  #judgeDecided(before: RollbackAttempt | undefined, next: RollbackAttempt): void {
    for (const complaint of replayed(next)) this.bench.violate('S24', complaint);
    if (isOpen(next) && 'confirmation' in next.step) this.#judgeConfirmation(next.step.confirmation);
    const merge = mergeStepOf(next);
    const isNew = before === undefined || mergeStepOf(before) === undefined;
    if (merge !== undefined && isNew && next.state === 'AwaitingMergeApproval')
      this.#merges.intended(next, merge, this.#by);
  }
  #judgeConfirmation(checks: Extract<RollbackAttempt, { confirmation: unknown }>['confirmation']): void {
    const { bench, world } = this;
    if (checks.length < world.config.timing.DEGRADATION_PERSISTENCE_CHECKS)
      bench.violate('S12', `confirmed by ${checks.length} checks`);
    for (const [i, check] of checks.entries()) {
      if (check.health !== 'Degraded') bench.violate('S12', `confirmed by a check that says ${check.health}`);
      const gap = check.at - (checks[i - 1]?.at ?? Number.NaN);
      if (gap < 0.5 * check.intervalMs || gap > LONGEST_GAP * check.intervalMs)
        bench.violate('S12', `confirmed by checks ${gap} ms apart`);
      const said = bench.told.healths.some(
        (h) => h.health === check.health && Math.abs(h.wall - check.at) <= SAME_INSTANT_MS,
      );
      if (!said && !bench.clockJumped)
        bench.violate('S12', `confirmed by a ${check.health} that Argo CD did not say then`);
    }
  }
  /** S2, S13: at each pull request of ours. */
  #judgeProposal(pr: FakePullRequest): void {
    const { bench, world } = this;
    const { github } = world;
    const open = github.open().filter((p) => p.author === BOT && p.headBranch === pr.headBranch);
    if (open.length > 1) bench.violate('S2', `${open.length} open pull requests from ${pr.headBranch}`);
    // Not by the commit: one that recovered and degrades again takes the branch of the attempt before it.
    const attempt = world.attempts().find((a) => isOpen(a) && a.step.name === 'intent-pr')?.id ?? 'none';
    const many = (this.#proposals.get(attempt) ?? 0) + 1;
    this.#proposals.set(attempt, many);
    if (many > 1 && !bench.late) bench.violate('S2', `${many} pull requests of one attempt`);
    if (!world.plan.proven) bench.violate('S13', 'a version that never was healthy is proposed');
  }
  /** S2, S3, S6, S7, S9, S22, L1: after the last fault and a quiet time. */
  judgeEnd(): void {
    const { bench, world } = this;
    if (bench.violations.length > 0) return;
    if (!this.ended()) {
      const standing = world
        .attempts()
        .map((a) => [a.state, 'step' in a ? a.step.name : '', 'aftercare' in a ? a.aftercare.owed : '']);
      bench.violate('L1', `never ended: ${JSON.stringify(standing)}`);
      return;
    }
    this.#records.judgeEnd();
    const mine = world.github.pullRequests.filter((p) => p.author === BOT);
    for (const a of world.attempts()) {
      const own = mine.find((p) => p.number === pullRequestOf(a)?.number);
      if (own !== undefined) this.#judgeOwn(a, own);
      if (a.state === 'RollbackComplete' && own?.merged === undefined && mergeOf(a)?.by === 'operator')
        bench.violate('S6', 'complete without a merge');
    }
    const openNow = mine.filter((p) => p.state === 'open').map((p) => p.headBranch);
    if (new Set(openNow).size < openNow.length) bench.violate('S2', 'two open pull requests from one branch');
  }
  #judgeOwn(a: RollbackAttempt, own: FakePullRequest): void {
    if (
      this.bench.isOurs(own) &&
      a.state === 'Abort' &&
      abortRule(a.reason).pullRequest === 'close' &&
      own.state === 'open'
    )
      this.bench.violate('S7', `${a.reason} left pull request #${own.number} open`);
  }
}
