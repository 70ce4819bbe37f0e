import type { Clock } from '../base/clock.js';
import type { EpochMs } from '../model/application.js';
import { isUnreadable, type Spend, type StoredSpend } from '../model/mark.js';
import type { StateStore } from '../ports/state-store.js';

/** No limit counts further back. */
const KEPT_MS = 7 * 86_400_000;
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
  #isDoubted = false;
  #refreshing: Promise<void> | undefined;
  constructor(
    private readonly clock: Clock,
    private readonly store: Pick<StateStore, 'spends'>,
  ) {}

  since(at: EpochMs): readonly StoredSpend[] {
    const own = new Set(this.#own.map(nameOf));
    const others = this.#read.filter((s) => !own.has(nameOf(s)));
    return [...others, ...this.#own].filter((s) => isUnreadable(s) || s.at >= at);
  }
  note(spends: readonly Spend[]): void {
    if (spends.length === 0) return;
    const oldest = this.clock.now() - KEPT_MS;
    const noted = new Set(spends.map(nameOf));
    const others = this.#own.filter((o) => o.at >= oldest && !noted.has(nameOf(o)));
    this.#own = [...others, ...spends];
  }
  /** What was read may be of the wrong days: the clock was. */
  doubt(): void {
    this.#isDoubted = true;
    // What is being read now was asked for by the wrong clock.
    this.#taken = ++this.#begun;
    this.#refreshing = undefined;
  }
  /** Reads them. Throws what the store throws. */
  async reload(): Promise<void> {
    const begun = ++this.#begun;
    const read = await this.store.spends(this.clock.now() - KEPT_MS);
    if (begun < this.#taken) return;
    this.#taken = begun;
    this.#read = read;
    this.#readAt = this.clock.monotonic();
    this.#isDoubted = false;
  }
  /** Reads them when they are in doubt, and now and then while one cannot be read. Throws what the store throws. */
  async refresh(): Promise<void> {
    const isOld = this.clock.monotonic() - this.#readAt >= LOOK_AGAIN_MS;
    if (!this.#isDoubted && !(isOld && this.#read.some(isUnreadable))) return;
    // One read for all that ask meanwhile: after a clock was set everything is due at once.
    const reading = (this.#refreshing ??= this.reload());
    try {
      await reading;
    } finally {
      if (this.#refreshing === reading) this.#refreshing = undefined;
    }
    if (this.#isDoubted) await this.refresh();
  }
}

const nameOf = ({ kind, attempt }: StoredSpend): string => `${kind}/${attempt}`;
