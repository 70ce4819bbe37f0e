import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  createSegmentFile,
  type AppendOnlyFile,
  type CreateSegmentFile,
} from '../../../src/adapters/file/segment-writer.js';
import { OperatorError } from '../../../src/base/errors.js';
import { AuditWorld, entryOf } from '../../support/audit.js';
import { failureOf } from '../../support/failure.js';

const UNWRITABLE = 'AUDIT_UNWRITABLE transient';
const fault = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

/** A disk that the test breaks and mends. */
class Disk {
  /** Bytes that still fit; what does not fit is written in part, as a real disk does. */
  room = Infinity;
  syncFault: string | undefined;
  createFault: string | undefined;
  /** Nothing comes back before this does. */
  hangs: Promise<void> | undefined;
  readonly create: CreateSegmentFile = async (file) => {
    if (this.createFault !== undefined) throw fault(this.createFault);
    const real = await createSegmentFile(file);
    return {
      append: (bytes) => this.#append(real, bytes),
      close: () => real.close(),
    };
  };
  async #append(real: AppendOnlyFile, bytes: Buffer): Promise<void> {
    await this.hangs;
    const fits = bytes.subarray(0, Math.min(this.room, bytes.length));
    this.room -= fits.length;
    if (fits.length > 0) await real.append(fits);
    if (fits.length < bytes.length) throw fault('ENOSPC');
    // Written, and then lost on the way to the disk: as far as anybody can tell.
    if (this.syncFault !== undefined) throw fault(this.syncFault);
  }
}

describe('FileAuditLog, when it cannot write', () => {
  let world: AuditWorld;
  let disk: Disk;
  beforeEach(async () => {
    world = await AuditWorld.create();
    disk = new Disk();
  });
  afterEach(() => world.remove());
  const subjects = async (): Promise<readonly string[]> =>
    (await world.records()).flatMap((r) => (r.kind === 'decision' ? [r.subject] : []));

  it('names the folder, the cause and the mend', async () => {
    disk.room = 10;
    const error = await world
      .open({ createFile: disk.create })
      .append(entryOf(1))
      .then(
        () => undefined,
        (e: unknown) => e,
      );
    expect(error).to.be.instanceOf(OperatorError);
    expect((error as OperatorError).message).to.equal(
      `The audit log in ${world.directory} cannot be written (ENOSPC): no effect happens until it can. Free space on its volume, or enlarge it.`,
    );
  });
  it('waits only so long for a disk that hangs, tries nothing else meanwhile, and goes on when it answers', async () => {
    let answer = (): void => {};
    const log = world.open({ createFile: disk.create, longestWriteMs: 200 });
    await log.append(entryOf(1));
    disk.hangs = new Promise((resolve) => (answer = resolve));
    const failed = await Promise.all([2, 3].map((n) => failureOf(log.append(entryOf(n)))));
    const began = Date.now();
    failed.push(await failureOf(log.append(entryOf(4))));
    expect(Date.now() - began, 'refused at once').to.be.lessThan(150);
    expect(failed).to.deep.equal([UNWRITABLE, UNWRITABLE, UNWRITABLE]);
    expect(await world.segments()).to.have.length(1);
    answer();
    disk.hangs = undefined;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    await log.append(entryOf(5));
    await log.close();
    expect(await world.verify()).to.deep.include({ ok: true, problems: [], segments: 2, torn: 0 });
    expect((await world.records()).find((r) => r.kind === 'segment' && r.reason === 'recovered'))
      .to.have.property('why')
      .that.contains('has not answered for 0.2 s');
  });
  it('is told, and closes at once, while its disk hangs', async () => {
    const log = world.open({ createFile: disk.create, longestWriteMs: 100 });
    let answer = (): void => {};
    disk.hangs = new Promise((resolve) => (answer = resolve));
    expect(await failureOf(log.append(entryOf(1)))).to.equal(UNWRITABLE);
    expect(await failureOf(log.close())).to.equal(UNWRITABLE);
    answer(); // So that the file is closed before it is removed.
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  });
  it('leaves no file behind for each try on a full disk', async () => {
    disk.room = 0;
    const log = world.open({ createFile: disk.create });
    for (let n = 1; n <= 5; n++) expect(await failureOf(log.append(entryOf(n)))).to.equal(UNWRITABLE);
    expect(await world.segments()).to.deep.equal([]);
    disk.room = Infinity;
    await log.append(entryOf(6));
    await log.close();
    expect(await world.verify()).to.deep.include({ ok: true, segments: 1, torn: 0 });
  });
  it('counts nothing of a failed batch as written, and goes on in a fresh segment that says why', async () => {
    const log = world.open({ createFile: disk.create });
    await log.append(entryOf(1));
    disk.room = 1_500;
    const failed = await Promise.all([2, 3, 4, 5].map((n) => failureOf(log.append(entryOf(n)))));
    expect(failed).to.deep.equal([UNWRITABLE, UNWRITABLE, UNWRITABLE, UNWRITABLE]);
    expect(await subjects(), 'some of the batch did reach the disk').to.include(entryOf(2).subject);
    disk.room = Infinity;
    await log.append(entryOf(6));
    await log.close();
    const report = await world.verify();
    expect(report).to.deep.include({ ok: true, problems: [], segments: 2, late: 0 });
    expect(report.torn, 'the torn lines are counted').to.be.within(2, 4);
    expect((await world.records()).find((r) => r.kind === 'segment' && r.reason === 'recovered'))
      .to.have.property('why')
      .that.contains('ENOSPC');
  });
  it('never trusts a file again that could not be brought to the disk', async () => {
    const log = world.open({ createFile: disk.create });
    await log.append(entryOf(1));
    disk.syncFault = 'EIO';
    expect(await failureOf(log.append(entryOf(2)))).to.equal(UNWRITABLE);
    disk.syncFault = undefined;
    await log.append(entryOf(3));
    await log.close();
    expect(await world.segments()).to.have.length(2);
    expect(await world.verify()).to.deep.include({ ok: true, segments: 2, torn: 1 });
  });
  for (const code of ['EROFS', 'EACCES', 'EMFILE', 'EIO']) {
    it(`refuses while no segment can be created (${code}), and works when one can`, async () => {
      disk.createFault = code;
      const log = world.open({ createFile: disk.create });
      expect(await failureOf(log.append(entryOf(1)))).to.equal(UNWRITABLE);
      disk.createFault = undefined;
      await log.append(entryOf(2));
      expect((await world.verify()).ok).to.equal(true);
    });
  }
  it('fails through a full device as the system reports it', async () => {
    const toFull: CreateSegmentFile = async () => {
      const { open } = await import('node:fs/promises');
      const handle = await open('/dev/full', 'a');
      return { append: (bytes) => handle.appendFile(bytes), close: () => handle.close() };
    };
    const error = await world
      .open({ createFile: toFull })
      .append(entryOf(1))
      .then(
        () => undefined,
        (e: unknown) => e,
      );
    expect((error as OperatorError).message).to.contain('(ENOSPC)');
  });
  it('refuses when the folder is a file, and names it', async () => {
    await writeFile(world.directory, '');
    const error = await world
      .open()
      .append(entryOf(1))
      .then(
        () => undefined,
        (e: unknown) => e,
      );
    expect((error as OperatorError).code).to.equal('AUDIT_UNWRITABLE');
    expect((error as OperatorError).message).to.contain(world.directory);
    await rm(world.directory);
  });
  it('reports a checkpoint on the timer that could not be written, and tells close', async () => {
    const log = world.open({ createFile: disk.create });
    await log.append(entryOf(1));
    disk.room = 0;
    await world.clock.advance(60_000, 50);
    expect(world.troubles.map((t) => t.code)).to.deep.equal(['AUDIT_UNWRITABLE']);
    disk.room = Infinity;
    await log.append(entryOf(2));
    disk.room = 0;
    expect(await failureOf(log.close())).to.equal(UNWRITABLE);
    expect(await world.verify()).to.deep.include({ ok: true, torn: 0 });
  });
  it('keeps a record although printing its checkpoint fails', async () => {
    const log = world.open({
      print: () => {
        throw fault('EPIPE');
      },
    });
    await log.append(entryOf(1));
    expect(world.troubles).to.have.length(1);
    expect(await subjects()).to.deep.equal([entryOf(1).subject]);
  });
  it('refuses a key that is none, and one whose public half was exchanged', async () => {
    const other = await AuditWorld.create();
    await other.boot(1);
    await world.boot(1);
    await writeFile(world.keyFile.replace('.pem', '.pub.pem'), await other.publicKey());
    expect(await failureOf(world.open().append(entryOf(2)))).to.equal('AUDIT_KEY_INVALID config');
    await writeFile(world.keyFile, 'no key');
    expect(await failureOf(world.open().append(entryOf(2)))).to.equal('AUDIT_KEY_INVALID config');
    await other.remove();
  });
  it('survives a volume that is really full, and goes on when there is room', async function realDisk() {
    const volume = path.join(world.root, 'volume');
    await mkdir(volume);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', volume], { stdio: 'pipe' });
    } catch {
      console.warn('skipped: a full volume needs the right to mount a tmpfs');
      this.skip();
    }
    try {
      const log = world.open({ directory: path.join(volume, 'audit') });
      let written = 0;
      let failed = 0;
      for (let n = 1; failed < 3 && n < 1_000; n++)
        await log.append(entryOf(n)).then(
          () => written++,
          () => failed++,
        );
      expect(written).to.be.greaterThan(20);
      expect(failed).to.equal(3);
      execFileSync('mount', ['-o', 'remount,size=1m', volume], { stdio: 'pipe' });
      await log.append(entryOf(1_000));
      await log.close();
      const names = await readdir(path.join(volume, 'audit'));
      const { verifyAudit } = await import('../../../src/adapters/file/audit-verify.js');
      const report = await verifyAudit(path.join(volume, 'audit'), { publicKey: await world.publicKey() });
      expect(report).to.deep.include({ ok: true, problems: [], segments: names.length });
    } finally {
      execFileSync('umount', ['-l', volume], { stdio: 'pipe' });
    }
  });
});
