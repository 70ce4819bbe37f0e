import type { JsonObject } from '../../src/sandbox/json-path.js';
import { hasEtcd, startEtcd } from './real-etcd.js';
import { hasNats, startNats } from './real-nats.js';

/** Where an operator keeps its state and tells its events, as its configuration says it. */
export interface StoreAndBus {
  readonly config: JsonObject;
  close(): Promise<void>;
}

/** Both of what an operator may run on. `open` answers undefined when the servers are not installed. */
export const STORES_AND_BUSES: readonly {
  readonly where: string;
  /** What the daemon says at its start that it runs on. */
  readonly told: { readonly store: string; readonly bus: string };
  readonly open: () => Promise<StoreAndBus | undefined>;
}[] = [
  {
    where: 'in memory',
    told: { store: 'memory', bus: 'in-process' },
    open: async () => ({ config: {}, close: async () => {} }),
  },
  { where: 'on a real etcd and a real NATS', told: { store: 'etcd', bus: 'nats' }, open: openServers },
];

async function openServers(): Promise<StoreAndBus | undefined> {
  if (!hasEtcd() || !hasNats()) return undefined;
  const [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  return {
    config: { store: { kind: 'etcd', endpoints: [etcd.url] }, bus: { kind: 'nats', servers: [nats.url] } },
    close: async () => {
      await Promise.all([etcd.server.close(), nats.server.close()]);
    },
  };
}
