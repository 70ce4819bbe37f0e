import { expect } from 'chai';
import { SystemClock } from '../../../src/base/clock.js';
import { nextVersion } from '../../support/attempts.js';
import { openAttempt, savedOf } from '../../contract/store-under-test.js';
import { EtcdWorld, until } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { pauseOf } from '../../support/observations.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';

const NOT_THE_WRITER = 'NOT_THE_WRITER cancelled';

describe('EtcdStateStore as the one writer', () => {
  let etcd: RealEtcd;
  let world: EtcdWorld;
  before(async function () {
    if (!hasEtcd()) this.skip();
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd?.server.close();
  });
  beforeEach(async () => {
    world = await EtcdWorld.open(etcd);
  });
  afterEach(() => world.close());

  it('takes over from a crashed process of its own instance at once, under a lease of its own', async () => {
    const crashed = world.store('proxy');
    await crashed.takeOver('one');
    const { kvs } = await world.raw.get(world.key('leader')).exec();
    world.proxy.refuse();
    const began = Date.now();
    await world.store().takeOver('one');
    expect(Date.now() - began).to.be.lessThan(1_000);
    const { kvs: after } = await world.raw.get(world.key('leader')).exec();
    expect(after[0]?.value.toString()).to.match(/^one#[-0-9a-f]{36}$/);
    expect(after[0]?.lease).not.to.equal(kvs[0]?.lease);
  });
  it('waits aloud for another instance until its lease has run out, and that one has demoted itself before', async () => {
    const timing = { leaseSeconds: 2, demoteMs: 1_000 };
    const first = await world.store('proxy', timing).takeOver('one');
    const second = world.store('straight', timing).takeOver('two');
    let taken = false;
    void second.then(() => (taken = true));
    // Renewed, it keeps its place for longer than its lease.
    await new Promise((resolve) => setTimeout(resolve, 2_600));
    expect([taken, first.lost.aborted]).to.deep.equal([false, false]);
    expect(world.codes).to.deep.equal(['STORE_WAITING']);
    world.proxy.refuse();
    await until(() => first.lost.aborted);
    expect(taken, 'demoted before anybody else could be the writer').to.equal(false);
    expect(await second).to.have.nested.property('lost.aborted', false);
  });
  it('demotes itself by the monotonic clock when etcd does not answer, and stays demoted when it does again', async () => {
    const wall = { now: () => Date.now() - 3_600_000 * (Date.now() % 2) };
    const clock = Object.assign(new SystemClock(), wall);
    const store = world.store('proxy', { demoteMs: 800 }, clock);
    const { lost } = await store.takeOver('one');
    savedOf(await store.open(openAttempt()));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(lost.aborted, 'a wall clock that jumps is no reason').to.equal(false);
    world.proxy.drop('up', 'down');
    const began = performance.now();
    await until(() => lost.aborted);
    expect(performance.now() - began).to.be.within(500, 1_500);
    expect(lost.reason).to.have.property('code', 'NOT_THE_WRITER');
    world.proxy.heal();
    expect(await failureOf(store.putPause(pauseOf()))).to.equal(NOT_THE_WRITER);
    // Reading is still allowed.
    expect(await store.pauses()).to.deep.equal([]);
  });
  it('does not write after a sleep longer than its term, even before any timer has run', async () => {
    const clock = new SystemClock();
    let leapMs = 0;
    const asleep = {
      now: () => clock.now(),
      sleep: clock.sleep.bind(clock),
      monotonic: () => clock.monotonic() + leapMs,
    };
    const store = world.store('straight', { renewMs: 60_000, demoteMs: 10_000 }, asleep);
    const { lost, isHeld } = await store.takeOver('one');
    expect(isHeld()).to.equal(true);
    leapMs = 10_001;
    expect([isHeld(), lost.aborted]).to.deep.equal([false, false]);
    expect(await failureOf(store.putPause(pauseOf()))).to.equal(NOT_THE_WRITER);
    expect(lost.aborted).to.equal(true);
  });
  it('hears from a refused write that it is overtaken, long before its next renewal', async () => {
    const store = world.store('straight', { renewMs: 60_000 });
    const { lost } = await store.takeOver('one');
    await world.put('leader', 'one#somebody-else');
    expect(await failureOf(store.putPause(pauseOf()))).to.equal(NOT_THE_WRITER);
    expect(lost.aborted).to.equal(true);
    expect((lost.reason as Error).message).to.include('another process took over as one#somebody-else');
  });
  it('is fenced off when leader is deleted and put back by hand with its own text', async () => {
    const store = world.store('straight', { renewMs: 60_000 });
    await store.takeOver('one');
    const text = await world.text('leader');
    await world.raw.delete().key(world.key('leader'));
    await world.put('leader', text ?? '');
    expect(await failureOf(store.putPause(pauseOf()))).to.equal(NOT_THE_WRITER);
  });
  it('notices a deleted leader at its next renewal', async () => {
    const { lost } = await world.store().takeOver('one');
    await world.raw.delete().key(world.key('leader'));
    await until(() => lost.aborted, 2_000);
  });
  it('keeps its place through a kill -9 of etcd and loses nothing', async () => {
    const own = await EtcdWorld.open();
    try {
      const store = own.store();
      const { lost } = await store.takeOver('one');
      let at = savedOf(await store.open(openAttempt()));
      for (let n = 0; n < 3; n++) {
        await own.etcd.server.kill();
        expect(await failureOf(store.save(nextVersion(openAttempt()), at.revision))).to.equal(
          'STORE_UNAVAILABLE transient',
        );
        await own.etcd.server.start();
        expect(await store.load(at.value.id), 'stored before, there afterwards').to.deep.equal(at);
        at = savedOf(await store.save(nextVersion(openAttempt(), { witness: `${n}:x` }), at.revision));
      }
      expect(lost.aborted).to.equal(false);
    } finally {
      await own.close();
    }
  });
  it('lets two instances of different names share an etcd', async () => {
    const other = await EtcdWorld.open(etcd);
    try {
      const [mine, theirs] = [world.store(), other.store()];
      await mine.takeOver('one');
      await theirs.takeOver('one');
      await mine.putPause(pauseOf());
      expect(await theirs.pauses()).to.deep.equal([]);
    } finally {
      await other.close();
    }
  });
  it('disconnects within its cap when etcd hangs, and ends a take-over that waits', async () => {
    await world.store().takeOver('one');
    const waiting = world.store();
    const taking = failureOf(waiting.takeOver('two'));
    const hanging = world.store('proxy');
    await until(() => world.codes.includes('STORE_WAITING'));
    await waiting.disconnect();
    expect(await taking).to.equal('STORE_UNAVAILABLE cancelled');
    await hanging.takeOver('one');
    world.proxy.drop('up', 'down');
    const began = Date.now();
    await hanging.disconnect();
    expect(Date.now() - began).to.be.lessThan(800);
  });
});
