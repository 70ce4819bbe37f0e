import { expect } from 'chai';
import fc from 'fast-check';
import { generateKeyPairSync, sign } from 'node:crypto';
import { lineOf, referenceTo, seal, type RecordReference } from '../../../src/adapters/file/audit-record.js';
import { signatureCheck } from '../../../src/adapters/file/audit-signing-key.js';
import { verifyAudit, type AuditReport } from '../../../src/adapters/file/audit-verify.js';
import { AuditWorld, entryOf } from '../../support/audit.js';
import {
  asDirectory,
  bytesAsDirectory,
  copyOf,
  placesIn,
  recordAt,
  withLines,
  type LogCopy,
  type Place,
} from '../../support/audit-tampering.js';
import { T0 } from '../../support/attempt-parts.js';
import { FORGED, tamperingsBy } from '../../support/tamperings.js';

const END_ONLY: readonly string[] = ['a line deleted', 'a forged line in its place'];

describe('verifyAudit', () => {
  let world: AuditWorld;
  let log: LogCopy;
  let publicKey: string;
  let witness: RecordReference;
  let places: readonly Place[];
  const stranger = generateKeyPairSync('ed25519');
  const strangerKey = {
    key: signatureCheck(stranger.publicKey.export({ type: 'spki', format: 'pem' }).toString()).keyId,
    sign: (text: string) => sign(null, Buffer.from(text), stranger.privateKey).toString('hex'),
  };
  const verify = (copy: LogCopy, withWitness = true): Promise<AuditReport> =>
    verifyAudit(asDirectory(copy), { publicKey, ...(withWitness ? { witness } : {}) });
  /** Looks like an earlier state of the log, maybe with new records on it: only a witness tells. */
  const isCutAtEnd = (kind: string, { segment, line }: Place): boolean =>
    kind.startsWith('cut') ||
    (segment === log.segments.length - 1 &&
      (kind === 'the segment cut off from here' ||
        (line === log.segments[segment]!.lines.length - 1 && END_ONLY.includes(kind))));
  /** After the last line of a process that was killed. */
  const isLate = (kind: string, { segment, line }: Place): boolean =>
    kind === 'a forged line inserted' && segment === 1 && line === log.segments[1]!.lines.length - 1;

  before(async () => {
    // A boot that ended well, one that was killed, one with rotated segments, and a last one: several of everything.
    world = await AuditWorld.create();
    await world.boot(3);
    const killed = world.open();
    for (let n = 7; n < 10; n++) await killed.append(entryOf(n));
    const rotating = world.open({ maxSegmentBytes: 3_500 });
    for (let n = 12; n < 20; n++) await rotating.append(entryOf(n));
    await rotating.close();
    await world.boot(4, 20);
    log = await copyOf(world);
    places = placesIn(log);
    publicKey = await world.publicKey();
    witness = referenceTo(recordAt(log, places.at(-1)!));
  });
  after(() => world.remove());

  const TAMPERINGS = tamperingsBy(strangerKey);
  const isUnchanged = (copy: LogCopy): boolean => JSON.stringify(copy) === JSON.stringify(log);

  it('finds nothing in an untouched log, and says how far that goes', async () => {
    expect(await verify(log)).to.deep.include({
      ok: true,
      problems: [],
      records: places.length,
      segments: log.segments.length,
      late: 0,
      torn: 0,
      verifiedUpTo: witness.number,
    });
    const alone = await verify(log, false);
    expect(alone.statement).to.equal(`verified up to checkpoint ${witness.number}; a cut after it cannot be excluded`);
    expect(log.segments.length).to.be.greaterThan(4);
  });
  for (const [kind, tamper] of Object.entries(TAMPERINGS)) {
    it(`finds it, over every record of a log: ${kind}`, async () => {
      let tried = 0;
      for (const place of places) {
        const tampered = tamper(log, place);
        if (isUnchanged(tampered)) continue;
        const number = recordAt(log, place).n;
        const found = await verify(tampered);
        if (isLate(kind, place)) {
          // Whoever can write to the folder can lend a dead process his voice: never counted, never silent.
          expect(found, `record ${number}`).to.deep.include({ ok: true, late: 1, records: places.length + 1 });
          continue;
        }
        expect(found.ok, `record ${number}, with a witness`).to.equal(false);
        expect(found.verifiedUpTo, `record ${number}: nothing is vouched for beyond it`).to.be.below(number + 1);
        const alone = await verify(tampered, false);
        if (!isCutAtEnd(kind, place)) expect(alone.ok, `record ${number}, without a witness`).to.equal(false);
        expect(alone.verifiedUpTo).to.be.below(number + 1);
        tried++;
      }
      expect(tried).to.be.greaterThan(places.length - 10);
    });
  }
  it('finds a segment that was dropped, emptied, renamed, exchanged or added', async () => {
    for (const [i, segment] of log.segments.entries()) {
      const last = i === log.segments.length - 1;
      const dropped = await verify({ segments: log.segments.toSpliced(i, 1) });
      expect(
        dropped.problems.map((p) => p.code),
        `dropped ${i}`,
      ).to.include(last ? 'witness-missing' : 'missing-segment');
      expect((await verify(withLines(log, i, () => []))).ok, `emptied ${i}`).to.equal(false);
      const renamed = {
        segments: log.segments.with(i, { ...segment, name: 'audit-20301231T000000000Z-00000000.jsonl' }),
      };
      expect(
        (await verify(renamed)).problems.map((p) => p.code),
        `renamed ${i}`,
      ).to.include('renamed');
      const other = log.segments[(i + 1) % log.segments.length]!;
      expect((await verify(withLines(log, i, () => other.lines))).ok, `exchanged ${i}`).to.equal(false);
    }
    const name = 'audit-20301231T000000000Z-00000000.jsonl';
    const header = seal(
      {
        kind: 'segment',
        at: T0,
        segment: name,
        boot: '00000000',
        reason: 'boot',
        previous: { segment: log.segments.at(-1)!.name, ...witness },
      },
      witness,
      () => '',
    );
    const checkpoint = seal(
      { kind: 'checkpoint', at: T0, segment: name, key: signatureCheck(publicKey).keyId },
      referenceTo(header),
      () => 'ab'.repeat(64),
    );
    const forged = seal(FORGED, referenceTo(header), () => '');
    for (const lines of [
      [header, forged],
      [header, checkpoint, seal(FORGED, referenceTo(checkpoint), () => '')],
    ]) {
      const added = await verify({ segments: [...log.segments, { name, lines: lines.map(lineOf) }] }, false);
      expect(added.problems.map((p) => p.code)).to.have.members([
        lines.length === 2 ? 'unsigned-segment' : 'bad-signature',
      ]);
    }
  });
  it('finds any changed byte anywhere', async () => {
    const files = new Map(log.segments.map((s) => [s.name, Buffer.from(s.lines.join(''))]));
    const names = [...files.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(names.length - 1),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (which, where, mask) => {
          const bytes = Buffer.from(files.get(names[which]!)!);
          const at = where % bytes.length;
          bytes[at] = bytes[at]! ^ mask;
          const report = await verifyAudit(bytesAsDirectory(new Map(files).set(names[which]!, bytes)), {
            publicKey,
            witness,
          });
          expect(report.ok).to.equal(false);
        },
      ),
      { numRuns: Number(process.env['AUDIT_FLIPS'] ?? 200) },
    );
  });
  it('tells a witness of another log from its own, and a cut from a rewrite', async () => {
    const other = { number: witness.number, hash: 'a'.repeat(64) };
    const differs = await verifyAudit(asDirectory(log), { publicKey, witness: other });
    expect(differs.problems.map((p) => p.code)).to.deep.equal(['witness-differs']);
    const beyond = await verifyAudit(asDirectory(log), {
      publicKey,
      witness: { ...witness, number: witness.number + 5 },
    });
    expect(beyond.problems[0]?.text).to.equal(
      `the log ends at record ${witness.number}, the witness saw record ${witness.number + 5}`,
    );
    expect(beyond.statement).to.match(/^NOT verified: 1 problem\(s\)/);
  });
  it('says plainly what it cannot prove', async () => {
    expect((await verifyAudit(asDirectory(log))).statement).to.match(/nothing is proved/);
    expect((await verifyAudit(asDirectory(log))).verifiedUpTo).to.equal(0);
    const open = await AuditWorld.create();
    const writing = open.open();
    const seen = await writing.append(entryOf(1));
    await writing.append(entryOf(2));
    expect((await open.verify()).statement).to.equal(
      'verified up to checkpoint 2; a cut after it cannot be excluded (the 2 record(s) after it are chained, not signed yet)',
    );
    const [number, hash] = seen.split(':');
    expect((await open.verify({ witness: { number: Number(number), hash: hash! } })).verifiedUpTo).to.equal(3);
    await open.remove();
  });
  it('takes an empty folder for no proof at all', async () => {
    const report = await verifyAudit(asDirectory({ segments: [] }), { publicKey });
    expect(report).to.deep.include({ ok: false, segments: 0, verifiedUpTo: 0 });
    expect(report.problems.map((p) => p.code)).to.deep.equal(['empty']);
  });
  it('counts a decision that was decided again, and takes it for no fault', async () => {
    const again = await AuditWorld.create();
    await again.boot(3);
    await again.boot(2, 3);
    expect(await again.verify()).to.deep.include({ ok: true, repeated: 1 });
    await again.remove();
  });
  it('is not brought down by hostile lines', async () => {
    const hostile = [
      '[',
      '{',
      '['.repeat(30_000),
      `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      '\u0000'.repeat(2_000_000),
      'null',
      '"x"',
      '{"v":1,"n":1e999,"prev":"","hash":{},"kind":[]}',
    ];
    for (const text of hostile)
      expect(
        (
          await verify(
            withLines(log, 1, (lines) => lines.toSpliced(2, 0, `${text}\n`)),
            false,
          )
        ).ok,
        text.slice(0, 20),
      ).to.equal(false);
    expect(
      (
        await verify(
          withLines(log, 1, () => Array.from({ length: 5_000 }, () => '\n')),
          false,
        )
      ).problems.length,
    ).to.be.at.most(1_000);
  });
});
