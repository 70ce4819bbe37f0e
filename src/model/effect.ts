import type { RollbackAttempt } from './rollback-attempt.js';

/**
 * Closing effects (closing our own pull request) stay allowed after an abort and under a pause; a refresh of Argo CD
 * after an abort only, which came too late for the merge.
 */
export type EffectKind = 'opening' | 'refresh' | 'closing';

/** A decisive act on the outside world, with an identity by which the operator finds it again (semantics 0.2). */
export interface Effect<R> {
  /** `<attempt>:<name>`: the same after a crash, so intent, outcome and repeats belong together. */
  readonly id: string;
  readonly kind: EffectKind;
  /** In words, for the audit log. */
  readonly text: string;
  /** Finds the effect if it is there already (ours, or adoptable); also the verification afterwards. */
  look(signal: AbortSignal): Promise<R | undefined>;
  /** False = what was found bars the effect instead of being it, and the outcome says so. Absent = it is the effect. */
  isDone?(found: R): boolean;
  /** Asks for it. Whatever is answered, only `look` is believed. */
  act(signal: AbortSignal): Promise<void>;
}

export const EFFECT_REFUSALS = [
  'aborted',
  'paused',
  'killed',
  'observing',
  'not-the-writer',
  'store-unreachable',
  'audit-unwritable',
] as const;
export type EffectRefusal = (typeof EFFECT_REFUSALS)[number];
export type EffectResult<R> =
  | { readonly kind: 'done'; readonly value: R; readonly how: 'acted' | 'found' }
  | { readonly kind: 'refused'; readonly code: EffectRefusal }
  /** Asked for, and not to be seen yet. */
  | { readonly kind: 'unseen'; readonly why: string };

/** The one door through which anything decisive leaves the house. */
export interface Effects {
  /** Why nothing of this kind may start now; undefined = it may. */
  refusal(attempt: RollbackAttempt, kind: EffectKind): EffectRefusal | undefined;
  perform<R>(attempt: RollbackAttempt, effect: Effect<R>, signal: AbortSignal): Promise<EffectResult<R>>;
}
