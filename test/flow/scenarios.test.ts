import { expect } from 'chai';
import { loadScenario, scenarioNames } from '../../src/sandbox/scenario/scenario-files.js';
import { runInLanes } from '../support/lanes.js';
import { CLAIMS_BEFORE_ITS_END, SCENARIO_CLAIMS } from '../support/scenario-claims.js';
import { runScenario } from '../support/scenario-run.js';
import { expectSoundRun } from '../support/sound-run.js';

const AT_ONCE = 3;
const names = await scenarioNames();
const titles = new Map(await Promise.all(names.map(async (name) => [name, (await loadScenario(name)).title] as const)));

/** From its start to its expected end: the expectations look at the git repository. */
async function play(name: string): Promise<void> {
  const run = await runScenario(name);
  try {
    await CLAIMS_BEFORE_ITS_END[name]?.(run);
    await expectSoundRun(run);
    expect(await run.sandbox.unmetExpectations()).to.deep.equal([]);
    await SCENARIO_CLAIMS[name]?.(run);
  } finally {
    await run.close();
  }
}

describe('scenarios', () => {
  let played: ReadonlyMap<string, Promise<void>>;
  before(() => {
    played = runInLanes(names, AT_ONCE, play);
  });

  for (const name of names) {
    it(`${name}: ${titles.get(name) ?? ''}`, async function scenario() {
      this.timeout(600_000);
      await played.get(name);
    });
  }
});
