import type { ApplicationSnapshot, EpochMs } from './application.js';

/** Twice the controller's longest period between two comparisons (180 s) plus a minute (facts/argocd 2.4). */
export const STALE_AFTER_MS = 420_000;
const SKIP_RECONCILE = 'argocd.argoproj.io/skip-reconcile';
/** What Argo CD's own parser takes for true. */
const PARSED_AS_TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const BLINDING_CONDITIONS = new Set(['ComparisonError', 'InvalidSpecError', 'UnknownError']);

/** Pure: why Argo CD's word about an application cannot be believed now; undefined = it can. */
export function staleBecause(app: ApplicationSnapshot, now: EpochMs): string | undefined {
  if (app.deleting) return 'the application is being deleted';
  if (PARSED_AS_TRUE.has(app.annotations[SKIP_RECONCILE] ?? ''))
    return `annotation ${SKIP_RECONCILE} freezes its status`;
  const blinding = app.conditions.find((c) => BLINDING_CONDITIONS.has(c.type));
  if (blinding !== undefined) return `${blinding.type}: ${blinding.message.slice(0, 200)}`;
  if (app.reconciledAt === undefined) return 'Argo CD does not say when it was reconciled';
  const age = now - app.reconciledAt;
  if (age < -STALE_AFTER_MS) return `reconciled ${Math.round(-age / 1000)} s from now: the clocks disagree`;
  return age > STALE_AFTER_MS ? `not reconciled for ${Math.round(age / 1000)} s` : undefined;
}
