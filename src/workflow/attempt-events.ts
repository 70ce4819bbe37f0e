import { makeEvent, type EventName, type EventPayload, type OperatorEvent } from '../model/events.js';
import type { OpenAttempt, RollbackAttempt } from '../model/rollback-attempt.js';
import type { EpochMs } from '../model/application.js';

/** Pure: the event that a transition publishes, if it publishes one. Its id is that of the decision. */
export function transitionEvent(
  from: OpenAttempt,
  to: RollbackAttempt,
  instance: string,
  at: EpochMs,
): OperatorEvent | undefined {
  const event = <N extends EventName>(
    name: N,
    data: Omit<EventPayload<N>, 'attempt' | 'application' | 'environment'>,
  ): OperatorEvent => {
    const common = { attempt: to.id, application: to.application, environment: to.policy.environment };
    // The catalogue's schema is what the bus validates; the spread of a generic payload is beyond the compiler.
    return makeEvent({
      name,
      id: `${to.id}/${to.version}`,
      instance,
      at,
      application: to.application,
      attempt: to.id,
      data: { ...common, ...data } as EventPayload<N>,
    }) as OperatorEvent;
  };
  const entered = to.state !== from.state;
  switch (to.state) {
    case 'DegradationDetected':
      return to.step.name !== 'confirming' && from.step.name === 'confirming'
        ? event('degradation.confirmed', { checks: to.step.confirmation.length })
        : undefined;
    case 'CandidateResolved':
      return entered
        ? event('candidate.resolved', { revision: to.candidate.revision, basis: to.candidate.basis })
        : undefined;
    case 'PRCreated':
      return entered
        ? event('pr.created', {
            pullRequest: to.pullRequest.number,
            url: to.pullRequest.url,
            headSha: to.pullRequest.headSha,
          })
        : undefined;
    case 'AwaitingMergeApproval':
      return to.step.name === 'waiting-for-human' && from.step.name !== 'waiting-for-human'
        ? event('approval.requested', { pullRequest: to.pullRequest.number, barredBy: [...to.step.barredBy] })
        : undefined;
    case 'RollbackMerged':
      return entered ? event('rollback.merged', { commit: to.merge.commit, by: to.merge.by }) : undefined;
    case 'RollbackComplete':
      return event('rollback.completed', { timeToRecoveryMs: to.recoveredAt - to.onset });
    case 'Abort':
      return event('rollback.aborted', { reason: to.reason, why: to.why });
  }
}
/** Pure: what a dismissal publishes. */
export function dismissalEvent(from: OpenAttempt, health: string, instance: string, at: EpochMs): OperatorEvent {
  return makeEvent({
    name: 'degradation.cleared',
    id: `${from.id}/${from.version + 1}`,
    instance,
    at,
    application: from.application,
    attempt: from.id,
    data: { attempt: from.id, application: from.application, environment: from.policy.environment, health },
  }) as OperatorEvent;
}
