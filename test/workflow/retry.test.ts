import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { isOpen, type RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { SHOP } from '../support/attempt-parts.js';
import { human } from '../support/fakes/fake-github.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

const PENDING = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'queued' }] as const;
const FAILED = [{ name: 'validate', kind: 'check-run', state: 'failure', conclusion: 'failure' }] as const;
const SUCCESS = [{ name: 'validate', kind: 'check-run', state: 'success', conclusion: 'success' }] as const;

describe('a retry', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(async () => {
    world = new OperatorWorld();
    world.install();
    for (const h of world.argocd.get(SHOP).history) world.github.checks.set(h.revisions[0] ?? '', SUCCESS);
    world.github.ci = PENDING;
    operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
    world.breakDown();
    await world.clock.advance(40_000, 1);
  });
  afterEach(() => operator.kill());
  const seconds = (n: number): Promise<void> => world.clock.advance(n * 1_000, 1);
  const ends = (): readonly string[] =>
    world
      .attempts()
      .toSorted((a, b) => a.openedAt - b.openedAt)
      .map((a: RollbackAttempt) =>
        isOpen(a) ? `${a.state}/${a.step.name}` : a.state === 'Abort' ? a.reason : a.state,
      );
  /** A person's order: every latch of what is deployed allows one more try now. */
  const retry = async (): Promise<void> => {
    const now = world.clock.now();
    for (const mark of await operator.outside.store.marks(SHOP, now))
      if (mark.kind === 'latch') await operator.outside.store.putMark({ ...mark, retryAt: now });
    operator.intake.reconsider();
  };

  it('comes by itself 15 min after an attempt that found an upstream unavailable, once', async () => {
    operator.kill();
    world = new OperatorWorld();
    world.install();
    operator = await startOperator(world);
    await seconds(5);
    operator.sourceControl.hooks.before = () => {
      throw new Error('a bug of ours');
    };
    world.breakDown();
    await seconds(30);
    expect(ends()).to.deep.equal(['internal']);
    await seconds(14 * 60);
    expect(ends()).to.deep.equal(['internal']);
    await seconds(2 * 60);
    expect(ends()).to.deep.equal(['internal', 'internal']);
    await seconds(60 * 60);
    expect(ends()).to.deep.equal(['internal', 'internal']);
    const [first, second] = world.attempts().toSorted((a, b) => a.openedAt - b.openedAt);
    expect(second?.retryOf).to.equal(first?.id);
  });
  it('does not come while the application is well again, nor for another version', async () => {
    world.github.ci = FAILED;
    await seconds(60);
    expect(ends()).to.deep.equal(['ci-failed']);
    await seconds(60 * 60);
    expect(ends()).to.deep.equal(['ci-failed']);
  });
  it('by a person takes up the pull request that was left open, rebuilt on the present base', async () => {
    world.github.ci = FAILED;
    await seconds(60);
    world.github.git.push('main', { 'apps/other/values.yaml': 'x: 1\n' });
    world.github.ci = SUCCESS;
    await retry();
    await seconds(180);
    expect(ends()).to.deep.equal(['ci-failed', 'RollbackComplete']);
    expect([world.github.pullRequests.length, world.github.merges]).to.deep.equal([1, 1]);
    expect(world.github.git.read(world.github.git.head(), 'apps/other/values.yaml')).to.equal('x: 1\n');
  });
  it('is not disturbed by what the attempt before still owes', async () => {
    world.github.ci = FAILED;
    await seconds(60);
    world.github.ci = PENDING;
    await retry();
    await seconds(60);
    expect(ends()).to.deep.equal(['ci-failed', 'PRCreated/waiting-for-ci']);
    // One good moment would be the end of the watch over a pull request left open; but it has a new owner.
    world.health(SHOP, 'Healthy');
    await seconds(20);
    world.health(SHOP, 'Degraded');
    await seconds(60);
    expect(ends()).to.deep.equal(['ci-failed', 'PRCreated/waiting-for-ci']);
    expect(world.github.get(1).state).to.equal('open');
  });
  it('by a person lifts a veto: a new pull request is opened', async () => {
    world.github.close(1, human('dev'));
    await seconds(30);
    expect(ends()).to.deep.equal(['pr-closed-by-human']);
    world.github.ci = SUCCESS;
    await retry();
    await seconds(180);
    expect(ends()).to.deep.equal(['pr-closed-by-human', 'RollbackComplete']);
    expect(world.github.pullRequests.map((p) => p.merged === undefined)).to.deep.equal([true, false]);
  });
  it('keeps its pull request although the attempt before still owes the closing of its own', async () => {
    let stuck = true;
    operator.sourceControl.hooks.before = (call) => {
      if (stuck && call.startsWith('updatePullRequest'))
        throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
    };
    await operator.abort(world.only().id);
    await seconds(30);
    world.github.close(1, human('dev'));
    await retry();
    await seconds(30);
    world.github.ci = FAILED;
    await seconds(30);
    expect(ends()).to.deep.equal(['aborted-by-user', 'ci-failed']);
    stuck = false;
    await seconds(10 * 60);
    expect(world.github.pullRequests.map((p) => p.state)).to.deep.equal(['closed', 'open']);
  });
  it('can be asked for again and again', async () => {
    // Each retry meets the latches of all attempts before it, under the same content.
    for (const reasons of [['ci-failed'], ['ci-failed', 'ci-failed'], ['ci-failed', 'ci-failed', 'ci-failed']]) {
      world.github.ci = FAILED;
      await seconds(90);
      expect(ends()).to.deep.equal(reasons);
      await retry();
      await seconds(30);
    }
    expect(world.github.pullRequests).to.have.length(1);
  });
});
