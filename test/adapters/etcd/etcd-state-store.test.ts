import { randomUUID } from 'node:crypto';
import { SystemClock } from '../../../src/base/clock.js';
import { EtcdStateStore } from '../../../src/adapters/etcd/etcd-state-store.js';
import { stateStoreContract } from '../../contract/state-store.contract.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';

describe('EtcdStateStore against a real etcd', () => {
  let etcd: RealEtcd;
  before(async function () {
    if (!hasEtcd()) this.skip();
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd?.server.close();
  });

  stateStoreContract('etcd', async () => {
    const instance = randomUUID();
    const clock = new SystemClock();
    const handles: EtcdStateStore[] = [];
    return {
      handle: async () => {
        // A predecessor learns of its successor at its next renewal; here soon.
        const timing = { renewMs: 200, waitMs: 50 };
        const store = new EtcdStateStore({ endpoints: [etcd.url], instance }, { clock, onTrouble: () => {}, timing });
        handles.push(store);
        return store;
      },
      clock,
      close: async () => {
        await Promise.all(handles.map((store) => store.disconnect()));
      },
    };
  });
});
