import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { EtcdConnection } from './etcd-connection.js';
import { ETCD_TIMING, type EtcdSettings } from './etcd-settings.js';
import { patiently } from './patiently.js';
import { StoreKeys } from './store-keys.js';

/** What a look at etcd found. */
export interface EtcdProbe {
  /** Everything of this operator lies below it. */
  readonly prefix: string;
  /** Who writes at present: `<instance>#<boot>`. */
  readonly writer?: string;
  /** How long one write took, in milliseconds. */
  readonly writeMs: number;
}
/** The probe key goes by itself if it cannot be removed. */
const LEASE_SECONDS = 60;

/**
 * Logs in, writes a key of its own below the prefix under a lease, reads it, and removes it; the place of the writer is
 * left alone. Throws STORE_UNAVAILABLE (transient), STORE_REFUSED, STORE_TLS or STORE_CONFIG (config).
 */
export async function probeEtcd(settings: EtcdSettings, clock: Pick<Clock, 'sleep' | 'monotonic'>): Promise<EtcdProbe> {
  const connection = new EtcdConnection(settings, ETCD_TIMING);
  const keys = new StoreKeys(settings.instance);
  const call = <T>(one: () => Promise<T>): Promise<T> => patiently(clock, ETCD_TIMING.pausesMs, one);
  try {
    const writer = (await call(() => connection.get(keys.leader)))?.text;
    const lease = await call(() => connection.grantLease(LEASE_SECONDS));
    const put = { kind: 'put', key: keys.probe, text: 'doctor', lease } as const;
    const began = clock.monotonic();
    await call(() => connection.transaction([], [put]));
    const writeMs = clock.monotonic() - began;
    if ((await call(() => connection.get(keys.probe)))?.text !== put.text)
      throw new OperatorError('STORE_CONFIG', 'config', `etcd: ${keys.probe} does not hold what was written to it`);
    await call(() => connection.revokeLease(lease));
    return { prefix: keys.root, writeMs, ...(writer === undefined ? {} : { writer }) };
  } finally {
    connection.close();
  }
}
