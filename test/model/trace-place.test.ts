import { expect } from 'chai';
import { parseTraceparent, rootPlace, traceIdOf, traceparentOf } from '../../src/model/trace-place.js';

const ATTEMPT = '5f0c9f0e-1d2b-4c3a-8f4e-0a1b2c3d4e5f';

describe('the place of an attempt in its trace', () => {
  it('has the attempt id as trace id, so that anybody finds the one from the other', () => {
    expect(traceIdOf(ATTEMPT)).to.equal('5f0c9f0e1d2b4c3a8f4e0a1b2c3d4e5f');
  });
  it('is a valid id whatever the attempt is called', () => {
    for (const id of ['', 'a-1', 'x'.repeat(500), '00000000-0000-0000-0000-000000000000'])
      expect(parseTraceparent(traceparentOf(rootPlace(id))), id).to.deep.equal(rootPlace(id));
  });
  it('is written as W3C trace context and read back', () => {
    const text = traceparentOf(rootPlace(ATTEMPT));
    expect(text).to.match(/^00-5f0c9f0e1d2b4c3a8f4e0a1b2c3d4e5f-[0-9a-f]{16}-01$/);
    expect(parseTraceparent(text)).to.deep.equal(rootPlace(ATTEMPT));
    expect(traceparentOf(rootPlace(ATTEMPT), false), 'not sampled').to.equal(text.replace(/01$/, '00'));
  });
  it('is not read out of anything else', () => {
    const zero = '0'.repeat(32);
    for (const text of [
      '',
      '00',
      `00-${zero}-${'1'.repeat(16)}-01`,
      `00-${'1'.repeat(32)}-${'0'.repeat(16)}-01`,
      'ff-x-y-z',
    ])
      expect(parseTraceparent(text), text).to.equal(undefined);
  });
});
