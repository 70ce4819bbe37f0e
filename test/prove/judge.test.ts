import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { schedulesInProcess } from './schedule-lanes.js';

const PLANT = fileURLToPath(new URL('plant.js', import.meta.url));
const SEED = 20_260_101;

describe('the judge of the fault schedules', () => {
  for (const [bug, found] of [
    ['unannounced-closing', /S5: #\d+ is closed, and the newest word about it/],
    ['table-of-another-order', /S24: its stored candidates /],
    ['rule-not-told', /S24: left to people because of /],
    ['closed-over-peoples-heads', /S7: #\d+ is closed, and \S+ leaves it to people/],
  ] as const)
    it(`catches the planted bug ${bug}`, async function () {
      this.timeout(60_000);
      const settings = { runs: 100, seed: SEED, shrink: false, nodeArgs: ['--import', PLANT], env: { PLANTED: bug } };
      const { failure } = await schedulesInProcess(settings);
      expect(failure?.message).to.match(found);
    });
});
