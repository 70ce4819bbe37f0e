import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { askedPauseMs } from '../upstream/classify.js';
import { serverTime, type Refusal } from './github-failure.js';

/** The longest window GitHub has; no header can silence the operator for longer. */
const LONGEST_MS = 3_600_000;

/** What GitHub said about its rate limit. While a pause lasts nothing is sent: asking on would only prolong it. */
export class RateLimit {
  #remaining: number | undefined;
  #pausedUntil = 0;
  constructor(private readonly clock: Clock) {}
  /** Remaining calls of the present window, as the last answer said it. */
  get remaining(): number | undefined {
    return this.#remaining;
  }
  /** Throws `GITHUB_RATE_LIMITED` (transient, with the rest of the pause) while GitHub wants to be left alone. */
  check(call: string): void {
    const restMs = this.#pausedUntil - this.clock.monotonic();
    if (this.#pausedUntil === 0 || restMs <= 0) return;
    throw new OperatorError(
      'GITHUB_RATE_LIMITED',
      'transient',
      `GITHUB: ${call}: not sent: GitHub asked to wait for another ${Math.ceil(restMs / 1000)} s`,
      { retryAfterMs: restMs },
    );
  }
  observe(headers: Refusal['headers']): void {
    if ((headers['x-ratelimit-resource'] ?? 'core') !== 'core') return;
    const remaining = headers['x-ratelimit-remaining'];
    if (remaining === undefined || !/^\d+$/.test(remaining)) return;
    this.#remaining = Number(remaining);
    if (this.#remaining === 0) this.pause(askedPauseMs(headers, serverTime(headers) ?? this.clock.now()));
  }
  pause(ms: number | undefined): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.clock.monotonic() + Math.min(ms ?? 60_000, LONGEST_MS));
  }
}
