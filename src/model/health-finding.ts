import type { ApplicationSnapshot, EpochMs } from './application.js';
import type { HealthCheck } from './health-check.js';

/** What is Degraded, as the live answer shows it (semantics 3). */
export type DegradationCause = 'workload' | 'child-application' | 'not-a-workload' | 'unknown';

/** What the detector saw of one suspect: an observation, never a decision. */
export interface HealthFinding {
  readonly application: ApplicationSnapshot['application'];
  readonly check: HealthCheck;
  /** The live answer; undefined when there was none. */
  readonly snapshot?: ApplicationSnapshot;
  readonly onset?: EpochMs;
  readonly cause: DegradationCause;
}
