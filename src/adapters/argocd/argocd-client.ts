import type { z } from 'zod';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { RetryPolicy } from '../../base/retry.js';
import type { Secret } from '../../base/secret.js';
import { HttpClient, type HttpCall } from '../upstream/http-client.js';
import { decodeList, type TakeItems } from './list-decoder.js';

const MEBIBYTE = 1024 * 1024;
/** Largest answer to a list call; above it the list is asked for project by project. */
export const MAX_LIST_BYTES = 64 * MEBIBYTE;
/** Largest answer to any other call. */
export const MAX_ANSWER_BYTES = 8 * MEBIBYTE;

/** How Argo CD's API server is reached. Times in milliseconds. */
export interface ArgoCdSettings {
  /** Base address, with `--rootpath` if the server has one. */
  readonly url: string;
  /** Asked for every call, so that a rotated token is used at once. */
  readonly token: () => Secret;
  /** PEM file; Argo CD's own certificate is self-signed. */
  readonly caFile?: string;
  readonly proxy?: string;
  /** Deadline of one ordinary call. */
  readonly timeoutMs: number;
  /** Deadline of a list (thousands of applications take Argo CD minutes). Default 60 s. */
  readonly listTimeoutMs?: number;
  /** Deadline of one rendering. Default 60 s. */
  readonly renderTimeoutMs?: number;
  /** How long a refresh is waited for; it goes on without us. Default 10 s. */
  readonly refreshWaitMs?: number;
  /** Cap of a list answer in bytes. Default 64 MiB. */
  readonly maxListBytes?: number;
}

/** Path below `/api/`, query values (absent ones left out, arrays repeated), and what HttpClient may be told. */
export interface ArgoCdQuery {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly retry?: boolean;
}

/** GET calls to Argo CD with its ways of failing made plain (argocd facts 1.8). */
export class ArgoCdClient {
  readonly #http: HttpClient;
  constructor(settings: ArgoCdSettings, clock: Clock, retryPolicy: RetryPolicy) {
    const transport = {
      timeoutMs: settings.timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      ...(settings.caFile === undefined ? {} : { caFile: settings.caFile }),
      ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    };
    const authorization = (): Record<string, string> => ({ authorization: `Bearer ${settings.token().reveal()}` });
    this.#http = new HttpClient('ARGOCD', settings.url, transport, clock, retryPolicy, authorization);
  }

  /**
   * The parsed answer. Beside what HttpClient throws: `ARGOCD_NOT_JSON` (config) also for a 404 that is not Argo CD's
   * own, so that a wrong address is never taken for "does not exist"; `ARGOCD_MALFORMED` (terminal) when a field that
   * the operator needs is missing or of another type.
   */
  async get<T>(call: ArgoCdQuery, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return readAs(schema, await this.#plainly(this.#http.json(httpCallOf(call), signal)), `GET api/${call.path}`);
  }
  /** As `get`, for a list that may be large: its items are handed over, unchecked, while they come in; never retried. */
  async list(call: ArgoCdQuery, to: TakeItems, signal: AbortSignal): Promise<void> {
    await this.#plainly(this.#http.stream(httpCallOf(call), (chunks) => decodeList(chunks, to), signal));
  }
  async close(): Promise<void> {
    await this.#http.close();
  }

  async #plainly<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'ARGOCD_NOT_FOUND' || saidByGateway(error)) throw error;
      const why = `${error.message}: this is not Argo CD's answer; is this the right address?`;
      throw new OperatorError('ARGOCD_NOT_JSON', 'config', why, {
        cause: error,
        ...(error.status === undefined ? {} : { status: error.status }),
      });
    }
  }
}

/** What the schema makes of an answer, or of a part of it that begins at `at`. Throws ARGOCD_MALFORMED (terminal). */
export function readAs<T>(schema: z.ZodType<T>, answer: unknown, call: string, at: readonly PropertyKey[] = []): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 3).map((i) => `${[...at, ...i.path].join('.')}: ${i.message}`);
  const why = `ARGOCD: ${call} answered what cannot be read: ${faults.join('; ')}`;
  throw new OperatorError('ARGOCD_MALFORMED', 'terminal', why);
}

const httpCallOf = ({ query, path, ...rest }: ArgoCdQuery): HttpCall => ({
  ...rest,
  path: `api/${path}${queryString(query ?? {})}`,
});

/** Every error of Argo CD's gateway is JSON that begins with its message; anybody else's 404 is text or HTML. */
const saidByGateway = (error: OperatorError): boolean => /\{\s*"error"\s*:/.test(error.message);

function queryString(query: NonNullable<ArgoCdQuery['query']>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = value === undefined ? [] : typeof value === 'string' ? [value] : value;
    return values.map((v) => `${name}=${encodeURIComponent(v)}`);
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
