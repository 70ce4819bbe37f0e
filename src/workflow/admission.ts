import type { Clock } from '../base/clock.js';
import type { LimitSettings } from '../config/operator-config.js';
import type { Outcome } from '../model/outcome.js';
import type { DegradationDetected, Hold, OpenAttempt } from '../model/rollback-attempt.js';
import type { Environment } from '../model/policy.js';
import { ENVIRONMENTS } from '../model/policy.js';
import type { Baselines } from './baselines.js';
import { brakeClosedBecause, countedUnread } from './brake.js';
import type { FleetView } from './fleet-view.js';
import type { FsmService } from './fsm-service.js';
import type { Pauses } from './pauses.js';

const HOUR_MS = 3_600_000;
/** A held attempt is looked at again this often; the brake and the budgets change slowly. */
const HELD_LOOK_MS = 5_000;

/** Brake, limits and pause: what stands before any pull request, in every mode (semantics 3). */
export class Admission {
  constructor(
    private readonly clock: Clock,
    private readonly service: FsmService,
    private readonly fleet: FleetView,
    private readonly baselines: Baselines,
    private readonly pauses: Pauses,
    private readonly limits: () => LimitSettings,
  ) {}

  /** Why the brake of an environment is closed; undefined = open. */
  brake(environment: Environment): string | undefined {
    return brakeClosedBecause({
      environment,
      fleet: this.fleet.records(),
      spends: this.service.spendsSince(this.clock.now() - this.limits().brake.failedRollbackWindowMs),
      settings: this.limits().brake,
      since: this.baselines.ofEnvironment(environment),
      now: this.clock.now(),
    });
  }
  brakes(): readonly { readonly environment: Environment; readonly because: string | undefined }[] {
    return ENVIRONMENTS.map((environment) => ({ environment, because: this.brake(environment) }));
  }

  /** Why an attempt may not leave DegradationDetected now; undefined = it may. */
  hold(a: DegradationDetected): { readonly by: Hold; readonly why: string } | undefined {
    const pause = this.pauses.of(a.application);
    if (pause !== undefined) return { by: 'paused', why: `paused by ${pause.by}: ${pause.why}` };
    const { environment } = a.policy;
    const brake = this.brake(environment);
    if (brake !== undefined) return { by: 'brake', why: brake };
    const others = this.service.open().filter((o) => o.id !== a.id && o.policy.environment === environment);
    const under = others.filter(takesSlot);
    const { openAttempts, pullRequestsPerHour } = this.limits();
    if (under.length >= openAttempts)
      return {
        by: 'budget',
        why: `${under.length} attempts are under way in ${environment}, limits.openAttempts is ${openAttempts}`,
      };
    const opened = this.service
      .spendsSince(this.clock.now() - HOUR_MS)
      .filter((s) => s.kind === 'pull-request' && s.attempt !== a.id);
    const coming = under.filter(
      (o) => o.state === 'DegradationDetected' || (o.state === 'CandidateResolved' && o.step.name !== 'intent-pr'),
    ).length;
    if (opened.length + coming >= pullRequestsPerHour)
      return {
        by: 'budget',
        why: `${opened.length} pull requests in the last hour${countedUnread(opened)}, limits.pullRequestsPerHour is ${pullRequestsPerHour}`,
      };
    const older = others.find(
      (o) => o.state === 'DegradationDetected' && o.step.name === 'held' && o.step.by !== 'paused' && isOlder(o, a),
    );
    return older === undefined
      ? undefined
      : { by: 'budget', why: `${older.application} is held longer and goes first` };
  }

  /** The outcome for an attempt that is, or should be, held; undefined = admission has nothing to say. */
  before(a: OpenAttempt): Outcome<'DegradationDetected'> | undefined {
    if (a.state !== 'DegradationDetected' || a.step.name === 'confirming') return undefined;
    const hold = this.hold(a);
    const { confirmation } = a.step;
    if (a.step.name === 'resolving')
      return hold && { kind: 'step', step: { name: 'held', by: hold.by, confirmation }, why: hold.why };
    if (hold === undefined) return { kind: 'step', step: { name: 'resolving', confirmation }, why: 'released' };
    if (hold.by !== a.step.by)
      return { kind: 'step', step: { name: 'held', by: hold.by, confirmation }, why: hold.why };
    return { kind: 'wait', lookAgainAt: this.clock.now() + HELD_LOOK_MS, why: hold.why };
  }
  /** A module's outcome that would let the attempt on, held back if it must be. */
  after(a: OpenAttempt, outcome: Outcome): Outcome {
    if (a.state !== 'DegradationDetected' || a.step.name === 'held') return outcome;
    const confirmation =
      outcome.kind === 'step' && outcome.step.name === 'resolving'
        ? outcome.step.confirmation
        : a.step.name === 'resolving'
          ? a.step.confirmation
          : undefined;
    const leaves = outcome.kind === 'advance' || (outcome.kind === 'step' && outcome.step.name === 'resolving');
    if (!leaves || confirmation === undefined) return outcome;
    const hold = this.hold(a);
    return hold === undefined
      ? outcome
      : { kind: 'step', step: { name: 'held', by: hold.by, confirmation }, why: hold.why };
  }
}

const takesSlot = (o: OpenAttempt): boolean =>
  o.state === 'CandidateResolved' ||
  o.state === 'PRCreated' ||
  o.state === 'AwaitingMergeApproval' ||
  (o.state === 'DegradationDetected' && o.step.name === 'resolving');
const isOlder = (o: OpenAttempt, than: OpenAttempt): boolean =>
  o.openedAt < than.openedAt || (o.openedAt === than.openedAt && o.id < than.id);
