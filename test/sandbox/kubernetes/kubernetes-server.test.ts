import { AppsV1Api, CoreV1Api, CustomObjectsApi, KubeConfig, VersionApi } from '@kubernetes/client-node';
import { expect } from 'chai';
import { FaultPlan } from '../../../src/sandbox/faults.js';
import { objectsAt, stringAt, valueAt } from '../../../src/sandbox/json-path.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { KubernetesSandbox } from '../../../src/sandbox/kubernetes/kubernetes-server.js';
import { BAD, DEPLOYMENT, WorldFixture, deploymentFile } from '../world-fixture.js';

describe('KubernetesSandbox', () => {
  let fixture: WorldFixture;
  let server: KubernetesSandbox;
  beforeEach(async () => {
    fixture = await WorldFixture.create();
    server = await KubernetesSandbox.start({
      world: fixture.world,
      clock: fixture.clock,
      journal: new Journal(),
      faults: new FaultPlan(),
    });
    await fixture.deployed();
  });
  afterEach(async () => {
    await server.close();
    await fixture.close();
  });

  function client(token: string | undefined): KubeConfig {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: server.url, skipTLSVerify: true }],
      users: [{ name: 'u', ...(token === undefined ? {} : { token }) }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    return config;
  }
  async function ask(
    path: string,
    token: string | undefined = server.token,
  ): Promise<{ readonly status: number; readonly body: JsonObject; readonly text: string }> {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}${path}`, { headers });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : {}, text };
  }
  const BAD_DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/checkout';
  async function degrade(): Promise<void> {
    const app = fixture.world.get('checkout');
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.world.refresh(app);
    await fixture.runUntil(() => app.health.status === 'Degraded', 100);
  }

  it('serves the real client: deployment, replica sets, pods and version', async () => {
    const config = client(server.token);
    const apps = config.makeApiClient(AppsV1Api);
    const deployment = await apps.readNamespacedDeployment({ name: 'checkout', namespace: 'shop' });
    expect(deployment.status?.availableReplicas).to.equal(4);
    expect(deployment.metadata?.annotations).to.include({
      'argocd.argoproj.io/tracking-id': 'checkout:apps/Deployment:shop/checkout',
      'deployment.kubernetes.io/revision': '1',
    });
    expect(deployment.spec).to.deep.include({ progressDeadlineSeconds: 60, replicas: 4 });
    expect((await apps.listNamespacedReplicaSet({ namespace: 'shop' })).items).to.have.length(1);
    const pods = await config
      .makeApiClient(CoreV1Api)
      .listNamespacedPod({ namespace: 'shop', labelSelector: 'app=checkout' });
    expect(pods.items.map((pod) => pod.status?.phase)).to.deep.equal(['Running', 'Running', 'Running', 'Running']);
    const custom = config.makeApiClient(CustomObjectsApi);
    const place = { group: 'apps', version: 'v1', namespace: 'shop', plural: 'deployments', name: 'checkout' };
    expect(await custom.getNamespacedCustomObject(place)).to.have.property('kind', 'Deployment');
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).to.match(/^v1\./);
  });
  it('shows a bad deploy as the Deployment controller does: one replica short, past the deadline', async () => {
    await degrade();
    const { body } = await ask(BAD_DEPLOYMENT);
    expect(body['status']).to.include({
      observedGeneration: 2,
      replicas: 5,
      updatedReplicas: 2,
      readyReplicas: 3,
      availableReplicas: 3,
      unavailableReplicas: 2,
    });
    expect(objectsAt(body, 'status', 'conditions').map((c) => [c['type'], c['status'], c['reason']])).to.deep.equal([
      ['Available', 'True', 'MinimumReplicasAvailable'],
      ['Progressing', 'False', 'ProgressDeadlineExceeded'],
    ]);
    const sets = objectsAt((await ask('/apis/apps/v1/namespaces/shop/replicasets')).body, 'items');
    const revisionOf = (set: JsonObject): unknown =>
      valueAt(set, 'metadata', 'annotations', 'deployment.kubernetes.io/revision');
    expect(sets.map((set) => [revisionOf(set), valueAt(set, 'status', 'availableReplicas')])).to.deep.equal([
      ['1', 3],
      ['2', undefined],
    ]);
  });
  it('shows why the pods of a broken image wait', async () => {
    await degrade();
    const waiting = async (failure: 'ImagePullBackOff' | 'CrashLoopBackOff'): Promise<JsonObject | undefined> => {
      const pods = objectsAt((await ask('/api/v1/namespaces/shop/pods')).body, 'items');
      const containers = pods.flatMap((pod) => objectsAt(pod, 'status', 'containerStatuses'));
      return containers.find((c) => valueAt(c, 'state', 'waiting', 'reason') === failure);
    };
    const crashing = await waiting('CrashLoopBackOff');
    expect(crashing?.['ready']).to.equal(false);
    expect(valueAt(crashing, 'lastState', 'terminated')).to.include({ exitCode: 1, reason: 'Error' });
    expect(crashing?.['restartCount']).to.be.greaterThan(2);
    fixture.world.brokenImages.set('nowhere:1', 'ImagePullBackOff');
    await fixture.push({ [DEPLOYMENT]: deploymentFile('nowhere:1') });
    await fixture.world.refresh(fixture.world.get('checkout'));
    await fixture.run(6);
    expect(valueAt(await waiting('ImagePullBackOff'), 'state', 'waiting', 'message')).to.contain('nowhere:1');
  });
  it('refuses as Kubernetes does: 401 for a wrong token, 403 for none, 404 for what is not there', async () => {
    expect((await ask(BAD_DEPLOYMENT, 'wrong')).body).to.include({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    const anonymous = await ask(BAD_DEPLOYMENT, '');
    expect(anonymous.body).to.include({ reason: 'Forbidden', code: 403 });
    expect(anonymous.body['message']).to.contain(
      'User "system:anonymous" cannot get resource "deployments" in API group "apps"',
    );
    const missing = await ask('/apis/apps/v1/namespaces/shop/deployments/none');
    expect(missing.body).to.deep.include({ reason: 'NotFound', message: 'deployments.apps "none" not found' });
    expect((await ask('/apis/batch/v1/jobs')).text).to.equal('404 page not found\n');
  });
  it('cannot be read when the world says so', async () => {
    fixture.world.clusterState = 'forbidden';
    expect((await ask(BAD_DEPLOYMENT)).status).to.equal(403);
    fixture.world.clusterState = 'down';
    expect((await ask('/version')).status).to.equal(503);
  });
  it('selects by label, pages by limit, and leaves kind out of the items of a list', async () => {
    expect((await ask('/api/v1/namespaces/shop/pods?labelSelector=app%3Dother')).body['items']).to.deep.equal([]);
    expect(
      (await ask('/api/v1/namespaces/shop/pods?labelSelector=app%20in%20(checkout)')).body['items'],
    ).to.have.length(4);
    const first = (await ask('/api/v1/pods?limit=3')).body;
    expect(first['items']).to.have.length(3);
    expect(objectsAt(first, 'items')[0]).to.not.have.any.keys('kind', 'apiVersion');
    const rest = (await ask(`/api/v1/pods?limit=3&continue=${stringAt(first, 'metadata', 'continue')}`)).body;
    expect(rest['items']).to.have.length(1);
    expect(rest['metadata']).to.not.have.property('continue');
  });
});
