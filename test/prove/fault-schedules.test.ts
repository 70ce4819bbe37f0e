import { expect } from 'chai';
import fc from 'fast-check';
import { faultPlans } from './fault-plan.js';
import { FaultRun } from './fault-run.js';
import { runSchedules } from './schedules.js';

const LIMIT_MS = 100_000;
const { FAULT_RUNS, FAULT_SEED, FAULT_PATH } = process.env;

describe('under schedules of faults', () => {
  it('no property is violated, and the schedules do reach the operator', async function () {
    this.timeout(0);
    const report = await runSchedules({
      runs: FAULT_PATH === undefined ? Number(FAULT_RUNS ?? 20_000) : 1,
      ...(FAULT_RUNS === undefined ? { limitMs: LIMIT_MS } : {}),
      ...(FAULT_SEED === undefined ? {} : { seed: Number(FAULT_SEED) }),
      ...(FAULT_PATH === undefined ? {} : { path: FAULT_PATH }),
    });
    expect(report.failure?.message).to.equal(undefined);
    if (FAULT_PATH !== undefined) return;
    // A schedule that injected nothing, or in which nothing was ever done, proves nothing.
    expect(report.valid / report.runs, 'share of valid runs').to.be.greaterThan(0.7);
    expect(report.succeeded / report.runs, 'share of rollbacks that came through').to.be.greaterThan(0.2);
    console.info(
      `      ${report.runs} schedules, ${report.injected} faults, ${report.effects} calls that change GitHub`,
    );
  });

  it('the same schedule twice leads to the same calls, the same effects and the same ends', async function () {
    this.timeout(60_000);
    for (const plan of fc.sample(faultPlans, { numRuns: 40, seed: 24 })) {
      const once = await new FaultRun(plan).run();
      expect(await new FaultRun(plan).run(), JSON.stringify(plan)).to.deep.equal(once);
    }
  });
});
