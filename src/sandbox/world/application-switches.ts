import type { HealthStatus } from '../../model/application.js';
import type { ResourceHealth } from '../workloads/workload-health.js';

/** One stretch of a round of flapping. */
export interface FlappingPhase {
  readonly health: Extract<HealthStatus, 'Healthy' | 'Degraded'>;
  /** Already divided by the world's speed. */
  readonly forMs: number;
}

/** What can be done to one application beside changing its files. All off is an ordinary application. */
export interface ApplicationSwitches {
  /** `?refresh=` runs into its deadline. */
  refreshIgnored: boolean;
  /** The controller does nothing for it any more: no comparison, no sync; its status grows stale. */
  frozen: boolean;
  /** The status says it was last reconciled this much earlier than it was; a moment of the past, not divided. */
  reconciledBehindMs: number;
  /** New pods of any version fail from now on: no commit heals it. */
  doomed: boolean;
  /** Becomes doomed when it first turns Degraded. */
  doomedOnceDegraded: boolean;
  /** Its workloads fall ill and recover by themselves, round and round. */
  flapping: readonly FlappingPhase[] | undefined;
  /** Sync operations start and never end. */
  operationHeld: boolean;
  /** Sync operations fail with this message, retries included. */
  syncFailure: string | undefined;
  /** No health per resource in a live GET (Argo CD's cache misses). */
  resourceHealthHidden: boolean;
  /** Health of single resources against what the cluster says, by `<kind>/<name>`. */
  readonly sickResources: Map<string, ResourceHealth>;
}

/** An ordinary application. */
export const noSwitches = (): ApplicationSwitches => ({
  refreshIgnored: false,
  frozen: false,
  reconciledBehindMs: 0,
  doomed: false,
  doomedOnceDegraded: false,
  flapping: undefined,
  operationHeld: false,
  syncFailure: undefined,
  resourceHealthHidden: false,
  sickResources: new Map(),
});

/** Which phase of a round is on, `elapsedMs` after it began. */
export function flappingPhase(phases: readonly FlappingPhase[], elapsedMs: number): FlappingPhase | undefined {
  const roundMs = phases.reduce((total, phase) => total + phase.forMs, 0);
  let left = roundMs > 0 ? elapsedMs % roundMs : 0;
  return phases.find((phase) => {
    left -= phase.forMs;
    return left < 0;
  });
}
