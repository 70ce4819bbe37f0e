import type { EpochMs, HealthStatus, Revision } from './application.js';

/** One health check of one application (architecture glossary): an observation, never a decision. */
export interface HealthCheck {
  readonly at: EpochMs;
  /** The interval that was meant to lie between this check and the one before. */
  readonly intervalMs: number;
  readonly health: HealthStatus;
  /** Deployed revision(s) and a hash of the source settings: what was running; undefined = could not be told. */
  readonly running?: { readonly revisions: readonly Revision[]; readonly settings: string };
  /** Counted as Degraded though Argo CD says Progressing (`detection.stalledProgress`): which pod fails, and how. */
  readonly stalled?: string;
  /** Why `health` is Unknown, when it is. */
  readonly unknownBecause?: string;
  /** Argo CD said in so many words that the application does not exist. */
  readonly gone?: boolean;
}

/** Semantics 3: so many checks are kept, and more only when a configured duration spans more. */
export const LEAST_KEPT_CHECKS = 8;
/** A duration that would need more checks than this is refused by the configuration. */
export const MOST_KEPT_CHECKS = 100;
/** How many checks must be kept so that a run of `durationMs` can be proved from them; two to spare for uneven spacing. */
export const checksToKeep = (persistence: number, durationMs: number, intervalMs: number): number =>
  Math.min(MOST_KEPT_CHECKS, Math.max(LEAST_KEPT_CHECKS, persistence, Math.ceil(durationMs / intervalMs) + 3));

/** Two checks follow each other without a hole: neither doubled nor missed (semantics 4: 0.5 to 2.5 intervals). */
export function followsOn(before: HealthCheck, after: HealthCheck): boolean {
  const gap = after.at - before.at;
  return gap >= 0.5 * after.intervalMs && gap <= 2.5 * after.intervalMs;
}

/** Both checks saw the same revisions under the same source settings; false when either is not known. */
export const sameRunning = (a: HealthCheck, b: HealthCheck): boolean =>
  a.running !== undefined &&
  b.running !== undefined &&
  a.running.settings === b.running.settings &&
  a.running.revisions.join() === b.running.revisions.join();

/**
 * The unbroken run of checks at the end of `checks` (oldest first) that all say `health`.
 * A hole, another status or an Unknown ends the run.
 */
export function currentRun(checks: readonly HealthCheck[], health: HealthStatus): readonly HealthCheck[] {
  let from = checks.length;
  for (let i = checks.length - 1; i >= 0; i--) {
    const check = checks[i];
    const after = checks[i + 1];
    if (check === undefined || check.health !== health) break;
    if (after !== undefined && !followsOn(check, after)) break;
    from = i;
  }
  return checks.slice(from);
}

/** How long the unbroken run at the end has lasted, in milliseconds; 0 without one. */
export function runLength(run: readonly HealthCheck[]): number {
  const [first] = run;
  const last = run.at(-1);
  return first && last ? last.at - first.at : 0;
}
