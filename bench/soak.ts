import type { RollbackAttempt } from '../src/model/rollback-attempt.js';
import { countAbortListeners, heapUsed, holdsOf, openThings, type OpenThings } from './footprint.js';
import { turn, type Row } from './measure.js';
import { SoakWorld } from './soak-world.js';

const ATTEMPTS = 200;
const EARLY = 20;
const SLOT_MS = 86_400_000 / ATTEMPTS;
const SECOND_MS = 1_000;

interface Day {
  readonly early: OpenThings;
  readonly late: OpenThings;
  /** Bytes that went when the operator went: the world and the records of its store stayed. */
  readonly held: number;
  readonly ended: readonly RollbackAttempt['state'][];
}

/** P19: a day of simulated time with 200 attempts; what the operator holds after the twentieth and after the last. */
export async function soak(): Promise<readonly Row[]> {
  countAbortListeners();
  // The first life compiles what the others find compiled: that is no growth, and none of theirs.
  await live(EARLY);
  const program = await heapUsed();
  const short = await live(EARLY);
  const day = await live(ATTEMPTS);
  const complete = day.ended.filter((state) => state === 'RollbackComplete').length;
  const baseline = `after ${EARLY} attempts`;
  const more = (key: keyof OpenThings): Pick<Row, 'unit' | 'ours' | 'goal' | 'note'> => ({
    unit: 'count',
    ours: day.late[key] - day.early[key],
    goal: 0,
    note: `${day.early[key]}, then ${day.late[key]}`,
  });
  return [
    {
      id: 'P19a',
      what: `heap of the program and what the operator holds, after a day with ${ATTEMPTS} attempts`,
      baseline,
      unit: 'bytes',
      ours: program + day.held,
      bare: program + short.held,
      goal: 1.1,
    },
    {
      id: 'P19e',
      what: 'what the operator holds more for each further attempt',
      baseline: 'absolute',
      unit: 'bytes',
      ours: (day.held - short.held) / (ATTEMPTS - EARLY),
      goal: 2_048,
      note: `${short.held} B, then ${day.held} B: the spends of 24 h and the last 1,000 judgements are kept, so there is an end to it`,
    },
    { id: 'P19b', what: 'more open descriptors and handles after it', baseline, ...more('handles') },
    { id: 'P19c', what: 'more waits and abort listeners after it', baseline, ...more('waits') },
    {
      id: 'P19d',
      what: 'attempts of the day that did not end as RollbackComplete',
      baseline: 'absolute',
      unit: 'count',
      ours: ATTEMPTS - complete,
      goal: 0,
      note: `${complete} of ${ATTEMPTS} did`,
    },
  ];
}

/** One life of the operator with so many attempts, each of another of 200 applications, evenly over its time. */
async function live(attempts: number): Promise<Day> {
  const world = await SoakWorld.open(ATTEMPTS);
  try {
    await world.start();
    let early: OpenThings | undefined;
    for (let i = 0; i < attempts; i++) {
      world.break(i);
      for (let ms = 0; ms < SLOT_MS; ms += SECOND_MS) {
        await world.clock.advance(SECOND_MS, 1);
        // What goes to the disk takes time on the wall, and none by this clock.
        while (world.writing) await turn();
      }
      world.forget();
      if (i + 1 === EARLY) early = await openThings(world.clock);
    }
    const late = await openThings(world.clock);
    const held = await holdsOf(() => world.kill());
    return { early: early ?? late, late, held, ended: world.attempts().map((a) => a.state) };
  } finally {
    await world.close();
  }
}
