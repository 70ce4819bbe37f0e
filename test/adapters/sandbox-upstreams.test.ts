import { expect } from 'chai';
import path from 'node:path';
import { splitApplicationKey } from '../../src/model/application.js';
import { workloadStatusOf } from '../../src/model/workload-status.js';
import { GitRepository } from '../../src/sandbox/git-repository.js';
import type { World } from '../../src/sandbox/world.js';
import { metricsBackendContract } from '../contract/metrics-backend.contract.js';
import { failureOf } from '../support/failure.js';
import { settings, START, startUpstreams, type Upstreams } from '../support/sandbox-upstreams.js';

const author = { name: 'Dev', email: 'dev@example.com' };
const deployment = (image: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: '${image}' }] }
`;

describe('the adapters against the sandbox', () => {
  let up: Upstreams;
  let world: World;
  let good: string;
  let bad: string;
  before(async () => {
    up = await startUpstreams();
    const repository = await GitRepository.init(path.join(up.folder, 'git'), 'main');
    const commit = (image: string, at: number): Promise<string> =>
      repository.commitFiles({
        branch: 'main',
        files: { 'apps/shop/web.yaml': deployment(image) },
        message: image,
        author,
        at,
      });
    good = await commit('shop:good', START - 86_400_000);
    world = up.world(repository);
    world.addApplication(settings('shop', 'staging'));
    world.addApplication(settings('ledger', 'production', 'team-a'));
    await world.seedPast('argocd/shop', [{ revision: good, at: START - 3_600_000, uptime: 1 }]);
    bad = await commit('shop:bad', START);
    // Argo CD's poll, the sync, and the Deployment's progress deadline of 600 s
    for (let minute = 0; minute < 20; minute++) {
      await up.clock.advance(60_000);
      await world.tick();
    }
  });
  after(() => up.close());

  it('Argo CD: fleet, sources and snapshot agree on a degraded application', async () => {
    const { api } = await up.argocd(world, ['staging/*', 'production/*']);
    const fleet = await api.listFleet(up.signal);
    expect(fleet.map((e) => [e.application, e.project])).to.deep.equal([
      ['team-a/ledger', 'production'],
      ['argocd/shop', 'staging'],
    ]);
    const entry = fleet.find((e) => e.application === 'argocd/shop');
    const snapshot = await api.getApplicationHealth('argocd/shop', 'staging', up.signal);
    expect([
      snapshot.health,
      snapshot.deployed?.revisions,
      snapshot.operation?.phase,
      snapshot.automated.enabled,
    ]).to.deep.equal(['Degraded', [bad], 'Succeeded', true]);
    expect([entry?.health, entry?.healthChangedAt, entry?.syncRevision, entry?.operationFinishedAt]).to.deep.equal([
      'Degraded',
      snapshot.healthChangedAt,
      bad,
      snapshot.operation?.finishedAt,
    ]);
    expect(snapshot.resources.map((r) => [r.kind, r.health])).to.deep.equal([['Deployment', 'Degraded']]);
    const [source] = (await api.listSources(up.signal)).filter((s) => s.application === 'argocd/shop');
    expect([source?.shape, source?.sources]).to.deep.equal(['single', snapshot.sources]);
  });

  it('Argo CD: windows, identity, rights, refusals', async () => {
    const { api, sandbox, token } = await up.argocd(world, ['staging/*']);
    expect((await api.listFleet(up.signal)).map((e) => e.application)).to.deep.equal(['argocd/shop']);
    expect(await api.getApplicationSyncStatus('argocd/shop', up.signal)).to.deep.equal({
      windowOpen: true,
      windows: 'no sync windows',
    });
    expect(await api.identity(up.signal)).to.deep.equal({
      loggedIn: true,
      username: 'ai-operator',
      version: 'v3.5.1+109ca7c',
    });
    expect([await api.canI('get', 'staging', up.signal), await api.canI('sync', 'staging', up.signal)]).to.deep.equal([
      true,
      false,
    ]);
    expect(await failureOf(api.getApplicationHealth('argocd/none', undefined, up.signal))).to.equal(
      'ARGOCD_DENIED denied',
    );
    expect(await failureOf(api.getApplicationHealth('argocd/none', 'staging', up.signal))).to.equal(
      'ARGOCD_NOT_FOUND terminal',
    );
    expect(await failureOf(api.getApplicationHealth('team-a/ledger', 'production', up.signal))).to.equal(
      'ARGOCD_DENIED denied',
    );
    sandbox.sessions.expire(token);
    expect(await failureOf(api.listFleet(up.signal))).to.equal('ARGOCD_UNAUTHENTICATED denied');
    expect(await api.identity(up.signal)).to.include({ loggedIn: false });
  });

  it('Argo CD: renders two commits apart, refuses an unknown one, and shows the live object', async () => {
    const { api } = await up.argocd(world, ['staging/*']);
    const [atGood] = await api.renderManifests('argocd/shop', good, up.signal);
    const [atBad] = await api.renderManifests('argocd/shop', bad, up.signal);
    expect(atGood?.replace('shop:good', 'shop:bad')).to.equal(atBad).and.not.equal(atGood);
    expect(await failureOf(api.renderManifests('argocd/shop', 'f'.repeat(40), up.signal))).to.equal(
      'ARGOCD_RENDER_FAILED terminal',
    );
    const { resources } = await api.getApplicationHealth('argocd/shop', undefined, up.signal);
    const live = workloadStatusOf(
      await api.getLiveResource('argocd/shop', resources[0] as (typeof resources)[number], up.signal),
    );
    expect(live).to.include({
      kind: 'Deployment',
      name: 'web',
      namespace: 'shop',
      desired: 4,
      available: 3,
      observed: true,
      trackingId: 'shop:apps/Deployment:shop/web',
    });
  });

  it('Argo CD: a refresh is made and one that nobody serves is not waited for', async () => {
    const { api } = await up.argocd(world, ['staging/*']);
    await up.clock.advance(1000);
    await api.refresh('argocd/shop', up.signal);
    expect((await api.getApplicationHealth('argocd/shop', undefined, up.signal)).reconciledAt).to.equal(up.clock.now());
    world.get('argocd/shop').switches.refreshIgnored = true;
    await api.refresh('argocd/shop', up.signal);
    world.get('argocd/shop').switches.refreshIgnored = false;
  });

  it('Kubernetes: the new ReplicaSet of a stuck roll-out has nothing available, and its pods say why', async () => {
    const kubernetes = await up.kubernetes(world);
    const workload = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
    const status = await kubernetes.getDeploymentStatus(workload, up.signal);
    expect(status).to.deep.equal({
      ...workload,
      desired: 4,
      available: 3,
      updatedAvailable: 0,
      observed: true,
      trackingId: 'shop:apps/Deployment:shop/web',
    });
    const troubles = await kubernetes.listPods(workload, up.signal);
    expect([troubles.length > 0, new Set(troubles.map((t) => t.reason))]).to.deep.equal([
      true,
      new Set(['CrashLoopBackOff']),
    ]);
    expect(troubles.every((t) => t.restarts > 0 && t.exitCode !== undefined)).to.equal(true);
    expect(await failureOf(kubernetes.getDeploymentStatus({ ...workload, name: 'none' }, up.signal))).to.equal(
      'KUBERNETES_NOT_FOUND terminal',
    );
    expect(await kubernetes.version(up.signal)).to.match(/^v1\./);
    world.clusterState = 'forbidden';
    expect(await failureOf(kubernetes.getDeploymentStatus(workload, up.signal))).to.equal('KUBERNETES_DENIED denied');
    world.clusterState = 'down';
    expect(await failureOf(kubernetes.getDeploymentStatus(workload, up.signal))).to.equal(
      'KUBERNETES_UNREACHABLE transient',
    );
    world.clusterState = 'readable';
  });

  it('Prometheus: no data is a gap, a partial answer and silence are unavailable', async () => {
    const backend = await up.prometheus(world, true);
    const window = { from: up.clock.now() - 600_000, to: up.clock.now() };
    const asked = async (): Promise<unknown> => {
      const history = await backend.healthHistory('argocd/shop', window, up.signal);
      return history.kind === 'unavailable' ? 'unavailable' : history.samples.length;
    };
    expect(await asked()).to.equal(10);
    expect(await backend.probe(up.signal)).to.match(/^\d+ series/);
    world.metricsState = 'no-data';
    expect(await asked()).to.equal(0);
    world.metricsState = 'partial';
    expect(await asked()).to.equal('unavailable');
    world.metricsState = 'down';
    expect(await asked()).to.equal('unavailable');
    world.metricsState = 'ok';
  });
});

for (const exportedNamespace of [false, true]) {
  metricsBackendContract(
    `the sandbox's Prometheus (${exportedNamespace ? 'exported_namespace' : 'namespace'})`,
    async (past) => {
      const up = await startUpstreams();
      const world = up.world(await GitRepository.init(path.join(up.folder, 'git'), 'main'));
      for (const key of new Set(past.map((p) => p.application))) {
        const { namespace, name } = splitApplicationKey(key);
        const { timeline } = world.addApplication(settings(name, 'staging', namespace));
        for (const { status, from, to } of past.filter((p) => p.application === key)) {
          timeline.record({ from, health: status, sync: 'Synced' });
          timeline.record({ from: to, health: undefined, sync: 'Synced' });
        }
      }
      return { backend: await up.prometheus(world, exportedNamespace), close: () => up.close() };
    },
  );
}
