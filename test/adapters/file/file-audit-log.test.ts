import { expect } from 'chai';
import { constants, readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { lineOf, type AuditRecord } from '../../../src/adapters/file/audit-record.js';
import { publicKeyFileOf, signatureCheck } from '../../../src/adapters/file/audit-signing-key.js';
import { findCheckpoint, findWitness, isGenuine } from '../../../src/adapters/file/checkpoint-line.js';
import { createSegmentFile, type CreateSegmentFile } from '../../../src/adapters/file/segment-writer.js';
import { AuditWorld, entryOf } from '../../support/audit.js';
import { T0 } from '../../support/attempt-parts.js';
import { failureOf } from '../../support/failure.js';

const kindsOf = (records: readonly AuditRecord[]): readonly string[] => records.map((r) => r.kind);
const entriesOf = (records: readonly AuditRecord[]): readonly AuditRecord[] =>
  records.filter((r) => r.kind !== 'segment' && r.kind !== 'checkpoint');

describe('FileAuditLog', () => {
  let world: AuditWorld;
  beforeEach(async () => {
    world = await AuditWorld.create();
  });
  afterEach(() => world.remove());

  it('has the record on disk, whole and chained, when append resolves', async () => {
    const log = world.open();
    const witness = await log.append(entryOf(1));
    const [segment, checkpoint, entry] = await world.records();
    expect(segment).to.deep.include({ kind: 'segment', reason: 'boot', n: 1, prev: '0'.repeat(64), v: 1 });
    expect(checkpoint).to.deep.include({ kind: 'checkpoint', n: 2, prev: segment?.hash });
    expect(entry).to.deep.include({ ...entryOf(1), written: T0, v: 1, n: 3, prev: checkpoint?.hash });
    expect(witness).to.equal(`3:${entry?.hash}`);
  });
  it('writes nothing before the first append: whoever only looks leaves no trace', async () => {
    await world.open().close();
    expect(await failureOf(() => world.segments())).to.match(/ENOENT/);
  });
  it('never opens a file that is there already as its segment', async () => {
    await world.boot(1);
    const [segment] = await world.segments();
    expect(await failureOf(createSegmentFile(world.file(segment!)))).to.match(/EEXIST/);
  });
  it('writes to the disk itself: each write returns only when its data are durable (O_DSYNC)', async () => {
    const log = world.open();
    await log.append(entryOf(1));
    const [segment] = await world.segments();
    const open = await Promise.all(
      (await readdir('/proc/self/fd')).map(async (fd) => ({
        file: await readlink(`/proc/self/fd/${fd}`).catch(() => ''),
        info: await readFile(`/proc/self/fdinfo/${fd}`, 'utf8').catch(() => ''),
      })),
    );
    const info = open.find(({ file }) => file === world.file(segment!))?.info;
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info ?? '')?.[1] ?? '0', 8);
    expect(flags & constants.O_DSYNC).to.equal(constants.O_DSYNC);
    expect(flags & constants.O_APPEND).to.equal(constants.O_APPEND);
    await log.close();
  });
  it('keeps folder, segments and private key to its own user', async () => {
    await world.boot(1);
    const [segment] = await world.segments();
    const modes = await Promise.all(
      [world.directory, world.file(segment!), world.keyFile, publicKeyFileOf(world.keyFile)].map(async (f) =>
        ((await stat(f)).mode & 0o777).toString(8),
      ),
    );
    expect(modes.slice(0, 3)).to.deep.equal(['700', '600', '600']);
    expect(segment).to.match(/^audit-20260101T000000000Z-[0-9a-f]{8}\.jsonl$/);
  });
  it('lets concurrent appends share one write to the disk and keeps their order', async () => {
    let writes = 0;
    const counting: CreateSegmentFile = async (file) => {
      const real = await createSegmentFile(file);
      return { ...real, append: (bytes) => (writes++, real.append(bytes)) };
    };
    const log = world.open({ createFile: counting });
    await log.append(entryOf(0));
    writes = 0;
    const witnesses = await Promise.all(Array.from({ length: 200 }, (_, i) => log.append(entryOf(i + 1))));
    expect(writes).to.equal(1);
    const entries = entriesOf(await world.records());
    expect(entries.map((r) => (r.kind === 'decision' ? r.subject : ''))).to.deep.equal(
      Array.from({ length: 201 }, (_, i) => entryOf(i).subject),
    );
    expect(witnesses).to.deep.equal(entries.slice(1).map((r) => `${r.n}:${r.hash}`));
  });
  it('acknowledges each of many interleaved appends with its own record', async () => {
    const log = world.open();
    const appended = await Promise.all(
      Array.from({ length: 40 }, async (_, writer) => {
        const mine: [string, string][] = [];
        for (let i = 0; i < 10; i++)
          mine.push([await log.append(entryOf(1, { subject: `${writer}/${i}` })), `${writer}/${i}`]);
        return mine;
      }),
    );
    await log.close();
    const bySubject = new Map(
      entriesOf(await world.records()).map((r) => [`${r.n}:${r.hash}`, r.kind === 'decision' ? r.subject : '']),
    );
    for (const [witness, subject] of appended.flat()) expect(bySubject.get(witness)).to.equal(subject);
    expect((await world.verify()).ok).to.equal(true);
  });
  it('signs after every 64 records, and prints what it signs so that it proves itself', async () => {
    const log = world.open();
    for (let n = 1; n <= 130; n++) await log.append(entryOf(n));
    const records = await world.records();
    expect(records.flatMap((r) => (r.kind === 'checkpoint' ? [r.n] : []))).to.deep.equal([2, 67, 132]);
    const check = signatureCheck(await world.publicKey());
    const printed = world.printed.map((line) => findCheckpoint(`2026-01-01 INFO ${line}\r`));
    expect(printed.map((p) => p !== undefined && isGenuine(p, check))).to.deep.equal([true, true, true]);
    expect(findWitness(world.printed.join('\n'))).to.deep.equal({
      number: 132,
      hash: records.find((r) => r.n === 132)?.hash,
    });
    expect(isGenuine({ ...printed[0]!, number: 3 }, check)).to.equal(false);
  });
  it('signs after 60 s when there is something new, and only then', async () => {
    const log = world.open();
    await log.append(entryOf(1));
    await world.clock.advance(59_000);
    expect(world.printed).to.have.length(1);
    await world.clock.advance(1_000);
    await until(() => world.printed.length === 2);
    await world.clock.advance(600_000);
    expect(kindsOf(await world.records())).to.deep.equal(['segment', 'checkpoint', 'decision', 'checkpoint']);
    await log.append(entryOf(2));
    await world.clock.advance(60_000);
    await until(() => world.printed.length === 3);
  });
  it('waits at close for what was appended, signs it as complete, and takes nothing afterwards', async () => {
    const log = world.open();
    const appended = [1, 2, 3].map((n) => log.append(entryOf(n)));
    await Promise.all([log.close(), log.close()]);
    await Promise.all(appended);
    const records = await world.records();
    expect(kindsOf(records)).to.deep.equal(['segment', 'checkpoint', 'decision', 'decision', 'decision', 'checkpoint']);
    expect(records.at(-1)).to.have.property('closing', true);
    expect(await failureOf(log.append(entryOf(4)))).to.equal('AUDIT_UNWRITABLE transient');
    expect(world.clock.sleeping).to.equal(0);
  });
  it('begins a new segment when one is full, and the chain goes on', async () => {
    const log = world.open({ maxSegmentBytes: 3_000 });
    for (let n = 1; n <= 20; n++) await log.append(entryOf(n));
    await log.close();
    const segments = await world.segments();
    const headers = (await world.records()).flatMap((r) => (r.kind === 'segment' ? [r] : []));
    expect(segments.length).to.be.greaterThan(3);
    expect(headers.map((h) => h.reason)).to.deep.equal(['boot', ...segments.slice(1).map(() => 'rotated')]);
    expect(headers.slice(1).map((h) => h.previous?.segment)).to.deep.equal(segments.slice(0, -1));
    expect(await world.verify()).to.deep.include({ ok: true, segments: segments.length, late: 0, torn: 0 });
  });
  it('writes canonical JSON, whatever the entry was made of', async () => {
    const log = world.open();
    const odd = JSON.parse('{"__proto__":{"polluted":true},"10":1,"9":2,"é\\u2028":"\\ud800 lone"}') as Record<
      string,
      unknown
    >;
    await log.append(
      entryOf(1, {
        facts: {
          big: 12345678901234567890n,
          nan: Number.NaN,
          when: new Date(T0),
          gone: undefined,
          odd,
          map: new Map([['a', 1n]]),
          error: new TypeError('x'),
        },
      }),
    );
    await log.close();
    const text = await readFile(path.join(world.directory, (await world.segments())[0]!), 'utf8');
    expect((await world.records()).map(lineOf).join('')).to.equal(text);
    expect((await world.verify()).ok).to.equal(true);
    const entry = entriesOf(await world.records())[0] as unknown as { facts: Record<string, unknown> };
    expect(entry.facts).to.deep.equal({
      big: '12345678901234567890',
      nan: 'NaN',
      when: '2026-01-01T00:00:00.000Z',
      odd,
      map: { a: '1' },
      error: 'TypeError: x',
    });
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });
  it('takes the entry as it was when it was appended', async () => {
    const log = world.open();
    const facts = { health: 'Degraded' };
    const appended = log.append(entryOf(1, { facts }));
    facts.health = 'Healthy';
    await appended;
    expect(entriesOf(await world.records())[0]).to.deep.include({ facts: { health: 'Degraded' } });
  });
});

async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!done()) {
    if (Date.now() > end) throw new Error('it did not happen');
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
