import { expect } from 'chai';
import fc from 'fast-check';
import { copyOf } from '../../src/base/copy-of.js';

describe('a copy of plain data', () => {
  it('equals the original, and no object in it is one of the original', () => {
    fc.assert(
      fc.property(fc.object({ withNullPrototype: false }), (original) => {
        const copy = copyOf(original);
        expect(copy).to.deep.equal(structuredClone(original));
        expect(objectsIn(copy).filter((o) => objectsIn(original).includes(o))).to.deep.equal([]);
      }),
    );
  });
  it('keeps what is undefined, and what is no plain object', () => {
    const original = { gone: undefined, list: [undefined, null], at: new Date(5), map: new Map([['a', { b: 1 }]]) };
    const copy = copyOf(original);
    expect(copy).to.deep.equal(original);
    expect(copy.map.get('a')).to.not.equal(original.map.get('a'));
  });
  it('takes a key called __proto__ as a key', () => {
    const copy: unknown = copyOf(JSON.parse('{"__proto__":{"admin":true},"a":1}'));
    expect(JSON.stringify(copy)).to.equal('{"__proto__":{"admin":true},"a":1}');
    expect(copy).to.not.have.property('admin');
  });
  it('refuses a function, which no store could hold', () => {
    expect(() => copyOf({ act: () => undefined })).to.throw(/could not be cloned/);
  });
});

function objectsIn(value: unknown): readonly object[] {
  if (value === null || typeof value !== 'object') return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
