import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asOperatorError, type OperatorError } from '../../../src/base/errors.js';
import type { DegradationDetected } from '../../../src/model/rollback-attempt.js';
import type { SaveResult, Versioned } from '../../../src/ports/state-store.js';
import { openAttempt, savedOf } from '../../contract/store-under-test.js';
import { attemptId, SHOP } from '../../support/attempt-parts.js';
import { nextVersion } from '../../support/attempts.js';
import { EtcdWorld } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { latchOf, ledgerEntryOf } from '../../support/observations.js';
import { hasEtcd, startEtcd } from '../../support/real-etcd.js';

/** Two journals of 64 MB that etcd sets aside at its start, and a little for its data. */
const SMALL = 'size=132m';
const LARGE = 'size=300m';
/** The lease holds for as long as etcd is away here, also on a slow machine. */
const PATIENT = { callTimeoutMs: 2_000, demoteMs: 30_000 };
const HELD = 'STORE_UNAVAILABLE transient';

/** Without quota and alarm: etcd ends itself when its disk takes no more, and does not start again before there is room. */
describe('EtcdStateStore on an etcd whose disk runs full', function () {
  this.timeout(60_000);
  let volume: string;
  before(async function () {
    if (!hasEtcd()) this.skip();
    volume = await mkdtemp(path.join(tmpdir(), 'etcd-volume-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', SMALL, 'tmpfs', volume], { stdio: 'pipe' });
    } catch {
      console.warn('skipped: a full disk of etcd needs the right to mount a tmpfs');
      this.skip();
    }
  });
  after(async () => {
    if (volume === undefined) return;
    try {
      execFileSync('umount', ['-l', volume], { stdio: 'pipe' });
    } catch {
      // It was not mounted.
    }
    await rm(volume, { recursive: true, force: true });
  });

  it('refuses everything as transient and says what is missing; on a larger disk it goes on, and nothing that was answered is lost', async () => {
    const etcd = await startEtcd({ dataFolder: path.join(volume, 'data') });
    const world = await EtcdWorld.open(etcd);
    try {
      const store = world.store('straight', PATIENT);
      const term = await store.takeOver('one');
      await store.putMark(latchOf({ until: Date.now() + 9_000_000 }));
      let at = savedOf(await store.open(openAttempt())) as Versioned<DegradationDetected>;
      const saveNext = (): Promise<SaveResult> => store.save(nextVersion(at.value), at.revision);
      let refused: OperatorError | undefined;
      for (let n = 0; refused === undefined && n < 500; n++) {
        await world.put(`filler/${n}`, Buffer.alloc(100_000, n)).catch(() => undefined);
        await saveNext().then(
          (result) => (at = savedOf(result) as typeof at),
          (error: unknown) => (refused = asOperatorError(error)),
        );
      }
      expect((await statfs(volume)).bavail, 'blocks left on the disk').to.be.lessThan(16);
      expect(at.value.version, 'saved before it was full').to.be.greaterThan(5);
      expect([refused?.code, refused?.category]).to.deep.equal(['STORE_UNAVAILABLE', 'transient']);
      expect(refused?.message).to.match(/Nothing is done until etcd answers; check .* the server\.$/);
      const asked: readonly Promise<unknown>[] = [
        store.load(attemptId()),
        store.marks(SHOP, 0),
        store.spends(0),
        store.appendLedger(SHOP, ledgerEntryOf(1)),
      ];
      expect(await Promise.all(asked.map((call) => failureOf(call)))).to.deep.equal([HELD, HELD, HELD, HELD]);

      execFileSync('mount', ['-o', `remount,${LARGE}`, volume], { stdio: 'pipe' });
      await etcd.server.kill();
      await etcd.server.start();
      expect(term.lost.aborted).to.equal(false);
      // The write that was refused last may have come to pass; one that was answered did.
      const found = (await store.load(attemptId())) as typeof at;
      expect(found.value.version - at.value.version).to.be.oneOf([0, 1]);
      if (found.value.version === at.value.version) expect(found).to.deep.equal(at);
      else expect(await saveNext()).to.deep.equal({ kind: 'conflict' });
      at = found;
      at = savedOf(await saveNext()) as typeof at;
      await store.appendLedger(SHOP, ledgerEntryOf(1));
      const successor = world.store('straight', PATIENT);
      await successor.takeOver('one');
      expect(await successor.active()).to.deep.equal([at]);
      expect(await successor.marks(SHOP, 0)).to.have.length(1);
      expect(await successor.ledger(SHOP)).to.deep.equal([ledgerEntryOf(1)]);
    } finally {
      await world.close();
      await etcd.server.close();
    }
  });
});
