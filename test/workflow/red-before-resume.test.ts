import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { SHOP } from '../support/attempt-parts.js';
import { pauseOf } from '../support/observations.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { KillWatch } from '../../src/workflow/kill-watch.js';
import { OperatorWorld } from '../support/operator-world.js';

describe('what was red before a resume', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(() => {
    world = new OperatorWorld();
    world.install();
  });
  afterEach(() => operator.kill());
  const seconds = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) await world.clock.advance(1_000, 2);
  };
  async function begin(): Promise<void> {
    operator = await startOperator(world);
    await seconds(30);
    world.killSwitch.pause = pauseOf({ kill: true });
    await seconds(12);
  }
  async function resume(): Promise<void> {
    world.killSwitch.pause = undefined;
    await seconds(90);
  }

  it('is nobody’s case when no list showed it before: Argo CD could not be listed', async () => {
    await begin();
    operator.life.before = (call) => {
      if (call.startsWith('argocd.list')) throw new OperatorError('ARGOCD_UNAVAILABLE', 'transient', 'away');
    };
    world.breakDown();
    await seconds(300);
    world.killSwitch.pause = undefined;
    await seconds(60);
    operator.life.before = () => {};
    await seconds(60);
    expect(world.attempts()).to.deep.equal([]);
  });
  it('is nobody’s case when it turned between the last list and the resume', async () => {
    await begin();
    world.breakDown();
    await seconds(3);
    world.killSwitch.pause = undefined;
    await operator.container.get(KillWatch).look();
    await seconds(90);
    expect(world.attempts()).to.deep.equal([]);
  });
  it('is nobody’s case when Argo CD does not say since when', async () => {
    await begin();
    world.breakDown();
    const { healthChangedAt: _unsaid, ...rest } = world.argocd.get(SHOP);
    world.argocd.set(rest);
    operator.life.before = async (call) => {
      if (call.startsWith('argocd.list')) await world.clock.sleep(1_000);
    };
    await seconds(300);
    await resume();
    expect(operator.intake.whyNot(SHOP)?.code).to.equal('before-baseline');
    expect(world.attempts()).to.deep.equal([]);
  });
  it('is nobody’s case when it turned between the last list and the resume, and Argo CD does not say when', async () => {
    await begin();
    world.breakDown();
    const { healthChangedAt: _unsaid, ...rest } = world.argocd.get(SHOP);
    world.argocd.set(rest);
    await seconds(3);
    world.killSwitch.pause = undefined;
    await operator.container.get(KillWatch).look();
    await seconds(90);
    expect(world.attempts()).to.deep.equal([]);
  });
  it('is nobody’s case when its environment was off in the last run', async () => {
    world.config = operatorConfig({ environments: { staging: { ...STAGING, mode: 'off' }, production: PRODUCTION } });
    operator = await startOperator(world);
    await seconds(30);
    world.breakDown();
    await seconds(60);
    operator.kill();
    world.config = operatorConfig({ environments: { staging: STAGING, production: PRODUCTION } });
    operator = await startOperator(world);
    await seconds(60);
    expect(world.attempts()).to.deep.equal([]);
  });
  it('is its case after a mere restart, though Argo CD does not say since when', async () => {
    operator = await startOperator(world);
    await seconds(30);
    operator.kill();
    world.breakDown();
    const { healthChangedAt: _unsaid, ...rest } = world.argocd.get(SHOP);
    world.argocd.set(rest);
    await seconds(30);
    operator = await startOperator(world);
    await seconds(20);
    expect(world.attempts()).to.have.length(1);
  });
  it('says nothing of what turns red after it', async () => {
    await begin();
    await resume();
    world.breakDown();
    await seconds(20);
    expect(world.attempts()).to.have.length(1);
  });
});
