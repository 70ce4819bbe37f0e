import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { StateStore } from '../../src/ports/state-store.js';
import { attemptId, SHOP } from '../support/attempt-parts.js';
import { abortedFrom, nextVersion } from '../support/attempts.js';
import { failureOf } from '../support/failure.js';
import { checkOf, latchOf, ledgerEntryOf, pauseOf, spendOf } from '../support/observations.js';
import { CART, contentOf, openAttempt, put, savedOf, writerOf, type StoreUnderTest } from './store-under-test.js';

type Read =
  | 'load'
  | 'active'
  | 'owed'
  | 'closed'
  | 'checks'
  | 'marks'
  | 'allMarks'
  | 'spends'
  | 'ledger'
  | 'baselines'
  | 'pauses';
type Write = Exclude<keyof StateStore, Read | 'takeOver' | 'disconnect'>;
const NOT_THE_WRITER = 'NOT_THE_WRITER cancelled';

/** Every method that writes, with arguments that would succeed for the one writer: the compiler sees to it that none is left out. */
const WRITES: { readonly [W in Write]: (store: StateStore, revision: string, now: number) => Promise<unknown> } = {
  open: (store) => store.open(openAttempt(2, { application: CART })),
  save: (store, revision, now) =>
    store.save(nextVersion(openAttempt()), revision, {
      marks: [latchOf({ until: now + 9_000_000 })],
      spends: [spendOf({ at: now })],
    }),
  forget: (store, revision) => store.forget(openAttempt(), revision),
  close: (store, revision, now) =>
    store.close(abortedFrom(openAttempt(), 'no-candidate', { closedAt: now }), revision, {
      marks: [latchOf({ until: now + 9_000_000 })],
    }),
  recordCheck: (store, _revision, now) => store.recordCheck(SHOP, checkOf('Degraded', { at: now + 10_000 })),
  putMark: (store, _revision, now) => store.putMark(latchOf({ attempt: attemptId(2), until: now + 9_000_000 })),
  dropMark: (store) => store.dropMark(latchOf()),
  appendLedger: (store) => store.appendLedger(SHOP, ledgerEntryOf(9)),
  putBaseline: (store) => store.putBaseline('installation', 1),
  putPause: (store) => store.putPause(pauseOf({ scope: CART })),
  dropPause: (store) => store.dropPause('operator'),
};
const WRITE_NAMES = Object.keys(WRITES) as readonly Write[];
const IDS = [attemptId(1), attemptId(2)];

/** One of everything, so that each write above has something to hit. Answers the revision of attempt 1. */
async function furnish(store: StateStore, now: number): Promise<string> {
  const { revision } = await put(store, openAttempt());
  await store.recordCheck(SHOP, checkOf('Degraded', { at: now }));
  await store.putMark(latchOf({ until: now + 9_000_000 }));
  await store.appendLedger(SHOP, ledgerEntryOf(1));
  await store.putBaseline('installation', now);
  await store.putPause(pauseOf());
  return revision;
}

/** One handle is one writer: the suite attacks the fence. Part of `stateStoreContract`. */
export function stateStoreFenceContract(world: () => StoreUnderTest): void {
  describe('the fence', () => {
    for (const name of WRITE_NAMES) {
      it(`${name}: works for the writer, and not for a predecessor that wakes up after a take-over`, async () => {
        const now = world().clock.now();
        const stalled = await writerOf(world());
        const revision = await furnish(stalled, now);
        const successor = await writerOf(world());
        const before = await contentOf(successor, IDS);
        expect(await failureOf(WRITES[name](stalled, revision, now))).to.equal(NOT_THE_WRITER);
        expect(await contentOf(successor, IDS)).to.deep.equal(before);
        await WRITES[name](successor, revision, now);
        expect(await contentOf(successor, IDS), 'the write must be one that shows').not.to.deep.equal(before);
      });
      it(`${name}: is refused to a handle that never took over, and to one that has disconnected`, async () => {
        const now = world().clock.now();
        const writer = await writerOf(world());
        const revision = await furnish(writer, now);
        const reader = await world().handle();
        const before = await contentOf(reader, IDS);
        expect(await failureOf(WRITES[name](reader, revision, now))).to.equal(NOT_THE_WRITER);
        await writer.disconnect();
        expect(await failureOf(WRITES[name](writer, revision, now))).to.match(/^(NOT_THE_WRITER|STORE_UNAVAILABLE) /);
        expect(await contentOf(reader, IDS)).to.deep.equal(before);
      });
    }
    it('says fenced, not conflict, to a predecessor whose revision is stale as well', async () => {
      const stalled = await writerOf(world());
      const revision = await furnish(stalled, world().clock.now());
      const successor = await writerOf(world());
      savedOf(await successor.save(nextVersion(openAttempt()), revision));
      expect(await failureOf(stalled.save(nextVersion(openAttempt()), revision))).to.equal(NOT_THE_WRITER);
      expect(await failureOf(stalled.open(openAttempt(2)))).to.equal(NOT_THE_WRITER);
    });
    it('tells the predecessor that it is lost, and leaves the successor alone', async () => {
      const first = await (await world().handle()).takeOver('one');
      expect(first.lost.aborted).to.equal(false);
      const second = await (await world().handle()).takeOver('one');
      if (!first.lost.aborted) {
        await new Promise<void>((resolve) => {
          first.lost.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      expect(first.lost.reason).to.be.instanceOf(OperatorError).with.property('code', 'NOT_THE_WRITER');
      expect(second.lost.aborted).to.equal(false);
    });
    it('is handed to another instance when the writer has disconnected', async () => {
      const first = await writerOf(world(), 'one');
      const revision = await furnish(first, world().clock.now());
      await first.disconnect();
      const second = await writerOf(world(), 'two');
      savedOf(await second.save(nextVersion(openAttempt()), revision));
    });
    it('stays with the last of many take-overs in a row, and everything stored survives them', async () => {
      const first = await writerOf(world());
      let { revision } = await put(first, openAttempt());
      const handles = [first];
      for (let n = 0; n < 5; n++) {
        const next = await writerOf(world());
        revision = savedOf(await next.save(nextVersion(openAttempt(), { witness: `${n}:x` }), revision)).revision;
        handles.push(next);
      }
      for (const old of handles.slice(0, -1)) expect(await failureOf(old.putPause(pauseOf()))).to.equal(NOT_THE_WRITER);
      expect((await first.load(attemptId()))?.value.witness).to.equal('4:x');
    });
    it("never lets both of two racing writers through: each write is the old writer's before, or the new one's after", async () => {
      const old = await writerOf(world());
      const { revision } = await put(old, openAttempt());
      const next = await world().handle();
      const attempts = Array.from({ length: 5 }, (_, i) =>
        old.appendLedger(SHOP, ledgerEntryOf(i)).then(
          () => i,
          () => undefined,
        ),
      );
      await next.takeOver('one');
      const seen = await next.ledger(SHOP);
      const done = await Promise.all(attempts);
      expect(await next.ledger(SHOP), 'nothing arrives after the take-over has resolved').to.deep.equal(seen);
      for (const i of done) if (i !== undefined) expect(seen).to.deep.include(ledgerEntryOf(i));
      savedOf(await next.save(nextVersion(openAttempt()), revision));
    });
  });
}
