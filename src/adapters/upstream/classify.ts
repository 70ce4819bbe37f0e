import { OperatorError } from '../../base/errors.js';

/** What was asked of an upstream: a lost answer to a `write` is unknown, to anything else merely transient. */
export type CallKind = 'read' | 'repeatable-write' | 'write';

/** A call as the classification sees it, free of any vendor's error type. */
export interface UpstreamFailure {
  /** `GITHUB`, `ARGOCD`, `KUBERNETES`, `PROMETHEUS`: the first part of the error's code. */
  readonly upstream: string;
  /** Method and path, without query and secrets: what people are shown. */
  readonly call: string;
  readonly kind: CallKind;
  /** HTTP status; undefined = no answer came. */
  readonly status: number | undefined;
  /** What the upstream said, shortened. */
  readonly detail: string;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly now: number;
  /** True when no byte of the request can have reached the server (refused, name not found). */
  readonly notSent: boolean;
  readonly cause: unknown;
}

const NOT_SENT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const TLS_CODE = /^(?:CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|ERR_SSL)/;

/** The code of the innermost cause that has one (`ECONNREFUSED`, `UND_ERR_SOCKET`, ...). */
export function causeCode(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return undefined;
}
export const wasNotSent = (error: unknown): boolean => NOT_SENT_CODES.has(causeCode(error) ?? '');

/** How long an upstream asks to be left alone: `retry-after` (seconds or a date), or the reset of an exhausted rate limit. */
export function askedPauseMs(headers: UpstreamFailure['headers'], now: number): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined) {
    const seconds = Number(after);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    const date = Date.parse(after);
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  if (headers['x-ratelimit-remaining'] !== '0') return undefined;
  const reset = Number(headers['x-ratelimit-reset']);
  return Number.isFinite(reset) ? Math.max(1000, reset * 1000 - now) : 60_000;
}

/**
 * The one classification of upstream results (reliability facts, section 2.2). Every adapter translates its vendor's
 * error into an UpstreamFailure and throws what this answers. Codes: `<UPSTREAM>_UNREACHABLE | _RATE_LIMITED |
 * _UNAUTHENTICATED | _DENIED | _NOT_FOUND | _CONFLICT | _INVALID | _FAILED | _TLS | _MOVED`.
 */
export function classify(f: UpstreamFailure): OperatorError {
  const say = (what: string): string => `${f.upstream}: ${f.call}: ${what}${f.detail === '' ? '' : `: ${f.detail}`}`;
  const error = (
    suffix: string,
    category: OperatorError['category'],
    what: string,
    retryAfterMs?: number,
  ): OperatorError =>
    new OperatorError(`${f.upstream}_${suffix}`, category, say(what), {
      cause: f.cause,
      ...(f.status === undefined ? {} : { status: f.status }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  const lost = f.kind === 'write' && !f.notSent ? 'unknown' : 'transient';
  const pause = askedPauseMs(f.headers, f.now);
  if (f.status === undefined) {
    const code = causeCode(f.cause);
    if (code !== undefined && TLS_CODE.test(code))
      return error('TLS', 'config', `certificate not accepted (${code}); set caFile`);
    return error('UNREACHABLE', lost, code === undefined ? 'no answer' : `no answer (${code})`);
  }
  if (f.status === 429 || (f.status === 403 && pause !== undefined))
    return error('RATE_LIMITED', 'transient', 'asked to wait', pause ?? 60_000);
  if (f.status === 401) return error('UNAUTHENTICATED', 'denied', 'the credential was not accepted (401)');
  if (f.status === 403) return error('DENIED', 'denied', 'not permitted (403)');
  if (f.status === 404 || f.status === 410) return error('NOT_FOUND', 'terminal', `not found (${f.status})`);
  if (f.status === 409) return error('CONFLICT', 'conflict', 'conflict (409)');
  if (f.status === 408 || f.status >= 500) return error('UNREACHABLE', lost, `failed (${f.status})`, pause);
  if (f.status >= 300 && f.status < 400)
    return error('MOVED', 'config', `redirected (${f.status}); configure the new address`);
  if (f.status === 400 || f.status === 422) return error('INVALID', 'terminal', `refused (${f.status})`);
  return error('FAILED', 'terminal', `refused (${f.status})`);
}
