import type { AbortReason } from './abort-reason.js';
import type { EffectRefusal } from './effect.js';
import type { OpenAttempt } from './rollback-attempt.js';

/** What the refusal of an opening effect means for its attempt: its end, or a wait that may end as a pause. */
export type RefusedOpening =
  | { readonly kind: 'abort'; readonly reason: AbortReason; readonly why: string }
  | { readonly kind: 'wait'; readonly expiresAs?: AbortReason };

/** A stop and a lowered mode end the attempt; everything else may pass, and a pause is named when it did not in time. */
export function refusedOpening(a: OpenAttempt, code: EffectRefusal): RefusedOpening {
  switch (code) {
    case 'aborted':
      return {
        kind: 'abort',
        reason: 'aborted-by-user',
        why: a.stop === undefined ? 'stopped' : `${a.stop.by}: ${a.stop.why}`,
      };
    case 'observing':
      return {
        kind: 'abort',
        reason: 'no-longer-managed',
        why: a.policy.modeLoweredBy.join('; ') || 'the mode was lowered',
      };
    case 'paused':
    case 'killed':
      return { kind: 'wait', expiresAs: 'refused(paused)' };
    case 'not-the-writer':
    case 'store-unreachable':
    case 'audit-unwritable':
      return { kind: 'wait' };
  }
}
