import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { abortRule } from '../model/abort-reason.js';
import { isOpen, type OpenAttempt, type RollbackAttempt } from '../model/rollback-attempt.js';
import type { OperatorEvent } from '../model/events.js';
import { stageOf } from '../model/trace-place.js';
import type { EventBus } from '../ports/event-bus.js';
import type { OperatorMetrics, StageName } from '../ports/operator-metrics.js';
import type { Announcements } from './announcements.js';
import { dismissalEvent, transitionEvent } from './attempt-events.js';
import { noticeOf } from './attempt-notice.js';
import type { EffectGate } from './effect-gate.js';
import type { MoveListener } from './fsm-controller.js';
import type { FsmService, Moved } from './fsm-service.js';
import type { Reports } from './reports.js';

/** After a transition is stored: log it, count it, publish it, and bring the reports up to date. Nothing here is awaited by a step. */
export class TransitionBroadcast implements MoveListener {
  constructor(
    private readonly clock: Clock,
    private readonly instance: string,
    private readonly service: FsmService,
    private readonly bus: EventBus,
    private readonly reports: Reports,
    private readonly announcements: Announcements,
    private readonly gate: EffectGate,
    private readonly metrics: OperatorMetrics,
    private readonly logger: Logger,
  ) {}

  moved(move: Exclude<Moved, { kind: 'changed-meanwhile' }>): void {
    const now = this.clock.now();
    if (move.kind === 'forgotten') {
      const { from, settled } = move;
      this.logger.info('observation dropped', {
        correlationId: from.id,
        application: from.application,
        why: settled.why,
      });
      this.metrics.transition(from.state, 'Idle');
      this.metrics.degradation(from.policy.environment, 'recovered');
      if (settled.notice !== undefined) this.announcements.announce(settled.notice, from.application, settled.why);
      this.#publish(dismissalEvent(from, 'cleared', this.instance, now));
    } else {
      this.#log(move.from, move.to, move.why);
      this.#count(move.from, move.to);
      const event = transitionEvent(move.from, move.to, this.instance, now);
      if (event !== undefined) this.#publish(event);
      // The last report is owed, and aftercare's: it is awaited there and repeated until it succeeds.
      if (!isOpen(move.to)) this.gate.forget(move.to.id);
      else {
        this.#announce(move.from, move.to);
        this.reports.changed(move.to);
      }
    }
    const open: Partial<Record<RollbackAttempt['state'], number>> = {};
    for (const a of this.service.open()) open[a.state] = (open[a.state] ?? 0) + 1;
    this.metrics.attemptsOpen(open);
  }

  #announce(from: OpenAttempt, to: OpenAttempt): void {
    const before = noticeOf(from, 0)?.kind;
    const notice = noticeOf(to, this.clock.now());
    if (notice !== undefined && notice.kind !== before) this.announcements.post(notice);
  }
  #log(from: OpenAttempt, to: RollbackAttempt, why: string): void {
    const fields = {
      correlationId: to.id,
      application: to.application,
      environment: to.policy.environment,
      from: `${from.state}/${from.step.name}`,
      to: isOpen(to) ? `${to.state}/${to.step.name}` : to.state,
      why,
    };
    if (to.state === 'Abort' && to.reason !== 'recovered' && to.reason !== 'observed')
      this.logger.warn('attempt aborted', { ...fields, reason: to.reason, meaning: abortRule(to.reason).meaning });
    else if (to.state === 'RollbackComplete')
      this.logger.info('rollback complete', {
        ...fields,
        timeToRecoverySeconds: Math.round((to.recoveredAt - to.onset) / 1000),
      });
    else this.logger.info('attempt moved', fields);
  }
  #count(from: OpenAttempt, to: RollbackAttempt): void {
    const { environment } = to.policy;
    if (from.state !== to.state) this.metrics.transition(from.state, to.state);
    if (to.state === 'DegradationDetected' && from.step.name === 'confirming' && to.step.name !== 'confirming')
      this.metrics.degradation(environment, 'confirmed');
    const stage = stageEnded(from, to);
    if (stage !== undefined) this.metrics.stageDuration(stage, Math.max(0, this.clock.now() - from.enteredAt) / 1000);
    if (to.state === 'RollbackComplete') {
      this.metrics.attemptEnded(environment, 'complete', 'healthy');
      this.metrics.timeToRecovery(environment, (to.recoveredAt - to.onset) / 1000);
    }
    if (to.state === 'Abort') this.metrics.attemptEnded(environment, 'aborted', to.reason);
  }
  #publish(event: OperatorEvent): void {
    this.bus.publish(event).catch((error: unknown) => {
      this.logger.warn('event not published; the sweep makes up for it', {
        correlationId: event.correlationid,
        event: event.type,
        error,
      });
    });
  }
}

/** The stage that a transition ended, for its duration. */
function stageEnded(from: OpenAttempt, to: RollbackAttempt): StageName | undefined {
  if (from.step.name === 'confirming' && to.state === 'DegradationDetected') return 'detect';
  if (to.state === from.state || to.state === 'Abort') return undefined;
  return stageOf(from);
}
