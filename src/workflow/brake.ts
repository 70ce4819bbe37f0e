import type { BrakeSettings } from '../config/operator-config.js';
import type { EpochMs } from '../model/application.js';
import { isUnreadable, type StoredSpend } from '../model/mark.js';
import type { Environment } from '../model/policy.js';
import type { FleetRecord } from './fleet-view.js';

export interface BrakeQuestion {
  readonly environment: Environment;
  readonly fleet: Iterable<FleetRecord>;
  readonly spends: readonly StoredSpend[];
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
    (s) => s.kind === 'failed-rollback' && (isUnreadable(s) || (s.environment === q.environment && s.at > failedAfter)),
  );
  return failed.length >= q.settings.failedRollbacks
    ? `${failed.length} rollbacks failed within ${q.settings.failedRollbackWindowMs / 60_000} min${countedUnread(failed)}`
    : undefined;
}

/** For people: that spends which cannot be read were counted, which, and the mend. */
export function countedUnread(spends: readonly StoredSpend[]): string {
  const unread = spends.filter(isUnreadable);
  return unread[0] === undefined ? '' : ` (${unread.length} counted unread: ${unread[0].unreadable})`;
}
