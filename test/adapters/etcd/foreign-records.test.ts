import { expect } from 'chai';
import type { StateStore } from '../../../src/ports/state-store.js';
import { openAttempt, put, savedOf } from '../../contract/store-under-test.js';
import { attemptId, SHOP } from '../../support/attempt-parts.js';
import { abortedFrom, everyAttempt, nextVersion } from '../../support/attempts.js';
import { EtcdWorld } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { checkOf, latchOf, ledgerEntryOf, pauseOf, spendOf } from '../../support/observations.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';

const APP = encodeURIComponent(SHOP);
const NEWER = JSON.stringify({ v: 2, nonce: 'x', value: { everything: 'different' } });
/** What a person is told to do about a record. */
const MENDS = /look at it with etcdctl and delete it$|run that version$/;
/** What other programs, broken disks and newer operators leave under a key. */
const SPOILT: readonly (readonly [what: string, text: string | Buffer, code: string])[] = [
  ['nothing', '', 'STORE_RECORD_CORRUPT'],
  ['no JSON', '{"v":1,"nonce":"x","value":{"id":', 'STORE_RECORD_CORRUPT'],
  ['bytes', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 'STORE_RECORD_CORRUPT'],
  ['a number', '7', 'STORE_RECORD_CORRUPT'],
  ['another program', '{"apiVersion":"v1","kind":"Pod"}', 'STORE_RECORD_CORRUPT'],
  ['an empty value', '{"v":1,"nonce":"x","value":{}}', 'STORE_RECORD_CORRUPT'],
  ['a prototype', '{"v":1,"nonce":"x","value":{"__proto__":{"state":"PRCreated"}}}', 'STORE_RECORD_CORRUPT'],
  ['a newer operator', NEWER, 'STORE_RECORD_NEWER'],
];

describe('EtcdStateStore among records it cannot read', () => {
  let etcd: RealEtcd;
  let world: EtcdWorld;
  let store: StateStore;
  before(async function () {
    if (!hasEtcd()) this.skip();
    etcd = await startEtcd();
  });
  after(async () => {
    await etcd?.server.close();
  });
  beforeEach(async () => {
    world = await EtcdWorld.open(etcd);
    store = world.store();
    await store.takeOver('one');
  });
  afterEach(() => world.close());
  const text = (spoilt: string | Buffer): string => Buffer.from(spoilt).toString();

  for (const [what, spoilt, code] of SPOILT) {
    it(`reports once and keeps an attempt that holds ${what}; the rest goes on`, async () => {
      const good = await put(store, openAttempt(1));
      await put(
        store,
        abortedFrom(openAttempt(3, { application: 'argocd/third' }), 'no-candidate', { closedAt: Date.now() }),
      );
      await world.put(`attempts/${attemptId(2)}`, spoilt);
      await world.put('active/argocd%2Fcart', attemptId(2));
      await world.put(`owed/${attemptId(2)}`, attemptId(2));
      for (let look = 0; look < 2; look++) {
        expect(await store.active()).to.deep.equal([good]);
        expect(await store.owed()).to.deep.equal([]);
        expect(await store.closed(9)).to.have.length(1);
        expect(await store.load(attemptId(2))).to.equal(undefined);
      }
      expect(world.troubles.map((t) => t.code)).to.deep.equal([code]);
      expect(world.troubles[0]?.message).to.include(world.key(`attempts/${attemptId(2)}`));
      // Its application is taken: an unknown is never a yes.
      expect(await store.open(openAttempt(4, { application: 'argocd/cart' }))).to.deep.equal({ kind: 'conflict' });
      savedOf(await store.save(nextVersion(openAttempt(1)), good.revision));
      expect(await world.text(`attempts/${attemptId(2)}`)).to.equal(text(spoilt));
    });
    it(`takes a mark that holds ${what} for one that may bar everything of its application, names it, and keeps it`, async () => {
      const until = Date.now() + 1_000_000;
      await store.putMark(latchOf({ until }));
      const key = `marks/${APP}/latch/x`;
      await world.put(key, spoilt);
      for (const found of [await store.marks(SHOP, 0), await store.allMarks(0)]) {
        const unread = found.filter((m) => m.kind === 'unreadable');
        expect(found.filter((m) => m.kind !== 'unreadable')).to.deep.equal([latchOf({ until })]);
        expect(unread.map((m) => m.application)).to.deep.equal([SHOP]);
        expect(unread[0]?.why).to.include(world.key(key)).and.to.match(MENDS);
      }
      expect(await store.marks('argocd/cart', 0)).to.deep.equal([]);
      expect(await store.pauses()).to.deep.equal([]);
      expect(world.troubles.map((t) => t.code)).to.deep.equal([code]);
      expect(await world.text(key)).to.equal(text(spoilt));
    });
    it(`takes what holds ${what} and stands among the marks of no application for a kill of everything`, async () => {
      const keys = ['marks/rubbish', 'marks/%E0%A4%A/latch/x', `marks/argocd%2fshop/latch/x`];
      for (const key of keys) await world.put(key, spoilt);
      const found = await store.pauses();
      expect(found.map((p) => [p.scope, p.kill])).to.deep.equal(keys.map(() => ['operator', true]));
      for (const key of keys) expect(found.some((p) => p.why.includes(`${world.key(key)} `))).to.equal(true);
      expect(await store.marks(SHOP, 0)).to.deep.equal([]);
      for (const key of keys) expect(await world.text(key)).to.equal(text(spoilt));
    });
    it(`counts a spend that holds ${what} as one of its kind, whatever time is asked for, and keeps it`, async () => {
      await put(store, openAttempt(1), { spends: [spendOf({ at: Date.now() })] });
      await world.put('spends/pull-request/x', spoilt);
      const found = await store.spends(Number.MAX_SAFE_INTEGER);
      expect(found.map((s) => [s.kind, s.attempt])).to.deep.equal([['pull-request', 'x']]);
      expect(found.map((s) => 'unreadable' in s && s.unreadable)[0])
        .to.include(world.key('spends/pull-request/x'))
        .and.to.match(MENDS);
      expect(await store.spends(0)).to.have.length(2);
      expect(world.troubles.map((t) => t.code)).to.deep.equal([code]);
      expect(await world.text('spends/pull-request/x')).to.equal(text(spoilt));
    });
    it(`counts what holds ${what} and names no kind of spend as one of each`, async () => {
      await world.put('spends/rubbish', spoilt);
      expect((await store.spends(0)).map((s) => s.kind)).to.have.members(['pull-request', 'merge', 'failed-rollback']);
    });
    it(`takes a baseline that holds ${what} for one set just now; the installation's is set anew`, async () => {
      const before = Date.now();
      await store.putBaseline('environment/production', 5);
      for (const scope of ['installation', 'environment%2Fstaging', '%E0%A4%A'])
        await world.put(`baselines/${scope}`, spoilt);
      const found = await store.baselines();
      expect([...found.keys()].toSorted()).to.deep.equal(['environment/production', 'environment/staging']);
      expect(found.get('environment/production')).to.equal(5);
      expect(found.get('environment/staging')).to.be.within(before, Date.now());
      expect(await world.text('baselines/environment%2Fstaging')).to.equal(text(spoilt));
    });
    it(`takes a pause that holds ${what} for a kill of its scope, and never for none`, async () => {
      await world.put(`pauses/${APP}`, spoilt);
      await world.put('pauses/%E0%A4%A', spoilt);
      const found = await store.pauses();
      expect(found.map((p) => [p.scope, p.kill])).to.have.deep.members([
        [SHOP, true],
        ['operator', true],
      ]);
    });
    it(`starts checks and ledger anew when they hold ${what}, and keeps what was there`, async () => {
      await world.put(`ledger/${APP}`, spoilt);
      await world.put(`checks/${APP}`, spoilt);
      expect([await store.ledger(SHOP), await store.checks(SHOP)]).to.deep.equal([[], []]);
      const writing = failureOf(store.appendLedger(SHOP, ledgerEntryOf(1)));
      if (code === 'STORE_RECORD_NEWER') {
        expect(await writing).to.equal('STORE_RECORD_NEWER terminal');
        expect(await world.text(`ledger/${APP}`)).to.equal(spoilt);
        return;
      }
      expect(await writing).to.equal('nothing was thrown');
      expect(await store.recordCheck(SHOP, checkOf('Degraded'))).to.deep.equal([checkOf('Degraded')]);
      expect(await store.ledger(SHOP)).to.deep.equal([ledgerEntryOf(1)]);
      const kept = await world.raw.getAll().prefix(world.key('quarantine/')).buffers();
      expect(Object.values(kept).map((b) => b.toString('hex'))).to.deep.equal(
        [Buffer.from(spoilt), Buffer.from(spoilt)].map((b) => b.toString('hex')),
      );
    });
  }
  it('does not believe a record that stands under the key of another', async () => {
    await put(store, openAttempt(1), { spends: [spendOf({ at: Date.now() })] });
    await world.put(`attempts/${attemptId(2)}`, (await world.text(`attempts/${attemptId(1)}`)) ?? '');
    await world.put('spends/merge/other', (await world.text(`spends/merge/${attemptId(1)}`)) ?? '');
    expect(await store.load(attemptId(2))).to.equal(undefined);
    expect((await store.spends(0)).map((s) => 'unreadable' in s)).to.have.members([false, true]);
    expect(world.codes).to.deep.equal(['STORE_RECORD_CORRUPT']);
  });
  it('lets a pause that cannot be read be replaced and lifted', async () => {
    await world.put('pauses/operator', 'rubbish');
    await store.putPause(pauseOf());
    expect(await store.pauses()).to.deep.equal([pauseOf()]);
    await world.put('pauses/operator', 'rubbish');
    await store.dropPause('operator');
    expect(await store.pauses()).to.deep.equal([]);
  });
  it('says what is wrong when an open attempt has lost its place, and writes nothing', async () => {
    const opened = savedOf(await store.open(openAttempt()));
    await world.put(`active/${APP}`, attemptId(9));
    expect(await failureOf(store.save(nextVersion(openAttempt()), opened.revision))).to.equal(
      'STORE_RECORD_CORRUPT terminal',
    );
    expect(await store.load(attemptId())).to.deep.equal(opened);
    expect(await store.active(), 'a place that names nothing is reported').to.deep.equal([]);
    expect(world.codes).to.deep.equal(['STORE_RECORD_CORRUPT']);
  });
  it('reads records of other programs that are larger than ours may be, many of them', async () => {
    await put(store, abortedFrom(openAttempt(1), 'no-candidate', { closedAt: Date.now() }));
    for (let n = 0; n < 24; n++) await world.put(`attempts/huge-${n}`, Buffer.alloc(1_400_000, n));
    expect(await store.closed(9)).to.have.length(1);
    expect(world.troubles).to.have.length(24);
  }).timeout(30_000);
  it('gives back every attempt there can be from another handle, page by page', async () => {
    const before = Date.now();
    for (let n = 1; n <= 130; n++) {
      const attempt = openAttempt(n, { application: `argocd/app-${n}` });
      savedOf(await store.open(attempt));
    }
    expect(await world.store().active()).to.have.length(130);
    expect(everyAttempt().length).to.be.greaterThan(10);
    expect(Date.now() - before).to.be.lessThan(15_000);
  }).timeout(30_000);
});
