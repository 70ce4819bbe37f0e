import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { ENVIRONMENTS, type Environment } from '../../src/model/policy.js';
import type { BaselineScope } from '../../src/ports/state-store.js';
import { Baselines } from '../../src/workflow/baselines.js';
import { failureOf } from '../support/failure.js';

const [FIRST, LATER, LATEST] = [1_000, 2_000, 3_000];
const none = (): boolean => false;
const staging = (environment: Environment): boolean => environment === 'staging';

describe('the baselines', () => {
  let stored: Map<BaselineScope, number>;
  let writes: number;
  beforeEach(() => {
    stored = new Map();
    writes = Infinity;
  });
  const store = {
    baselines: async () => new Map(stored),
    putBaseline: async (scope: BaselineScope, at: number) => {
      if (writes-- <= 0) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no answer');
      stored.set(scope, at);
    },
  };
  async function start(at: number, isOff: (environment: Environment) => boolean): Promise<Baselines> {
    const baselines = new Baselines(store);
    await baselines.load(at);
    const letLoose = ENVIRONMENTS.filter((name) => baselines.wasOff(name) && !isOff(name));
    await baselines.beginAnew(letLoose, at);
    await baselines.noteModes(isOff, at);
    return baselines;
  }

  it('begin anew for an environment that was off when the operator last ran, and for no other', async () => {
    await start(FIRST, staging);
    const baselines = await start(LATER, none);
    expect(baselines.ofEnvironment('staging')).to.equal(LATER);
    expect(baselines.ofEnvironment('production')).to.equal(FIRST);
  });
  it('stay as they are over restarts in which nothing leaves off', async () => {
    for (const isOff of [none, staging]) {
      stored.clear();
      await start(FIRST, isOff);
      writes = 0;
      const baselines = await start(LATER, isOff);
      expect(baselines.ofEnvironment('staging')).to.equal(FIRST);
      writes = Infinity;
    }
    await start(LATER, none);
    expect((await start(LATEST, none)).ofEnvironment('staging')).to.equal(LATER);
  });
  it('begin anew at the next start when one died before it had stored that', async () => {
    await start(FIRST, staging);
    for (const before of [0, 1]) {
      writes = before;
      expect(await failureOf(start(LATER, none))).to.equal('STORE_UNAVAILABLE transient');
      writes = Infinity;
    }
    expect((await start(LATEST, none)).ofEnvironment('staging')).to.equal(LATEST);
  });
});
