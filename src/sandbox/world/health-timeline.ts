import type { EpochMs, HealthStatus } from '../../model/application.js';

/** What `argocd_app_info` would have shown from an instant on; undefined health = no sample (a gap in the scrapes). */
export interface HealthSpan {
  readonly from: EpochMs;
  readonly health: HealthStatus | undefined;
  readonly sync: string;
}

/**
 * The health of one application over time, seeded and lived: what Prometheus has scraped. Spans are in order of time.
 */
export class HealthTimeline {
  #spans: HealthSpan[] = [];

  /** Adds what holds from `span.from` on; something that has not changed is not written again. */
  record(span: HealthSpan): void {
    const last = this.#spans.at(-1);
    if (last && last.health === span.health && last.sync === span.sync) return;
    if (last && span.from <= last.from) this.#spans.pop();
    this.#spans.push({ ...span, from: last ? Math.max(span.from, last.from) : span.from });
  }

  /** What holds at an instant; undefined before the first span and inside a gap. */
  at(instant: EpochMs): HealthSpan | undefined {
    let low = 0;
    let high = this.#spans.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#spans[middle] as HealthSpan).from <= instant) low = middle + 1;
      else high = middle;
    }
    const span = this.#spans[low - 1];
    return span?.health === undefined ? undefined : span;
  }

  get spans(): readonly HealthSpan[] {
    return this.#spans;
  }
}

/** A seeded deployment: from `at` to the next one, with the share of the time it was up. */
export interface PastUptime {
  readonly at: EpochMs;
  /** 0..1. */
  readonly uptime: number;
}
/** A hole in the scrapes. */
export interface PastGap {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const ROLLOUT_MS = 90_000;
const EPISODE_EVERY_MS = 6 * 3_600_000;

/**
 * Writes the past of an application: each deployment is Progressing for 90 s, then Healthy, with the downtime its
 * uptime leaves spread over evenly placed Degraded episodes (about one in six hours). Gaps are cut out. Nothing here is
 * divided by the world's speed.
 */
export function seedTimeline(
  timeline: HealthTimeline,
  past: readonly PastUptime[],
  gaps: readonly PastGap[],
  now: EpochMs,
): void {
  const spans: HealthSpan[] = [];
  past.forEach((deployment, index) => {
    const end = past[index + 1]?.at ?? now;
    spans.push({ from: deployment.at, health: 'Progressing', sync: 'Synced' });
    const up = Math.min(deployment.at + ROLLOUT_MS, end);
    spans.push({ from: up, health: 'Healthy', sync: 'Synced' }, ...episodes(up, end, deployment.uptime));
  });
  for (const span of cutGaps(spans, gaps)) timeline.record(span);
}

function episodes(from: EpochMs, to: EpochMs, uptime: number): readonly HealthSpan[] {
  const downMs = (to - from) * (1 - uptime);
  if (downMs < 1) return [];
  const count = Math.max(1, Math.round((to - from) / EPISODE_EVERY_MS));
  const each = downMs / count;
  const stride = (to - from) / count;
  return Array.from({ length: count }, (_, i) => from + i * stride + (stride - each) / 2).flatMap((at) => [
    { from: at, health: 'Degraded' as const, sync: 'Synced' },
    { from: at + each, health: 'Healthy' as const, sync: 'Synced' },
  ]);
}

function cutGaps(spans: readonly HealthSpan[], gaps: readonly PastGap[]): readonly HealthSpan[] {
  return gaps.reduce<readonly HealthSpan[]>((left, gap) => {
    const before = left.filter((span) => span.from < gap.from);
    const inside = left.filter((span) => span.from >= gap.from && span.from < gap.to);
    const after = left.filter((span) => span.from >= gap.to);
    const resumed = inside.at(-1) ?? before.at(-1);
    if (!resumed) return after;
    return [...before, { ...resumed, from: gap.from, health: undefined }, { ...resumed, from: gap.to }, ...after];
  }, spans);
}
