import { expect } from 'chai';
import { answersOf } from '../../src/app/doors.js';
import type { OperatorAnswers } from '../../src/app/operator-answers.js';
import type { Explanation, RuleForecast } from '../../src/surface/explanation.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';
import { SHOP } from '../support/attempt-parts.js';
import { OrdersBench, someone } from './orders-bench.js';

const BUILD = { version: '0.1.0', commit: 'test' };

describe('explain', () => {
  let bench: OrdersBench;
  let answers: OperatorAnswers;
  beforeEach(async () => {
    bench = await OrdersBench.start();
    answers = answersOf(bench.operator.container, bench.operator.outside, BUILD, () => 'instance: test\n');
  });
  afterEach(() => {
    bench.stop();
  });
  const explained = async (): Promise<Explanation> => {
    const found = await answers.explain(SHOP);
    if (found === undefined) throw new Error('not explained');
    return found;
  };
  const ruleOf = async (id: string): Promise<RuleForecast | undefined> =>
    (await explained()).forecast.find((r) => r.id === id);

  it('knows nothing of an application that no list ever showed', async () => {
    expect(await answers.explain('argocd/nothing')).to.equal(undefined);
  });
  it('names the entry of the configuration that matched', async () => {
    expect((await explained()).management).to.deep.equal({
      kind: 'managed',
      environment: 'staging',
      matchedBy: 'environments.staging.match.projects: staging',
    });
  });
  it('says that an annotation takes an application out', async () => {
    bench.world.argocd.change(SHOP, { annotations: { 'ai-devops-operator.io/environment': 'stagin' } });
    const { management, eligibility, whatWouldChange } = await explained();
    expect(management)
      .to.have.property('why')
      .that.contains('would match, but the annotation ai-devops-operator.io/environment: stagin');
    expect([eligibility.code, whatWouldChange.length]).to.deep.equal(['unmanaged', 2]);
  });
  it('says that production was asked for by an annotation', async () => {
    bench.world.argocd.change(SHOP, { annotations: { 'ai-devops-operator.io/environment': 'production' } });
    expect((await explained()).management).to.include({
      environment: 'production',
      matchedBy: 'annotation ai-devops-operator.io/environment: production',
    });
  });
  it('calls a healthy application not degraded, and shows what it runs', async () => {
    const { eligibility, health, whatWouldChange } = await explained();
    expect([eligibility.code, health.status, health.revisions.length]).to.deep.equal(['not-degraded', 'Healthy', 1]);
    expect(whatWouldChange[0]).to.contain('Nothing has to be done');
  });
  it('puts first what keeps an attempt from opening: a pause, a latch', async () => {
    await bench.orders.pause(SHOP, someone(), 'load test');
    bench.world.breakDown();
    await bench.passes(20);
    const paused = await explained();
    expect([paused.eligibility.code, paused.pauses.length]).to.deep.equal(['paused', 1]);
    expect(paused.whatWouldChange[0]).to.contain(`ai-operator resume ${SHOP}`);
  });
  it('explains a latch with the attempt that left it and how to lift it', async () => {
    bench.keepCiPending();
    const id = await bench.until('PRCreated/waiting-for-ci');
    expect((await explained()).activeAttempt).to.include({ id, step: 'waiting-for-ci' });
    await bench.orders.abort(id, someone(), 'stop');
    await bench.until('Abort/aborted-by-user');
    const { eligibility, marks, whatWouldChange } = await explained();
    expect([eligibility.code, eligibility.text]).to.deep.equal([
      'latched',
      `Already tried: aborted-by-user (attempt ${id}).`,
    ]);
    expect(marks.map((m) => [m.kind, m.attempt, m.current])).to.deep.equal([['latch', id, true]]);
    expect(whatWouldChange[0]).to.contain(`ai-operator retry ${SHOP}`).and.to.contain('aborted-by-user');
  });
  it('names a mark that cannot be read and its mend, first, also while nothing is Degraded', async () => {
    const why = 'the record /k cannot be read (no JSON): look at it with etcdctl and delete it';
    bench.world.unread.marks = [{ kind: 'unreadable', application: SHOP, why }];
    const healthy = await explained();
    expect([healthy.eligibility.code, healthy.whatWouldChange[0]]).to.deep.equal(['not-degraded', `T${why.slice(1)}.`]);
    bench.world.breakDown();
    await bench.passes(20);
    const { eligibility, marks } = await explained();
    expect([eligibility, marks]).to.deep.equal([{ code: 'record-unreadable', text: `T${why.slice(1)}.` }, []]);
  });
  it('does not call an application healthy, nor degraded, that cannot be looked at', async () => {
    bench.breakDown('argocd.getApplicationHealth');
    const { eligibility, health, forecast } = await explained();
    expect([health.status, eligibility.code]).to.deep.equal(['Unknown', 'not-degraded']);
    expect(eligibility.text).to.contain('unknown is not Degraded');
    expect([...new Set(forecast.map((r) => r.outlook))]).to.deep.equal(['unknown']);
  });

  describe('says which rules cannot hold today, and the key that relaxes each:', () => {
    it('two replicas, and reviews, pull requests, sync and history in the way', async () => {
      const { world } = bench;
      world.kubernetes.status = (w) => ({
        ...w,
        desired: 2,
        available: 2,
        updatedAvailable: 2,
        observed: true,
        trackingId: `shop:apps/Deployment:shop/shop`,
      });
      world.github.rules = { ...world.github.rules, requiredApprovals: 1 };
      world.github.git.branches.set('feature', world.github.git.head());
      world.github.create('feature');
      world.argocd.change(SHOP, {
        automated: { enabled: false, prune: false, selfHeal: false },
        history: world.argocd
          .get(SHOP)
          .history.slice(-1)
          .map((h) => ({ ...h, deployedAt: world.clock.now() - 3_600_000 })),
      });
      const barred = (await explained()).forecast.filter((r) => r.outlook === 'cannot-hold');
      expect(barred.map((r) => [r.id, r.relaxedBy])).to.deep.equal([
        ['I3_replica_shortage', 'invariants.replicaShortage: updated'],
        ['I5_stable_previous', 'candidates.minObservation, candidates.allowWithoutCi'],
        ['I7_no_conflicts', 'invariants.openPullRequests: paths'],
        ['I8_branch_protection', undefined],
        ['G4_will_sync', undefined],
      ]);
      const advice = (await explained()).whatWouldChange;
      expect(advice.filter((t) => t.includes('cannot hold now'))).to.have.length(5);
      expect(advice[1])
        .to.contain('Deployment shop has 2 replicas')
        .and.to.contain('relaxed by invariants.replicaShortage: updated');
    });
    it('no check required and none seen: unknown, with the key', async () => {
      bench.world.github.ci = [];
      bench.operator.container
        .get(PolicyBook)
        .replace(
          operatorConfig({ repositories: operatorConfig().repositories.map((r) => ({ ...r, requiredChecks: [] })) }),
        );
      expect(await ruleOf('I6_ci_success')).to.include({
        outlook: 'unknown',
        relaxedBy: 'repositories[].ci.allowNoChecks',
      });
    });
    it('metrics that are away', async () => {
      bench.world.prometheus.history = () => ({ kind: 'unavailable', why: 'PROMETHEUS: no answer' });
      expect(await ruleOf('I5_stable_previous')).to.deep.include({
        outlook: 'cannot-hold',
        why: 'metrics are unavailable: PROMETHEUS: no answer',
      });
    });
    it('a pinned revision reaches no merge', async () => {
      bench.world.argocd.change(SHOP, {
        sources: bench.world.argocd.get(SHOP).sources.map((s) => ({ ...s, targetRevision: 'a'.repeat(40) })),
      });
      expect((await ruleOf('G4_will_sync'))?.outlook).to.equal('cannot-hold');
    });
    it('none, when everything is as it should be', async () => {
      bench.world.kubernetes.status = (w) => ({
        ...w,
        desired: 4,
        available: 4,
        updatedAvailable: 4,
        observed: true,
        trackingId: `shop:apps/Deployment:shop/shop`,
      });
      bench.world.argocd.change(SHOP, {
        resources: [
          {
            group: 'apps',
            version: 'v1',
            kind: 'Deployment',
            namespace: 'shop',
            name: 'shop',
            health: 'Healthy',
            hook: false,
            requiresPruning: false,
          },
        ],
      });
      const outlooks = (await explained()).forecast.map((r) => r.outlook);
      expect([...new Set(outlooks)].toSorted()).to.deep.equal(['at-merge', 'holds']);
      expect(outlooks).to.have.length(16);
    });
  });
});

describe('what the doors are answered', () => {
  let bench: OrdersBench;
  let answers: OperatorAnswers;
  beforeEach(async () => {
    bench = await OrdersBench.start();
    answers = answersOf(bench.operator.container, bench.operator.outside, BUILD, () => 'instance: test\n');
  });
  afterEach(() => {
    bench.stop();
  });

  it('counts applications by environment and health, attempts by state, and says what is paused', async () => {
    bench.keepCiPending();
    await bench.until('PRCreated/waiting-for-ci');
    await bench.orders.pause('operator', someone(), 'migration');
    const summary = await answers.summary();
    expect(summary).to.deep.include({
      version: 1,
      instance: 'test',
      modes: { staging: 'auto', production: 'propose' },
      attempts: { PRCreated: 1 },
      braked: [],
    });
    expect(summary.applications).to.deep.equal([{ environment: 'staging', health: 'Degraded', count: 1 }]);
    expect(summary.pauses.map((p) => p.why)).to.deep.equal(['migration']);
  });
  it('shows open attempts before ended ones, and one by its id', async () => {
    const id = await bench.until('RollbackComplete');
    expect((await answers.attempts()).map((a) => [a.id, a.state])).to.deep.equal([[id, 'RollbackComplete']]);
    expect((await answers.attempt(id))?.end?.kind).to.equal('complete');
    expect(await answers.attempt('00000000')).to.equal(undefined);
  });
  it('shows a quarantine, and that the bad version does not run any more', async () => {
    const id = await bench.until('RollbackComplete');
    expect((await answers.quarantine()).map((q) => [q.attempt, q.application, q.current])).to.deep.equal([
      [id, SHOP, false],
    ]);
  });
  it('is not ready until the fleet was listed, and not any more when lists fail for long', async () => {
    expect(answers.readiness().ready).to.equal(true);
    bench.breakDown('argocd.listFleet');
    await bench.passes(60);
    const [, argocd] = answers.readiness().dependencies;
    expect([answers.readiness().ready, argocd?.ok, argocd?.detail]).to.deep.equal([
      false,
      false,
      'STORE_UNAVAILABLE: argocd.listFleet: away',
    ]);
  });
  it('lists an application as what it is: mode, environment, why no attempt opens', async () => {
    const before = await answers.applications();
    expect(before.map((a) => [a.application, a.environment, a.mode, a.eligibility])).to.deep.equal([
      [SHOP, 'staging', 'auto', 'not-degraded'],
    ]);
    const config = operatorConfig({ environments: { staging: { ...STAGING, mode: 'off' }, production: PRODUCTION } });
    bench.operator.container.get(PolicyBook).replace(config);
    expect((await answers.applications()).map((a) => a.eligibility)).to.deep.equal(['mode-off']);
  });
});
