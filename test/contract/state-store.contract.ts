import { expect } from 'chai';
import { isOpen, type ClosedAttempt, type RollbackAttempt } from '../../src/model/rollback-attempt.js';
import type { StateStore, Versioned } from '../../src/ports/state-store.js';
import { attemptId, SHOP } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt, everyAttempt, nextVersion } from '../support/attempts.js';
import {
  checksOf,
  latchOf,
  ledgerEntryOf,
  pauseOf,
  quarantineOf,
  restorationOf,
  spendOf,
} from '../support/observations.js';
import { stateStoreFenceContract } from './state-store-fence.contract.js';
import { CART, contentOf, openAttempt, put, savedOf, writerOf, type StoreUnderTest } from './store-under-test.js';

const DAY_MS = 24 * 3_600_000;
const idsOf = (found: readonly Versioned<RollbackAttempt>[]): readonly string[] =>
  found.map((v) => v.value.id).toSorted();
const closedAt = (n: number, at: number, overrides: Partial<ClosedAttempt> = {}): ClosedAttempt =>
  abortedFrom(openAttempt(n), 'no-candidate', { closedAt: at, ...(overrides as object) });

/** What every StateStore promises (semantics 11). Run it over each implementation. */
export function stateStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`StateStore contract: ${name}`, () => {
    let world: StoreUnderTest;
    let store: StateStore;
    let now: number;
    beforeEach(async () => {
      world = await open();
      store = await writerOf(world);
      now = world.clock.now();
    });
    afterEach(() => world.close());

    attemptTests();
    endTests();
    besideTests();
    stateStoreFenceContract(() => world);

    function attemptTests(): void {
      for (const attempt of everyAttempt()) {
        it(`gives an attempt back as it was stored: ${isOpen(attempt) ? attempt.step.name : attempt.state}`, async () => {
          const stored = await put(store, attempt);
          expect(stored.value).to.deep.equal(attempt);
          expect(await store.load(attempt.id)).to.deep.equal(stored);
          expect(await (await world.handle()).load(attempt.id)).to.deep.equal(stored);
        });
      }
      it('keeps what it was given, whatever is done to the objects given and answered', async () => {
        const mine = structuredClone(openAttempt());
        const stored = savedOf(await store.open(mine));
        (mine as { project: string }).project = 'changed by the caller';
        (stored.value as { project: string }).project = 'changed in the answer';
        ((await store.active())[0]!.value as { project: string }).project = 'changed in the list';
        expect((await store.load(mine.id))?.value.project).to.equal('staging');
      });
      it('opens one attempt per application: the second is a conflict and leaves nothing', async () => {
        const first = savedOf(await store.open(openAttempt(1)));
        expect(await store.open(openAttempt(2))).to.deep.equal({ kind: 'conflict' });
        savedOf(await store.open(openAttempt(3, { application: CART })));
        expect(await store.load(attemptId(1))).to.deep.equal(first);
        expect(await store.load(attemptId(2))).to.equal(undefined);
        expect(idsOf(await store.active())).to.deep.equal([attemptId(1), attemptId(3)]);
      });
      it('lets exactly one of many concurrent opens of one application win', async () => {
        const results = await Promise.all(Array.from({ length: 8 }, (_, i) => store.open(openAttempt(i + 1))));
        const won = results.filter((r) => r.kind === 'saved');
        expect(won).to.have.length(1);
        expect(await store.active()).to.deep.equal(won.map((r) => savedOf(r)));
      });
      it('lets exactly one of many concurrent saves of one revision win, and stores that one', async () => {
        const { revision } = savedOf(await store.open(openAttempt()));
        const versions = Array.from({ length: 8 }, (_, i) => nextVersion(openAttempt(), { witness: `2:${i}` }));
        const results = await Promise.all(versions.map((v) => store.save(v, revision)));
        const won = results.filter((r) => r.kind === 'saved');
        expect(won).to.have.length(1);
        expect([await store.load(attemptId())]).to.deep.equal(won.map((r) => savedOf(r)));
      });
      it('answers conflict to a stale revision and changes nothing, neither attempt nor residue', async () => {
        const first = savedOf(await store.open(openAttempt()));
        const second = savedOf(await store.save(nextVersion(openAttempt()), first.revision));
        const residue = { marks: [latchOf()], spends: [spendOf({ at: now })] };
        const before = await contentOf(store, [attemptId()]);
        expect(second.revision).not.to.equal(first.revision);
        expect(await store.save(nextVersion(openAttempt()), first.revision, residue)).to.deep.equal({
          kind: 'conflict',
        });
        expect(await store.forget(openAttempt(), first.revision)).to.deep.equal({ kind: 'conflict' });
        expect(await store.close(closedAt(1, now), first.revision, residue)).to.deep.equal({ kind: 'conflict' });
        expect(await store.save(openAttempt(9), second.revision)).to.deep.equal({ kind: 'conflict' });
        expect(await contentOf(store, [attemptId()])).to.deep.equal(before);
      });
      it('forgets an attempt with its place and its checks, and takes no old revision when the id comes back', async () => {
        const first = savedOf(await store.open(openAttempt()));
        await store.recordCheck(SHOP, { ...checksOf('Degraded', 1)[0]! });
        expect((await store.forget(openAttempt(), first.revision)).kind).to.equal('saved');
        expect(await store.load(attemptId())).to.equal(undefined);
        expect([await store.active(), await store.closed(9), await store.checks(SHOP)]).to.deep.equal([[], [], []]);
        savedOf(await store.open(openAttempt()));
        expect(await store.save(nextVersion(openAttempt()), first.revision)).to.deep.equal({ kind: 'conflict' });
      });
    }

    function endTests(): void {
      it('closes in one transaction: record, freed application, checks gone, residue there', async () => {
        const opened = savedOf(await store.open(openAttempt()));
        await store.recordCheck(SHOP, { ...checksOf('Degraded', 1)[0]! });
        const latch = latchOf({ until: now + DAY_MS });
        const spend = spendOf({ at: now });
        const closed = savedOf(
          await store.close(closedAt(1, now), opened.revision, { marks: [latch], spends: [spend] }),
        );
        expect(await contentOf(store, [attemptId()])).to.deep.equal({
          attempts: [closed],
          active: [],
          owed: [],
          closed: [closed.value],
          checks: [[], []],
          marks: [latch],
          spends: [spend],
          ledger: [[], []],
          baselines: [],
          pauses: [],
        });
        expect((await store.open(openAttempt(2))).kind).to.equal('saved');
      });
      it('lists what is owed until a save says that nothing is', async () => {
        const owing = closedAt(1, now, { aftercare: { owed: ['pull-request', 'reports'], until: now + DAY_MS } });
        const closed = await put(store, owing);
        expect(await store.owed()).to.deep.equal([closed]);
        const half = savedOf(
          await store.save(
            nextVersion(owing, { aftercare: { owed: ['reports'], until: now + DAY_MS } }),
            closed.revision,
          ),
        );
        expect(await store.owed()).to.deep.equal([half]);
        const done = savedOf(
          await store.save(nextVersion(owing, { aftercare: { owed: [], until: now + DAY_MS } }), half.revision),
        );
        expect(await store.owed()).to.deep.equal([]);
        expect(await store.load(attemptId())).to.deep.equal(done);
      });
      it('keeps the place of a new attempt when the aftercare of the old one is saved', async () => {
        const owing = closedAt(1, now, { aftercare: { owed: ['reports'], until: now + DAY_MS } });
        const closed = await put(store, owing);
        const successor = savedOf(await store.open(openAttempt(2)));
        savedOf(await store.save(nextVersion(owing, { aftercare: { owed: [], until: now } }), closed.revision));
        expect(await store.active()).to.deep.equal([successor]);
      });
      it('never frees the place of a new attempt when the old one is closed again by mistake', async () => {
        const closed = await put(store, closedAt(1, now));
        const successor = savedOf(await store.open(openAttempt(2)));
        await store.close(closedAt(1, now + 1), closed.revision, {}).catch(() => undefined);
        expect(await store.active()).to.deep.equal([successor]);
      });
      it('answers closed attempts newest first, at most as many as asked for', async () => {
        for (const [n, at] of [
          [1, now + 1],
          [2, now + 3],
          [3, now + 2],
        ] as const)
          await put(store, closedAt(n, at));
        await put(store, openAttempt(4));
        expect((await store.closed(2)).map((a) => a.id)).to.deep.equal([attemptId(2), attemptId(3)]);
        expect(await store.closed(9)).to.have.length(3);
      });
      it('writes residue together with an ordinary save', async () => {
        const marks = [quarantineOf({ until: now + DAY_MS }), restorationOf({ until: now + DAY_MS })];
        const spends = [spendOf({ at: now })];
        await put(store, attemptAt('syncing'), { marks, spends });
        expect(await store.marks(SHOP, now)).to.have.deep.members(marks);
        expect(await store.spends(now)).to.deep.equal(spends);
      });
      it('keeps a closed attempt seven days, and longer while something is owed', async () => {
        if (world.advance === undefined) return; // The server keeps time; tested beside this suite.
        await put(store, closedAt(1, now));
        await put(store, closedAt(2, now, { aftercare: { owed: ['reports'], until: now + 30 * DAY_MS } }));
        await world.advance(7 * DAY_MS - 1);
        expect((await store.closed(9)).map((a) => a.id)).to.have.members([attemptId(1), attemptId(2)]);
        await world.advance(1);
        expect(await store.load(attemptId(1))).to.equal(undefined);
        expect((await store.closed(9)).map((a) => a.id)).to.deep.equal([attemptId(2)]);
        const owing = (await store.owed())[0]!;
        savedOf(
          await store.save(
            nextVersion(owing.value as ClosedAttempt, { aftercare: { owed: [], until: now } }),
            owing.revision,
          ),
        );
        expect(await store.closed(9), 'aftercare does not begin the seven days anew').to.deep.equal([]);
      });
    }

    function besideTests(): void {
      it('keeps the last eight checks of an application, oldest first, and answers them as they are', async () => {
        const checks = checksOf('Degraded', 11, { from: now });
        for (const check of checks) expect((await store.recordCheck(SHOP, check)).at(-1)).to.deep.equal(check);
        await store.recordCheck(CART, checks[0]!);
        expect(await store.checks(SHOP)).to.deep.equal(checks.slice(-8));
        expect(await store.checks(CART)).to.deep.equal([checks[0]]);
      });
      it('answers the marks of an application that have not run out', async () => {
        const latch = latchOf({ until: now + 1_000_000 });
        const quarantine = quarantineOf({ until: now + 2_000_000 });
        const elsewhere = latchOf({ application: CART, until: now + 2_000_000 });
        for (const mark of [latch, quarantine, elsewhere]) await store.putMark(mark);
        expect(await store.marks(SHOP, now)).to.have.deep.members([latch, quarantine]);
        expect(await store.marks(SHOP, now + 1_000_000)).to.deep.equal([quarantine]);
        expect(await store.allMarks(now)).to.have.deep.members([latch, quarantine, elsewhere]);
      });
      it('replaces a mark of the same kind and attempt, and drops exactly the one named', async () => {
        const until = now + DAY_MS;
        const [old, renewed, other, quarantine] = [
          latchOf({ until }),
          latchOf({ until, reason: 'denied' }),
          latchOf({ until, attempt: attemptId(2) }),
          quarantineOf({ until }),
        ];
        for (const mark of [old, renewed, other, quarantine]) await store.putMark(mark);
        expect(await store.marks(SHOP, now)).to.have.deep.members([renewed, other, quarantine]);
        await store.dropMark({ kind: 'latch', application: SHOP, attempt: attemptId(1) });
        await store.dropMark({ kind: 'latch', application: CART, attempt: attemptId(2) });
        expect(await store.marks(SHOP, now)).to.have.deep.members([other, quarantine]);
      });
      it('counts a spend once however often it is left, and answers those since a time', async () => {
        const [early, late] = [spendOf({ at: now - 2_000 }), spendOf({ kind: 'pull-request', at: now })];
        const first = await put(store, attemptAt('syncing'), { spends: [early, late] });
        savedOf(await store.save(nextVersion(attemptAt('syncing')), first.revision, { spends: [early] }));
        expect(await store.spends(now - 2_000)).to.have.deep.members([early, late]);
        expect(await store.spends(now - 1_999)).to.deep.equal([late]);
      });
      it('keeps the last 200 entries of a ledger, newest last', async () => {
        const entries = Array.from({ length: 203 }, (_, n) => ledgerEntryOf(n));
        for (const entry of entries) await store.appendLedger(SHOP, entry);
        expect(await store.ledger(SHOP)).to.deep.equal(entries.slice(3));
        expect(await store.ledger(CART)).to.deep.equal([]);
      });
      it('keeps one baseline and one pause per scope', async () => {
        await store.putBaseline('installation', now);
        await store.putBaseline('environment/staging', now + 1);
        await store.putBaseline(`application/${SHOP}`, now + 2);
        await store.putBaseline('environment/staging', now + 3);
        expect([...(await store.baselines())]).to.have.deep.members([
          ['installation', now],
          ['environment/staging', now + 3],
          [`application/${SHOP}`, now + 2],
        ]);
        await store.putPause(pauseOf());
        await store.putPause(pauseOf({ scope: SHOP }));
        await store.putPause(pauseOf({ kill: true, by: 'bea' }));
        expect(await store.pauses()).to.have.deep.members([
          pauseOf({ kill: true, by: 'bea' }),
          pauseOf({ scope: SHOP }),
        ]);
        await store.dropPause('operator');
        expect(await store.pauses()).to.deep.equal([pauseOf({ scope: SHOP })]);
      });
    }
  });
}
