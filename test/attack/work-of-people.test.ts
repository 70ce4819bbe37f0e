import { expect } from 'chai';
import { SHOP } from '../support/attempt-parts.js';
import { manifestPath, OperatorWorld } from '../support/operator-world.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';

const FILE = manifestPath('shop');
const PENDING = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'in_progress' }] as const;

describe('work that people put into a rollback pull request', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(async () => {
    world = new OperatorWorld();
    world.install();
    world.github.ci = PENDING;
    operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
    world.breakDown();
    await world.clock.advance(40_000, 1);
    expect(world.standing()).to.equal('PRCreated/waiting-for-ci');
  });
  afterEach(() => operator.kill());
  const pr = () => world.github.get(1);

  it('is not closed away when the attempt ends for another reason before the push is seen', async () => {
    await operator.abort(world.only().id, { why: 'I do it myself' });
    world.github.git.push(pr().headBranch, { [FILE]: 'shop: by hand\n' });
    await world.clock.advance(120_000, 1);
    expect([world.standing(), pr().state]).to.deep.equal(['Abort/aborted-by-user', 'open']);
    expect(world.shelf.owed.size).to.equal(0);
  });
  it('is not closed away a day after the attempt left it open', async () => {
    world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'failure', conclusion: 'failure' }];
    await world.clock.advance(60_000, 1);
    expect(world.standing()).to.equal('Abort/ci-failed');
    world.github.git.push(pr().headBranch, { [FILE]: 'shop: by hand\n' });
    world.health(SHOP, 'Healthy');
    await world.clock.advance(180_000, 1);
    expect(pr().state).to.equal('open');
    expect(world.shelf.owed.size).to.equal(0);
  });
});
