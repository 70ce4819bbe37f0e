import { expect } from 'chai';
import { InMemoryStateStore } from '../../../src/adapters/memory/in-memory-state-store.js';
import { MemoryShelf } from '../../../src/adapters/memory/memory-shelf.js';
import { stateStoreContract } from '../../contract/state-store.contract.js';
import { attemptId, T0 } from '../../support/attempt-parts.js';
import { abortedFrom, attemptIn, nextVersion } from '../../support/attempts.js';
import { failureOf } from '../../support/failure.js';
import { ManualClock } from '../../support/manual-clock.js';
import { latchOf, spendOf } from '../../support/observations.js';

stateStoreContract('memory', async () => {
  const shelf = new MemoryShelf();
  const clock = new ManualClock(T0);
  return {
    handle: async () => new InMemoryStateStore(shelf, clock),
    clock,
    advance: (ms) => clock.advance(ms),
    close: async () => {},
  };
});

const DAY_MS = 24 * 3_600_000;

describe('InMemoryStateStore', () => {
  let shelf: MemoryShelf;
  let clock: ManualClock;
  let store: InMemoryStateStore;
  beforeEach(async () => {
    shelf = new MemoryShelf();
    clock = new ManualClock(T0);
    store = new InMemoryStateStore(shelf, clock);
    await store.takeOver('one');
  });
  async function closeOne(n: number): Promise<void> {
    const attempt = attemptIn('DegradationDetected', { id: attemptId(n) });
    const opened = await store.open(attempt);
    if (opened.kind === 'conflict') throw new Error('conflict');
    const marks = [latchOf({ attempt: attemptId(n), until: clock.now() + DAY_MS })];
    const spends = [spendOf({ attempt: attemptId(n), at: clock.now() })];
    await store.close(abortedFrom(attempt, 'no-candidate', { closedAt: clock.now() }), opened.stored.revision, {
      marks,
      spends,
    });
  }

  it('takes over from another instance at once', async () => {
    await new InMemoryStateStore(shelf, clock).takeOver('two');
    expect(await failureOf(store.putBaseline('installation', T0))).to.equal('NOT_THE_WRITER cancelled');
  });
  it('does not grow for ever: what has run out goes when the next attempt is closed', async () => {
    for (let n = 1; n <= 30; n++) {
      await closeOne(n);
      await clock.advance(DAY_MS, 0);
    }
    expect([shelf.attempts.size, shelf.spends.size, shelf.marks.size]).to.deep.equal([7, 8, 1]);
    expect(await store.spends(0)).to.have.length(7);
  });
  it('calls it a bug to end or to reopen an attempt by save', async () => {
    const attempt = attemptIn('DegradationDetected');
    const opened = await store.open(attempt);
    if (opened.kind === 'conflict') throw new Error('conflict');
    const closed = abortedFrom(attempt, 'no-candidate');
    expect(await failureOf(store.save(closed, opened.stored.revision))).to.equal('STORE_MISUSE bug');
    const ended = await store.close(closed, opened.stored.revision, {});
    if (ended.kind === 'conflict') throw new Error('conflict');
    expect(await failureOf(store.save(nextVersion(attempt), ended.stored.revision))).to.equal('STORE_MISUSE bug');
    expect((await store.load(attempt.id))?.value).to.deep.equal(closed);
  });
});
