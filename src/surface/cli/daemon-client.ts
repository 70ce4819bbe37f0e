import { asOperatorError, OperatorError, type ErrorCategory } from '../../base/errors.js';
import { cleanLine } from '../../base/clean-text.js';
import { Secret } from '../../base/secret.js';

const TIMEOUT_MS = 15_000;

export interface DaemonAddress {
  readonly url: string;
  readonly token?: Secret;
  /** For the User-Agent. */
  readonly version: string;
}

/** Calls the operator's API. What it refuses is thrown with the category that makes the exit code. */
export class DaemonClient {
  readonly #base: string;
  constructor(private readonly address: DaemonAddress) {
    if (!URL.canParse(address.url) || !/^https?:$/.test(new URL(address.url).protocol)) {
      throw new OperatorError(
        'CLI_SERVER_ADDRESS',
        'config',
        `${address.url} is not an http(s) address; use --server http://host:port`,
      );
    }
    this.#base = address.url.replace(/\/+$/, '');
  }

  get(path: string): Promise<unknown> {
    return this.#call('GET', path);
  }
  /** Items of a list. */
  async list(path: string): Promise<readonly unknown[]> {
    const answer = await this.#call('GET', path);
    if (typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items))
      return answer.items;
    throw this.#notOurs(path);
  }
  post(path: string, reason: string): Promise<unknown> {
    return this.#call('POST', path, { reason });
  }

  async #call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#base + path, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          accept: 'application/json',
          'user-agent': `ai-operator-cli/${this.address.version}`,
          ...(this.address.token === undefined ? {} : { authorization: `Bearer ${this.address.token.reveal()}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const why =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message || error.message
          : asOperatorError(error).message;
      throw new OperatorError(
        'DAEMON_UNREACHABLE',
        'transient',
        `no operator answers at ${this.#base} (${why}); is it running, and is --server right?`,
        { cause: error },
      );
    }
    const value = parse(text);
    if (value === undefined || !(response.headers.get('content-type') ?? '').includes('json'))
      throw this.#notOurs(path);
    if (response.ok) return value;
    throw refusal(response.status, value);
  }

  #notOurs(path: string): OperatorError {
    return new OperatorError(
      'DAEMON_NOT_OURS',
      'config',
      `what answers at ${this.#base}${path} is not an AI DevOps Operator of this version; check --server`,
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const CATEGORIES: Readonly<Record<number, ErrorCategory>> = {
  401: 'config',
  403: 'denied',
  409: 'conflict',
  421: 'config',
  429: 'transient',
  503: 'transient',
};
const HINTS: Readonly<Record<number, string>> = { 401: ' Give yours with --token-file.' };
function refusal(status: number, value: unknown): OperatorError {
  const member = (name: string): string | undefined => {
    const found =
      typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
    return typeof found === 'string' ? cleanLine(found, 600) : undefined;
  };
  const code = (member('code') ?? 'refused').toUpperCase().replaceAll('-', '_');
  const message =
    [member('title'), member('detail')].filter((t) => t !== undefined).join(': ') || `refused (${status})`;
  return new OperatorError(`DAEMON_${code}`, CATEGORIES[status] ?? 'terminal', `${message}${HINTS[status] ?? ''}`, {
    status,
  });
}
