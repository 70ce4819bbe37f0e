import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { eventName } from '../../src/model/events.js';
import type { Environment, Mode } from '../../src/model/policy.js';
import { SHOP } from '../support/attempt-parts.js';
import { human } from '../support/fakes/fake-github.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';
import { startOperator, type Deliver, type OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';
import { pauseOf } from '../support/observations.js';

const FILE = 'apps/shop/overlays/staging/deployment.yaml';
const inMode = (mode: Mode) =>
  operatorConfig({ environments: { staging: { ...STAGING, mode }, production: PRODUCTION } });

describe('from Degraded to healthy again', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess | undefined;
  beforeEach(() => {
    world = new OperatorWorld();
  });
  afterEach(() => operator?.kill());
  const degrade = async (deliver?: Deliver, project: Environment = 'staging'): Promise<OperatorProcess> => {
    world.install('shop', { project });
    operator = await startOperator(world, deliver);
    await world.clock.advance(5_000, 1);
    world.breakDown();
    return operator;
  };
  const seconds = (n: number): Promise<void> => world.clock.advance(n * 1_000, 1);
  const after = async (n: number): Promise<string> => {
    await seconds(n);
    return world.standing();
  };
  /** What the world looks like at the end, without times and ids. */
  const end = () => ({
    state: world.standing(),
    merges: world.github.merges,
    pullRequests: world.github.pullRequests.length,
    file: world.github.git.read(world.github.git.head(), FILE),
    version: world.only().version,
  });
  const DONE = { state: 'RollbackComplete', merges: 1, pullRequests: 1, file: 'shop: v1\n', version: 12 };

  it('staging: three checks, one pull request, one merge, one minute of health', async () => {
    await degrade();
    await seconds(150);
    expect(end()).to.deep.equal(DONE);
  });
  it('records each decision, each effect, and nothing twice', async () => {
    await degrade();
    await seconds(150);
    expect(world.audit.texts()).to.deep.equal([
      'Idle -> DegradationDetected/confirming',
      'DegradationDetected/confirming -> DegradationDetected/resolving',
      'DegradationDetected/resolving -> CandidateResolved/planning',
      'CandidateResolved/planning -> CandidateResolved/intent-pr',
      'done',
      'CandidateResolved/intent-pr -> PRCreated/waiting-for-ci',
      'PRCreated/waiting-for-ci -> AwaitingMergeApproval/deciding',
      'AwaitingMergeApproval/deciding -> AwaitingMergeApproval/intent-merge',
      'done',
      'AwaitingMergeApproval/intent-merge -> RollbackMerged/syncing',
      'RollbackMerged/syncing -> RollbackMerged/verifying',
      'RollbackMerged/verifying -> RollbackMerged/verifying',
      'RollbackMerged/verifying -> RollbackComplete',
    ]);
    expect(world.audit.entries.find((e) => e.text.includes('intent-merge:'))?.rules).to.have.length(16);
  });

  describe('ends the same', () => {
    const heard: string[] = [];
    const scrambled = (): Deliver => {
      const held: (() => void)[] = [];
      return (event, send) => {
        heard.push(eventName(event));
        held.unshift(send, send, send);
        if (held.length >= 18) for (const late of held.splice(0)) late();
      };
    };
    const BUSES: Readonly<Record<string, () => Deliver>> = {
      'when every event is lost': () => () => {},
      'when every event comes three times': () => (_e, send) => [send, send, send].forEach((s) => s()),
      'when events come three times, late and in reverse': scrambled,
    };
    for (const [name, deliver] of Object.entries(BUSES)) {
      it(name, async () => {
        await degrade(deliver());
        await seconds(240);
        expect(end()).to.deep.equal(DONE);
      });
    }
    it('and with all of them, these events tell of it', async () => {
      const events: string[] = [];
      await degrade((event, send) => {
        events.push(eventName(event));
        send();
      });
      await seconds(150);
      expect([...new Set(events)].toSorted()).to.deep.equal([
        'candidate.resolved',
        'degradation.cleared',
        'degradation.confirmed',
        'degradation.detected',
        'pr.created',
        'rollback.completed',
        'rollback.merged',
      ]);
      expect(events.filter((e) => e === 'degradation.confirmed')).to.have.length(1);
    });
  });

  it('a degradation that clears before it is confirmed opens nothing, however often it flaps', async () => {
    world.install();
    operator = await startOperator(world);
    await seconds(5);
    for (let i = 0; i < 12; i++) {
      world.health(SHOP, i % 2 === 0 ? 'Degraded' : 'Healthy');
      await seconds(15);
    }
    expect([world.attempts(), world.github.pullRequests]).to.deep.equal([[], []]);
    expect(world.audit.texts().filter((t) => t.endsWith('-> Idle'))).to.have.length(6);
  });
  it('an application that becomes healthy by itself before the merge ends as recovered, and its pull request is closed', async () => {
    world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'queued' }];
    await degrade();
    await seconds(40);
    world.health(SHOP, 'Healthy');
    expect(await after(90)).to.equal('Abort/recovered');
    expect([world.github.get(1).state, world.github.merges]).to.deep.equal(['closed', 0]);
    expect([...world.shelf.marks.values()]).to.deep.equal([]);
  });
  it('after a veto the same degradation opens no second attempt', async () => {
    world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'queued' }];
    await degrade();
    await seconds(40);
    world.github.close(1, human('dev'));
    expect(await after(30)).to.equal('Abort/pr-closed-by-human');
    await seconds(15 * 60);
    expect([world.attempts().length, world.github.pullRequests.length]).to.deep.equal([1, 1]);
  });
  it('production waits for a person, and adopts the merge of one', async () => {
    world.config = operatorConfig({ environments: { staging: STAGING, production: { ...PRODUCTION, mode: 'auto' } } });
    await degrade(undefined, 'production');
    expect(await after(60)).to.equal('AwaitingMergeApproval/waiting-for-human');
    await seconds(10 * 60);
    expect(world.github.merges).to.equal(0);
    world.github.merge(1, human('ada'));
    expect(await after(150)).to.equal('RollbackComplete');
    const a = world.only();
    expect(a.state === 'RollbackComplete' && a.merge).to.include({ by: 'human', login: 'ada' });
  });
  it('production merges after an approval only when that is configured', async () => {
    world.config = operatorConfig({
      environments: { staging: STAGING, production: { ...PRODUCTION, mode: 'auto' } },
      production: { ...operatorConfig().production, mergeAfterApproval: true },
    });
    world.github.roles.set('ada', 'maintain');
    await degrade(undefined, 'production');
    await seconds(60);
    world.github.review(1, 'ada', 'APPROVED');
    expect(await after(150)).to.equal('RollbackComplete');
    expect(world.github.get(1).merged?.by.login).to.equal('ai-operator[bot]');
  });
  it('propose never merges, even when everything holds', async () => {
    world.config = inMode('propose');
    await degrade();
    expect(await after(10 * 60)).to.equal('AwaitingMergeApproval/waiting-for-human');
    expect(world.github.merges).to.equal(0);
  });
  it('off starts nothing', async () => {
    world.config = inMode('off');
    await degrade();
    await seconds(120);
    expect([world.attempts(), world.audit.entries]).to.deep.equal([[], []]);
  });
  it('an annotation that lowers the mode before the merge is heard: the pull request is left to people', async () => {
    world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'pending', conclusion: 'queued' }];
    await degrade();
    await seconds(40);
    world.argocd.change(SHOP, { annotations: { 'ai-devops-operator.io/mode': 'propose' } });
    world.github.ci = [{ name: 'validate', kind: 'check-run', state: 'success', conclusion: 'success' }];
    await seconds(60);
    expect([world.github.merges, world.standing()]).to.deep.equal([0, 'AwaitingMergeApproval/waiting-for-human']);
  });
  it('under a kill switch nothing leaves the house; when it is lifted the attempt goes on', async () => {
    const op = await degrade();
    await seconds(12);
    world.killSwitch.pause = pauseOf({ kill: true });
    expect(await after(60)).to.equal('DegradationDetected/held');
    expect(op.life.calls.filter((c) => /^github\.(?:create|move|merge|update)/.test(c))).to.deep.equal([]);
    world.killSwitch.pause = undefined;
    await seconds(150);
    expect(world.standing()).to.equal('RollbackComplete');
  });
  it('an attempt that runs out of time under a pause ends as refused(paused)', async () => {
    await degrade();
    await seconds(12);
    world.killSwitch.pause = pauseOf({ kill: true });
    expect(await after(62 * 60)).to.equal('Abort/refused(paused)');
  });
  it('an abort while the module is between look and act: nothing is opened', async () => {
    const op = await degrade();
    let once = true;
    op.sourceControl.hooks.before = async (call) => {
      if (call !== 'findPullRequests' || !once) return;
      once = false;
      await op.abort(world.only().id);
    };
    expect(await after(60)).to.equal('Abort/aborted-by-user');
    expect([world.github.pullRequests, op.life.calls.filter((c) => c.startsWith('github.createBranch'))]).to.deep.equal(
      [[], []],
    );
  });
  it('an abort while a pull request is being opened stops it before anybody can see it', async () => {
    const op = await degrade();
    op.sourceControl.hooks.after = async (call) => {
      if (call === 'createCommit') await op.abort(world.only().id);
    };
    expect(await after(60)).to.equal('Abort/aborted-by-user');
    expect(world.github.pullRequests).to.deep.equal([]);
  });
  it('an abort that meets an opened pull request ends with it closed', async () => {
    const op = await degrade();
    op.sourceControl.hooks.after = async (call) => {
      if (call.startsWith('createPullRequest')) await op.abort(world.only().id);
    };
    expect(await after(60)).to.equal('Abort/aborted-by-user');
    expect(world.github.get(1)).to.include({ state: 'closed' });
  });
  it('an abort that comes too late is said so, and the merge is verified all the same', async () => {
    const op = await degrade();
    op.sourceControl.hooks.before = async (call) => {
      if (call.startsWith('mergePullRequest')) await op.abort(world.only().id);
    };
    expect(await after(150)).to.equal('RollbackComplete');
    expect(world.notifier.kinds()).to.include('aborted-too-late');
  });
  it('a merge that GitHub keeps refusing is tried at the pace of a look, and given up as approval-timeout', async () => {
    const op = await degrade();
    let tries = 0;
    op.sourceControl.hooks.before = (call) => {
      if (!call.startsWith('mergePullRequest')) return;
      tries += 1;
      throw new OperatorError('GITHUB_NOT_MERGEABLE', 'conflict', '405');
    };
    expect(await after(60 * 60)).to.match(/^AwaitingMergeApproval/);
    expect(tries).to.be.within(100, 900);
    expect(await after(120)).to.equal('Abort/approval-timeout');
  });
  it('a version that a rollback put there is not rolled back by itself', async () => {
    await degrade();
    await seconds(150);
    world.health(SHOP, 'Degraded');
    await seconds(120);
    expect([world.standing(), world.github.pullRequests.length]).to.deep.equal(['RollbackComplete', 1]);
    expect(world.notifier.kinds()).to.include('rollback-of-rollback');
  });
});
