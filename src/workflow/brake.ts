import type { BrakeSettings } from '../config/operator-config.js';
import type { EpochMs } from '../model/application.js';
import type { Spend } from '../model/mark.js';
import type { Environment } from '../model/policy.js';
import type { FleetRecord } from './fleet-view.js';

export interface BrakeQuestion {
  readonly environment: Environment;
  readonly fleet: Iterable<FleetRecord>;
  readonly spends: readonly Spend[];
  readonly settings: BrakeSettings;
  /** What happened before counts no more: the last resume with a reason. */
  readonly since: EpochMs;
  readonly now: EpochMs;
}

/** Pure: why the brake is closed (semantics 3); undefined = it is open. Long red applications do not count. */
export function brakeClosedBecause(q: BrakeQuestion): string | undefined {
  const turnedAfter = Math.max(q.now - q.settings.windowMs, q.since);
  let managed = 0;
  let turned = 0;
  for (const r of q.fleet) {
    if (r.environment !== q.environment) continue;
    managed += 1;
    if (r.entry.health === 'Degraded' && r.healthSince > turnedAfter) turned += 1;
  }
  if (turned >= q.settings.count && turned >= q.settings.share * managed) {
    return `${turned} of ${managed} applications of ${q.environment} turned Degraded within ${q.settings.windowMs / 60_000} min`;
  }
  const failedAfter = Math.max(q.now - q.settings.failedRollbackWindowMs, q.since);
  const failed = q.spends.filter(
    (s) => s.kind === 'failed-rollback' && s.environment === q.environment && s.at > failedAfter,
  ).length;
  return failed >= q.settings.failedRollbacks
    ? `${failed} rollbacks failed within ${q.settings.failedRollbackWindowMs / 60_000} min`
    : undefined;
}
