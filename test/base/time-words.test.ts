import { expect } from 'chai';
import { ago, duration, utc, when } from '../../src/base/time-words.js';

const AT = Date.UTC(2026, 0, 5, 14, 2, 11);

describe('words for times', () => {
  it('names a length in the two units that matter', () => {
    const lengths = [0, 999, 40_000, 140_000, 3_600_000, 3_900_000, 26 * 3_600_000, 50 * 3_600_000].map(duration);
    expect(lengths).to.deep.equal(['0 s', '0 s', '40 s', '2 min 20 s', '1 h', '1 h 5 min', '26 h', '2 d 2 h']);
  });
  it('says UTC, and how long ago or how soon', () => {
    expect(when(AT, AT + 40_000)).to.equal('2026-01-05 14:02:11 UTC (40 s ago)');
    expect(when(AT, AT - 120_000)).to.equal('2026-01-05 14:02:11 UTC (in 2 min)');
    expect(ago(AT, AT + 10)).to.equal('now');
  });
  it('survives times that are none', () => {
    expect([utc(Number.NaN), utc(1e20), duration(Number.NaN)]).to.deep.equal([
      'an unknown time',
      'an unknown time',
      'an unknown time',
    ]);
  });
});
