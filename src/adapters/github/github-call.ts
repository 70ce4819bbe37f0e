import type { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { CallKind } from '../upstream/classify.js';
import type { Refusal } from './github-failure.js';

/** A call of GitHub's REST API. */
export interface GitHubCall<T> {
  /** `GET /repos/{owner}/{repo}`, or with an absolute address. */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Only what is needed of the answer. */
  readonly schema: z.ZodType<T>;
  /** Default `read`. Anything but `write` is tried again. */
  readonly kind?: CallKind;
  /** True = evidence for a merge: never from the cache, not even confirmed by a 304. */
  readonly fresh?: boolean;
  readonly maxBytes?: number;
  /** `app` = by the App's JWT instead of the installation's token. */
  readonly as?: 'app';
  /** The call's own reading of a refusal; undefined = the common classification. */
  readonly refused?: (refusal: Refusal) => OperatorError | undefined;
}
/** Lists are followed at most this far; beyond it `GITHUB_LIST_TRUNCATED`. */
export interface PageLimits {
  /** Pages of 100. */
  readonly maxPages: number;
  /** Enough items: no further page is read. */
  readonly enough?: number;
}
export interface Exchange<T> {
  readonly value: T;
  /** Of the answer; lower-case names. */
  readonly headers: Refusal['headers'];
}

/** Whether an ETag may spare us the answer. */
export const isConditional = (call: GitHubCall<unknown>): boolean =>
  call.route.startsWith('GET ') && call.fresh !== true && call.as === undefined;

/** An answer that is not what GitHub documents: transient for what may be repeated, unknown for a write. */
export function malformed(name: string, what: string, kind: CallKind = 'read'): OperatorError {
  return new OperatorError(
    'GITHUB_MALFORMED',
    kind === 'write' ? 'unknown' : 'transient',
    `GITHUB: ${name}: answered something unexpected: ${what}`,
  );
}
