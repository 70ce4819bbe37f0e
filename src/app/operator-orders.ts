import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { ApplicationKey } from '../model/application.js';
import { viewOf } from '../model/attempt-view.js';
import { carries, type Latch, type Pause, type PauseScope, type Quarantine } from '../model/mark.js';
import { ENVIRONMENTS } from '../model/policy.js';
import { isOpen, type AttemptId, type OpenAttempt } from '../model/rollback-attempt.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { StateStore, Versioned } from '../ports/state-store.js';
import type * as orders from '../surface/operator-commands.js';
import { roleReaches, type Who } from '../surface/role.js';
import type { Admission } from '../workflow/admission.js';
import type { Baselines } from '../workflow/baselines.js';
import type { EffectGate } from '../workflow/effect-gate.js';
import type { FleetView } from '../workflow/fleet-view.js';
import type { FsmController } from '../workflow/fsm-controller.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';
import type { KillWatch } from '../workflow/kill-watch.js';
import type { Pauses } from '../workflow/pauses.js';

/** Reasons of latches that are a person's veto: lifting one needs an approver (semantics 1). */
const VETOES: readonly string[] = ['pr-closed-by-human', 'rejected-by-human', 'taken-over'];
const LOOK_TIMEOUT_MS = 15_000;
const TOO_LATE = 'The abort came too late: it is merged; verification goes on.';

type About = { readonly attempt?: AttemptId; readonly application?: ApplicationKey };
const needsApprover = (why: string): orders.RoleTooLow => ({ kind: 'role-too-low', needs: 'approver', why });

/** What people order, carried out: stop flag at once, audit, store, answer, nudge (semantics 10). */
export class OperatorOrders implements orders.OperatorCommands {
  /** Pauses that hold in memory and could not be stored: ordering them again stores them. */
  readonly #unsaved = new Set<PauseScope>();
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly store: Pick<StateStore, 'marks' | 'allMarks' | 'putMark' | 'dropMark'>,
    private readonly audit: AuditLog,
    private readonly service: FsmService,
    private readonly controller: Pick<FsmController, 'nudge'>,
    private readonly gate: Pick<EffectGate, 'stop' | 'forget'>,
    private readonly pauses: Pauses,
    private readonly killWatch: Pick<KillWatch, 'look'>,
    private readonly baselines: Baselines,
    private readonly admission: Pick<Admission, 'brakes'>,
    private readonly fleet: FleetView,
    private readonly intake: Pick<HealthIntake, 'reconsider'>,
  ) {}

  async abort(id: AttemptId, who: Who, why: string): Promise<orders.AbortResult> {
    // Every open attempt is known; an id from outside that is not must not be remembered for ever.
    const known = this.service.known(id);
    if (known !== undefined && isOpen(known) && known.state !== 'RollbackMerged') this.gate.stop(id);
    return this.#guarded(async (): Promise<orders.AbortResult> => {
      for (;;) {
        const at = await this.service.find(id);
        if (at === undefined) return { kind: 'not-found' };
        const a = at.value;
        if (!isOpen(a)) {
          this.gate.forget(id);
          return { kind: 'already-ended', attempt: viewOf(a) };
        }
        const isMerged = a.state === 'RollbackMerged';
        if (a.stop !== undefined) {
          const attempt = viewOf(a);
          return isMerged ? { kind: 'too-late', attempt, why: TOO_LATE } : { kind: 'already-stopping', attempt };
        }
        const stopped = await this.#stop({ value: a, revision: at.revision }, who, why);
        // Meanwhile it has moved: how it stands now decides what an abort can still do.
        if (stopped === undefined) continue;
        const attempt = viewOf(stopped);
        if (isMerged) return { kind: 'too-late', attempt, why: TOO_LATE };
        return { kind: 'stopping', attempt, settling: a.step.name.startsWith('intent-') };
      }
    });
  }
  /** Noted in the attempt, also when it is merged: then people are told that it came too late. */
  async #stop(at: Versioned<OpenAttempt>, who: Who, why: string): Promise<OpenAttempt | undefined> {
    const { id, application } = at.value;
    const witness = await this.#record('abort', id, who, why, { attempt: id, application });
    const stop = { by: who.name, via: who.via, why, at: this.clock.now() };
    const saved = await this.service.amend(at, (attempt) => ({ ...attempt, stop, witness }));
    if (saved.kind === 'conflict') return undefined;
    this.controller.nudge(id);
    return saved.stored.value as OpenAttempt;
  }

  pause(scope: PauseScope, who: Who, why: string): Promise<orders.PauseResult> {
    return this.#guarded(async (): Promise<orders.PauseResult> => {
      if (!this.#exists(scope)) return { kind: 'not-found' };
      const existing = this.pauses.find(scope);
      if (existing !== undefined && !this.#unsaved.has(scope)) return { kind: 'already-paused', pause: existing };
      const pause = existing ?? this.#pauseOf(scope, who, why, false);
      await this.#set(pause, 'pause', who, why);
      return { kind: 'paused', pause };
    });
  }
  kill(who: Who, why: string): Promise<orders.KillResult> {
    return this.#guarded(async (): Promise<orders.KillResult> => {
      const existing = this.pauses.find('operator');
      const isKilled = existing?.kill === true;
      if (isKilled && !this.#unsaved.has('operator')) return { kind: 'already-killed', pause: existing };
      const pause = isKilled ? existing : this.#pauseOf('operator', who, why, true);
      await this.#set(pause, 'kill', who, why);
      return { kind: 'killed', pause };
    });
  }
  resume(scope: PauseScope, who: Who, why: string): Promise<orders.ResumeResult> {
    return this.#guarded(async (): Promise<orders.ResumeResult> => {
      if (!this.#exists(scope)) return { kind: 'not-found' };
      // One that was removed a moment ago holds until somebody has looked.
      const wasHeld = scope === 'operator' && this.pauses.killFile() !== undefined;
      if (wasHeld) await this.killWatch.look();
      const file = scope === 'operator' ? this.pauses.killFile() : undefined;
      if (file !== undefined) return { kind: 'held-by-kill-file', pause: file };
      const pause = this.pauses.find(scope);
      if (pause?.kill === true && !roleReaches(who.role, 'approver')) {
        return needsApprover('A kill switch is lifted by an approver.');
      }
      const brakes = scope === 'operator' ? this.admission.brakes() : [];
      const braked = brakes.filter((b) => b.because !== undefined).map((b) => b.environment);
      if (pause === undefined && braked.length === 0 && !wasHeld) return { kind: 'not-paused' };
      await this.#record('resume', scope, who, why, scope === 'operator' ? {} : { application: scope });
      await this.#startAnew(scope);
      if (pause !== undefined) await this.pauses.lift(scope);
      this.#unsaved.delete(scope);
      this.#lookAgain();
      return pause === undefined && !wasHeld
        ? { kind: 'brake-opened', environments: braked }
        : { kind: 'resumed', scope };
    });
  }
  /** What was red before the resume is not the operator's case, and what closed the brake counts no more. */
  async #startAnew(scope: PauseScope): Promise<void> {
    const now = this.clock.now();
    if (scope !== 'operator') return this.baselines.set(`application/${scope}`, now);
    for (const environment of ENVIRONMENTS) await this.baselines.set(`environment/${environment}`, now);
  }

  retry(application: ApplicationKey, who: Who, why: string): Promise<orders.RetryResult> {
    return this.#guarded(async (): Promise<orders.RetryResult> => {
      const record = this.fleet.find(application);
      if (record === undefined) return { kind: 'not-found' };
      const active = this.service.activeFor(application);
      if (active !== undefined) return { kind: 'attempt-active', attempt: active };
      const now = this.clock.now();
      const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
      const { deployed } = await this.argocd.getApplicationHealth(application, record.entry.project, signal);
      const nothing = (reason: string): orders.RetryResult => ({ kind: 'nothing-to-retry', why: reason });
      if (deployed === undefined) return nothing('Argo CD does not say which version is deployed.');
      const marks = await this.store.marks(application, now);
      const unread = marks.find((m) => m.kind === 'unreadable');
      if (unread !== undefined) return nothing(`No retry lifts a mark that nobody can read: ${unread.why}.`);
      const latches = marks.filter((m): m is Latch => m.kind === 'latch' && carries(m, deployed.revisions));
      const [newest] = latches.toSorted((a, b) => b.at - a.at);
      if (newest === undefined) return nothing('No latch holds the version that is deployed now.');
      const veto = latches.find((l) => VETOES.includes(l.reason));
      if (veto !== undefined && !roleReaches(who.role, 'approver')) {
        return needsApprover(`A person's veto (${veto.reason}) is lifted by an approver.`);
      }
      await this.#record('retry', application, who, why, { application, attempt: newest.attempt });
      // The latch stays and allows one more try: so the retry inherits its onset.
      for (const latch of latches) await this.store.putMark({ ...latch, retryAt: now });
      this.#lookAgain();
      return { kind: 'lifted', attempt: newest.attempt };
    });
  }

  liftQuarantine(attempt: AttemptId, who: Who, why: string): Promise<orders.LiftQuarantineResult> {
    return this.#guarded(async (): Promise<orders.LiftQuarantineResult> => {
      const marks = await this.store.allMarks(this.clock.now());
      const mark = marks.find((m): m is Quarantine => m.kind === 'quarantine' && m.attempt === attempt);
      if (mark === undefined) return { kind: 'not-found' };
      if (!roleReaches(who.role, 'approver')) return needsApprover('A quarantine is lifted by an approver.');
      await this.#record('quarantine', attempt, who, why, { attempt, application: mark.application });
      await this.store.dropMark(mark);
      this.#lookAgain();
      return { kind: 'lifted', attempt };
    });
  }

  /** Also an application that no list has shown yet, when an attempt is about it. */
  #exists(scope: PauseScope): boolean {
    return scope === 'operator' || this.fleet.find(scope) !== undefined || this.service.activeFor(scope) !== undefined;
  }
  #pauseOf(scope: PauseScope, who: Who, why: string, kill: boolean): Pause {
    return { scope, kill, by: who.name, why, at: this.clock.now() };
  }
  /** Holds in memory first: a stop must not wait for disks, nor for each other's troubles. */
  async #set(pause: Pause, order: 'pause' | 'kill', who: Who, why: string): Promise<void> {
    this.#unsaved.add(pause.scope);
    const about = pause.scope === 'operator' ? {} : { application: pause.scope };
    const recorded = this.#record(order, pause.scope, who, why, about);
    const outcomes = await Promise.allSettled([this.pauses.set(pause), recorded]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    this.#unsaved.delete(pause.scope);
  }
  #record(order: string, what: string, who: Who, why: string, about: About): Promise<string> {
    const actor = `${who.name} (${who.role}, ${who.via})`;
    const entry = { subject: `${order}/${what}`, kind: 'command', actor, text: `${order}: ${why}`, ...about } as const;
    return this.audit.append({ ...entry, at: this.clock.now() });
  }
  #lookAgain(): void {
    this.intake.reconsider();
    for (const a of this.service.open()) this.controller.nudge(a.id);
  }
  async #guarded<R>(order: () => Promise<R | orders.Unavailable>): Promise<R | orders.Unavailable> {
    try {
      return await order();
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'bug') throw e;
      return { kind: 'unavailable', why: `${e.code}: ${e.message}` };
    }
  }
}
