import { Octokit } from '@octokit/rest';
import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { withRetry, type RetryPolicy } from '../../base/retry.js';
import { withDeadline } from '../upstream/deadline.js';
import { makeDispatcher } from '../upstream/http-client.js';
import { checkedBaseUrl } from './base-url.js';
import { BoundedCache } from './bounded-cache.js';
import { AppAuthentication, TokenAuthentication, type Authentication } from './github-authentication.js';
import { isConditional, malformed, type Exchange, type GitHubCall, type PageLimits } from './github-call.js';
import { githubFailure, headersOf, WRONG_ADDRESS, type Refusal } from './github-failure.js';
import { githubFetch } from './github-fetch.js';
import type { GitHubSettings, GitHubTimeouts } from './github-settings.js';
import { nextPage } from './next-page.js';
import { RateLimit } from './rate-limit.js';

interface Answer {
  readonly body: unknown;
  readonly headers: Refusal['headers'];
  /** Size on arrival; 0 = it came from the cache. */
  readonly bytes: number;
}

const DEFAULT_TIMEOUTS: GitHubTimeouts = { readMs: 15_000, writeMs: 30_000 };
const MAX_BYTES = 10 * 1024 * 1024;
const CACHE_BYTES = 4 * 1024 * 1024;
const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

/**
 * Octokit without its surprises: deadlines, a size cap, own retries for reads and repeatable writes only, conditional
 * reads, rate limits obeyed, answers checked against a schema, and OperatorErrors (`GITHUB_*`) instead of its own.
 */
export class OctokitClient {
  readonly authentication: Authentication;
  readonly rateLimit: RateLimit;
  readonly #dispatcher: Dispatcher;
  readonly #baseUrl: string;
  readonly #octokit: Octokit;
  readonly #timeouts: GitHubTimeouts;
  readonly #cache = new BoundedCache<Answer>(CACHE_BYTES, (answer) => answer.bytes + 1024);
  constructor(
    settings: GitHubSettings,
    private readonly clock: Clock,
    private readonly retryPolicy: RetryPolicy,
  ) {
    this.#baseUrl = checkedBaseUrl(settings.baseUrl);
    this.#dispatcher = makeDispatcher(settings);
    this.#timeouts = settings.timeouts ?? DEFAULT_TIMEOUTS;
    this.rateLimit = new RateLimit(clock);
    this.#octokit = this.#makeOctokit();
    this.authentication =
      settings.auth.kind === 'token'
        ? new TokenAuthentication(settings.auth.token)
        : new AppAuthentication(settings.auth, clock, this.#timeouts.readMs, (options) => this.#makeOctokit(options));
  }
  /** Calls, checks the answer, and hands out what the schema names. */
  async call<T>(call: GitHubCall<T>, signal: AbortSignal): Promise<T> {
    return (await this.exchange(call, signal)).value;
  }
  /** Like `call`; undefined where GitHub says 404. The caller knows what else a 404 may mean. */
  async find<T>(call: GitHubCall<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await this.call(call, signal);
    } catch (error) {
      if (error instanceof OperatorError && error.code === 'GITHUB_NOT_FOUND') return undefined;
      throw error;
    }
  }
  /** Every item of a paged list, 100 a page. */
  async list<T>(call: GitHubCall<readonly T[]>, limits: PageLimits, signal: AbortSignal): Promise<readonly T[]> {
    let count = 0;
    const perPage = Math.min(100, limits.enough ?? 100);
    const pages = await this.#pages(
      call,
      perPage,
      limits.maxPages,
      signal,
      (page) => (count += page.length) < (limits.enough ?? Infinity),
    );
    return pages.flat().slice(0, limits.enough);
  }
  /** Every page of a list whose pages say more than their items. */
  pages<T>(call: GitHubCall<T>, maxPages: number, signal: AbortSignal): Promise<readonly T[]> {
    return this.#pages(call, 100, maxPages, signal, () => true);
  }
  async #pages<T>(
    call: GitHubCall<T>,
    perPage: number,
    maxPages: number,
    signal: AbortSignal,
    wantMore: (page: T) => boolean,
  ): Promise<readonly T[]> {
    const pages: T[] = [];
    let at: GitHubCall<T> = { ...call, parameters: { per_page: perPage, ...call.parameters } };
    for (;;) {
      const { value, headers } = await this.exchange(at, signal);
      pages.push(value);
      if (!wantMore(value)) return pages;
      const next = nextPage(headers['link'], this.#baseUrl);
      if (next === undefined) return pages;
      if (pages.length >= maxPages) {
        throw new OperatorError(
          'GITHUB_LIST_TRUNCATED',
          'terminal',
          `GITHUB: ${this.#name(call)}: more than ${maxPages} pages of ${perPage}; the list is of no use unless read to its end`,
        );
      }
      at = { ...call, route: `GET ${next}`, parameters: {} };
    }
  }
  /** Like `call`, with the answer's headers. */
  exchange<T>(call: GitHubCall<T>, signal: AbortSignal): Promise<Exchange<T>> {
    const once = async (): Promise<Exchange<T>> => {
      const answer = await this.#once(call, signal);
      const value = this.#checked(call, answer);
      if (answer.bytes > 0 && answer.headers['etag'] !== undefined && isConditional(call))
        this.#cache.put(this.#url(call), answer);
      return { value, headers: answer.headers };
    };
    if (call.kind === 'write') return once();
    return this.#cancellable(call, signal, () => withRetry(this.clock, this.retryPolicy, signal, once));
  }
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #once(call: GitHubCall<unknown>, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw this.#cancelled(call);
    this.rateLimit.check(this.#name(call));
    for (let tries = 0; ; tries++) {
      const authorization = call.as === 'app' ? undefined : await this.authentication.header(signal);
      try {
        return await this.#send(call, authorization, signal);
      } catch (error) {
        const failure = this.#failure(error, call, signal);
        if (failure.code === 'GITHUB_RATE_LIMITED') this.rateLimit.pause(failure.retryAfterMs);
        if (failure.status !== 401 || authorization === undefined) throw failure;
        const renewed = await this.#cancellable(call, signal, () =>
          this.authentication.renew(authorization, tries, signal),
        );
        if (!renewed) throw failure;
      }
    }
  }
  async #send(call: GitHubCall<unknown>, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
    const octokit = call.as === 'app' ? this.authentication.app() : this.#octokit;
    if (octokit === undefined)
      throw new OperatorError('GITHUB_NOT_AN_APP', 'bug', `${this.#name(call)} is for a GitHub App only`);
    const known = isConditional(call) ? this.#cache.find(this.#url(call)) : undefined;
    let bytes = 0;
    const timeoutMs = this.#timeoutMs(call);
    const limits = { maxBytes: call.maxBytes ?? MAX_BYTES, timeoutMs };
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      ...(known === undefined ? {} : { 'if-none-match': known.headers['etag'] }),
    };
    const request = {
      fetch: githubFetch(this.#dispatcher, limits, (size) => {
        bytes = size;
      }),
      log: silent,
    };
    let answer: Answer;
    try {
      const {
        status,
        data,
        headers: received,
      } = await withDeadline(signal, timeoutMs, (deadline) =>
        octokit.request(call.route, { ...call.parameters, headers, request: { ...request, signal: deadline } }),
      );
      answer = { body: data as unknown, headers: headersOf(received), bytes };
      if (Number(status) >= 300) throw this.#moved(call, Number(status));
    } catch (error) {
      const notModified = known === undefined ? undefined : headersOfNotModified(error);
      if (known === undefined || notModified === undefined) throw error;
      // A 304 says nothing of further pages: those are as they were.
      answer = { body: known.body, headers: { ...notModified, link: known.headers['link'] }, bytes: 0 };
    }
    if (call.as === undefined) this.rateLimit.observe(answer.headers);
    return answer;
  }

  #checked<T>(call: GitHubCall<T>, answer: Answer): T {
    const parsed = call.schema.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    const isWrite = call.kind === 'write';
    const type = answer.headers['content-type'];
    if (!isWrite && type !== undefined && !type.includes('json')) {
      throw new OperatorError(
        'GITHUB_NOT_JSON',
        'config',
        `GITHUB: ${this.#name(call)}: answered ${type}, not JSON: ${WRONG_ADDRESS}`,
      );
    }
    const [issue] = parsed.error.issues;
    throw malformed(this.#name(call), `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, call.kind);
  }
  #failure(error: unknown, call: GitHubCall<unknown>, signal: AbortSignal): OperatorError {
    const refused = (refusal: Refusal): OperatorError | undefined => {
      this.rateLimit.observe(refusal.headers);
      return call.refused?.(refusal);
    };
    const { kind = 'read' } = call;
    return githubFailure(error, {
      name: this.#name(call),
      kind,
      timeoutMs: this.#timeoutMs(call),
      signal,
      now: this.clock.now(),
      refused,
    });
  }
  async #cancellable<T>(call: GitHubCall<unknown>, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // The clock's sleep rejects with the signal's own reason, whatever that is.
      if (!(error instanceof OperatorError) && signal.aborted) throw this.#cancelled(call);
      throw error;
    }
  }
  #cancelled(call: GitHubCall<unknown>): OperatorError {
    return new OperatorError('CANCELLED', 'cancelled', `GITHUB: ${this.#name(call)}: was cancelled before it was sent`);
  }
  #moved(call: GitHubCall<unknown>, status: number): OperatorError {
    return new OperatorError(
      'GITHUB_MOVED',
      'config',
      `GITHUB: ${this.#name(call)}: redirected (${status}), renamed perhaps; configure the new name`,
      { status },
    );
  }
  #timeoutMs(call: GitHubCall<unknown>): number {
    return (call.kind ?? 'read') === 'read' ? this.#timeouts.readMs : this.#timeouts.writeMs;
  }
  #url(call: GitHubCall<unknown>): string {
    return this.#octokit.request.endpoint(call.route, { ...call.parameters }).url;
  }
  /** Method and path, without base address and query. */
  #name(call: GitHubCall<unknown>): string {
    return `${call.route.split(' ')[0]} ${this.#url(call).replace(this.#baseUrl, '').split('?')[0]}`;
  }
  #makeOctokit(options: object = {}): Octokit {
    const fetch = githubFetch(this.#dispatcher, { maxBytes: MAX_BYTES, timeoutMs: this.#timeouts.readMs });
    return new Octokit({
      ...options,
      baseUrl: this.#baseUrl,
      userAgent: 'ai-devops-operator',
      log: silent,
      request: { fetch, log: silent },
    });
  }
}

function headersOfNotModified(error: unknown): Refusal['headers'] | undefined {
  if (!(error instanceof Error) || !('status' in error) || error.status !== 304 || !('response' in error))
    return undefined;
  const { response } = error;
  return headersOf(
    typeof response === 'object' && response !== null && 'headers' in response ? response.headers : undefined,
  );
}
