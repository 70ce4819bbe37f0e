import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { EpochMs } from '../model/application.js';

/** A fact with its source and age, or the reason why it could not be had (semantics 0.3). */
export type Known<T> =
  | { readonly kind: 'known'; readonly value: T; readonly source: string; readonly readAt: EpochMs }
  | { readonly kind: 'unknown'; readonly why: string; readonly source: string; readonly readAt: EpochMs };

export const known = <T>(value: T, source: string, readAt: EpochMs): Known<T> => ({
  kind: 'known',
  value,
  source,
  readAt,
});
export const unknown = (why: string, source: string, readAt: EpochMs): Known<never> => ({
  kind: 'unknown',
  why,
  source,
  readAt,
});

/** Reads a fact; a failed read is an unknown fact, but a cancellation or a bug stays an error. */
export async function observe<T>(clock: Clock, source: string, read: () => Promise<T>): Promise<Known<T>> {
  const readAt = clock.now();
  try {
    return known(await read(), source, readAt);
  } catch (error) {
    const e = asOperatorError(error);
    if (e.category === 'cancelled' || e.category === 'bug') throw e;
    return unknown(`${e.code}: ${e.message}`, source, readAt);
  }
}

/** A fact made of another one. */
export const mapKnown = <T, U>(fact: Known<T>, f: (value: T) => U): Known<U> =>
  fact.kind === 'known' ? { ...fact, value: f(fact.value) } : fact;
