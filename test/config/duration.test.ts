import { expect } from 'chai';
import fc from 'fast-check';
import { formatDuration } from '../../src/base/written-duration.js';
import { parseDuration } from '../../src/config/duration.js';

describe('durations', () => {
  it('are a whole number and one of five units', () => {
    const texts = ['500ms', '10s', '15m', '24h', '7d', '0s'];
    expect(texts.map(parseDuration)).to.deep.equal([500, 10_000, 900_000, 86_400_000, 604_800_000, 0]);
  });
  it('are nothing else', () => {
    for (const text of ['10', '', 's', '10 s', '10S', '1.5h', '-1s', '1h30m', '10sec', ' 10s', '10s ', '1e3s', '٣s']) {
      expect(parseDuration(text), text).to.equal(undefined);
    }
  });
  it('are read back from how they are written', () => {
    fc.assert(fc.property(fc.nat(10_000_000_00), (ms) => parseDuration(formatDuration(ms)) === ms));
    expect([3_600_000, 90_000, 1_500, 0].map(formatDuration)).to.deep.equal(['1h', '90s', '1500ms', '0ms']);
  });
});
