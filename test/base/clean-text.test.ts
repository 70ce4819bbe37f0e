import { expect } from 'chai';
import fc from 'fast-check';
import { cleanLine } from '../../src/base/clean-text.js';
import { HOSTILE_TEXTS } from '../support/hostile-texts.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 80 }),
  fc.constantFrom(...HOSTILE_TEXTS),
);
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

describe('cleanLine', () => {
  it('keeps ordinary text of any script as it is', () => {
    for (const text of ['OOMKilled', 'naïve café', '数据库 is down', 'ошибка 42', 'a\u00e9b'])
      expect(cleanLine(text)).to.equal(text);
  });
  it('takes out terminal sequences as a whole', () => {
    expect(cleanLine('\u001B[31mred\u001B[0m and \u001B]0;title\u0007more')).to.equal('red and more');
  });
  it('takes out bidi controls, zero-width characters and line breaks', () => {
    expect(cleanLine('a\u202Eb\u200Bc\r\n\td\u2028e')).to.equal('abc d e');
  });
  it('cuts at whole characters and says so', () => {
    expect(cleanLine('🚀🚀🚀🚀', 3)).to.equal('🚀🚀…');
    expect(cleanLine('🚀🚀🚀', 3)).to.equal('🚀🚀🚀');
  });
  it('never leaves a control, format or surrogate character, whatever comes in', () => {
    fc.assert(
      fc.property(anyText, (text) => !FORBIDDEN.test(cleanLine(text)) && !/^\s|\s$|\s\s/u.test(cleanLine(text))),
    );
  });
  it('changes nothing when it is done twice', () => {
    fc.assert(fc.property(anyText, (text) => cleanLine(cleanLine(text)) === cleanLine(text)));
  });
  it('never answers more characters than it was allowed', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.integer({ min: 1, max: 40 }),
        (text, max) => Array.from(cleanLine(text, max)).length <= max,
      ),
    );
  });
});
