import { TcpProxy } from '../../support/tcp-proxy.js';
import { pause, within } from './patience.js';
import type { ScheduleRun } from './run-schedule.js';
import type { Injury } from './schedule.js';
import { StoredHistory } from './stored-history.js';

const writesOf = async ({ world }: ScheduleRun): Promise<StoredHistory['changes']> =>
  (await StoredHistory.read(world.lane.etcd.url, world.instance)).changes;
/** The lease of the writer is 15 s. */
const TWICE_THE_LEASE_MS = 30_000;
const WRITES = /^(?:POST|PUT|PATCH|DELETE) /;

/** The first writer stops at a place of the code, a second daemon takes over, and the first one wakes up much later. */
export async function standStill(
  run: ScheduleRun,
  { place, where, nth }: Extract<Injury, { kind: 'stand-still' }>,
): Promise<void> {
  const { world, course } = run;
  const asked: string[] = [];
  const proxy = await TcpProxy.start(Number(new URL(world.sandbox.urls.github).port));
  proxy.holdFrom((bytes) => {
    const [line = ''] = bytes.toString('latin1', 0, 200).split('\r\n');
    if (WRITES.test(line)) asked.push(line);
    return false;
  });
  try {
    const failpoint = `${place}@${where}:${nth}:stop`;
    const first = await world.startChild({ failpoint, githubUrl: `http://127.0.0.1:${proxy.port}` });
    run.child = first;
    await run.until(
      () => first.isStopped,
      () => first.end !== undefined,
    );
    if (!first.isStopped) throw new Error(`it never stood still: ${first.printed.slice(-2_000)}`);
    const wakeAt = Date.now() + TWICE_THE_LEASE_MS;
    course.reached.push(`${place}@${where}`);
    await run.startAgain(0, undefined);
    run.injured();
    await run.untilMet();
    await pause(Math.max(0, wakeAt - Date.now()));
    const before = asked.length;
    const stored = (await writesOf(run)).length;
    first.signal('SIGCONT');
    await within(first.ended, 10_000);
    if (first.end === undefined) course.faults.push('S11: the one that lost its lease went on running');
    if (asked.length > before)
      course.faults.push(`S11: the one that lost its lease asked for ${asked.slice(before).join('; ')}`);
    // Everything has come to its end: the writer has nothing to write either.
    const written = (await writesOf(run)).slice(stored).map(({ key }) => key);
    if (written.length > 0)
      course.faults.push(`S11: when the one that lost its lease woke up, ${written.join()} was written`);
  } finally {
    await proxy.close();
  }
}
