import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { SHOP } from '../support/attempt-parts.js';
import { human } from '../support/fakes/fake-github.js';
import { OperatorWorld } from '../support/operator-world.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PENDING = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'in_progress' }] as const;
const FAILED = [{ name: 'validate', kind: 'check-run', state: 'failure', conclusion: 'failure' }] as const;

describe('what is owed after the end', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(async () => {
    world = new OperatorWorld();
    world.install();
    world.github.ci = PENDING;
    operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
  });
  afterEach(() => operator.kill());
  const proposed = async (): Promise<void> => {
    world.breakDown();
    await world.clock.advance(40_000, 1);
    expect(world.standing()).to.equal('PRCreated/waiting-for-ci');
  };
  const seconds = (n: number): Promise<void> => world.clock.advance(n * 1_000, 1);
  const pr = () => world.github.get(1);

  it('an aborted rollback closes its pull request, rewrites it as a report, and tells people', async () => {
    await proposed();
    await operator.abort(world.only().id, { why: 'I know better' });
    await seconds(5);
    expect(world.standing()).to.equal('Abort/aborted-by-user');
    expect([pr().state, pr().closedBy?.login]).to.deep.equal(['closed', 'ai-operator[bot]']);
    expect(pr().body).to.contain('I know better');
    expect(world.notifier.kinds().at(-1)).to.equal('rollback-aborted');
    expect(world.shelf.owed.size).to.equal(0);
  });
  it('a crash right after the end leaves no orphan: the next process closes the pull request', async () => {
    await proposed();
    operator.life.after = (call) => {
      if (call === 'store.close') operator.life.dead = true;
    };
    await operator.abort(world.only().id);
    await seconds(5);
    expect([world.standing(), pr().state]).to.deep.equal(['Abort/aborted-by-user', 'open']);
    operator.kill();
    operator = await startOperator(world);
    await seconds(2);
    expect(pr().state).to.equal('closed');
  });
  it('a crash between the closing of the pull request and its outcome: the next process records the outcome', async () => {
    await proposed();
    operator.life.after = (call) => {
      if (call === 'github.updatePullRequest' && pr().state === 'closed') operator.life.dead = true;
    };
    const { id } = world.only();
    await operator.abort(id);
    await seconds(5);
    const said = () => world.audit.entries.filter((e) => e.subject === `${id}:close`).map((e) => e.text);
    expect([pr().state, said()]).to.deep.equal(['closed', ['about to: close pull request #1']]);
    operator.kill();
    operator = await startOperator(world);
    await seconds(2);
    expect(said().slice(1)).to.deep.equal(['found in place: close pull request #1']);
    expect(world.shelf.owed.size).to.equal(0);
  });
  it('a pull request that was opened but never seen is found and closed', async () => {
    // Its answer is lost, and so is every look after it, until the time is over.
    let blind = false;
    operator.sourceControl.hooks.after = (call) => {
      if (call.startsWith('createPullRequest')) blind = true;
    };
    operator.sourceControl.hooks.before = (call) => {
      if (blind && call === 'findPullRequests') throw new OperatorError('GITHUB_UNREACHABLE', 'transient', '503');
    };
    world.breakDown();
    await seconds(21 * 60);
    expect(world.standing()).to.equal('Abort/unavailable');
    blind = false;
    await seconds(10 * 60);
    expect(pr().state).to.equal('closed');
  });
  for (const [reason, ci, wait] of [
    ['ci-failed', FAILED, 1],
    ['ci-timeout', PENDING, 6],
  ] as const) {
    it(`${reason} leaves it open for people, under a report, until the application recovers`, async () => {
      await proposed();
      world.github.ci = ci;
      await seconds(wait * 60);
      expect([world.standing(), pr().state]).to.deep.equal([`Abort/${reason}`, 'open']);
      expect([...world.shelf.owed]).to.have.length(1);
      world.health(SHOP, 'Healthy');
      await seconds(90);
      expect([pr().state, world.shelf.owed.size]).to.deep.equal(['closed', 0]);
    });
  }
  it('one left open is closed when its files change on the branch, and after 24 h', async () => {
    await proposed();
    world.github.ci = FAILED;
    await seconds(60);
    world.github.git.push('main', { 'apps/shop/overlays/staging/deployment.yaml': 'shop: v3 bad\n' });
    await seconds(90);
    expect(pr().state).to.equal('closed');
  });
  it('one left open is closed after 24 h', async () => {
    await proposed();
    world.github.ci = FAILED;
    await seconds(60);
    await world.clock.advance(23 * HOUR, 1);
    expect(pr().state).to.equal('open');
    await world.clock.advance(1.1 * HOUR, 1);
    expect([pr().state, world.shelf.owed.size]).to.deep.equal(['closed', 0]);
  }).timeout(60_000);
  it('what a person closed, took over or rejected is left alone', async () => {
    await proposed();
    world.github.close(1, human('dev'));
    await seconds(30);
    expect(world.standing()).to.equal('Abort/pr-closed-by-human');
    expect(operator.life.calls).not.to.include('github.updatePullRequest state');
    expect(pr().closedBy?.login).to.equal('dev');
  });
  it('nothing is opened after an abort, only closed', async () => {
    await proposed();
    await operator.abort(world.only().id);
    const from = operator.life.calls.length;
    await seconds(600);
    const after = operator.life.calls.slice(from).filter((c) => /^github\.(?:create|move|merge)/.test(c));
    expect(after).to.deep.equal([]);
  });
  it('a duty that fails is tried again with growing pauses, not every moment of a day', async () => {
    await proposed();
    operator.sourceControl.hooks.before = (call) => {
      if (call.startsWith('updatePullRequest')) throw new OperatorError('GITHUB_GONE', 'terminal', '410');
    };
    await operator.abort(world.only().id);
    await world.clock.advance(HOUR, 1);
    expect(operator.sourceControl.hooks.count('updatePullRequest')).to.be.within(10, 25);
    expect(world.shelf.owed.size).to.equal(1);
  });
  it('a duty that cannot be done is given up after a day, loudly', async () => {
    await proposed();
    operator.sourceControl.hooks.before = (call) => {
      if (call.startsWith('updatePullRequest')) throw new OperatorError('GITHUB_GONE', 'terminal', '410');
    };
    await operator.abort(world.only().id);
    await world.clock.advance(25 * HOUR, 1);
    expect(world.shelf.owed.size).to.equal(0);
    expect(world.logger.at('error')).to.include('a duty after the end was given up');
  }).timeout(60_000);
  it('the store or the audit log being away holds a duty, and gives nothing up', async () => {
    await proposed();
    world.audit.before = (entry) => {
      if (entry.text.startsWith('about to')) throw new OperatorError('AUDIT_UNWRITABLE', 'transient', 'disk full');
    };
    await operator.abort(world.only().id);
    await seconds(60);
    expect([pr().state, operator.controller.trouble]).to.deep.equal(['open', 'AUDIT_UNWRITABLE: disk full']);
    world.audit.mend();
    await seconds(3);
    expect([pr().state, operator.controller.trouble]).to.deep.equal(['closed', undefined]);
  });
});

describe('the scorecard of observe', () => {
  const observe = async (): Promise<{ world: OperatorWorld; operator: OperatorProcess }> => {
    const world = new OperatorWorld();
    world.config = operatorConfig({
      environments: { staging: { ...STAGING, mode: 'observe' }, production: PRODUCTION },
    });
    world.install();
    const operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
    world.breakDown();
    await world.clock.advance(60_000, 1);
    return { world, operator };
  };
  const scorecard = (world: OperatorWorld): string | undefined => {
    const a = world.only();
    return a.state === 'Abort' ? a.aftercare.scorecard : undefined;
  };
  it('observing ends without any outside effect, saying what would have been opened', async () => {
    const { world, operator } = await observe();
    const a = world.only();
    expect(world.standing()).to.equal('Abort/observed');
    expect(a.state === 'Abort' && a.why).to.match(/^would open ai-operator\/rollback\/staging\/argocd\.shop\//);
    expect(operator.life.calls.filter((c) => /^github\.(?:create|move|merge|update|add)/.test(c))).to.deep.equal([]);
    operator.kill();
  });
  it('follows the application until it is healthy, and says how long people took', async () => {
    const { world, operator } = await observe();
    expect(scorecard(world)).to.equal(undefined);
    await world.clock.advance(10 * MINUTE, 1);
    world.github.git.push('main', { 'apps/shop/overlays/staging/deployment.yaml': 'shop: v3\n' });
    world.deploy(SHOP);
    await world.clock.advance(2 * MINUTE, 1);
    expect(scorecard(world)).to.match(
      /^healthy 1[123] min after it degraded, running [0-9a-f]{10}; the operator would have acted 2\d s after it degraded$/,
    );
    expect(world.shelf.owed.size).to.equal(0);
    operator.kill();
  });
  it('gives up after 24 h, and says so', async () => {
    const { world, operator } = await observe();
    await world.clock.advance(25 * HOUR, 1);
    expect(scorecard(world)).to.match(/^still Degraded after 14\d\d min/);
    operator.kill();
  }).timeout(60_000);
});
