import { Dice } from './dice.js';
import { PLACES, PLOT_NAMES, PLOTS, type Place, type PlotName } from './plots.js';

/** What GitHub is asked for, one after the other, on the way of `bad-deploy`; the first ones of `close` are body updates. */
export const ASKED = ['tree', 'commit', 'ref', 'pull', 'merge'] as const;
export type Asked = (typeof ASKED)[number];

/** One thing that is done to a run. `afterMs` counts from the start of the daemon; `downMs` is how long it stays away. */
export type Injury =
  /** The daemon dies where it passes this place for the nth time since its start. */
  | ({ readonly kind: 'failpoint'; readonly downMs: number } & Place)
  | { readonly kind: 'kill'; readonly afterMs: number; readonly downMs: number }
  /** A graceful end, in time also while GitHub does not answer `hanging`. */
  | { readonly kind: 'term'; readonly afterMs: number; readonly downMs: number; readonly hanging?: 'pull' | 'merge' }
  | { readonly kind: 'etcd' | 'nats'; readonly afterMs: number; readonly downMs: number }
  /** GitHub does what it is asked, and the answer is lost; then the daemon dies, or goes on. */
  | { readonly kind: 'lost-answer'; readonly to: Asked; readonly dies: boolean; readonly downMs: number }
  /** NATS is away from the beginning to the end. */
  | { readonly kind: 'without-nats' }
  /** In each of these states etcd, NATS and the daemon are killed, one after the other. */
  | { readonly kind: 'in-turn'; readonly states: readonly string[] }
  /** The writer stands still at this place for twice its lease; another daemon takes over meanwhile. */
  | ({ readonly kind: 'stand-still' } & Place);

/** Everything about a run that is not left to the machine. */
export interface Schedule {
  readonly seed: number;
  readonly plot: PlotName;
  readonly bus: 'in-process' | 'nats';
  readonly injuries: readonly Injury[];
}

const first = (place: Place['place'], where: string): Place => ({ place, where, nth: 1 });
const STAND_STILL_AT: readonly Place[] = [
  first('before-act', 'pull-request'),
  first('before-act', 'merge'),
  first('branch-made', 'pull-request'),
  first('acted', 'pull-request'),
  first('stored', 'AwaitingMergeApproval/intent-merge'),
  first('stored', 'CandidateResolved/intent-pr'),
];
/** States of `bad-deploy` that last long enough for a look. */
const LASTING = ['DegradationDetected', 'PRCreated', 'RollbackMerged'];

/** Where the families of schedules begin. Below: at first every place once, then at random. */
const FAMILIES = {
  standStill: 100_000,
  inTurn: 200_000,
  lostAnswer: 300_000,
  withoutNats: 400_000,
  nats: 500_000,
} as const;

/** The schedule of a seed: always the same. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const bus = dice.chance(0.4) ? 'nats' : 'in-process';
  if (seed >= FAMILIES.nats) {
    const plot = dice.chance(0.5) ? 'bad-deploy' : dice.one(PLOT_NAMES);
    const more = seed % 4 === 0 ? some(dice, 1, 'nats', plot) : [];
    return { seed, plot, bus: 'nats', injuries: [natsKilled(dice), ...more] };
  }
  if (seed >= FAMILIES.withoutNats) {
    const killed = seed % 2 === 0 ? [] : some(dice, 1, 'in-process');
    return { seed, plot: 'bad-deploy', bus: 'nats', injuries: [{ kind: 'without-nats' }, ...killed] };
  }
  if (seed >= FAMILIES.lostAnswer) {
    const n = seed - FAMILIES.lostAnswer;
    const to = ASKED[n % ASKED.length] ?? 'pull';
    const dies = Math.floor(n / ASKED.length) % 2 === 0;
    return { seed, plot: 'bad-deploy', bus, injuries: [{ kind: 'lost-answer', to, dies, downMs: down(dice) }] };
  }
  if (seed >= FAMILIES.inTurn)
    return { seed, plot: 'bad-deploy', bus: 'nats', injuries: [{ kind: 'in-turn', states: LASTING }] };
  if (seed >= FAMILIES.standStill) {
    const at = STAND_STILL_AT[seed % STAND_STILL_AT.length] ?? first('before-act', 'merge');
    return { seed, plot: 'bad-deploy', bus, injuries: [{ kind: 'stand-still', ...at }] };
  }
  const place = PLACES[seed] ?? (dice.chance(0.5) ? dice.one(PLACES) : undefined);
  if (place !== undefined) {
    const { plot, ...at } = place;
    const more = dice.chance(0.2) ? some(dice, 1, bus, plot) : [];
    return { seed, plot, bus, injuries: [{ kind: 'failpoint', ...at, downMs: down(dice) }, ...more] };
  }
  const plot = dice.chance(0.5) ? 'bad-deploy' : dice.one(PLOT_NAMES);
  return { seed, plot, bus, injuries: some(dice, dice.chance(0.6) ? 1 : dice.between(2, 3), bus, plot) };
}

/** The seeds of a run of `count` schedules, always the same: each family, every place, the rest at random. */
export function seedsOf(count: number): readonly number[] {
  const from = (begin: number, share: number): readonly number[] =>
    Array.from({ length: Math.max(1, Math.round(count * share)) }, (_, n) => begin + n);
  const families = [
    ...from(FAMILIES.standStill, 0.05),
    ...from(FAMILIES.inTurn, 0.02),
    ...from(FAMILIES.lostAnswer, 0.06),
    ...from(FAMILIES.withoutNats, 0.02),
    ...from(FAMILIES.nats, 0.04),
  ];
  return [...families, ...Array.from({ length: Math.max(1, count - families.length) }, (_, n) => n)];
}
/** One that mostly waits: it may run beside those that work. */
export const isIdle = (seed: number): boolean => seed >= FAMILIES.standStill && seed < FAMILIES.inTurn;

function some(dice: Dice, count: number, bus: Schedule['bus'], plot: PlotName = 'bad-deploy'): readonly Injury[] {
  return Array.from({ length: count }, () => anyInjury(dice, bus, plot));
}
function anyInjury(dice: Dice, bus: Schedule['bus'], plot: PlotName): Injury {
  const [afterMs, downMs] = [dice.between(0, 3_500), down(dice)];
  const kind = dice.one(['kill', 'kill', 'kill', 'term', 'term', 'etcd', bus === 'nats' ? 'nats' : 'kill'] as const);
  if (kind !== 'term' || !dice.chance(0.4)) return { kind, afterMs, downMs };
  const hanging = PLOTS[plot].merged === 'by-operator' ? dice.one(['pull', 'merge'] as const) : 'pull';
  return { kind, afterMs, downMs, hanging };
}
/** At random it would be rare: only half of the schedules have a NATS, and there are many other injuries. */
const natsKilled = (dice: Dice): Injury => ({ kind: 'nats', afterMs: dice.between(0, 3_500), downMs: down(dice) });
const down = (dice: Dice): number => (dice.chance(0.6) ? 0 : dice.between(100, 2_500));
