import { expect } from 'chai';
import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import {
  GENESIS_HASH,
  lineOf,
  referenceTo,
  seal,
  type AuditRecord,
  type RecordBody,
  type RecordReference,
} from '../../../src/adapters/file/audit-record.js';
import { signatureCheck } from '../../../src/adapters/file/audit-signing-key.js';
import { verifyAudit } from '../../../src/adapters/file/audit-verify.js';
import { canonicalJson, sha256 } from '../../../src/base/hash.js';
import { entryOf } from '../../support/audit.js';
import { asDirectory } from '../../support/audit-tampering.js';
import { T0 } from '../../support/attempt-parts.js';

const pair = generateKeyPairSync('ed25519');
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const key = signatureCheck(publicKey).keyId;
const sign = (text: string): string => signWith(null, Buffer.from(text), pair.privateKey).toString('hex');

const A = 'audit-20260101T000000000Z-aaaaaaaa.jsonl';
const B = 'audit-20260102T000000000Z-bbbbbbbb.jsonl';
const C = 'audit-20260103T000000000Z-cccccccc.jsonl';
const START: RecordReference = { number: 0, hash: GENESIS_HASH };
const header = (segment: string, more: object = {}): RecordBody => ({
  kind: 'segment',
  at: T0,
  segment,
  boot: segment.slice(-14, -6),
  reason: 'boot',
  ...more,
});
const checkpoint = (segment: string, more: object = {}): RecordBody => ({
  kind: 'checkpoint',
  at: T0,
  segment,
  key,
  ...more,
});
const entry = (n: number): RecordBody => ({ ...entryOf(n), written: T0 });

/** Chains bodies, rightly sealed and signed: what only the holder of the key could have made. */
function chained(bodies: readonly RecordBody[], before = START): readonly AuditRecord[] {
  let head = before;
  return bodies.map((body) => {
    const record = seal(body, head, sign);
    head = referenceTo(record);
    return record;
  });
}
const after = (segment: string, records: readonly AuditRecord[], i = -1): RecordReference & { segment: string } => ({
  segment,
  ...referenceTo(records.at(i)!),
});
async function problemsOf(segments: Readonly<Record<string, readonly AuditRecord[]>>): Promise<readonly string[]> {
  const copy = { segments: Object.entries(segments).map(([name, records]) => ({ name, lines: records.map(lineOf) })) };
  const { ok, problems } = await verifyAudit(asDirectory(copy), { publicKey });
  expect(ok).to.equal(problems.length === 0);
  return problems.map((p) => `${p.code} ${p.number}`);
}

describe('verifyAudit, over logs made with the right key', () => {
  const a = chained([header(A), checkpoint(A), entry(1), entry(2), checkpoint(A)]);

  it('accepts one that is as the operator would write it', async () => {
    const b = chained([header(B, { previous: after(A, a) }), checkpoint(B), entry(3)], after(A, a));
    expect(await problemsOf({ [A]: a, [B]: b })).to.deep.equal([]);
  });
  it('names what happened to the lines', async () => {
    expect(await problemsOf({ [A]: a.toSpliced(2, 1) })).to.deep.equal(['missing 3']);
    expect(await problemsOf({ [A]: a.toSpliced(2, 0, a[1]!) })).to.deep.equal(['out-of-order 2']);
    expect(
      await problemsOf({ [A]: a.with(3, chained([entry(9)], { number: 3, hash: 'c'.repeat(64) })[0]!) }),
    ).to.deep.equal(['chain-broken 4', 'chain-broken 5']);
  });
  it('does not accept numbers that jump or repeat although the hashes are right', async () => {
    const jump = [...a, ...chained([entry(3), checkpoint(A)], { number: 9, hash: a.at(-1)!.hash })];
    expect(await problemsOf({ [A]: jump })).to.deep.equal(['missing 6']);
    const repeat = [...a, ...chained([entry(3), checkpoint(A)], { number: 3, hash: a.at(-1)!.hash })];
    expect(await problemsOf({ [A]: repeat })).to.deep.equal(['out-of-order 4']);
  });
  it('does not accept a first record in the middle, nor a segment under another name', async () => {
    expect(await problemsOf({ [A]: chained([header(A), checkpoint(A), header(A)]) })).to.deep.equal(['misplaced 3']);
    expect(await problemsOf({ [A]: chained([header(B), checkpoint(A)]) })).to.deep.equal(['renamed 1']);
    expect(await problemsOf({ [A]: chained([header(A), checkpoint(B)]) })).to.deep.equal(['renamed 2']);
  });
  it('does not accept a beginning that does not continue what it names', async () => {
    const previous = after(A, a);
    const number = chained([header(B, { previous }), checkpoint(B)], { ...previous, number: 7 });
    expect(await problemsOf({ [A]: a, [B]: number })).to.deep.equal(['chain-broken 8']);
    const hash = chained([header(B, { previous }), checkpoint(B)], { ...previous, hash: 'c'.repeat(64) });
    expect(await problemsOf({ [A]: a, [B]: hash })).to.deep.equal(['chain-broken 6']);
    const older = chained([header(A, { previous: after(B, a) }), checkpoint(A)], after(B, a));
    expect(
      await problemsOf({ [A]: older, [B]: chained([header(B), checkpoint(B), entry(1), entry(2), checkpoint(B)]) }),
    ).to.include('out-of-order 6');
  });
  it('accepts a signature in its one spelling and under its own key only', async () => {
    const shouted = a.map((r) => (r.kind === 'checkpoint' ? { ...r, signature: r.signature.toUpperCase() } : r));
    expect(await problemsOf({ [A]: shouted })).to.deep.equal(['bad-signature 2', 'bad-signature 5']);
    expect(await problemsOf({ [A]: chained([header(A), checkpoint(A, { key: '0'.repeat(16) })]) })).to.deep.equal([
      'foreign-key 2',
    ]);
  });
  it('does not accept a record of a format it does not know', async () => {
    const unsealed = { ...entry(3), v: 2, n: 6, prev: a.at(-1)!.hash };
    const future = { ...unsealed, hash: sha256(unsealed.prev + canonicalJson(unsealed)) } as unknown as AuditRecord;
    expect(await problemsOf({ [A]: [...a, future] })).to.deep.equal(['edited 6']);
  });
  it('is not led astray by a first record that only looks like one', async () => {
    const previous = after(A, a);
    for (const odd of [
      { others: 5 },
      { others: [null] },
      { others: 'x' },
      { previous: 7 },
      { previous: { ...previous, number: '5' } },
      { reason: 'whim' },
      { boot: 9 },
    ]) {
      const b = chained([header(B, { previous, ...odd }), checkpoint(B)], previous);
      expect(await problemsOf({ [A]: a, [B]: b }), JSON.stringify(odd)).to.deep.equal(['misplaced 6']);
    }
  });
  it('counts lines as late from the first take-over, when two processes took over one after the other', async () => {
    const b = chained([header(B, { previous: after(A, a, 2) }), checkpoint(B)], after(A, a, 2));
    const c = chained([header(C, { previous: after(A, a, 3), others: [after(B, b)] }), checkpoint(C)], {
      number: b.at(-1)!.n,
      hash: a[3]!.hash,
    });
    const copy = {
      segments: [
        [A, a],
        [B, b],
        [C, c],
      ].map(([name, records]) => ({ name: name as string, lines: (records as AuditRecord[]).map(lineOf) })),
    };
    expect(await verifyAudit(asDirectory(copy), { publicKey })).to.deep.include({ problems: [], late: 2 });
  });
});
