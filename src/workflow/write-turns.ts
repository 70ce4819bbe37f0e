import type { Clock } from '../base/clock.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Attempts whose last decision, or applications whose opening, could not be written down: a store without space, a full
 * disk. Each try costs looks at upstreams and an audit record, so they take turns, 1, 2, 4, ... 30 s apart; the first write
 * that succeeds frees all.
 */
export class WriteTurns<K> {
  /** By the monotonic clock. */
  readonly #turns = new Map<K, number>();
  #failures = 0;
  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** Nobody waits. */
  get areFree(): boolean {
    return this.#turns.size === 0;
  }
  /** How long one still waits for its turn; 0 = it may go on. */
  waitMs(who: K): number {
    return Math.max(0, (this.#turns.get(who) ?? 0) - this.clock.monotonic());
  }
  /** Sends one to the end of the queue. */
  failed(who: K): void {
    this.#turns.delete(who);
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#turns.set(who, Math.max(this.clock.monotonic(), ...this.#turns.values()) + pause);
  }
  /** It has nothing to write any more. */
  leave(who: K): void {
    this.#turns.delete(who);
    if (this.areFree) this.#failures = 0;
  }
  /** A write succeeded. Answers who may go on at once. */
  free(): readonly K[] {
    const freed = [...this.#turns.keys()];
    this.#turns.clear();
    this.#failures = 0;
    return freed;
  }
}
