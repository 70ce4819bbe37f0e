import type { Clock } from '../../base/clock.js';
import type { EpochMs } from '../../model/application.js';
import type { EtcdConnection } from './etcd-connection.js';
import { patiently } from './patiently.js';

/** Shorter lives are not worth a race with the write itself. */
const SHORTEST_SECONDS = 60;
/** Records that run out within the same time share a lease, so that the end of an attempt needs one or two. */
const ROUNDED_TO_SECONDS = 60;

/** Grants leases for records that shall go by themselves; of one transaction, those of equal life share one. */
export class LeaseBook {
  readonly #granted = new Map<number, Promise<string>>();
  constructor(
    private readonly connection: EtcdConnection,
    private readonly clock: Pick<Clock, 'now' | 'sleep'>,
    private readonly pausesMs: readonly number[],
  ) {}

  /** A lease that ends at `until` or up to a minute later. A lease whose answer was lost runs out with nothing on it. */
  until(until: EpochMs): Promise<string> {
    const seconds = Math.max(SHORTEST_SECONDS, Math.ceil((until - this.clock.now()) / 1_000));
    const rounded = Math.ceil(seconds / ROUNDED_TO_SECONDS) * ROUNDED_TO_SECONDS;
    const granted =
      this.#granted.get(rounded) ?? patiently(this.clock, this.pausesMs, () => this.connection.grantLease(rounded));
    this.#granted.set(rounded, granted);
    return granted;
  }
}
