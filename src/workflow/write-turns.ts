import type { Clock } from '../base/clock.js';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever is first may not come: the next one may go so much later, and so on. */
const STAGGER_MS = 1_000;

/**
 * Attempts whose last decision, or applications whose opening, could not be written down: a store without space, a full
 * disk. Each try costs looks at upstreams and an audit record, so one of them tries at a time, 1, 2, 4, ... 30 s apart, the
 * one that has waited longest first; a write that succeeds frees all.
 */
export class WriteTurns<K> {
  /** In the order of their last failures. */
  readonly #waiting = new Set<K>();
  #failures = 0;
  /** By the monotonic clock: when the next may try. */
  #nextAt = 0;
  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  has(who: K): boolean {
    return this.#waiting.has(who);
  }
  get areFree(): boolean {
    return this.#waiting.size === 0;
  }
  /** Who waits, and how long still. */
  get waits(): readonly (readonly [K, number])[] {
    return [...this.#waiting].map((who, rank) => [who, this.#waitMs(rank)]);
  }
  /** How long one still waits for its turn; 0 = it may try. */
  waitMs(who: K): number {
    if (!this.#waiting.has(who)) return 0;
    let rank = 0;
    for (const other of this.#waiting) {
      if (other === who) break;
      rank += 1;
    }
    return this.#waitMs(rank);
  }
  /** Takes the turn of one that waits, and keeps the others waiting; false = it is not its turn. */
  take(who: K): boolean {
    if (this.waitMs(who) > 0) return false;
    if (this.#waiting.has(who)) this.#postpone();
    return true;
  }
  failed(who: K): void {
    const again = this.#waiting.delete(who);
    // Those that fail side by side are one failure, and who comes new keeps nobody waiting longer.
    const counts = again || this.#failures === 0;
    this.#waiting.add(who);
    if (!counts) return;
    this.#failures += 1;
    this.#postpone();
  }
  /** It has nothing to write any more: the next one need not wait for it. False = it did not wait. */
  leave(who: K): boolean {
    if (!this.#waiting.delete(who)) return false;
    this.#nextAt = this.clock.monotonic();
    if (this.areFree) this.#failures = 0;
    return true;
  }
  /** A write succeeded: nobody waits any more. Answers who did. */
  free(): readonly K[] {
    const freed = [...this.#waiting];
    this.#waiting.clear();
    this.#failures = 0;
    this.#nextAt = this.clock.monotonic();
    return freed;
  }

  #waitMs(rank: number): number {
    return Math.max(0, this.#nextAt + rank * STAGGER_MS - this.clock.monotonic());
  }
  #postpone(): void {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    this.#nextAt = Math.max(this.#nextAt, this.clock.monotonic() + pauseMs);
  }
}
