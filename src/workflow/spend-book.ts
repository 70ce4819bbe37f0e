import type { Clock } from '../base/clock.js';
import type { EpochMs } from '../model/application.js';
import { isUnreadable, type Spend, type StoredSpend } from '../model/mark.js';
import type { StateStore } from '../ports/state-store.js';

const DAY_MS = 86_400_000;
/** No limit counts further back. */
const KEPT_MS = 7 * DAY_MS;
/** Nobody tells that a record which could not be read was mended. */
const LOOK_AGAIN_MS = 60_000;

/** What was spent of the budgets lately, in memory: limits are asked often, and this process is the only one that spends. */
export class SpendBook {
  #read: readonly StoredSpend[] = [];
  /** What this process spent since its start: true whatever a read that began earlier says. */
  #own: readonly Spend[] = [];
  #begun = 0;
  #taken = 0;
  #readAt = -Infinity;
  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<StateStore, 'spends'>,
  ) {}

  since(at: EpochMs): readonly StoredSpend[] {
    const unread = this.#read.filter((s) => !this.#own.some((o) => isSame(o, s)));
    return [...unread, ...this.#own].filter((s) => isUnreadable(s) || s.at >= at);
  }
  note(spends: readonly Spend[]): void {
    if (spends.length === 0) return;
    const oldest = this.clock.now() - KEPT_MS;
    const others = this.#own.filter((o) => o.at >= oldest && !spends.some((s) => isSame(s, o)));
    this.#own = [...others, ...spends];
  }
  /** Reads the last day of them. Throws what the store throws. */
  async reload(): Promise<void> {
    const begun = ++this.#begun;
    const read = await this.store.spends(this.clock.now() - DAY_MS);
    if (begun < this.#taken) return;
    this.#taken = begun;
    this.#read = read;
    this.#readAt = this.clock.monotonic();
  }
  /** Reads them now and then while one cannot be read. */
  async refresh(): Promise<void> {
    if (this.clock.monotonic() - this.#readAt < LOOK_AGAIN_MS || !this.#read.some(isUnreadable)) return;
    await this.reload();
  }
}

const isSame = (a: StoredSpend, b: StoredSpend): boolean => a.kind === b.kind && a.attempt === b.attempt;
