import type { EpochMs } from '../../model/application.js';
import type { UptimeEvidence } from '../../model/candidate.js';
import type { HealthHistory, HealthSample, TimeWindow } from '../../ports/metrics-backend.js';

/** The architecture's window and the longest rollout that is not held against a version (semantics 5). */
export const UPTIME_WINDOW_MS = 24 * 3_600_000;
const ROLLOUT_GRACE_MS = 600_000;
const LEAST_COVERAGE = 0.95;

/** The history that was read for one span of deployed time. */
export interface SpanHistory {
  readonly span: TimeWindow;
  readonly history: HealthHistory;
}

/** Pure: the most recent 24 h of deployed time, newest first. The rollout grace of each deployment is read along. */
export function windowsToRead(spans: readonly TimeWindow[]): readonly TimeWindow[] {
  let left = UPTIME_WINDOW_MS;
  const windows: TimeWindow[] = [];
  for (const span of spans.toSorted((a, b) => b.to - a.to)) {
    if (left <= 0) break;
    const from = Math.max(span.from, span.to - left - ROLLOUT_GRACE_MS);
    if (span.to > from) windows.push({ from, to: span.to });
    left -= Math.max(0, span.to - from - ROLLOUT_GRACE_MS);
  }
  return windows;
}

const isUp = (s: HealthSample): boolean => s.statuses.length > 0 && s.statuses.every((status) => status === 'Healthy');

/**
 * Deployed time without the rollout grace: from the first Healthy sample on, or ten minutes after the deployment. What
 * was scraped around the deployment may still be the word about the version before: a Healthy there that is followed by
 * something else at once is not the new version's.
 */
function countedFrom({ span, history }: SpanHistory, deployedAt: EpochMs): EpochMs {
  if (span.from > deployedAt + ROLLOUT_GRACE_MS || history.kind !== 'samples') return span.from;
  const { samples, stepMs } = history;
  const lastOfBefore =
    samples.findLast((s) => s.at >= span.from && s.at <= deployedAt + 2 * stepMs && !isUp(s))?.at ?? span.from;
  const firstUp = samples.find((s) => s.at >= lastOfBefore && isUp(s))?.at ?? Number.POSITIVE_INFINITY;
  return Math.max(span.from, Math.min(firstUp, deployedAt + ROLLOUT_GRACE_MS));
}

/**
 * Pure: uptime over the most recent 24 h of the time a content was deployed here. Only Healthy is up. Any window that
 * could not be read, or less than 95 % of the expected samples, makes it unavailable; never Healthy is 0, not "no data".
 */
export function uptimeOf(spans: readonly TimeWindow[], histories: readonly SpanHistory[]): UptimeEvidence {
  let left = UPTIME_WINDOW_MS;
  let expected = 0;
  let seen = 0;
  let up = 0;
  let observedMs = 0;
  for (const read of histories.toSorted((a, b) => b.span.to - a.span.to)) {
    if (left <= 0) break;
    if (read.history.kind === 'unavailable') return read.history;
    const deployedAt = spans.find((s) => s.from <= read.span.from && s.to >= read.span.to)?.from ?? read.span.from;
    const from = Math.max(countedFrom(read, deployedAt), read.span.to - left);
    const counted = read.history.samples.filter((s) => s.at >= from && s.at < read.span.to);
    const length = Math.max(0, read.span.to - from);
    observedMs += length;
    left -= length;
    expected += Math.floor(length / read.history.stepMs);
    seen += counted.filter((s) => s.statuses.length > 0).length;
    up += counted.filter(isUp).length;
  }
  if (expected === 0) return withinGrace(histories);
  const coverage = Math.min(1, seen / expected);
  if (!(coverage >= LEAST_COVERAGE)) {
    return { kind: 'unavailable', why: `only ${Math.floor(coverage * 100)} % of the expected samples are there` };
  }
  return { kind: 'measured', ratio: up / seen, observedMs, coverage };
}
/** Replaced before its rollout was over: what little was seen counts, so that a version that never came up is not "no data". */
function withinGrace(histories: readonly SpanHistory[]): UptimeEvidence {
  const seen = histories
    .flatMap(({ history }) => (history.kind === 'samples' ? history.samples : []))
    .filter((s) => s.statuses.length > 0);
  if (seen.length === 0) return { kind: 'unavailable', why: 'it was deployed for less than one sample' };
  return { kind: 'measured', ratio: seen.filter(isUp).length / seen.length, observedMs: 0, coverage: 1 };
}
