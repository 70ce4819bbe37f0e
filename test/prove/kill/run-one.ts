import { startEtcd } from '../../support/real-etcd.js';
import { startNats } from '../../support/real-nats.js';
import type { Course } from './course.js';
import { judge } from './judge.js';
import { KillWorld, type Lane } from './kill-world.js';
import { ScheduleRun } from './run-schedule.js';
import { scheduleOf, type Schedule } from './schedule.js';

export async function startLane(): Promise<Lane> {
  const [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  return { etcd, nats };
}
export async function closeLane({ etcd, nats }: Lane): Promise<void> {
  await Promise.all([etcd.server.close(), nats.server.close()]);
}
export interface RunReport {
  readonly schedule: Schedule;
  readonly ms: number;
  /** Everything that was wrong; empty = nothing. */
  readonly wrong: readonly string[];
}
export interface Settings {
  /** A bug on purpose in every daemon. */
  readonly planted?: string;
  /** How long an end may let itself be waited for. */
  readonly patienceMs?: number;
  /** Sees world and course while they are there. */
  readonly look?: (world: KillWorld, course: Course) => void;
}
/** One schedule, judged: also one that never came to its end. */
export async function runOne(
  seed: number,
  lane: Lane,
  { planted, patienceMs, look }: Settings = {},
): Promise<RunReport> {
  const schedule = scheduleOf(seed);
  const began = Date.now();
  const wrong: string[] = [];
  const world = await KillWorld.start(schedule, lane, planted);
  const run = new ScheduleRun(world, patienceMs);
  try {
    await run.run().catch((error: unknown) => wrong.push(wordsOf(error)));
    wrong.push(...(await judge(world, run.course)));
    look?.(world, run.course);
  } catch (error) {
    wrong.push(wordsOf(error));
  } finally {
    await world.close();
    // It may have been left away to the end.
    if (schedule.injuries.some(({ kind }) => kind === 'without-nats')) await lane.nats.server.start();
  }
  return { schedule, ms: Date.now() - began, wrong };
}
const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** How to see a run again. */
export const again = (seed: number): string =>
  `again: KILL_SEED=${seed} npx mocha --no-config --require build/test/setup.js build/test/prove/kill/kill.test.js`;
