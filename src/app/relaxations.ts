import type { OperatorConfig } from '../config/operator-config.js';
import { DEFAULT_TIMING, type Timing } from '../model/timing.js';

/** Constants of the architecture that a shorter value makes less strict. */
const STRICT_TIMES: readonly (keyof Timing)[] = ['HEALTH_RESTORATION_DURATION', 'HEALTH_CHECK_INTERVAL', 'ciSettleWindow'];

/** Pure: the keys that loosen a default of the architecture, shown wherever they were in force (semantics 0.6). */
export function relaxationsOf(c: OperatorConfig): readonly string[] {
  const timing = c.timing;
  const relaxed = [
    c.development && c.store.kind === 'memory' ? 'development: true (store: memory forgets latches and budgets at a restart)' : '',
    c.invariants.replicaShortage === 'updated' ? 'invariants.replicaShortage: updated' : '',
    c.invariants.openPullRequests === 'paths' ? 'invariants.openPullRequests: paths' : '',
    c.candidates.allowWithoutCi ? 'candidates.allowWithoutCi: true' : '',
    c.candidates.minObservationMs < 24 * 3_600_000 ? `candidates.minObservation: ${c.candidates.minObservationMs / 60_000} min` : '',
    ...c.repositories.filter((r) => r.allowNoChecks).map((r) => `repositories[${r.url}].ci.allowNoChecks: true`),
    ...c.repositories.filter((r) => !r.failOnOptionalFailure).map((r) => `repositories[${r.url}].ci.failOnOptionalFailure: false`),
    c.production.mergeAfterApproval ? 'production.mergeAfterApproval: true' : '',
    timing.DEGRADATION_PERSISTENCE_CHECKS < DEFAULT_TIMING.DEGRADATION_PERSISTENCE_CHECKS ? `timing.DEGRADATION_PERSISTENCE_CHECKS: ${timing.DEGRADATION_PERSISTENCE_CHECKS}` : '',
    ...STRICT_TIMES.filter((k) => timing[k] < DEFAULT_TIMING[k]).map((k) => `timing.${k}: ${Number(timing[k])} ms (default ${Number(DEFAULT_TIMING[k])} ms)`),
  ];
  return relaxed.filter((r) => r !== '');
}
