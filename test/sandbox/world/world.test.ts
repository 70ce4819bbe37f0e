import { expect } from 'chai';
import type { SimulatedApplication } from '../../../src/sandbox/world/simulated-application.js';
import { BAD, CHECKOUT, DEPLOYMENT, GOOD, PATH, SERVICE_FILE, WorldFixture, deploymentFile } from '../world-fixture.js';

const healthOf = (app: SimulatedApplication): string => app.health.status;
const imageOf = (app: SimulatedApplication): string | undefined => {
  const [deployment] = app.surroundings.cluster.list('Deployment', 'shop');
  return /image":"([^"]+)/.exec(JSON.stringify(deployment?.applied))?.[1];
};

describe('World', () => {
  let fixture: WorldFixture;
  beforeEach(async () => {
    fixture = await WorldFixture.create();
  });
  afterEach(() => fixture.close());

  it('starts from the seeded past: Healthy, Synced, with a history that is not divided by the speed', async () => {
    const app = await fixture.deployed();
    expect({ health: healthOf(app), sync: app.sync.status }).to.deep.equal({ health: 'Healthy', sync: 'Synced' });
    expect(app.history).to.have.length(1);
    expect(fixture.clock.now() - (app.history[0]?.deployedAt ?? 0)).to.equal(26 * 3_600_000);
  });

  it('syncs a pushed commit by itself, and a broken image is Progressing first and Degraded at the deadline', async () => {
    const app = await fixture.deployed();
    const bad = await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.runUntil(() => app.operation?.revision === bad, 200);
    expect(app.operation?.phase).to.equal('Running');
    await fixture.runUntil(() => app.operation?.phase === 'Succeeded', 10);
    expect(app.history.map((entry) => entry.revision)).to.include(bad);
    await fixture.run(2);
    expect(healthOf(app)).to.equal('Progressing');
    await fixture.runUntil(() => healthOf(app) === 'Degraded', 70);
    expect(app.sync).to.deep.equal({ status: 'Synced', revision: bad });
  });

  it('heals after a commit that restores the files, and after nothing else', async () => {
    const app = await fixture.deployed();
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.runUntil(() => healthOf(app) === 'Degraded', 400);
    await fixture.push({ 'README.md': 'A promise that all is well\n' });
    await fixture.world.refresh(app);
    await fixture.run(120);
    expect(healthOf(app)).to.equal('Degraded');
    await fixture.push({ [DEPLOYMENT]: deploymentFile(GOOD) });
    await fixture.world.refresh(app);
    await fixture.runUntil(() => healthOf(app) === 'Healthy', 60);
    expect(imageOf(app)).to.equal(GOOD);
  });

  it('moves the compared revision with every commit of the repository, without a new deployment when nothing of it changed', async () => {
    const app = await fixture.deployed();
    const other = await fixture.push({ 'apps/other/file.yaml': 'kind: Nothing\n' });
    await fixture.world.refresh(app);
    expect(app.sync).to.deep.equal({ status: 'Synced', revision: other });
    expect(app.history).to.have.length(1);
    expect(app.operation?.revision).to.not.equal(other);
  });

  it('keeps at most historyLimit deployments, with rising ids', async () => {
    const app = await fixture.deployed({ historyLimit: 2 });
    for (const image of ['a:1', 'a:2', 'a:3']) {
      await fixture.push({ [DEPLOYMENT]: deploymentFile(image) });
      await fixture.world.refresh(app);
      await fixture.run(5);
    }
    expect(app.history.map((entry) => entry.id)).to.deep.equal([2, 3]);
  });

  it('does not sync when automated sync is off, or a window is in the way', async () => {
    const { automated: _automated, ...manual } = CHECKOUT;
    const off = await fixture.deployed();
    off.settings = manual;
    const window = { kind: 'deny' as const, schedule: '* * * * *', duration: '1h', manualSync: false, active: true };
    const closed = fixture.world.addApplication({ ...CHECKOUT, name: 'closed', syncWindows: [window] });
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.world.refresh(off);
    await fixture.world.refresh(closed);
    await fixture.run(10);
    expect(off.sync.status).to.equal('OutOfSync');
    expect(imageOf(off)).to.equal(GOOD);
    expect(closed.operation).to.equal(undefined);
  });

  it('leaves what a commit removed in the cluster when prune is off, and prunes when it is on', async () => {
    const app = await fixture.deployed({ automated: { prune: false, selfHeal: true } });
    await fixture.push({ [`${PATH}/service.yaml`]: null });
    await fixture.world.refresh(app);
    await fixture.run(10);
    expect(app.sync.status).to.equal('OutOfSync');
    expect(app.resources.find((r) => r.requiresPruning)?.reference.kind).to.equal('Service');
    app.settings = { ...app.settings, automated: { prune: true, selfHeal: true } };
    await fixture.push({ 'README.md': 'A new commit\n' });
    await fixture.world.refresh(app);
    await fixture.run(10);
    expect(app.sync.status).to.equal('Synced');
    expect(app.surroundings.cluster.list('Service')).to.have.length(0);
  });

  it('heals drift by a partial sync that never reaches the history, if self-heal is on', async () => {
    const app = await fixture.deployed();
    const [service] = app.surroundings.cluster.list('Service');
    app.surroundings.cluster.apply(
      { ...service?.applied, spec: { ports: [{ port: 81 }] } },
      'shop',
      app.key,
      fixture.clock.now(),
    );
    await fixture.world.refresh(app);
    expect(app.sync.status).to.equal('OutOfSync');
    await fixture.run(6);
    expect(app.sync.status).to.equal('Synced');
    expect(app.operation?.partial).to.equal(true);
    expect(app.history).to.have.length(1);
  });

  it('starts nothing new while an operation is held', async () => {
    const app = await fixture.deployed();
    app.switches.operationHeld = true;
    const first = await fixture.push({ [DEPLOYMENT]: deploymentFile('a:1') });
    await fixture.world.refresh(app);
    await fixture.push({ [DEPLOYMENT]: deploymentFile('a:2') });
    await fixture.world.refresh(app);
    await fixture.run(30);
    expect(app.operation).to.include({ phase: 'Running', revision: first });
    expect(app.history).to.have.length(1);
  });

  it('retries a failing sync and then gives the revision up until there is a new commit', async () => {
    const app = await fixture.deployed();
    app.switches.syncFailure = 'one or more objects failed to apply';
    await fixture.push({ [DEPLOYMENT]: deploymentFile('a:1') });
    await fixture.world.refresh(app);
    await fixture.run(5);
    expect(app.operation).to.include({ phase: 'Running', retryCount: 1 });
    expect(app.operation?.finishedAt).to.be.a('number');
    await fixture.runUntil(() => app.operation?.phase === 'Failed', 60);
    app.switches.syncFailure = undefined;
    await fixture.world.refresh(app);
    expect(app.conditions.map((c) => c.type)).to.include('SyncError');
    expect(imageOf(app)).to.equal(GOOD);
    await fixture.push({ [DEPLOYMENT]: deploymentFile('a:2') });
    await fixture.world.refresh(app);
    await fixture.run(6);
    expect(imageOf(app)).to.equal('a:2');
  });

  it('reports a source that cannot be rendered as ComparisonError with sync Unknown, and keeps the health', async () => {
    const app = await fixture.deployed();
    await fixture.push({ [`${PATH}/Chart.yaml`]: 'name: checkout\n' });
    await fixture.world.refresh(app);
    expect({ sync: app.sync.status, health: healthOf(app) }).to.deep.equal({ sync: 'Unknown', health: 'Healthy' });
    expect(app.conditions[0]).to.include({ type: 'ComparisonError' });
    expect(app.conditions[0]?.message).to.contain('Helm');
  });

  it('stays red whatever git says once it is doomed', async () => {
    const app = await fixture.deployed({}, 2);
    app.switches.doomedOnceDegraded = true;
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD, 2) });
    await fixture.runUntil(() => healthOf(app) === 'Degraded', 400);
    await fixture.push({ [DEPLOYMENT]: deploymentFile(GOOD, 2) });
    await fixture.world.refresh(app);
    await fixture.run(6);
    expect(imageOf(app)).to.equal(GOOD);
    await fixture.run(120);
    expect(healthOf(app)).to.equal('Degraded');
  });

  it('flaps on its schedule without a commit', async () => {
    const app = await fixture.deployed();
    app.switches.flapping = [
      { health: 'Healthy', forMs: 5000 },
      { health: 'Degraded', forMs: 5000 },
    ];
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      await fixture.run(1);
      seen.push(healthOf(app).charAt(0));
    }
    expect(seen.join('')).to.equal('HHHHHDDDDDHHHHHDDDDD');
  });

  it('shows a sick resource as Degraded though its workloads are well', async () => {
    const app = await fixture.deployed();
    app.switches.sickResources.set('Service/checkout', { status: 'Degraded', message: 'no endpoints' });
    await fixture.run(1);
    expect(healthOf(app)).to.equal('Degraded');
  });

  it('freezes an application whose controller is gone: no comparison, no sync, no new health', async () => {
    const app = await fixture.deployed();
    const before = app.reconciledAt;
    app.switches.frozen = true;
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.run(300);
    expect(app.reconciledAt).to.equal(before);
    expect(healthOf(app)).to.equal('Healthy');
  });

  it('deploys remote destinations into another cluster than its own', async () => {
    await fixture.push({ [DEPLOYMENT]: deploymentFile(GOOD), [`${PATH}/service.yaml`]: SERVICE_FILE });
    const remote = {
      ...CHECKOUT,
      name: 'remote',
      destination: { server: 'https://remote.example', namespace: 'shop' },
    };
    fixture.world.addApplication(remote);
    await fixture.run(10);
    expect(fixture.world.ownCluster.list('Deployment')).to.have.length(0);
    expect(fixture.world.cluster('https://remote.example').list('Deployment')).to.have.length(1);
  });
});
