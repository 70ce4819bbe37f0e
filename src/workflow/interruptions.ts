import type { EpochMs } from '../model/application.js';
import { currentRun, runLength, type HealthCheck } from '../model/health-check.js';
import type { Outcome } from '../model/outcome.js';
import type { Policy } from '../model/policy.js';
import type { OpenAttempt } from '../model/rollback-attempt.js';

export interface Surroundings {
  readonly checks: readonly HealthCheck[];
  /** What the configuration says of the application now; undefined = unmanaged. */
  readonly policyNow: Policy | undefined;
  readonly now: EpochMs;
}

/**
 * Pure: what ends an attempt whatever module it is with, in this order. An open intent is settled first: its module
 * looks before it gives up. After the merge only the application's end counts: the way back is not interrupted.
 */
export function interruption(a: OpenAttempt, s: Surroundings): Outcome | undefined {
  if (a.step.name.startsWith('intent-')) return undefined;
  const last = s.checks.at(-1);
  if (last?.gone === true)
    return { kind: 'abort', reason: 'application-gone', why: 'Argo CD says the application does not exist' };
  if (a.state === 'RollbackMerged') return undefined;
  if (a.stop !== undefined) return { kind: 'abort', reason: 'aborted-by-user', why: `${a.stop.by}: ${a.stop.why}` };
  if (a.step.name !== 'confirming') {
    const healthyFor = runLength(currentRun(s.checks, 'Healthy'));
    if (healthyFor >= a.policy.timing.HEALTH_RESTORATION_DURATION) {
      return {
        kind: 'abort',
        reason: 'recovered',
        why: `Healthy for ${Math.round(healthyFor / 1000)} s without the operator`,
      };
    }
  }
  if (s.policyNow === undefined)
    return {
      kind: 'abort',
      reason: 'no-longer-managed',
      why: 'no environment of the configuration matches the application any more',
    };
  if (s.policyNow.environment !== a.policy.environment) {
    return {
      kind: 'abort',
      reason: 'no-longer-managed',
      why: `the configuration now puts it in ${s.policyNow.environment}`,
    };
  }
  if (s.policyNow.mode === 'off') return { kind: 'abort', reason: 'no-longer-managed', why: 'the mode is off now' };
  if (s.policyNow.mode === 'observe' && a.policy.mode !== 'observe' && a.state !== 'DegradationDetected') {
    return { kind: 'abort', reason: 'no-longer-managed', why: 'the mode was lowered to observe' };
  }
  return undefined;
}
