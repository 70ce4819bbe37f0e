import type { FailpointName } from '../../../src/base/failpoint.js';

/** One thing that is done to a run. `afterMs` counts from the start of the daemon; `downMs` is how long it stays away. */
export type Injury =
  /** The daemon dies where it passes this place for the nth time since its start. */
  | { readonly kind: 'failpoint'; readonly name: FailpointName; readonly nth: number; readonly downMs: number }
  | { readonly kind: 'kill'; readonly afterMs: number; readonly downMs: number }
  /** A graceful end, in time also while GitHub does not answer `hanging`. */
  | { readonly kind: 'term'; readonly afterMs: number; readonly downMs: number; readonly hanging?: 'pull' | 'merge' }
  | { readonly kind: 'etcd' | 'nats'; readonly afterMs: number; readonly downMs: number }
  /** The writer stands still at this place for twice its lease; another daemon takes over meanwhile. */
  | { readonly kind: 'stand-still'; readonly name: FailpointName; readonly nth: number };

/** Everything about a run that is not left to the machine. */
export interface Schedule {
  readonly seed: number;
  readonly scenario: 'bad-deploy' | 'human-closes-pull-request';
  readonly bus: 'in-process' | 'nats';
  readonly injuries: readonly Injury[];
}

/** How often a run of `bad-deploy` passes each place, at least. */
const PASSES: readonly (readonly [FailpointName, number])[] = [
  ['audited', 9],
  ['stored', 8],
  ['before-act', 2],
  ['acted', 2],
  ['before-outcome', 2],
  ['aftercare-served', 1],
];
/** Every place at every pass, all first passes first: the seeds from 0 on. */
const PLACES = PASSES.flatMap(([name, passes]) =>
  Array.from({ length: passes }, (_, n) => ({ name, nth: n + 1 })),
).toSorted((a, b) => a.nth - b.nth);
const STAND_STILL_AT = [
  { name: 'before-act', nth: 1 },
  { name: 'before-act', nth: 2 },
  { name: 'acted', nth: 1 },
  { name: 'stored', nth: 4 },
] as const;

/** The schedule of a seed: always the same. The first seeds go through all places; from 100_000 on a writer stands still. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const bus = dice.chance(0.4) ? 'nats' : 'in-process';
  if (seed >= 100_000) {
    const at = STAND_STILL_AT[seed % STAND_STILL_AT.length] ?? STAND_STILL_AT[0];
    return { seed, scenario: 'bad-deploy', bus, injuries: [{ kind: 'stand-still', ...at }] };
  }
  const place = PLACES[seed] ?? (dice.chance(0.4) ? dice.one(PLACES) : undefined);
  if (place !== undefined) {
    const more = dice.chance(0.5) ? [anyInjury(dice, bus)] : [];
    return {
      seed,
      scenario: 'bad-deploy',
      bus,
      injuries: [{ kind: 'failpoint', ...place, downMs: down(dice) }, ...more],
    };
  }
  const injuries = Array.from({ length: dice.between(1, 3) }, () => anyInjury(dice, bus));
  return { seed, scenario: dice.chance(0.25) ? 'human-closes-pull-request' : 'bad-deploy', bus, injuries };
}
/** The seeds of a run of `count` schedules: some that stand still, the places of the code, the rest at random. */
export function seedsOf(count: number): readonly number[] {
  const standing = Math.max(1, Math.round(count / 50));
  const rest = count - standing;
  const places = Math.min(PLACES.length, Math.round(rest * 0.75));
  return [
    ...Array.from({ length: standing }, (_, n) => 100_000 + n),
    ...Array.from({ length: places }, (_, n) => n),
    ...Array.from({ length: rest - places }, (_, n) => PLACES.length + n),
  ];
}
/** How many kinds of places there are; a run of twelve schedules or more meets them all. */
export const PLACE_NAMES: readonly FailpointName[] = PASSES.map(([name]) => name);

function anyInjury(dice: Dice, bus: Schedule['bus']): Injury {
  const [afterMs, downMs] = [dice.between(0, 3_500), down(dice)];
  const kind = dice.one(['kill', 'kill', 'kill', 'term', 'term', 'etcd', bus === 'nats' ? 'nats' : 'kill'] as const);
  if (kind !== 'term' || !dice.chance(0.4)) return { kind, afterMs, downMs };
  return { kind, afterMs, downMs, hanging: dice.one(['pull', 'merge'] as const) };
}
const down = (dice: Dice): number => (dice.chance(0.6) ? 0 : dice.between(100, 2_500));

/** Random numbers that a seed determines (mulberry32). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = (seed + 1) * 0x9e3779b9;
  }
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
  chance(probability: number): boolean {
    return this.#next() < probability;
  }
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }
  one<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)] as T;
  }
}
