import type { Outcome, Stage } from '../../model/outcome.js';
import type { DegradationDetected } from '../../model/rollback-attempt.js';
import type { StateStore } from '../../ports/state-store.js';
import { confirmation } from './confirmation.js';

/** Module 2: is the degradation persistent? Reads the stored checks, decides, and that is all. */
export class StabilityAnalyzer implements Stage<DegradationDetected> {
  constructor(private readonly store: Pick<StateStore, 'checks'>) {}

  async handle(attempt: DegradationDetected): Promise<Outcome<'DegradationDetected'>> {
    const found = confirmation(
      await this.store.checks(attempt.application),
      attempt.policy.timing.DEGRADATION_PERSISTENCE_CHECKS,
    );
    switch (found.kind) {
      case 'confirmed':
        return confirmedFor(attempt, found.checks);
      case 'cleared':
        return { kind: 'dismiss', why: `${found.by.health} before confirmation` };
      case 'not-yet':
        return {
          kind: 'wait',
          lookAgainAt: attempt.step.deadline,
          why: `${found.have} of ${found.need} consecutive Degraded checks`,
        };
    }
  }
}
function confirmedFor(
  attempt: DegradationDetected,
  checks: Extract<ReturnType<typeof confirmation>, { kind: 'confirmed' }>['checks'],
): Outcome<'DegradationDetected'> {
  const running = checks.at(-1)?.running;
  if (running?.revisions.join() !== attempt.bad.revisions.join() || running.settings !== attempt.bad.settings) {
    return { kind: 'dismiss', why: 'another version was deployed before the degradation was confirmed' };
  }
  return {
    kind: 'step',
    step: { name: 'resolving', confirmation: checks },
    why: `${checks.length} consecutive Degraded checks`,
  };
}
