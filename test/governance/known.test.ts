import { expect } from 'chai';
import { OperatorError, type ErrorCategory } from '../../src/base/errors.js';
import { known, mapKnown, observe, unknown } from '../../src/governance/known.js';
import { failureOf } from '../support/failure.js';
import { ManualClock } from '../support/manual-clock.js';
import { NOW } from '../support/merge-evidence.js';

const clock = new ManualClock(NOW);
const fails = (category: ErrorCategory): Promise<never> =>
  Promise.reject(new OperatorError('THING_FAILED', category, 'it is gone'));

describe('a fact', () => {
  it('carries its value, where it was seen and when', async () => {
    expect(await observe(clock, 'GitHub', () => Promise.resolve(7))).to.deep.equal(known(7, 'GitHub', NOW));
  });
  it('is unknown, with the reason, when reading it failed: whatever could be wrong upstream', async () => {
    for (const category of ['transient', 'terminal', 'denied', 'unknown', 'conflict', 'config'] as const) {
      expect(await observe(clock, 'GitHub', () => fails(category)), category).to.deep.equal(
        unknown('THING_FAILED: it is gone', 'GitHub', NOW),
      );
    }
  });
  it('is never made of a cancellation or of an error of the operator itself: those stay errors', async () => {
    expect(await failureOf(observe(clock, 'GitHub', () => fails('cancelled')))).to.equal('THING_FAILED cancelled');
    expect(await failureOf(observe(clock, 'GitHub', () => fails('bug')))).to.equal('THING_FAILED bug');
    expect(await failureOf(observe(clock, 'GitHub', () => Promise.reject(new TypeError('x is undefined'))))).to.match(
      / bug$/,
    );
  });
  it('that is made of an unknown one is unknown for the same reason', () => {
    expect(mapKnown(known(2, 'git', NOW), (n) => n * 2)).to.deep.equal(known(4, 'git', NOW));
    expect(mapKnown(unknown('no answer', 'git', NOW), () => 4)).to.deep.equal(unknown('no answer', 'git', NOW));
  });
});
