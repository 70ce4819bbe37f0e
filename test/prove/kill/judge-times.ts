import type { Evidence } from './evidence.js';
import { unless } from './evidence.js';
import { SPEED } from './kill-world.js';
import type { OperatorChild } from './operator-child.js';

/** A run that nothing is done to takes so long on two cores. */
const NOMINAL_MS = 6_000;
const START_MS = 5_000;
const GRACE_MS = 15_000;
/** From a degradation to its attempt: in the time of the scenario, and what a busy machine and Argo CD's whole seconds add. */
const DETECTED_MS = 45_000 / SPEED + 2_000;

/** After the last injury everything is over within twice its time and a minute. */
export function comesToItsEnd({ course }: Evidence): readonly string[] {
  const took = course.metAt - course.lastInjuryAt;
  return unless(took <= 2 * NOMINAL_MS + 60_000, `the end came ${took} ms after the last injury`);
}
/** Started, the writer, and looking at what is open: unless etcd itself was away. */
export function startsSoon({ world }: Evidence): readonly string[] {
  return startsOf(world.children).flatMap((ms) => unless(ms <= START_MS, `a start took ${Math.round(ms)} ms`));
}
/** How long each start took that had an etcd to start with. */
export const startsOf = (children: readonly OperatorChild[]): readonly number[] =>
  children
    .filter(({ printed }) => !/state store is not to be had|trouble with the state store/.test(printed))
    .flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
/** With NATS away a degradation is seen as soon as with it. */
export function detectsWithoutNats({ world, course }: Evidence): readonly string[] {
  const [first, ...others] = world.schedule.injuries;
  if (first?.kind !== 'without-nats' || others.length > 0) return [];
  const [attempt] = world.attempts;
  const ms = attempt === undefined ? Number.POSITIVE_INFINITY : attempt.openedAt - attempt.onset;
  return unless(ms <= DETECTED_MS && course.injected > 0, `seen ${ms} ms after it degraded, without NATS`);
}
export function endsGracefully({ course }: Evidence): readonly string[] {
  return course.graceful.flatMap((ms) => unless(ms <= GRACE_MS, `SIGTERM took ${ms} ms`));
}
