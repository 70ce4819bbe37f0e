import { expect } from 'chai';
import fc from 'fast-check';
import { capEntry, MAX_RECORD_BYTES } from '../../../src/adapters/file/audit-entry-cap.js';
import { GENESIS_HASH, lineOf, parseLine, seal } from '../../../src/adapters/file/audit-record.js';
import { Secret } from '../../../src/base/secret.js';
import type { AuditEntry } from '../../../src/ports/audit-log.js';
import { T0 } from '../../support/attempt-parts.js';
import { entryOf } from '../../support/audit.js';

const lineFor = (entry: AuditEntry): Buffer =>
  Buffer.from(lineOf(seal(capEntry(entry, T0), { number: 1e12, hash: GENESIS_HASH }, () => '')));

describe('capEntry', () => {
  it('leaves an ordinary entry as it is', () => {
    expect(capEntry(entryOf(1), T0)).to.deep.equal({ ...entryOf(1), written: T0 });
  });
  it('cuts a long string, says so in its place and names the field', () => {
    const capped = capEntry(
      entryOf(1, { text: 'x'.repeat(10_000), facts: { deep: [{ message: 'y'.repeat(8_193) }] } }),
      T0,
    );
    expect(capped.text).to.equal(`${'x'.repeat(8_192)}…[1808 characters cut]`);
    expect(capped.cut).to.deep.equal(['text', 'facts.deep[0].message']);
  });
  it('keeps a record under 64 KiB however many fields are long', () => {
    const facts = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`field${i}`, '\u0000'.repeat(5_000)]));
    const capped = capEntry(entryOf(1, { facts }), T0);
    expect(lineFor(entryOf(1, { facts })).length).to.be.at.most(MAX_RECORD_BYTES);
    expect(capped.subject).to.equal(entryOf(1).subject);
    expect(capped.cut?.length).to.be.within(1, 20);
  });
  it('keeps at least who said what when nothing else fits', () => {
    const wide = (depth: number): object =>
      Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [
          '\u0001'.repeat(64) + i,
          depth === 0 ? '\u0001'.repeat(64) : wide(depth - 1),
        ]),
      );
    const capped = capEntry(entryOf(1, { facts: { all: wide(3) }, text: '\u0001'.repeat(60_000) }), T0);
    expect(lineFor(entryOf(1, { facts: { all: wide(3) } })).length).to.be.at.most(MAX_RECORD_BYTES);
    expect(capped).to.include({ subject: entryOf(1).subject, actor: 'operator' });
    expect(capped.cut).not.to.equal(undefined);
  });
  it('survives values that hold themselves, and never shows a secret', () => {
    const loop: Record<string, unknown> = { token: new Secret('hunter2') };
    loop['self'] = loop;
    const capped = capEntry(entryOf(1, { facts: { loop } }), T0);
    expect(capped.facts).to.deep.equal({ loop: { token: '[redacted]', self: '[circular]' } });
  });
  const DEAREST: Readonly<Record<string, (count: number) => object>> = {
    'characters that are escaped': (count) => ({ text: ['\u0000'.repeat(count / 2), '\ud800'.repeat(count / 2)] }),
    'long numbers': (count) =>
      Array.from({ length: count / 20 }, () => Array.from({ length: 20 }, () => -Number.MAX_VALUE)),
    'fields without a name': (count) =>
      Array.from({ length: count / 20 }, () => Array.from({ length: 20 }, () => ({ '': {} }))),
    'whole numbers without end': (count) => [10n ** BigInt(count * 10)],
  };
  for (const [what, make] of Object.entries(DEAREST)) {
    it(`measures an entry by what it is written as: ${what}`, () => {
      for (const count of [100, 1_000, 1_900, 2_000, 4_000, 10_000, 20_000, 50_000]) {
        const line = lineFor(entryOf(1, { facts: { all: make(count) } }));
        expect(line.length, String(count)).to.be.at.most(MAX_RECORD_BYTES);
        expect(parseLine(line.subarray(0, -1)).kind).to.equal('sound');
      }
    });
  }
  it('keeps as many fields and items as the limit says, and tells how many it cut', () => {
    const fields = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, i]));
    const items = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
    const whole = capEntry(entryOf(1, { facts: { fields: fields(500), items: items(500) } }), T0);
    expect([whole.facts, whole.cut]).to.deep.equal([{ fields: fields(500), items: items(500) }, undefined]);
    const cut = capEntry(entryOf(1, { facts: { fields: fields(501), items: items(501) } }), T0);
    expect(cut.facts).to.deep.equal({
      fields: { ...fields(500), '…': '[1 fields cut]' },
      items: [...items(500), '…[1 items cut]'],
    });
    expect(cut.cut).to.deep.equal(['facts.fields', 'facts.items']);
  });
  it('keeps a field of any name a field', () => {
    const facts = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, unknown>;
    expect(Object.keys(capEntry(entryOf(1, { facts }), T0).facts ?? {})).to.deep.equal(['__proto__', 'constructor']);
  });
  it('makes of any value a line of at most 64 KiB that proves itself', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ unit: 'binary' }),
          fc.anything({
            withBigInt: true,
            withMap: true,
            withSet: true,
            withDate: true,
            withNullPrototype: true,
            maxDepth: 4,
          }),
        ),
        (facts) => {
          const line = lineFor(entryOf(1, { facts }));
          expect(line.length).to.be.at.most(MAX_RECORD_BYTES);
          expect(parseLine(line.subarray(0, -1)).kind).to.equal('sound');
        },
      ),
      { numRuns: 200 },
    );
  });
});
