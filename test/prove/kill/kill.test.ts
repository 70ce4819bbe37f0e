import { expect } from 'chai';
import { hasEtcd, startEtcd } from '../../support/real-etcd.js';
import { hasNats, startNats } from '../../support/real-nats.js';
import { judge } from './judge.js';
import { KillWorld, type Lane } from './kill-world.js';
import { ScheduleRun } from './run-schedule.js';
import { PLACE_NAMES, scheduleOf, seedsOf } from './schedule.js';

/** How many schedules: `npm run prove` takes 500. */
const COUNT = Number(process.env['KILL_SCHEDULES'] ?? 14);
/** A single one, to see it again. */
const SEED = process.env['KILL_SEED'];
const LANES = 2;

describe('the built daemon is killed, with a real etcd and NATS, and GitHub and git as the judges', () => {
  it('never does anything twice or unannounced, loses nothing, and brings every schedule to its end', async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    const seeds = SEED === undefined ? seedsOf(COUNT) : [Number(SEED)];
    this.timeout(seeds.length * 60_000 + 60_000);
    const lanes = await Promise.all(Array.from({ length: Math.min(LANES, seeds.length) }, startLane));
    const tally: Tally = { failures: [], reached: new Map(), injected: 0 };
    const waiting = [...seeds];
    const began = Date.now();
    try {
      await Promise.all(
        lanes.map(async (lane) => {
          for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) await runOne(seed, lane, tally);
        }),
      );
    } finally {
      await Promise.all(lanes.flatMap(({ etcd, nats }) => [etcd.server.close(), nats.server.close()]));
    }
    const places = [...tally.reached].map(([name, times]) => `${name} ${times}`);
    console.info(
      `      ${seeds.length} schedules in ${Math.round((Date.now() - began) / 1000)} s, ${tally.injected} injuries, died at: ${places.join(', ')}`,
    );
    expect(tally.failures, tally.failures.join('\n\n')).to.deep.equal([]);
    if (SEED === undefined) expect([...tally.reached.keys()]).to.include.members([...PLACE_NAMES]);
  });
});

interface Tally {
  readonly failures: string[];
  readonly reached: Map<string, number>;
  injected: number;
}
async function startLane(): Promise<Lane> {
  const [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  return { etcd, nats };
}
async function runOne(seed: number, lane: Lane, tally: Tally): Promise<void> {
  const schedule = scheduleOf(seed);
  const world = await KillWorld.start(schedule, lane);
  const began = Date.now();
  const wrong: string[] = [];
  try {
    const run = new ScheduleRun(world);
    const course = await run.run();
    wrong.push(...(await judge(world, course)));
    tally.injected += course.injected;
    for (const place of course.reached) {
      const [name = ''] = place.split(':');
      tally.reached.set(name, (tally.reached.get(name) ?? 0) + 1);
    }
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await world.close();
  }
  if (process.env['KILL_VERBOSE'] !== undefined)
    console.info(
      `${wrong.length === 0 ? 'ok' : 'FAILED'} ${Date.now() - began} ms ${JSON.stringify(schedule)} ${wrong.join(' | ').slice(0, 300)}`,
    );
  if (wrong.length === 0) return;
  const again = `KILL_SEED=${seed} npx mocha --no-config --require build/test/setup.js build/test/prove/kill/kill.test.js`;
  tally.failures.push([`seed ${seed}: ${JSON.stringify(schedule)}`, ...wrong, `again: ${again}`].join('\n'));
}
