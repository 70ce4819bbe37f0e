import { expect } from 'chai';
import { EtcdStateStore } from '../../../src/adapters/etcd/etcd-state-store.js';
import type { EtcdSettings } from '../../../src/adapters/etcd/etcd-settings.js';
import { SystemClock } from '../../../src/base/clock.js';
import { asOperatorError, type OperatorError } from '../../../src/base/errors.js';
import { openAttempt, savedOf } from '../../contract/store-under-test.js';
import { attemptId } from '../../support/attempt-parts.js';
import { nextVersion } from '../../support/attempts.js';
import { EtcdWorld, QUICK } from '../../support/etcd-world.js';
import { hasEtcd, startEtcd } from '../../support/real-etcd.js';
import { freePort } from '../../support/free-port.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { startWrongServer, WRONG_KINDS } from '../../support/wrong-servers.js';

describe('EtcdStateStore at wrong endpoints', () => {
  before(function () {
    if (!hasEtcd()) this.skip();
  });

  /** What the start is told there; it must come within the time the tries may take. */
  async function refusalAt(endpoint: string, more: Partial<EtcdSettings> = {}): Promise<OperatorError> {
    const around = { clock: new SystemClock(), onTrouble: () => {}, timing: QUICK };
    const store = new EtcdStateStore({ endpoints: [endpoint], instance: 'x', ...more }, around);
    const began = Date.now();
    try {
      await store.takeOver('x');
      throw new Error('it took over');
    } catch (error) {
      expect(Date.now() - began).to.be.lessThan(10_000);
      return asOperatorError(error);
    } finally {
      await store.disconnect();
    }
  }

  it('nobody there: says that nothing is done, and what to check', async () => {
    const { code, category, message } = await refusalAt(`http://127.0.0.1:${await freePort()}`);
    expect([code, category]).to.deep.equal(['STORE_UNAVAILABLE', 'transient']);
    expect(message).to.match(/ECONNREFUSED|Failed to connect/);
    expect(message).to.include('Nothing is done until etcd answers; check the endpoints (host, port, http or https)');
  });
  for (const kind of WRONG_KINDS) {
    it(`${kind} is not taken for etcd`, async () => {
      const wrong = await startWrongServer(kind);
      try {
        const { code, category, message } = await refusalAt(`http://127.0.0.1:${wrong.port}`);
        expect([code, category]).to.deep.equal(['STORE_UNAVAILABLE', 'transient']);
        expect(message).to.include(
          kind === 'a server that says nothing' ? 'Deadline exceeded' : 'what listens there is not etcd',
        );
      } finally {
        await wrong.close();
      }
    });
  }
  it('a user where etcd knows none, and https where it speaks http, are named as configuration', async () => {
    const etcd = await startEtcd();
    try {
      const user = { name: () => 'operator', password: () => 'secret' };
      const refused = await refusalAt(etcd.url, { user });
      expect([refused.code, refused.category]).to.deep.equal(['STORE_REFUSED', 'config']);
      expect(refused.message).to.match(/authentication is not enabled\. Check store\.username and store\.passwordFile/);
      expect((await refusalAt(etcd.url.replace('http', 'https'))).message).to.include('http or https');
    } finally {
      await etcd.server.close();
    }
  });
  it('an etcd that answers slowly, and in pieces, is waited for and loses nothing', async () => {
    const world = await EtcdWorld.open();
    const proxy = await TcpProxy.start(world.etcd.port);
    try {
      const settings = { endpoints: [`http://127.0.0.1:${proxy.port}`] };
      const store = world.store('straight', { callTimeoutMs: 5_000 }, new SystemClock(), settings);
      await store.takeOver('one');
      proxy.delay(40);
      const opened = savedOf(await store.open(openAttempt()));
      const large = nextVersion(openAttempt(), { witness: 'x'.repeat(200 * 1024) });
      savedOf(await store.save(large, opened.revision));
      expect((await store.load(attemptId()))?.value).to.deep.equal(large);
      expect(await world.writes(`attempts/${attemptId()}`)).to.equal(2);
      await store.disconnect();
    } finally {
      await proxy.close();
      await world.close();
    }
  });
});
