import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { StoredSpend } from '../../src/model/mark.js';
import { SpendBook } from '../../src/workflow/spend-book.js';
import { attemptId, T0 } from '../support/attempt-parts.js';
import { failureOf } from '../support/failure.js';
import { ManualClock } from '../support/manual-clock.js';
import { spendOf } from '../support/observations.js';

const UNREAD: StoredSpend = { kind: 'pull-request', attempt: attemptId(9), unreadable: 'record k: delete it' };

describe('the book of what was spent', () => {
  let clock: ManualClock;
  let book: SpendBook;
  /** Reads that the test has not answered yet, oldest first. */
  let reads: ((found: readonly StoredSpend[]) => void)[];
  beforeEach(() => {
    clock = new ManualClock(T0);
    reads = [];
    book = new SpendBook(clock, { spends: () => new Promise((resolve) => reads.push(resolve)) });
  });
  const reloaded = async (found: readonly StoredSpend[]): Promise<void> => {
    const reload = book.reload();
    reads.shift()?.(found);
    await reload;
  };

  it('forgets nothing that was spent while the store was read', async () => {
    const reload = book.reload();
    book.note([spendOf()]);
    reads.shift()?.([]);
    await reload;
    expect(book.since(0)).to.deep.equal([spendOf()]);
  });
  it('counts what it spent and the store tells of once', async () => {
    book.note([spendOf()]);
    await reloaded([spendOf(), UNREAD]);
    expect(book.since(0)).to.have.length(2);
  });
  it('in doubt it is read before it is used again, and whoever asks fails until it could be', async () => {
    let isAway = true;
    book = new SpendBook(clock, {
      spends: async () => {
        if (isAway) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'away');
        return [spendOf()];
      },
    });
    book.doubt();
    for (let n = 0; n < 2; n++) expect(await failureOf(book.refresh())).to.equal('STORE_UNAVAILABLE transient');
    isAway = false;
    await book.refresh();
    expect(book.since(0)).to.deep.equal([spendOf()]);
  });
  it('in doubt it is read once for all that ask, and not by a read that began before', async () => {
    const before = book.reload();
    book.doubt();
    const asking = [1, 2, 3].map(() => book.refresh());
    expect(reads).to.have.length(2);
    reads[0]?.([]);
    await before;
    reads[1]?.([spendOf()]);
    await Promise.all(asking);
    await book.refresh();
    expect([book.since(0), reads.length]).to.deep.equal([[spendOf()], 2]);
  });
  it('takes no answer that is older than the one it has', async () => {
    const [first, second] = [book.reload(), book.reload()];
    const [answerFirst, answerSecond] = reads.splice(0);
    answerSecond?.([spendOf()]);
    await second;
    answerFirst?.([]);
    await first;
    expect(book.since(0)).to.deep.equal([spendOf()]);
  });
  it('reads once a minute while one cannot be read, never before, and no more once it is mended', async () => {
    await reloaded([UNREAD]);
    await book.refresh();
    expect(reads).to.have.length(0);
    await clock.advance(60_000);
    const refresh = book.refresh();
    reads.shift()?.([]);
    await refresh;
    await clock.advance(60_000);
    await book.refresh();
    expect([book.since(0), reads.length]).to.deep.equal([[], 0]);
  });
});
