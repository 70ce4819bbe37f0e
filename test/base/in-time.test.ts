import { expect } from 'chai';
import sinon from 'sinon';
import { inTime } from '../../src/base/in-time.js';

const LATE = new Error('late');

describe('inTime', () => {
  let clock: sinon.SinonFakeTimers;
  beforeEach(() => (clock = sinon.useFakeTimers()));
  afterEach(() => clock.restore());

  it('answers what came in time, or fails as it failed, and leaves no timer behind', async () => {
    expect(await inTime(Promise.resolve('there'), 1_000, () => LATE)).to.equal('there');
    const failure = new Error('no');
    const seen = await inTime(Promise.reject(failure), 1_000, () => LATE).catch((error: unknown) => error);
    expect([seen, clock.countTimers()]).to.deep.equal([failure, 0]);
  });

  it('throws when it takes too long, and tells when it has ended after all, even with an error', async () => {
    let fail: (error: Error) => void = () => undefined;
    const pending = new Promise<never>((_resolve, reject) => (fail = reject));
    let hasEnded = false;
    const seen = inTime(pending, 1_000, (ended) => {
      void ended.then(() => (hasEnded = true));
      return LATE;
    }).catch((error: unknown) => error);
    await clock.tickAsync(999);
    expect(clock.countTimers()).to.equal(1);
    await clock.tickAsync(1);
    expect([await seen, hasEnded]).to.deep.equal([LATE, false]);
    fail(new Error('much later'));
    await clock.tickAsync(0);
    expect(hasEnded).to.equal(true);
  });
});
