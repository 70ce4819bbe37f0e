import type { Clock } from '../../base/clock.js';

const WINDOW_MS = 3_600_000;

export interface RateWindow {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Seconds since the epoch. */
  readonly reset: number;
}

/** Requests per hour and caller, as the headers `x-ratelimit-*` tell. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windows = new Map<string, { readonly endsAt: number; used: number }>();

  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** The present window, without counting. */
  read(key: string): RateWindow {
    const { used, endsAt } = this.#window(key);
    const spent = Math.min(used, this.#limit);
    return { limit: this.#limit, used: spent, remaining: this.#limit - spent, reset: Math.floor(endsAt / 1000) };
  }

  /** Counts one request; false = it is one too many. */
  spend(key: string): boolean {
    const window = this.#window(key);
    window.used += 1;
    return window.used <= this.#limit;
  }

  /** Takes one back: a conditional request answered 304 is free. */
  refund(key: string): void {
    this.#window(key).used -= 1;
  }

  #window(key: string): { readonly endsAt: number; used: number } {
    const known = this.#windows.get(key);
    if (known && this.#clock.now() < known.endsAt) return known;
    const window = { endsAt: this.#clock.now() + WINDOW_MS, used: 0 };
    this.#windows.set(key, window);
    return window;
  }
}

/** The rate-limit headers of an answer. */
export const rateHeaders = (window: RateWindow): Record<string, string> => ({
  'x-ratelimit-limit': String(window.limit),
  'x-ratelimit-remaining': String(window.remaining),
  'x-ratelimit-used': String(window.used),
  'x-ratelimit-reset': String(window.reset),
  'x-ratelimit-resource': 'core',
});
