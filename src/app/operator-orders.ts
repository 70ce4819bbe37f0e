import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { ApplicationKey } from '../model/application.js';
import { viewOf } from '../model/attempt-view.js';
import { carries, type Latch, type Pause, type PauseScope } from '../model/mark.js';
import { ENVIRONMENTS } from '../model/policy.js';
import { isOpen, type AttemptId, type RollbackAttempt } from '../model/rollback-attempt.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { StateStore } from '../ports/state-store.js';
import type { AbortResult, KillResult, LiftQuarantineResult, OperatorCommands, PauseResult, ResumeResult, RetryResult, Unavailable } from '../surface/operator-commands.js';
import { roleReaches, type Who } from '../surface/role.js';
import type { Admission } from '../workflow/admission.js';
import type { Baselines } from '../workflow/baselines.js';
import type { EffectGate } from '../workflow/effect-gate.js';
import type { FleetView } from '../workflow/fleet-view.js';
import type { FsmController } from '../workflow/fsm-controller.js';
import type { FsmService } from '../workflow/fsm-service.js';
import type { HealthIntake } from '../workflow/health-intake.js';
import type { Pauses } from '../workflow/pauses.js';

/** Reasons of latches that are a person's veto: lifting one needs an approver (semantics 1). */
const VETOES: readonly string[] = ['pr-closed-by-human', 'rejected-by-human', 'taken-over'];

/** What people order, carried out: stop flag at once, audit, store, answer, nudge (semantics 10). */
export class OperatorOrders implements OperatorCommands {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly store: Pick<StateStore, 'marks' | 'allMarks' | 'putMark' | 'dropMark'>,
    private readonly audit: AuditLog,
    private readonly service: FsmService,
    private readonly controller: FsmController,
    private readonly gate: EffectGate,
    private readonly pauses: Pauses,
    private readonly baselines: Baselines,
    private readonly admission: Admission,
    private readonly fleet: FleetView,
    private readonly intake: HealthIntake,
  ) {}

  async abort(id: AttemptId, who: Who, why: string): Promise<AbortResult> {
    // Every open attempt is known; an id from outside that is not must not be remembered for ever.
    if (this.service.known(id) !== undefined) this.gate.stop(id);
    return this.#guarded(async () => {
      const witness = await this.#record(`abort/${id}`, who, why, { attempt: id });
      for (;;) {
        const at = await this.service.find(id);
        if (at === undefined) return { kind: 'not-found' };
        const a = at.value;
        if (!isOpen(a)) return { kind: 'already-ended', attempt: viewOf(a) };
        if (a.stop !== undefined) return { kind: 'already-stopping', attempt: viewOf(a) };
        const stop = { by: who.name, via: who.via, why, at: this.clock.now() };
        const saved = await this.service.amend(at, (attempt) => ({ ...attempt, stop, witness }));
        if (saved.kind === 'conflict') continue;
        this.controller.nudge(id);
        const settling = a.state === 'RollbackMerged' || a.step.name.startsWith('intent-');
        return { kind: 'stopping', attempt: viewOf(saved.stored.value), settling };
      }
    });
  }

  pause(scope: PauseScope, who: Who, why: string): Promise<PauseResult> {
    return this.#guarded(async () => {
      if (!this.#exists(scope)) return { kind: 'not-found' };
      const existing = this.pauses.find(scope);
      if (existing !== undefined) return { kind: 'already-paused', pause: existing };
      const pause = this.#pauseOf(scope, who, why, false);
      await this.#set(pause, 'pause', who, why);
      return { kind: 'paused', pause };
    });
  }
  kill(who: Who, why: string): Promise<KillResult> {
    return this.#guarded(async () => {
      const existing = this.pauses.find('operator');
      if (existing?.kill === true) return { kind: 'already-killed', pause: existing };
      const pause = this.#pauseOf('operator', who, why, true);
      await this.#set(pause, 'kill', who, why);
      return { kind: 'killed', pause };
    });
  }
  resume(scope: PauseScope, who: Who, why: string): Promise<ResumeResult> {
    return this.#guarded(async (): Promise<ResumeResult> => {
      if (!this.#exists(scope)) return { kind: 'not-found' };
      const pause = this.pauses.find(scope);
      if (pause?.kill === true && !roleReaches(who.role, 'approver')) return { kind: 'role-too-low', needs: 'approver', why: 'a kill switch is lifted by an approver' };
      const braked = scope === 'operator' ? this.admission.brakes().filter((b) => b.because !== undefined).map((b) => b.environment) : [];
      if (pause === undefined && braked.length === 0) return { kind: 'not-paused' };
      await this.#record(`resume/${scope}`, who, why, {});
      const now = this.clock.now();
      // What was red before the resume is not the operator's case, and what closed the brake counts no more.
      if (scope === 'operator') for (const environment of ENVIRONMENTS) await this.baselines.set(`environment/${environment}`, now);
      else await this.baselines.set(`application/${scope}`, now);
      if (pause !== undefined) await this.pauses.lift(scope);
      this.#lookAgain();
      return pause === undefined ? { kind: 'brake-opened', environments: braked } : { kind: 'resumed', scope };
    });
  }

  retry(application: ApplicationKey, who: Who, why: string): Promise<RetryResult> {
    return this.#guarded(async (): Promise<RetryResult> => {
      const record = this.fleet.find(application);
      if (record === undefined) return { kind: 'not-found' };
      const active = this.service.activeFor(application);
      if (active !== undefined) return { kind: 'attempt-active', attempt: active };
      const now = this.clock.now();
      const app = await this.argocd.getApplicationHealth(application, record.entry.project, AbortSignal.timeout(15_000));
      const marks = await this.store.marks(application, now);
      const latches = marks.filter((m): m is Latch => m.kind === 'latch' && carries(m, app.deployed?.revisions ?? []));
      const newest = latches.toSorted((a, b) => b.at - a.at)[0];
      if (newest === undefined) return { kind: 'nothing-to-retry', why: 'no latch holds what is deployed now' };
      const veto = latches.find((l) => VETOES.includes(l.reason));
      if (veto !== undefined && !roleReaches(who.role, 'approver')) return { kind: 'role-too-low', needs: 'approver', why: `a person's veto (${veto.reason}) is lifted by an approver` };
      await this.#record(`retry/${application}`, who, why, { application });
      // The latch stays and allows one more try: so the retry inherits its onset.
      for (const latch of latches) await this.store.putMark({ ...latch, retryAt: now });
      this.#lookAgain();
      return { kind: 'lifted', attempt: newest.attempt };
    });
  }

  liftQuarantine(attempt: AttemptId, who: Who, why: string): Promise<LiftQuarantineResult> {
    return this.#guarded(async (): Promise<LiftQuarantineResult> => {
      const mark = (await this.store.allMarks(this.clock.now())).find((m) => m.kind === 'quarantine' && m.attempt === attempt);
      if (mark === undefined) return { kind: 'not-found' };
      if (!roleReaches(who.role, 'approver')) return { kind: 'role-too-low', needs: 'approver', why: 'a quarantine is lifted by an approver' };
      await this.#record(`quarantine/${attempt}`, who, why, { application: mark.application });
      await this.store.dropMark(mark);
      this.#lookAgain();
      return { kind: 'lifted', attempt };
    });
  }

  #exists(scope: PauseScope): boolean {
    return scope === 'operator' || this.fleet.find(scope) !== undefined;
  }
  #pauseOf(scope: PauseScope, who: Who, why: string, kill: boolean): Pause {
    return { scope, kill, by: who.name, why, at: this.clock.now() };
  }
  /** Holds in memory first: a stop must not wait for disks. */
  async #set(pause: Pause, order: string, who: Who, why: string): Promise<void> {
    const set = this.pauses.set(pause);
    await this.#record(`${order}/${pause.scope}`, who, why, {});
    await set;
  }
  #record(subject: string, who: Who, why: string, about: { readonly attempt?: AttemptId; readonly application?: ApplicationKey }): Promise<string> {
    return this.audit.append({ subject, kind: 'command', at: this.clock.now(), actor: `${who.name} (${who.role}, ${who.via})`, text: why, ...about });
  }
  #lookAgain(): void {
    this.intake.reconsider();
    for (const a of this.service.open() as readonly RollbackAttempt[]) this.controller.nudge(a.id);
  }
  async #guarded<R>(order: () => Promise<R | Unavailable>): Promise<R | Unavailable> {
    try {
      return await order();
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'bug') throw e;
      return { kind: 'unavailable', why: `${e.code}: ${e.message}` };
    }
  }
}
