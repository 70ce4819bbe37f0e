import { expect } from 'chai';
import { hasEtcd } from '../../support/real-etcd.js';
import { hasNats } from '../../support/real-nats.js';
import { PLACES } from './plots.js';
import { again, closeLane, runOne, startLane } from './run-one.js';
import { isIdle, seedsOf } from './schedule.js';
import { Tally } from './tally.js';

/** How many schedules: `npm run prove` takes 500. */
const COUNT = Number(process.env['KILL_SCHEDULES'] ?? 100);
/** A single one, to see it again. */
const SEED = process.env['KILL_SEED'];
/** Schedules at the same time; those that mostly wait have a lane of their own beside them. */
const LANES = Number(process.env['KILL_LANES'] ?? 4);

describe('the built daemon is killed, with a real etcd and NATS, and GitHub and git as the judges', () => {
  it('never does anything twice or unannounced, loses nothing, and brings every schedule to its end', async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    const seeds = SEED === undefined ? seedsOf(COUNT) : [Number(SEED)];
    this.timeout(seeds.length * 60_000 + 60_000);
    const tally = new Tally();
    const began = Date.now();
    const [idle, busy] = [seeds.filter((seed) => isIdle(seed)), seeds.filter((seed) => !isIdle(seed))];
    await Promise.all([workThrough(busy, LANES, tally), workThrough(idle, Math.ceil(idle.length / 20), tally)]);
    console.info(`      ${seeds.length} schedules in ${Math.round((Date.now() - began) / 1_000)} s`);
    console.info(`${tally.summary()}\n${tally.table()}`);
    expect(tally.failures, tally.failures.join('\n\n')).to.deep.equal([]);
    if (SEED !== undefined || COUNT < PLACES.length) return;
    const missed = PLACES.filter(({ place, where }) => !tally.wasReached(`${place}@${where}`));
    expect(missed, 'places at which no daemon died').to.deep.equal([]);
  });
});

async function workThrough(seeds: readonly number[], lanes: number, tally: Tally): Promise<void> {
  const waiting = [...seeds];
  const serve = async (): Promise<void> => {
    const lane = await startLane();
    try {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const { schedule, ms, wrong } = await runOne(seed, lane, {
          look: (world, course) => tally.take(world, course),
        });
        const words = JSON.stringify(schedule);
        if (process.env['KILL_VERBOSE'] !== undefined)
          console.info(`${wrong.length === 0 ? 'ok' : 'FAILED'} ${ms} ms ${words} ${wrong.join(' | ').slice(0, 400)}`);
        if (wrong.length > 0) tally.failures.push([`seed ${seed}: ${words}`, ...wrong, again(seed)].join('\n'));
      }
    } finally {
      await closeLane(lane);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, seeds.length) }, serve));
}
