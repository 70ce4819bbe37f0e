import { expect } from 'chai';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { SegmentRecord } from '../../../src/adapters/file/audit-record.js';
import { findWitness } from '../../../src/adapters/file/checkpoint-line.js';
import { AuditWorld, entryOf } from '../../support/audit.js';
import { T0 } from '../../support/attempt-parts.js';

const WRITER = fileURLToPath(new URL('../../support/audit-writer.js', import.meta.url));

class Writer {
  output = '';
  readonly child: ChildProcessWithoutNullStreams;
  constructor(world: AuditWorld, from: number, count: number) {
    this.child = spawn(process.execPath, [WRITER, world.directory, world.keyFile, String(from), String(count)]);
    this.child.stdout.setEncoding('utf8');
    this.child.stdout.on('data', (text: string) => (this.output += text));
  }
  async says(word: string | RegExp): Promise<void> {
    while (this.output.search(word) === -1)
      await once(this.child.stdout, 'data', { signal: AbortSignal.timeout(15_000) });
  }
  async end(how: 'close' | 'kill'): Promise<void> {
    const exited = once(this.child, 'exit');
    if (how === 'kill') this.child.kill('SIGKILL');
    else this.child.stdin.write('close\n');
    await exited;
  }
}

describe('FileAuditLog over restarts', () => {
  let world: AuditWorld;
  const writers: Writer[] = [];
  const start = (from: number, count: number): Writer => {
    const writer = new Writer(world, from, count);
    writers.push(writer);
    return writer;
  };
  beforeEach(async () => {
    world = await AuditWorld.create();
  });
  afterEach(async () => {
    for (const { child } of writers.splice(0)) child.kill('SIGKILL');
    await world.remove();
  });
  const headers = async (): Promise<readonly SegmentRecord[]> =>
    (await world.records()).flatMap((r) => (r.kind === 'segment' ? [r] : []));

  it('writes a segment per boot whose first record holds name, last number and last hash of the one before', async () => {
    await world.boot(3);
    await world.boot(2, 4);
    const [first, second] = await world.segments();
    const records = await world.records();
    const last = records.filter((r) => r.kind === 'checkpoint')[1];
    expect((await headers())[1]).to.deep.include({
      n: 7,
      prev: last?.hash,
      previous: { segment: first, number: 6, hash: last?.hash },
      segment: second,
    });
    expect(await world.verify()).to.deep.include({
      ok: true,
      segments: 2,
      records: 11,
      late: 0,
      torn: 0,
      verifiedUpTo: 11,
    });
  });
  it('goes on after a crash that tore the last line: torn, not tampered with', async () => {
    const log = world.open();
    await log.append(entryOf(1));
    const [segment] = await world.segments();
    const whole = (await readFile(world.file(segment!))).length;
    await log.append(entryOf(2));
    await truncate(world.file(segment!), whole + 40);
    expect(await world.verify()).to.deep.include({ ok: true, torn: 1 });
    await world.boot(1, 3);
    expect(await world.verify()).to.deep.include({ ok: true, torn: 1, late: 0, segments: 2 });
  });
  it('goes on after a loss of power that left rubbish at the end, or a segment without a first record', async () => {
    const log = world.open();
    await log.append(entryOf(1));
    const [segment] = await world.segments();
    await appendFile(world.file(segment!), Buffer.concat([Buffer.alloc(300), Buffer.from('\nhalf a li')]));
    await writeFile(world.file('audit-20260101T000000001Z-00000000.jsonl'), '');
    await writeFile(world.file('audit-20260101T000000002Z-00000000.jsonl'), '{"at":17');
    await world.boot(2, 2);
    expect(await world.verify()).to.deep.include({ ok: true, problems: [], torn: 3, segments: 2 });
  });
  it('keeps the order of the segments when the clock is set back', async () => {
    await world.boot(1);
    const back = await AuditWorld.create();
    const log = world.open({
      clock: { now: () => T0 - 86_400_000, monotonic: () => 0, sleep: back.clock.sleep.bind(back.clock) },
    });
    await log.append(entryOf(2));
    await log.close();
    await back.remove();
    expect((await headers()).map((h) => h.n)).to.deep.equal([1, 5]);
    expect((await world.verify()).ok).to.equal(true);
  });
  it('loses nothing when many processes start at the same moment: the next boot follows them all', async () => {
    const logs = Array.from({ length: 5 }, () => world.open());
    await Promise.all(logs.map((log, i) => log.append(entryOf(i))));
    await Promise.all(logs.slice(0, 3).map((log) => log.close()));
    expect(await world.verify()).to.deep.include({ ok: true, segments: 5 });
    await world.boot(1, 9);
    expect(await world.verify()).to.deep.include({ ok: true, segments: 6, problems: [] });
    const last = (await headers()).at(-1);
    const followed = (await headers()).flatMap((h) =>
      [...(h.previous === undefined ? [] : [h.previous]), ...(h.others ?? [])].map((r) => r.segment),
    );
    expect((await world.segments()).filter((s) => !followed.includes(s))).to.deep.equal([last?.segment]);
  });
  it('calls lines late, not tampering, that a replaced process appends after its successor took over', async () => {
    const stalled = world.open();
    await stalled.append(entryOf(1));
    const successor = world.open();
    await successor.append(entryOf(2));
    await stalled.append(entryOf(2, { text: 'decided by the one that was replaced' }));
    await stalled.append(entryOf(3));
    await successor.append(entryOf(3));
    await successor.close();
    expect(await world.verify()).to.deep.include({ ok: true, late: 2, repeated: 0, segments: 2 });
    await stalled.close();
    expect(await world.verify()).to.deep.include({ ok: true, late: 3 });
    await world.boot(1, 4);
    expect(await world.verify()).to.deep.include({ ok: true, late: 3, segments: 3 });
  });
  it('calls the further segments of a replaced process late as well', async () => {
    const stalled = world.open({ maxSegmentBytes: 2_500 });
    await stalled.append(entryOf(1));
    const successor = world.open();
    await successor.append(entryOf(2));
    for (let n = 3; n < 12; n++) await stalled.append(entryOf(n));
    await stalled.close();
    await successor.close();
    const report = await world.verify();
    expect(report).to.deep.include({ ok: true, problems: [], verifiedUpTo: 7 });
    expect(report.late).to.be.greaterThan(12);
    await world.boot(1, 20);
    expect(await world.verify()).to.deep.include({ ok: true, problems: [], late: report.late });
  });
  it('has every acknowledged record of a process that was killed, and the next one follows it', async () => {
    const first = start(1, 100);
    await first.says('ack 70 ');
    await first.end('kill');
    const acknowledged = [...first.output.matchAll(/^ack \d+ (\d+:[0-9a-f]{64})$/gm)].map((m) => m[1]);
    const second = start(200, 2);
    await second.says('ready');
    await second.end('close');
    const written = new Set((await world.records()).map((r) => `${r.n}:${r.hash}`));
    expect(acknowledged.length).to.be.at.least(70);
    expect(acknowledged.filter((w) => !written.has(w!))).to.deep.equal([]);
    const witness = findWitness(second.output);
    expect(await world.verify({ witness: witness! })).to.deep.include({ ok: true, segments: 2, late: 0 });
  });
  it("keeps two living processes apart: neither breaks the other's chain", async () => {
    const first = start(1, 3);
    await first.says('ready');
    const second = start(4, 3);
    await second.says('ready');
    first.child.stdin.write('more\n');
    await first.says(/ack 4 /);
    second.child.stdin.write('more\n');
    await second.says(/ack 7 /);
    await Promise.all([first.end('close'), second.end('close')]);
    const report = await world.verify({ witness: findWitness(second.output)! });
    expect(report).to.deep.include({ ok: true, problems: [], segments: 2, late: 2, torn: 0 });
  });
  it('creates one key, however many processes start on an empty folder at once', async () => {
    const several = [start(1, 2), start(3, 2), start(5, 2)];
    for (const writer of several) await writer.says('ready');
    await Promise.all(several.map((writer) => writer.end('close')));
    expect(await world.verify()).to.deep.include({ ok: true, problems: [], segments: 3 });
  });
});
