import { currentRun, sameRunning, type HealthCheck } from '../../model/health-check.js';

export type Confirmation =
  | { readonly kind: 'confirmed'; readonly checks: readonly HealthCheck[] }
  | { readonly kind: 'not-yet'; readonly have: number; readonly need: number }
  | { readonly kind: 'cleared'; readonly by: HealthCheck };

/**
 * Pure (semantics 4): the last `need` checks are consecutive, all Degraded, of one running version, properly spaced.
 * An Unknown breaks the run and clears nothing.
 */
export function confirmation(checks: readonly HealthCheck[], need: number): Confirmation {
  const last = checks.at(-1);
  if (last !== undefined && last.health !== 'Degraded' && last.health !== 'Unknown')
    return { kind: 'cleared', by: last };
  const run = currentRun(checks, 'Degraded');
  let same = run.length;
  while (same > 0 && last !== undefined && !run.slice(-same).every((c) => sameRunning(c, last))) same -= 1;
  return same >= need ? { kind: 'confirmed', checks: run.slice(-need) } : { kind: 'not-yet', have: same, need };
}
