import { expect } from 'chai';
import { loadScenario, scenarioNames } from '../../src/sandbox/scenario/scenario-files.js';
import { SCENARIO_CLAIMS } from '../support/scenario-claims.js';
import { runScenario, type ScenarioRun } from '../support/scenario-run.js';
import { expectSoundRun } from '../support/sound-run.js';

const AT_ONCE = 3;
const names = await scenarioNames();
const titles = new Map(await Promise.all(names.map(async (name) => [name, (await loadScenario(name)).title] as const)));

/** Every scenario file, from its start to its expected end: the expectations look at the git repository. */
describe('scenarios', () => {
  const runs = new Map<string, Promise<ScenarioRun>>();
  before(() => {
    const waiting = [...names];
    const settle = new Map<string, (run: Promise<ScenarioRun>) => void>();
    for (const name of names) {
      const run = new Promise<ScenarioRun>((resolve) => settle.set(name, resolve));
      run.catch(() => undefined); // told by its own test
      runs.set(name, run);
    }
    const serve = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const run = runScenario(name);
        settle.get(name)?.(run);
        await run.catch(() => undefined);
      }
    };
    for (let lane = 0; lane < AT_ONCE; lane++) void serve();
  });
  after(async () => {
    await Promise.all([...runs.values()].map((run) => run.then((r) => r.close(), () => undefined)));
  });

  for (const name of names) {
    it(`${name}: ${titles.get(name) ?? ''}`, async function scenario() {
      this.timeout(180_000);
      const run = await runs.get(name);
      if (run === undefined) throw new Error(`${name} was not started`);
      expect(await run.sandbox.unmetExpectations()).to.deep.equal([]);
      await expectSoundRun(run);
      await SCENARIO_CLAIMS[name]?.(run);
      await run.close();
    });
  }
});
