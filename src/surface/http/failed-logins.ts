import type { Clock } from '../../base/clock.js';

const WINDOW_MS = 60_000;
const ALLOWED = 5;
const MAX_ADDRESSES = 1_000;

/**
 * Counts failed logins of an address; more than 5 within a minute are answered 429. A valid token always passes, so that
 * nobody behind the same address is kept from stopping something.
 */
export class FailedLogins {
  readonly #failures = new Map<string, number[]>();
  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** Notes a failure. The milliseconds to wait when there were too many, else undefined. */
  failed(address: string): number | undefined {
    const now = this.clock.monotonic();
    const recent = (this.#failures.get(address) ?? []).filter((at) => at > now - WINDOW_MS).slice(-ALLOWED);
    const oldest = recent[0];
    const waitMs = recent.length >= ALLOWED && oldest !== undefined ? oldest + WINDOW_MS - now : undefined;
    if (waitMs === undefined) recent.push(now);
    this.#failures.delete(address);
    this.#failures.set(address, recent);
    const [first] = this.#failures.keys();
    if (this.#failures.size > MAX_ADDRESSES && first !== undefined) this.#failures.delete(first);
    return waitMs;
  }
}
