import { eventName } from '../src/model/events.js';
import { SHOP } from '../test/support/attempt-parts.js';
import { OperatorProcess } from '../test/support/operator-process.js';
import { OperatorWorld } from '../test/support/operator-world.js';
import { median, type Row } from './measure.js';

const ROUNDS = 5;
const CALL_MS = 20;
const UPSTREAM = /^(?:argocd|github|kubernetes|prometheus)\./;
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** P8: from the confirmed degradation to the pull request, beside the same upstream calls one after the other. */
export async function proposalPath(): Promise<readonly Row[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  let calls = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const path = await onePath();
    ours.push(path.ms);
    calls = path.calls;
    const started = performance.now();
    for (let i = 0; i < path.calls; i++) await pause(CALL_MS);
    bare.push(performance.now() - started);
  }
  return [
    {
      id: 'P8',
      what: 'confirmed degradation to pull request',
      baseline: `its ${calls} upstream calls one by one, ${CALL_MS} ms each`,
      unit: 'ms',
      ours: median(ours),
      bare: median(bare),
      goal: 1,
    },
  ];
}

async function onePath(): Promise<{ readonly ms: number; readonly calls: number }> {
  const world = new OperatorWorld();
  world.install('shop');
  const seen: { confirmed?: number; created?: number; calls: number } = { calls: 0 };
  const operator = new OperatorProcess(world, (event, send) => {
    if (eventName(event) === 'degradation.confirmed') seen.confirmed ??= performance.now();
    send();
  });
  operator.life.before = async (call) => {
    if (!UPSTREAM.test(call) || seen.confirmed === undefined || seen.created !== undefined) return;
    seen.calls += 1;
    await pause(CALL_MS);
  };
  operator.life.after = (call) => {
    if (call === 'github.createPullRequest') seen.created ??= performance.now();
  };
  await operator.start();
  await world.clock.advance(5_000, 1);
  world.breakDown(SHOP);
  try {
    for (let i = 0; i < 60_000 && seen.confirmed === undefined; i++) await world.clock.advance(100, 1);
    // From here on the clock of the operator goes as fast as the one on the wall.
    for (let at = performance.now(); seen.created === undefined; ) {
      await pause(1);
      const now = performance.now();
      await world.clock.advance(now - at, 1);
      at = now;
      if (seen.confirmed === undefined || now - seen.confirmed > 30_000) throw new Error('no pull request came');
    }
    return { ms: seen.created - (seen.confirmed ?? 0), calls: seen.calls };
  } finally {
    operator.kill();
  }
}
