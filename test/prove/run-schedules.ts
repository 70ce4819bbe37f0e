import { runSchedules } from './schedules.js';

const { FAULT_RUNS = '200', FAULT_SEED, FAULT_SHRINK } = process.env;
const report = await runSchedules({
  runs: Number(FAULT_RUNS),
  ...(FAULT_SEED === undefined ? {} : { seed: Number(FAULT_SEED) }),
  shrink: FAULT_SHRINK !== 'no',
});
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit(report.failure === undefined ? 0 : 1);
