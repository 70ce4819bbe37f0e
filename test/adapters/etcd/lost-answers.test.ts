import { expect } from 'chai';
import type { StateStore } from '../../../src/ports/state-store.js';
import { put, openAttempt, savedOf } from '../../contract/store-under-test.js';
import { attemptId, SHOP } from '../../support/attempt-parts.js';
import { abortedFrom, nextVersion } from '../../support/attempts.js';
import { EtcdWorld, until } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { checkOf, latchOf, ledgerEntryOf, pauseOf, spendOf } from '../../support/observations.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';

const APP = encodeURIComponent(SHOP);
const NOW = Date.now();
const LATCH = latchOf({ until: NOW + 9_000_000 });
/** Each way to write: what is there before, the write, the key that tells, and how often it has then been written (0 = deleted). */
interface Case {
  readonly name: string;
  readonly write: (store: StateStore, revision: string) => Promise<unknown>;
  readonly key: string;
  readonly writes: number;
  readonly open?: false;
}
const CASES: readonly Case[] = [
  { name: 'open', open: false, write: (s) => s.open(openAttempt()), key: `attempts/${attemptId()}`, writes: 1 },
  {
    name: 'save',
    write: (s, r) => s.save(nextVersion(openAttempt()), r, { spends: [spendOf({ at: NOW })] }),
    key: `attempts/${attemptId()}`,
    writes: 2,
  },
  {
    name: 'close',
    write: (s, r) => s.close(abortedFrom(openAttempt(), 'no-candidate', { closedAt: NOW }), r, { marks: [LATCH] }),
    key: `attempts/${attemptId()}`,
    writes: 2,
  },
  { name: 'forget', write: (s, r) => s.forget(openAttempt(), r), key: `attempts/${attemptId()}`, writes: 0 },
  { name: 'recordCheck', write: (s) => s.recordCheck(SHOP, checkOf('Degraded')), key: `checks/${APP}`, writes: 1 },
  { name: 'putMark', write: (s) => s.putMark(LATCH), key: `marks/${APP}/latch/${attemptId()}`, writes: 1 },
  { name: 'appendLedger', write: (s) => s.appendLedger(SHOP, ledgerEntryOf(1)), key: `ledger/${APP}`, writes: 1 },
  { name: 'putPause', write: (s) => s.putPause(pauseOf({ by: 'bea' })), key: 'pauses/operator', writes: 2 },
  { name: 'dropPause', write: (s) => s.dropPause('operator'), key: 'pauses/operator', writes: 0 },
];

describe('EtcdStateStore, when answers are lost', () => {
  let etcd: RealEtcd;
  let world: EtcdWorld;
  let store: StateStore;
  let revision: string;
  before(async function () {
    if (!hasEtcd()) this.skip();
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd?.server.close();
  });
  beforeEach(async () => {
    world = await EtcdWorld.open(etcd);
    store = world.store('proxy');
    await store.takeOver('one');
    await store.putPause(pauseOf());
  });
  afterEach(() => world.close());
  const prepare = async ({ open }: Case): Promise<void> => {
    if (open !== false) ({ revision } = savedOf(await store.open(openAttempt())));
  };
  /** A transaction on the key: only transactions name `leader` beside it. */
  const writesKey = (key: string) => (request: Buffer) =>
    request.includes('/leader') && request.includes(world.key(key));

  for (const test of CASES) {
    it(`${test.name}: an answer cut off after the write is recognised, and nothing is written twice`, async () => {
      await prepare(test);
      const before = await world.writes(test.key);
      world.proxy.dropAnswersTo(writesKey(test.key));
      const writing = test.write(store, revision);
      await until(async () => world.proxy.spoiled > 0 && (await world.writes(test.key)) !== before);
      world.proxy.heal();
      const result = await writing;
      if (typeof result === 'object' && result !== null && 'kind' in result) expect(result.kind).to.equal('saved');
      expect(await world.writes(test.key)).to.equal(test.writes);
    });
    it(`${test.name}: a request that arrives after its caller gave up changes nothing that came later`, async () => {
      await prepare(test);
      world.proxy.holdFrom(writesKey(test.key));
      const tried = failureOf(test.write(store, revision));
      await until(() => world.proxy.spoiled > 0);
      world.proxy.strand();
      const outcome = await tried;
      const settled = await world.text(test.key);
      const settledWrites = await world.writes(test.key);
      expect(world.proxy.releaseLate(), 'something must arrive late').to.be.greaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 150));
      // Sent again over a whole connection it was done once; the late copy finds its condition gone.
      expect(outcome).to.equal('nothing was thrown');
      expect([await world.text(test.key), await world.writes(test.key)]).to.deep.equal([settled, settledWrites]);
      expect(settledWrites).to.equal(test.writes);
    });
  }
  it('says unavailable, transient, while nothing answers, and goes on as if nothing had been when it does', async () => {
    const first = await put(store, openAttempt());
    world.proxy.drop('up', 'down');
    const began = Date.now();
    expect(await failureOf(store.save(nextVersion(openAttempt()), first.revision))).to.equal(
      'STORE_UNAVAILABLE transient',
    );
    expect(await failureOf(store.load(attemptId()))).to.equal('STORE_UNAVAILABLE transient');
    expect(Date.now() - began).to.be.lessThan(4_000);
    world.proxy.heal();
    expect(await store.load(attemptId())).to.deep.equal(first);
    savedOf(await store.save(nextVersion(openAttempt()), first.revision));
  });
  it('becomes the writer once, though the answer of the take-over is lost', async () => {
    const next = world.store('proxy');
    const before = await world.text('leader');
    world.proxy.dropAnswersTo((request) => request.includes('one#'));
    const taking = next.takeOver('one');
    await until(async () => (await world.text('leader')) !== before);
    world.proxy.heal();
    const { lost } = await taking;
    expect(lost.aborted).to.equal(false);
    await next.putPause(pauseOf({ scope: SHOP }));
    expect(await failureOf(store.putPause(pauseOf({ by: 'late' })))).to.equal('NOT_THE_WRITER cancelled');
  });
  it('bears connections that are reset again and again', async () => {
    let { revision: at } = savedOf(await store.open(openAttempt()));
    const timer = setInterval(() => world.proxy.reset(), 37);
    try {
      for (let n = 0; n < 40; n++) {
        for (;;) {
          const result = await store.save(nextVersion(openAttempt(), { witness: `${n}:x` }), at).catch(() => undefined);
          if (result?.kind === 'saved') {
            at = result.stored.revision;
            break;
          }
          const present = await store.load(attemptId()).catch(() => undefined);
          if (present !== undefined) {
            at = present.revision;
            if (present.value.witness === `${n}:x`) break;
          }
        }
      }
    } finally {
      clearInterval(timer);
    }
    expect((await store.load(attemptId()))?.value.witness).to.equal('39:x');
    expect(await world.writes(`attempts/${attemptId()}`), 'opened once, saved forty times, none twice').to.equal(41);
  });
});
