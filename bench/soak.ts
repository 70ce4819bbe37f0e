import { getActiveResourcesInfo } from 'node:process';
import { operatorConfig } from '../test/support/operator-config.js';
import { OperatorProcess } from '../test/support/operator-process.js';
import { OperatorWorld } from '../test/support/operator-world.js';
import { collectGarbage, type Row } from './measure.js';

const ATTEMPTS = 200;
const DAY_MS = 86_400_000;
const SLOT_MS = DAY_MS / ATTEMPTS;

interface Footprint {
  readonly heap: number;
  readonly handles: number;
  readonly waiting: number;
}

/** P19: a day of simulated time with 200 attempts; what the operator holds after the tenth and after the last. */
export async function soak(): Promise<readonly Row[]> {
  const world = new OperatorWorld();
  world.config = operatorConfig({ limits: { ...operatorConfig().limits, pullRequestsPerHour: 60 } });
  const applications = Array.from({ length: ATTEMPTS }, (_, i) => world.install(`shop-${i}`));
  const operator = await new OperatorProcess(world).start();
  const footprints: Footprint[] = [];
  try {
    for (const [i, app] of applications.entries()) {
      await world.clock.advance(5_000, 1);
      world.breakDown(app);
      await world.clock.advance(SLOT_MS - 5_000, 1);
      forget(world, operator);
      if ((i + 1) % 10 === 0) footprints.push(footprint(world));
    }
  } finally {
    operator.kill();
  }
  const ended = world.attempts().filter((a) => a.state === 'RollbackComplete').length;
  const [first, last] = [footprints[1] ?? footprints[0], footprints.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const note = `${ended} of ${ATTEMPTS} attempts ended as RollbackComplete`;
  const row = (id: string, what: string, unit: Row['unit'], key: keyof Footprint, goal: number): Row => ({
    id, what, baseline: 'after 20 attempts', unit, ours: last[key], bare: first[key], goal, note,
  });
  return [
    row('P19a', 'heap after a day with 200 attempts (world and records included)', 'bytes', 'heap', 1.1),
    row('P19b', 'open handles after it', 'count', 'handles', 1),
    row('P19c', 'waits (timers and listeners of the clock) after it', 'count', 'waiting', 1),
  ];
}
/** What the fakes keep for tests to look at is no part of the operator. */
function forget(world: OperatorWorld, operator: OperatorProcess): void {
  world.logger.lines.length = 0;
  world.metrics.counted.length = 0;
  world.notifier.notices.length = 0;
  world.audit.entries.length = 0;
  for (const calls of [operator.life.calls, world.argocd.hooks.calls, world.kubernetes.hooks.calls, operator.sourceControl.hooks.calls])
    calls.length = 0;
}
function footprint(world: OperatorWorld): Footprint {
  collectGarbage();
  return {
    heap: process.memoryUsage().heapUsed,
    handles: getActiveResourcesInfo().length,
    waiting: world.clock.sleeping,
  };
}
