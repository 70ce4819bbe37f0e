import { cleanLine } from '../../base/clean-text.js';
import { OperatorError } from '../../base/errors.js';
import { redactText } from '../../base/redact.js';
import { classify, wasNotSent, type CallKind } from '../upstream/classify.js';
import { AnswerTooLarge } from './github-fetch.js';

/** One line of GitHub's `errors`. */
export interface RefusalReason {
  readonly field?: string;
  readonly code?: string;
  readonly message?: string;
}
/** What GitHub said when it refused a call, free of Octokit's types. */
export interface Refusal {
  readonly status: number;
  readonly reasons: readonly RefusalReason[];
  /** Message and reasons as one line, without secrets. */
  readonly text: string;
  /** False = no error document of GitHub's: something else answered. */
  readonly spoken: boolean;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}
/** A call as its failure names it. */
export interface FailedCall {
  /** Method and path, without query. */
  readonly name: string;
  readonly kind: CallKind;
  readonly timeoutMs: number;
  /** The caller's signal: its abort is no failure of GitHub. */
  readonly signal?: AbortSignal;
  /** By our clock, milliseconds. */
  readonly now: number;
  /** A call's own reading of a refusal; undefined = the common classification. */
  readonly refused?: ((refusal: Refusal) => OperatorError | undefined) | undefined;
}

/** What to look at when GitHub does not sound like GitHub. */
export const WRONG_ADDRESS =
  'is github.apiUrl right? (https://api.github.com; GitHub Enterprise Server: https://HOST/api/v3)';
const SECONDARY_LIMIT = /secondary rate limit|abuse detection/i;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/**
 * Anything Octokit threw, as an OperatorError. Raw Octokit errors carry request and answer, so they are never kept as a
 * cause; a network error of theirs has status 500 and no response.
 */
export function githubFailure(error: unknown, call: FailedCall): OperatorError {
  if (error instanceof OperatorError) return error;
  const refusal = refusalOf(error);
  if (refusal === undefined) return noAnswer(error, call);
  const own = call.refused?.(refusal);
  if (own !== undefined) return own;
  if (refusal.status === 404 && !refusal.spoken) {
    return new OperatorError(
      'GITHUB_NOT_JSON',
      'config',
      `GITHUB: ${call.name}: answered 404 without a word of GitHub's: ${WRONG_ADDRESS}`,
      { status: 404 },
    );
  }
  const limited =
    refusal.status === 403 && refusal.headers['retry-after'] === undefined && SECONDARY_LIMIT.test(refusal.text);
  return classify({
    upstream: 'GITHUB',
    call: call.name,
    kind: call.kind,
    status: refusal.status,
    detail: refusal.text + wanted(refusal),
    headers: limited ? { ...refusal.headers, 'retry-after': '60' } : refusal.headers,
    now: serverTime(refusal.headers) ?? call.now,
    notSent: false,
    cause: undefined,
  });
}

/** The answer's own time, milliseconds; rate limits are given by GitHub's clock, not by ours. */
export function serverTime(headers: Refusal['headers']): number | undefined {
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('response' in error) || !isRecord(error.response)) return undefined;
  const { status, data, headers } = error.response;
  if (typeof status !== 'number') return undefined;
  const said = isRecord(data) ? textOf(data['message']) : undefined;
  const listed = isRecord(data) && Array.isArray(data['errors']) ? data['errors'] : [];
  const reasons = listed.map((reason: unknown) => reasonOf(reason));
  const words = [
    said ?? textOf(data) ?? '',
    ...reasons.map((r) => r.message ?? [r.field, r.code].filter(Boolean).join(' ')),
  ];
  const text = cleanLine(redactText(words.filter((w) => w !== '').join(': ')), 400);
  return { status, reasons, text, spoken: said !== undefined, headers: headersOf(headers) };
}
function reasonOf(reason: unknown): RefusalReason {
  if (typeof reason === 'string') return { message: reason };
  if (!isRecord(reason)) return {};
  const [field, code, message] = [textOf(reason['field']), textOf(reason['code']), textOf(reason['message'])];
  return {
    ...(field === undefined ? {} : { field }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
  };
}
/** Headers by lower-case name. */
export function headersOf(headers: unknown): Refusal['headers'] {
  if (!isRecord(headers)) return {};
  const texts = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    typeof value === 'number' ? `${value}` : textOf(value),
  ]);
  return Object.fromEntries(texts) as Refusal['headers'];
}

/** GitHub says in a header what a refused call would have needed. */
function wanted(refusal: Refusal): string {
  if (refusal.status !== 403 && refusal.status !== 404) return '';
  const needs = refusal.headers['x-accepted-github-permissions'] ?? refusal.headers['x-accepted-oauth-scopes'];
  return needs === undefined || needs === '' ? '' : ` (it needs ${needs})`;
}

function noAnswer(error: unknown, call: FailedCall): OperatorError {
  // Octokit's own error quotes the request: only what lies beneath it is kept.
  const beneath = error instanceof Error && 'request' in error ? error.cause : error;
  const unknown = call.kind === 'write' ? 'unknown' : undefined;
  if (beneath instanceof AnswerTooLarge) {
    return new OperatorError('GITHUB_TOO_LARGE', unknown ?? 'terminal', `GITHUB: ${call.name}: ${beneath.message}`);
  }
  if (call.signal?.aborted) {
    return new OperatorError(
      'CANCELLED',
      unknown ?? 'cancelled',
      `GITHUB: ${call.name}: was cancelled before the answer came`,
      { cause: beneath },
    );
  }
  const late = beneath instanceof Error && beneath.name === 'TimeoutError';
  return classify({
    upstream: 'GITHUB',
    call: call.name,
    kind: call.kind,
    status: undefined,
    detail: late ? `nothing within ${call.timeoutMs} ms` : '',
    headers: {},
    now: call.now,
    notSent: wasNotSent(beneath),
    cause: beneath,
  });
}
