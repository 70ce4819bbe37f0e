import type { Answer } from './answer.js';

/** Every refusal this API gives, with its status and title (RFC 9457); `detail` says more. */
export const PROBLEMS = {
  'malformed-request': { status: 400, title: 'The request is not well-formed' },
  'invalid-body': { status: 400, title: 'The body is not what this call takes' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  'role-too-low': { status: 403, title: 'Your role does not permit this' },
  'no-tokens-configured': {
    status: 403,
    title: 'Without configured tokens this API is read-only, and only on the loopback',
  },
  'no-such-route': { status: 404, title: 'There is nothing at this address' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'This address does not take that method' },
  conflict: { status: 409, title: 'It is not in a state for this' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'not-json': { status: 415, title: 'The body must be JSON' },
  'wrong-host': { status: 421, title: 'This server does not answer for that host name' },
  'too-many-failures': { status: 429, title: 'Too many failed logins' },
  internal: { status: 500, title: 'An error of the operator itself' },
  unavailable: { status: 503, title: 'The operator cannot do this now' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;
export type ProblemCode = keyof typeof PROBLEMS;

/** What the receiver of a problem may read beside the standard members. */
export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members, such as the result that led to it. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** `application/problem+json`; `code` is stable and what programs compare. */
export function problem(code: ProblemCode, detail: string, extras: ProblemExtras = {}): Answer {
  const { status, title } = PROBLEMS[code];
  return {
    status,
    contentType: 'application/problem+json; charset=utf-8',
    body: `${JSON.stringify({ ...extras.members, type: `urn:ai-operator:problem:${code}`, title, status, detail, code })}\n`,
    ...(extras.headers === undefined ? {} : { headers: extras.headers }),
  };
}
