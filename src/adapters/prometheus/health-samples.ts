import { HEALTH_STATUSES, type HealthStatus } from '../../model/application.js';
import type { HealthSample } from '../../ports/metrics-backend.js';
import type { RangeAnswer } from './prometheus-schemas.js';

/** The samples of one answer, oldest first; or why it cannot be relied on. */
export type ReadSamples = { readonly samples: readonly HealthSample[] } | { readonly why: string };

/**
 * Reads one range answer. Warnings mean that a part was missing (Thanos, remote read), and a value that is no number
 * means that nobody knows: both make the whole answer unusable. Only the value 1 says that a status was held.
 */
export function readSamples(answer: RangeAnswer): ReadSamples {
  if (answer.status !== 'success') return { why: `answered ${answer.status}: ${answer.error ?? 'no reason given'}` };
  const [warning] = answer.warnings ?? [];
  if (warning !== undefined) return { why: `answered with a warning: ${warning}` };
  if (answer.data?.resultType !== 'matrix') {
    return { why: `answered ${answer.data?.resultType ?? 'nothing'}, not a matrix` };
  }
  const statusesAt = new Map<number, Set<HealthStatus>>();
  for (const { metric, values } of answer.data.result) {
    const status = statusOf(metric['health_status']);
    for (const [seconds, value] of values) {
      if (!Number.isFinite(Number(value))) return { why: `answered the value ${value}` };
      if (Number(value) !== 1) continue;
      const at = Math.round(seconds * 1000);
      statusesAt.set(at, (statusesAt.get(at) ?? new Set()).add(status));
    }
  }
  const samples = [...statusesAt].map(([at, statuses]) => ({ at, statuses: [...statuses].toSorted() }));
  return { samples: samples.toSorted((a, b) => a.at - b.at) };
}

const statusOf = (label: string | undefined): HealthStatus =>
  HEALTH_STATUSES.find((known) => known === label) ?? 'Unknown';
