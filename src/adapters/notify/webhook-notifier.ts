import type { Clock } from '../../base/clock.js';
import { asOperatorError, OperatorError } from '../../base/errors.js';
import type { RetryPolicy } from '../../base/retry.js';
import type { Notice, Notifier } from '../../ports/notifier.js';
import { HttpClient } from '../upstream/http-client.js';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Where notices go. The address often is a secret itself, so it is never repeated in a message. */
export interface WebhookAddress {
  readonly name: string;
  readonly url: string;
  readonly caFile?: string;
  /** Asked for every call; undefined = no authorization. */
  readonly token?: () => string | undefined;
}

/**
 * POSTs each notice as JSON: `{ "version": 1, ...Notice }`. `idempotency-key` is the same for a repeat. 10 s for one try,
 * transient failures are tried again. Throws NOTIFICATION_FAILED (transient, config or denied) naming the webhook, the status and the code, never the address.
 */
export class WebhookNotifier implements Notifier {
  readonly #http: HttpClient;
  readonly #path: string;
  readonly #name: string;

  constructor(address: WebhookAddress, clock: Clock, retry: RetryPolicy) {
    const url = webAddress(address);
    this.#name = address.name;
    this.#path = `${url.pathname}${url.search}`;
    this.#http = new HttpClient(
      'WEBHOOK',
      url.origin,
      {
        timeoutMs: TIMEOUT_MS,
        maxBytes: MAX_ANSWER_BYTES,
        ...(address.caFile === undefined ? {} : { caFile: address.caFile }),
      },
      clock,
      retry,
      () => {
        const token = address.token?.();
        return token === undefined ? {} : { authorization: `Bearer ${token}` };
      },
    );
  }

  async notify(notice: Notice, signal: AbortSignal): Promise<void> {
    const headers = { 'idempotency-key': notice.id, 'ai-operator-notice': notice.kind };
    try {
      await this.#http.send(
        { method: 'POST', path: this.#path, kind: 'repeatable-write', headers, body: { version: 1, ...notice } },
        signal,
      );
    } catch (error) {
      const { code, category, status } = asOperatorError(error);
      // Without the cause: its message holds the path, and that may be the secret.
      const answered = status === undefined ? '' : ` (${status})`;
      throw new OperatorError(
        'NOTIFICATION_FAILED',
        category,
        `webhook ${this.#name} did not take notice ${notice.id}: ${code}${answered}`,
        status === undefined ? {} : { status },
      );
    }
  }
  async close(): Promise<void> {
    await this.#http.close();
  }
}

function webAddress({ name, url }: WebhookAddress): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    !['http:', 'https:'].includes(parsed.protocol) ||
    parsed.username !== '' ||
    parsed.password !== ''
  ) {
    throw new OperatorError(
      'CONFIG_WEBHOOK_ADDRESS',
      'config',
      `webhook ${name}: its url is not an http(s) address without user and password`,
    );
  }
  return parsed;
}
