import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { decodeList } from '../../../src/adapters/argocd/list-decoder.js';
import { epochOf } from '../../../src/adapters/argocd/application-sources.js';
import { failureOf } from '../../support/failure.js';
import { application } from './argocd-fixture.js';

type Json = Record<string, unknown>;
async function* pieces(body: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}
async function decoded(text: string, size = 64 * 1024): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  await decodeList(pieces(Buffer.from(text), size), { take: (more) => items.push(...more) });
  return items;
}
/** An item that is full of what looks like the end of one. */
const trap = (n: number): Json => ({
  metadata: { name: `trap-${n}`, namespace: 'argocd', annotations: { text: '}\n,{"metadata":{"items":[ \\" é ' } },
  spec: { values: { items: [{ a: 1 }, { metadata: { name: 'inner' } }, { metadata: {} }] } },
});
const many = (make: (n: number) => Json, count = 900): readonly Json[] =>
  Array.from({ length: count }, (_, n) => make(n));
const plain = (n: number): Json => application({}, {}, { name: `shop-${n}`, annotations: { big: 'x'.repeat(200) } });

describe('reading a list while it comes in (decodeList)', () => {
  const FORMS: Readonly<Record<string, (items: readonly Json[]) => string>> = {
    'as one line': (items) => JSON.stringify({ metadata: { resourceVersion: '1' }, items }),
    'with a newline after every item': (items) =>
      `{"metadata":{}\n,"items":[${items.map((i) => `${JSON.stringify(i)}\n`).join(',')}]}\n`,
    indented: (items) => JSON.stringify({ metadata: {}, items }, undefined, 2),
    'with the list first and more after it': (items) =>
      JSON.stringify({ items, more: [{ a: 1 }, { metadata: { name: 'no item' } }, { metadata: {} }], items2: [] }),
    'with another list of that name before it': (items) =>
      JSON.stringify({ metadata: { items: [{ metadata: {} }], note: '"items":[' }, items }),
    'with items that begin otherwise': (items) =>
      JSON.stringify({ items: items.map((item) => ({ kind: 'Application', ...item })) }),
  };
  for (const [form, write] of Object.entries(FORMS)) {
    it(`gives every item once and in order, ${form}`, async () => {
      for (const make of [plain, trap]) {
        const text = write(many(make));
        const want = (JSON.parse(text) as { items: unknown[] }).items;
        expect(await decoded(text)).to.deep.equal(want);
      }
    });
  }
  it('gives what JSON.parse gives, whatever the items are and however they are cut', async function () {
    this.timeout(60_000);
    const item = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(
        fc.array(item),
        fc.integer({ min: 1, max: 50_000 }),
        fc.nat(400),
        async (items, size, copies) => {
          const text = JSON.stringify({ metadata: {}, items: Array.from({ length: copies }, () => items).flat() });
          expect(await decoded(text, size)).to.deep.equal((JSON.parse(text) as { items: unknown[] }).items);
        },
      ),
      { numRuns: 150 },
    );
  });
  it('hands items over before the answer is complete', async () => {
    const body = Buffer.from(JSON.stringify({ items: many(plain) }));
    let early = 0;
    async function* half(): AsyncGenerator<Buffer, void> {
      yield* pieces(body.subarray(0, body.length / 2), 64 * 1024);
      expect(early).to.be.greaterThan(200);
      yield body.subarray(body.length / 2);
    }
    await decodeList(half(), {
      take: (items) => {
        early += items.length;
      },
    });
    expect(early).to.equal(900);
  });
  it('takes a list that stops half way, or is broken in the middle, for no JSON', async () => {
    const text = JSON.stringify({ items: many(plain) });
    const between = text.indexOf(',{"metadata"', 150_000);
    const broken = `${text.slice(0, between)}}}}${text.slice(between)}`;
    for (const bad of [text.slice(0, 200_000), text.slice(0, -1), `${text}]`, broken, text.replaceAll('},{', '},,{')]) {
      const error: unknown = await decoded(bad).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(SyntaxError);
    }
  });
  it('costs in proportion to its size when nothing in it is an item', async () => {
    const size = 12 * 1024 * 1024;
    const copies = sinon.spy(Buffer, 'concat');
    const searches = sinon.spy(Buffer.prototype, 'indexOf');
    try {
      await decoded(`"${'x'.repeat(size)}"`, 16 * 1024).catch(() => undefined);
      const copied = copies.returnValues.reduce((sum, copy) => sum + copy.length, 0);
      const searched = searches.getCalls().reduce((sum, { thisValue, args }) => {
        return sum + (thisValue as Buffer).length - Number(args[1] ?? 0);
      }, 0);
      // Copied or searched once per batch, it would be hundreds of times as much.
      expect(copied / size).to.be.within(0.5, 4);
      expect(searched / size).to.be.within(0.5, 4);
    } finally {
      copies.restore();
      searches.restore();
    }
  });
  it('takes an object without a list, or with null, for an empty list, and anything else for none', async () => {
    expect([await decoded('{}'), await decoded('{"items":null}'), await decoded('{"items":[]}')]).to.deep.equal([
      [],
      [],
      [],
    ]);
    for (const bad of ['[]', '7', 'null', '{"items":{}}', '{"items":"x"}'])
      expect(await failureOf(decoded(bad))).to.equal('ARGOCD_MALFORMED terminal');
  });
});

describe('times of Argo CD', () => {
  it('are what Date.parse makes of them', () => {
    const time = fc.date({ min: new Date('1900-01-01'), max: new Date('2999-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, (at) => {
        const text = `${at.toISOString().slice(0, 19)}Z`;
        expect(epochOf(text)).to.equal(Date.parse(text));
      }),
    );
    for (const odd of [
      '2026-02-31T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-0xT00:00:00Z',
    ]) {
      const ms = Date.parse(odd);
      expect(epochOf(odd)).to.equal(Number.isNaN(ms) ? undefined : ms);
    }
  });
});
