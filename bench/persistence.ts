import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileAuditLog } from '../src/adapters/file/file-audit-log.js';
import { SystemClock } from '../src/base/clock.js';
import type { OpenAttempt } from '../src/model/rollback-attempt.js';
import type { Versioned } from '../src/ports/state-store.js';
import { FsmService } from '../src/workflow/fsm-service.js';
import { attemptAt } from '../test/support/attempts.js';
import { EtcdWorld } from '../test/support/etcd-world.js';
import { findProgram } from '../test/support/server-process.js';
import { callByCall, type Row } from './measure.js';

const CALLS = 1_000;

/** P10: a step of the state machine in a real etcd beside one raw put of the same bytes; and with the audit log. */
export async function persistence(): Promise<readonly Row[]> {
  if (findProgram('etcd') === undefined)
    throw new Error("P10 needs a real etcd: install Debian's package etcd-server, or let scripts/test unpack it");
  const world = await EtcdWorld.open();
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-audit-'));
  const clock = new SystemClock();
  const audit = new FileAuditLog({
    directory: folder,
    signingKeyFile: path.join(folder, 'key.pem'),
    clock,
    print: () => {},
    onTrouble: (error) => {
      throw error;
    },
  });
  try {
    const store = world.store('straight', { callTimeoutMs: 5_000, renewMs: 3_000 });
    await store.takeOver('bench');
    const service = new FsmService(clock, store, audit);
    await service.load();
    const opened = await service.begin(attemptAt('confirming'), 'bench');
    if (opened === undefined) throw new Error('the attempt was not opened');
    let at = (await service.find(opened.id)) as Versioned<OpenAttempt>;
    const text = (await world.text(`attempts/${opened.id}`)) ?? JSON.stringify(at.value);
    const put = (): Promise<unknown> => world.raw.put(world.key('bench/raw')).value(text).exec();
    const step = async (): Promise<void> => {
      const saved = await store.save({ ...at.value, version: at.value.version + 1 }, at.revision);
      if (saved.kind !== 'saved') throw new Error('conflict');
      at = saved.stored as Versioned<OpenAttempt>;
    };
    const append = (): Promise<string> =>
      audit.append({ subject: `${opened.id}/1`, kind: 'decision', at: clock.now(), actor: 'operator', text: 'bench' });
    const plain = await callByCall(step, put, CALLS);
    service.distrust(opened.id);
    at = (await service.find(opened.id)) as Versioned<OpenAttempt>;
    const move = async (): Promise<void> => {
      const next = { ...at.value, version: at.value.version + 1 };
      const moved = await service.move(at, { kind: 'move', next, why: 'bench', residue: {} });
      if (moved.kind !== 'moved') throw new Error(moved.kind);
      at = (await service.find(opened.id)) as Versioned<OpenAttempt>;
    };
    const audited = await callByCall(move, put, CALLS);
    const fsync = await callByCall(append, put, CALLS);
    const baseline = `etcd put of the same ${text.length} bytes`;
    const row = { baseline, unit: 'ms' } as const;
    return [
      {
        id: 'P10a',
        what: 'one step: fenced compare-and-set, no reads',
        ...row,
        ours: plain.ours,
        bare: plain.bare,
        goal: 1.3,
      },
      {
        id: 'P10b',
        what: 'one transition: audit record with fsync, then the step',
        ...row,
        ours: audited.ours,
        bare: audited.bare,
        goal: 1.8,
        note: `audit fsync alone: ${fsync.ours.toFixed(2)} ms`,
      },
    ];
  } finally {
    await audit.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}
