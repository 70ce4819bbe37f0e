import { readFileSync } from 'node:fs';
import { Agent, EnvHttpProxyAgent, ProxyAgent, request, type Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { withRetry, type RetryPolicy } from '../../base/retry.js';
import { classify, wasNotSent, type CallKind } from './classify.js';
import { withDeadline } from './deadline.js';

/** How an upstream is reached. Files are read once, when the client is made. */
export interface Transport {
  /** PEM file of the certificate authority; the system's when absent. */
  readonly caFile?: string;
  /** `http://host:port` of a proxy; absent = HTTPS_PROXY and NO_PROXY of the environment. */
  readonly proxy?: string;
  /** Deadline of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Answers larger than this are refused. */
  readonly maxBytes: number;
}

export interface HttpCall {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, from the base address on. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly kind?: CallKind;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  /** False = the next tick is its retry. */
  readonly retry?: boolean;
}
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Takes an answer while it comes in. */
type Take<T> = (answer: Omit<HttpAnswer, 'body'>, chunks: AsyncIterable<Buffer>) => Promise<T>;

/** A dispatcher for an upstream's certificate authority and proxy. Throws `CONFIG_CA_UNREADABLE`. */
export function makeDispatcher(transport: Pick<Transport, 'caFile' | 'proxy'>): Dispatcher {
  const tls = transport.caFile === undefined ? {} : { ca: readCa(transport.caFile) };
  if (transport.proxy !== undefined) return new ProxyAgent({ uri: transport.proxy, requestTls: tls, proxyTls: tls });
  if (
    process.env['HTTPS_PROXY'] ??
    process.env['https_proxy'] ??
    process.env['HTTP_PROXY'] ??
    process.env['http_proxy']
  ) {
    return new EnvHttpProxyAgent({ requestTls: tls, connect: tls });
  }
  return new Agent({ connect: tls, connections: 20, pipelining: 1 });
}
function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError('CONFIG_CA_UNREADABLE', 'config', `caFile ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

/**
 * JSON over HTTP with a deadline, a size cap, one classification and the architecture's retries (reads and repeatable
 * writes only). It follows no redirect, so a token never reaches another host.
 */
export class HttpClient {
  readonly #dispatcher: Dispatcher;
  readonly #base: URL;
  constructor(
    private readonly upstream: string,
    baseUrl: string,
    private readonly transport: Transport,
    private readonly clock: Clock,
    private readonly retryPolicy: RetryPolicy,
    /** Asked for every call, so that a rotated token file is used at once. */
    private readonly authorization: () => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.#base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
    this.#dispatcher = makeDispatcher(transport);
  }
  /** Sends a call; a status of 400 or more is thrown as `classify` says. */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#retried(call, signal, () => this.#once(call, signal));
  }
  /**
   * Sends a call and parses its JSON; one that cannot be parsed is tried again like one that did not come.
   * `<UPSTREAM>_NOT_JSON` (config) when something else answers.
   */
  json(call: HttpCall, signal: AbortSignal): Promise<unknown> {
    return this.#retried(call, signal, async () => this.#parsed(call, await this.#once(call, signal)));
  }
  /**
   * Sends a read once and hands its JSON to `read` while it comes in; a SyntaxError of `read` is JSON that cannot be
   * parsed. An answer may stop half way: what was handed over counts only when this resolves.
   */
  stream<T>(call: HttpCall, read: (chunks: AsyncIterable<Buffer>) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#exchange(call, signal, async (answer, chunks) => {
      try {
        if (isJson(answer)) return await read(chunks);
      } catch (error) {
        throw error instanceof SyntaxError ? this.#malformed(call, error) : error;
      }
      await gathered(chunks);
      throw this.#notJson(call, answer);
    });
  }
  #retried<T>(call: HttpCall, signal: AbortSignal, once: () => Promise<T>): Promise<T> {
    const mayRepeat = call.retry !== false && (call.kind ?? 'read') !== 'write';
    return mayRepeat ? withRetry(this.clock, this.retryPolicy, signal, once) : once();
  }
  #parsed(call: HttpCall, answer: HttpAnswer): unknown {
    if (!isJson(answer)) throw this.#notJson(call, answer);
    try {
      return JSON.parse(answer.body.toString('utf8')) as unknown;
    } catch (error) {
      throw this.#malformed(call, error);
    }
  }
  #notJson(call: HttpCall, { headers }: Pick<HttpAnswer, 'headers'>): OperatorError {
    const type = headers['content-type'] ?? '';
    return new OperatorError(
      `${this.upstream}_NOT_JSON`,
      'config',
      `${this.upstream}: ${this.#name(call)} answered ${type || 'no content type'}, not JSON: is this the right address?`,
    );
  }
  #malformed(call: HttpCall, cause: unknown): OperatorError {
    return new OperatorError(
      `${this.upstream}_MALFORMED`,
      call.kind === 'write' ? 'unknown' : 'transient',
      `${this.upstream}: ${this.#name(call)} answered JSON that cannot be parsed`,
      { cause },
    );
  }
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }
  #name(call: HttpCall): string {
    return `${call.method ?? 'GET'} ${call.path.split('?')[0]}`;
  }
  #once(call: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#exchange(call, signal, async (answer, chunks) => ({ ...answer, body: await gathered(chunks) }));
  }
  async #exchange<T>(call: HttpCall, signal: AbortSignal, take: Take<T>): Promise<T> {
    const timeoutMs = call.timeoutMs ?? this.transport.timeoutMs;
    let isLate = false;
    try {
      return await withDeadline(signal, timeoutMs, (deadline) => {
        deadline.addEventListener('abort', () => (isLate = true));
        return this.#transfer(call, deadline, take);
      });
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      if (signal.aborted)
        throw new OperatorError('CANCELLED', 'cancelled', `${this.upstream}: ${this.#name(call)} was cancelled`, {
          cause: error,
        });
      throw this.#failure(call, undefined, isLate ? `no answer within ${timeoutMs} ms` : '', {}, error);
    }
  }
  async #transfer<T>(call: HttpCall, signal: AbortSignal, take: Take<T>): Promise<T> {
    const answer = await request(new URL(call.path.replace(/^\//, ''), this.#base), {
      method: call.method ?? 'GET',
      dispatcher: this.#dispatcher,
      signal,
      headers: {
        accept: 'application/json',
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.authorization(),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([k, v]) => [k, Array.isArray(v) ? v[0] : v]),
    );
    const maxBytes = call.maxBytes ?? this.transport.maxBytes;
    const chunks = capped(answer.body, maxBytes, `${this.upstream}: ${this.#name(call)}`, this.upstream);
    if (answer.statusCode >= 300 && answer.statusCode !== 304) {
      const said = shorten((await gathered(chunks)).toString('utf8'));
      throw this.#failure(call, answer.statusCode, said, headers, undefined);
    }
    return take({ status: answer.statusCode, headers }, chunks);
  }
  #failure(
    call: HttpCall,
    status: number | undefined,
    detail: string,
    headers: HttpAnswer['headers'],
    cause: unknown,
  ): OperatorError {
    return classify({
      upstream: this.upstream,
      call: this.#name(call),
      kind: call.kind ?? 'read',
      status,
      detail,
      headers,
      now: this.clock.now(),
      notSent: wasNotSent(cause),
      cause,
    });
  }
}

const isJson = ({ headers }: Pick<HttpAnswer, 'headers'>): boolean => (headers['content-type'] ?? '').includes('json');
const shorten = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 300);

async function* capped(
  body: AsyncIterable<Buffer>,
  maxBytes: number,
  what: string,
  upstream: string,
): AsyncGenerator<Buffer, void> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes)
      throw new OperatorError(`${upstream}_TOO_LARGE`, 'terminal', `${what} answered more than ${maxBytes} bytes`);
    yield chunk;
  }
}
async function gathered(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
