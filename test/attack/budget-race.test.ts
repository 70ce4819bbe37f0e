import { expect } from 'chai';
import type { ApplicationKey } from '../../src/model/application.js';
import { OperatorWorld } from '../support/operator-world.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { operatorConfig } from '../support/operator-config.js';

describe('rollbacks that are decided at the same moment', () => {
  let operator: OperatorProcess | undefined;
  afterEach(() => operator?.kill());

  it('share one budget: what one has decided to spend the other cannot', async () => {
    const world = new OperatorWorld();
    const config = operatorConfig();
    world.config = { ...config, guards: { ...config.guards, fleet: { count: 1, windowMs: 3_600_000 } } };
    const apps: readonly ApplicationKey[] = ['one', 'two', 'six', 'ten', 'red', 'tea', 'fig', 'oak'].map((name) =>
      world.install(name),
    );
    operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
    for (const app of apps.slice(0, 2)) world.breakDown(app);
    await world.clock.advance(150_000, 1);
    const merged = world.github.pullRequests.filter((p) => p.merged !== undefined);
    expect(world.github.pullRequests.length).to.equal(2);
    expect(merged).to.have.length(1);
  });
});
