import { expect } from 'chai';
import { EtcdWorld, fillUp, makeRoom } from '../support/etcd-world.js';
import { applied, readiness, until, untilState, withScenario, writes } from '../support/flow-steps.js';
import { hasEtcd, startEtcd } from '../support/real-etcd.js';

describe('an etcd that runs full in the middle of a rollback', function () {
  this.timeout(180_000);
  before(function () {
    if (!hasEtcd()) this.skip();
  });

  it('holds everything up: alive, not ready, no effect; with room again the rollback goes on', async () => {
    const etcd = await startEtcd({ quotaBytes: 8 * 1024 * 1024 });
    const world = await EtcdWorld.open(etcd);
    const overrides = { expect: { within: '180s' }, operator: { store: { kind: 'etcd', endpoints: [etcd.url] } } };
    try {
      await withScenario('bad-deploy', { overrides }, async (run) => {
        await untilState(run, 'checkout-staging', 'PRCreated');
        await fillUp(world);
        await until(run, 'not ready for want of space', async () => {
          const { status, text } = await readiness(run);
          return status === 503 && /store and audit log.*NOSPACE/.test(text);
        });
        expect((await fetch(`${run.daemon.healthUrl}/livez`)).status).to.equal(200);
        const before = writes(run).filter((w) => !w.startsWith('PATCH'));
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        expect(writes(run).filter((w) => !w.startsWith('PATCH'))).to.deep.equal(before);
        expect(applied(run, 'PUT', /\/merge$/)).to.deep.equal([]);
        await makeRoom(world);
        await run.untilMet();
        expect((await readiness(run)).status).to.equal(200);
      });
    } finally {
      await world.close();
      await etcd.server.close();
    }
  });
});
