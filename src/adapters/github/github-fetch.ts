import { fetch, Response, type Dispatcher, type RequestInit } from 'undici';

/** Later versions drop `merge_commit_sha` from pull requests: moving this is a change of behaviour. */
export const GITHUB_API_VERSION = '2022-11-28';
/** The platform's fetch refuses a body for these. */
const BODILESS = new Set([204, 205, 304]);

/** The answer was cut off: what it said is not known. */
export class AnswerTooLarge extends Error {
  constructor(readonly maxBytes: number) {
    super(`answered more than ${maxBytes} bytes`);
    this.name = 'AnswerTooLarge';
  }
}

export interface FetchLimits {
  /** Answers larger than this, unpacked, are refused with `AnswerTooLarge`. */
  readonly maxBytes: number;
  /** Deadline, in milliseconds, for calls that come without a signal. */
  readonly timeoutMs: number;
}
export type GitHubFetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * The fetch that Octokit is given: through our dispatcher (certificate authority, proxy), with the API version pinned,
 * read whole under a size cap, within the signal. It follows no redirect, so a token never reaches another host.
 */
export function githubFetch(
  dispatcher: Dispatcher,
  limits: FetchLimits,
  received: (bytes: number) => void = () => {},
): GitHubFetch {
  return async (url, init) => {
    const headers = new Headers(init.headers as Record<string, string>);
    headers.set('x-github-api-version', GITHUB_API_VERSION);
    const signal = init.signal ?? AbortSignal.timeout(limits.timeoutMs);
    const answer = await fetch(url, { ...init, headers: [...headers], redirect: 'manual', dispatcher, signal });
    const body = await readCapped(answer, limits.maxBytes);
    received(body.length);
    return new Response(BODILESS.has(answer.status) ? null : body, { status: answer.status, headers: answer.headers });
  };
}

async function readCapped(answer: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new AnswerTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
