import type { TimeWindow } from '../../ports/metrics-backend.js';

/** Prometheus refuses more than 11,000 points per series. */
const MOST_POINTS = 11_000;

/**
 * The instants `from, from + step, ...` before `to`, cut into ranges that one query may ask for (both ends included, as
 * Prometheus counts). The window is half-open: 24 h at 60 s are 1440 instants, and two adjoining windows share none.
 */
export function rangeChunks(
  { from, to }: TimeWindow,
  stepMs: number,
  mostPoints: number = MOST_POINTS,
): readonly TimeWindow[] {
  const points = Math.max(0, Math.ceil((to - from) / stepMs));
  const chunks: TimeWindow[] = [];
  for (let first = 0; first < points; first += mostPoints) {
    const last = Math.min(first + mostPoints, points) - 1;
    chunks.push({ from: from + first * stepMs, to: from + last * stepMs });
  }
  return chunks;
}
