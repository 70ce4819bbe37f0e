import { expect } from 'chai';
import { BoundedCache } from '../../../src/adapters/github/bounded-cache.js';

describe('a bounded cache', () => {
  it('drops what was used longest ago', () => {
    const cache = new BoundedCache<string>(2);
    cache.put('a', '1');
    cache.put('b', '2');
    cache.find('a');
    cache.put('c', '3');
    expect([cache.find('a'), cache.find('b'), cache.find('c'), cache.size]).to.deep.equal(['1', undefined, '3', 2]);
  });
  it('counts weights, and makes room for a heavy entry', () => {
    const cache = new BoundedCache<string>(10, (text) => text.length);
    for (const key of ['a', 'b', 'c']) cache.put(key, 'xxx');
    cache.put('d', 'yyyyyy');
    expect([cache.find('a'), cache.find('b'), cache.find('c'), cache.find('d')]).to.deep.equal([
      undefined,
      undefined,
      'xxx',
      'yyyyyy',
    ]);
  });
  it('keeps what it has rather than an entry heavier than the cap', () => {
    const cache = new BoundedCache<string>(3, (text) => text.length);
    cache.put('a', 'xxx');
    cache.put('b', 'yyyy');
    expect([cache.find('a'), cache.find('b')]).to.deep.equal(['xxx', undefined]);
  });
  it('does not count an entry twice that is put twice', () => {
    const cache = new BoundedCache<string>(4, (text) => text.length);
    cache.put('a', 'xx');
    cache.put('a', 'zz');
    cache.put('b', 'yy');
    expect([cache.find('a'), cache.find('b')]).to.deep.equal(['zz', 'yy']);
  });
});
