import type { FaultRule } from '../../../src/sandbox/faults.js';
import { isClosing } from '../closing.js';
import { pause } from './patience.js';
import type { ScheduleRun } from './run-schedule.js';
import type { Place } from './plots.js';
import type { Asked, Injury } from './schedule.js';

type Of<K extends Injury['kind']> = Extract<Injury, { readonly kind: K }>;

const REQUESTS: Readonly<Record<Asked, Pick<FaultRule, 'method' | 'path'>>> = {
  tree: { method: 'POST', path: /\/git\/trees$/ },
  commit: { method: 'POST', path: /\/git\/commits$/ },
  ref: { method: 'POST', path: /\/git\/refs$/ },
  pull: { method: 'POST', path: /\/pulls$/ },
  merge: { method: 'PUT', path: /\/merge$/ },
};

/** Does one thing to a run. Afterwards a daemon runs again, armed for `next` if that is a failpoint. */
export async function inflict(run: ScheduleRun, injury: Injury, next: Injury | undefined): Promise<void> {
  switch (injury.kind) {
    case 'stand-still':
      throw new Error('a stand-still is a schedule of its own');
    case 'failpoint':
      await dieAt(run, injury);
      return run.startAgain(injury.downMs, next);
    case 'kill':
      await run.wait(injury.afterMs);
      await run.child.kill();
      run.injured();
      return run.startAgain(injury.downMs, next);
    case 'term':
      await terminate(run, injury);
      run.injured();
      return run.startAgain(injury.downMs, next);
    case 'etcd':
    case 'nats':
      await run.wait(injury.afterMs);
      await restart(run, injury.kind, injury.downMs);
      // A failpoint has to be armed at the start of a process.
      if (next?.kind !== 'failpoint') return;
      await run.child.kill();
      return run.startAgain(0, next);
    case 'lost-answer':
      return loseAnswer(run, injury, next);
    case 'without-nats':
      await run.world.lane.nats.server.kill();
      run.injured();
      return;
    case 'in-turn':
      for (const state of injury.states) await killInTurn(run, state);
  }
}

async function dieAt(run: ScheduleRun, { place, where }: Of<'failpoint'>): Promise<void> {
  const died = await run.until(
    () => run.child.end !== undefined,
    () => run.isOver(),
  );
  if (died === 'first') noteDeath(run, place, where);
  else {
    run.course.faults.push(`run: it came to its end without passing ${place}@${where}`);
    await run.child.kill();
  }
  run.injured();
}
/** What comes before the act comes before any request, if nothing has happened before. */
function noteDeath({ course, world }: ScheduleRun, place: Place['place'], where: string): void {
  course.reached.push(`${place}@${where}`);
  const isBefore = place === 'before-act' || (place === 'audited' && /\/intent-|^Abort$/.test(where));
  if (!isBefore || world.children.length > 1) return;
  const asked = world.sandbox.journal.find({ server: 'github', ...requestAt(where) });
  if (asked.some(({ method, body }) => method !== 'PATCH' || isClosing(body)))
    course.faults.push(`S5: it was done before ${place}@${where}`);
}
const requestAt = (where: string): Pick<FaultRule, 'method' | 'path'> => {
  if (/^Abort$|close$/.test(where)) return { method: 'PATCH', path: /\/pulls\/\d+$/ };
  return where.endsWith('merge') ? REQUESTS.merge : REQUESTS.ref;
};
async function terminate(run: ScheduleRun, { afterMs, hanging }: Of<'term'>): Promise<void> {
  const { faults } = run.world.sandbox;
  if (hanging === undefined) await run.wait(afterMs);
  else {
    faults.add({ server: 'github', ...REQUESTS[hanging], fault: { kind: 'hang' } });
    await run.until(
      () => faults.pending.length === 0,
      () => run.isOver(),
    );
    await pause(100);
  }
  await run.endGracefully();
  faults.clear();
}
async function restart(run: ScheduleRun, which: 'etcd' | 'nats', downMs: number): Promise<void> {
  const { server } = run.world.lane[which];
  await server.kill();
  await pause(downMs);
  await server.start();
  run.injured();
}
async function loseAnswer(run: ScheduleRun, injury: Of<'lost-answer'>, next: Injury | undefined): Promise<void> {
  const { faults } = run.world.sandbox;
  faults.add({ server: 'github', ...REQUESTS[injury.to], fault: { kind: 'lose-after' } });
  const lost = await run.until(
    () => faults.pending.length === 0,
    () => run.isOver(),
  );
  if (lost === 'second') run.course.faults.push(`run: nobody asked for ${injury.to}: no answer was lost`);
  run.injured();
  if (!injury.dies) return;
  await run.child.kill();
  return run.startAgain(injury.downMs, next);
}
async function killInTurn(run: ScheduleRun, state: string): Promise<void> {
  const came = await run.until(
    () => run.world.attempts.some((a) => a.state === state),
    () => run.isOver(),
  );
  if (came === 'second') run.course.faults.push(`run: nothing was killed in ${state}: nobody saw it`);
  await restart(run, 'etcd', 0);
  await restart(run, 'nats', 0);
  await run.child.kill();
  run.injured();
  await run.startAgain(0, undefined);
}
