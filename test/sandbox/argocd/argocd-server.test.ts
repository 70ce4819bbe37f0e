import { expect } from 'chai';
import { readerOf } from '../../../src/sandbox/argocd/argocd-access.js';
import { ArgoCdSandbox } from '../../../src/sandbox/argocd/argocd-server.js';
import { FaultPlan } from '../../../src/sandbox/faults.js';
import { objectsAt, stringAt, valueAt } from '../../../src/sandbox/json-path.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { BAD, CHECKOUT, DEPLOYMENT, GOOD, WorldFixture, deploymentFile } from '../world-fixture.js';
import { Swagger } from './swagger.js';

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly body: JsonObject;
}

const APPS = '/api/v1/applications';

describe('ArgoCdSandbox', () => {
  let fixture: WorldFixture;
  let server: ArgoCdSandbox;
  let token: string;
  beforeEach(async () => {
    fixture = await WorldFixture.create();
    server = await ArgoCdSandbox.start({
      world: fixture.world,
      clock: fixture.clock,
      journal: new Journal(),
      faults: new FaultPlan(),
    });
    token = server.sessions.issue(readerOf('ai-operator', ['staging/*']));
    await fixture.deployed();
    fixture.world.addApplication({ ...CHECKOUT, name: 'secret', project: 'production' });
  });
  afterEach(async () => {
    await server.close();
    await fixture.close();
  });

  async function ask(
    path: string,
    options: { token?: string | undefined; method?: string; accept?: string } = {},
  ): Promise<Answer> {
    const bearer = 'token' in options ? options.token : token;
    const response = await fetch(`${server.url}${path}`, {
      method: options.method ?? 'GET',
      headers: {
        accept: options.accept ?? 'application/json',
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
      },
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return { status: response.status, type, text, body: type.includes('json') ? (JSON.parse(text) as JsonObject) : {} };
  }
  const refusal = (answer: Answer): unknown => ({ status: answer.status, ...answer.body });
  async function degrade(): Promise<void> {
    const app = fixture.world.get('checkout');
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    await fixture.world.refresh(app);
    await fixture.runUntil(() => app.health.status === 'Degraded', 100);
  }

  describe("answers that Argo CD's own description admits", () => {
    let swagger: Swagger;
    before(function () {
      const loaded = Swagger.load();
      if (loaded) swagger = loaded;
      else this.skip();
    });
    it('holds for every route, healthy and degraded', async () => {
      const routes: readonly (readonly [string, string])[] = [
        [APPS, 'v1alpha1ApplicationList'],
        [
          `${APPS}?fields=items.metadata.name,items.status.health,items.status.operationState.phase,items.spec.source`,
          'v1alpha1ApplicationList',
        ],
        [`${APPS}/checkout`, 'v1alpha1Application'],
        [`${APPS}/checkout?refresh=normal`, 'v1alpha1Application'],
        [`${APPS}/checkout/manifests`, 'repositoryManifestResponse'],
        [
          `${APPS}/checkout/resource?namespace=shop&resourceName=checkout&version=v1&group=apps&kind=Deployment`,
          'applicationApplicationResourceResponse',
        ],
        [`${APPS}/checkout/resource-tree`, 'v1alpha1ApplicationTree'],
        [`${APPS}/checkout/syncwindows`, 'applicationApplicationSyncWindowsResponse'],
        [`${APPS}/checkout/revisions/main/metadata`, 'v1alpha1RevisionMetadata'],
        ['/api/version', 'versionVersionMessage'],
        ['/api/v1/session/userinfo', 'sessionGetUserInfoResponse'],
        ['/api/v1/account/can-i/applications/get/staging%2F*', 'accountCanIResponse'],
        ['/api/v1/projects', 'v1alpha1AppProjectList'],
        ['/api/v1/projects/staging', 'v1alpha1AppProject'],
      ];
      for (let round = 0; round < 2; round++) {
        for (const [route, definition] of routes) {
          const { status, body } = await ask(route);
          expect(status, route).to.equal(200);
          expect(swagger.faults(definition, body), route).to.deep.equal([]);
        }
        if (round === 0) await degrade();
      }
      expect(swagger.faults('runtimeError', (await ask(`${APPS}/none`)).body)).to.deep.equal([]);
      // the check itself must be able to fail
      expect(swagger.faults('v1alpha1Application', { status: { healthy: true } })).to.not.deep.equal([]);
    }).timeout(30_000);
  });

  it('lists what the account may see, sorted, and leaves the rest out without a word', async () => {
    fixture.world.addApplication({ ...CHECKOUT, name: 'another' });
    const { body } = await ask(APPS);
    expect(objectsAt(body, 'items').map((item) => valueAt(item, 'metadata', 'name'))).to.deep.equal([
      'another',
      'checkout',
    ]);
    expect((await ask(`${APPS}?projects=production`)).body).to.deep.include({ items: [] });
    expect((await ask(`${APPS}?selector=team%3Dshop&search=ignored`)).body['items']).to.have.length(2);
    expect((await ask(`${APPS}?selector=team%3Dother`)).body['items']).to.have.length(0);
  });
  it('cuts the list to the whitelisted fields and answers null for an empty one', async () => {
    const fields = 'items.metadata.name,items.status.health,items.status.history,items.metadata.uid';
    const [item] = objectsAt((await ask(`${APPS}?fields=${fields}`)).body, 'items');
    expect(item?.['metadata']).to.deep.equal({ name: 'checkout' });
    expect(item?.['status']).to.have.all.keys('health');
    expect((await ask(`${APPS}?projects=none&fields=items.metadata.name`)).body['items']).to.equal(null);
    expect((await ask(`${APPS}?projects=none`)).body['items']).to.deep.equal([]);
  });
  it('puts the sync result where fields= names the operation', async () => {
    const [item] = objectsAt((await ask(`${APPS}?fields=items.status.operationState.operation.sync`)).body, 'items');
    expect(objectsAt(item, 'status', 'operationState', 'operation', 'sync', 'resources')[0]).to.include({
      kind: 'Deployment',
      syncPhase: 'Sync',
    });
  });
  it('fails when fields= names spec and a part of it', async () => {
    const answer = await ask(`${APPS}?fields=items.spec,items.spec.project`);
    expect(refusal(answer)).to.deep.equal({
      status: 500,
      code: 2,
      error: 'field spec is not a map',
      message: 'field spec is not a map',
    });
  });
  it('shows health per resource only in a live GET', async () => {
    const [listed] = objectsAt((await ask(APPS)).body, 'items');
    expect(JSON.stringify(valueAt(listed, 'status', 'resources'))).to.not.contain('health');
    const got = (await ask(`${APPS}/checkout`)).body;
    expect(valueAt(got, 'status', 'resourceHealthSource')).to.equal('appTree');
    const deployment = objectsAt(got, 'status', 'resources').find((r) => r['kind'] === 'Deployment');
    expect(deployment?.['health']).to.deep.equal({ status: 'Healthy' });
    fixture.world.get('checkout').switches.resourceHealthHidden = true;
    const hidden = (await ask(`${APPS}/checkout`)).body;
    expect(JSON.stringify(valueAt(hidden, 'status', 'resources'))).to.not.contain('health');
  });
  it('tells what is deployed by the sync result, the history and the operation', async () => {
    await degrade();
    const app = (await ask(`${APPS}/checkout`)).body;
    const head = await fixture.repository.resolve('main');
    expect(valueAt(app, 'status', 'operationState')).to.deep.include({ phase: 'Succeeded' });
    expect(valueAt(app, 'status', 'operationState', 'syncResult', 'revision')).to.equal(head);
    expect(objectsAt(app, 'status', 'history').map((entry) => entry['id'])).to.deep.equal([0, 1]);
    expect(valueAt(app, 'status', 'health', 'lastTransitionTime')).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(valueAt(app, 'spec', 'syncPolicy', 'automated')).to.deep.equal({ prune: true, selfHeal: true });
    const workload = objectsAt(app, 'status', 'resources').find((r) => r['kind'] === 'Deployment');
    expect(valueAt(workload, 'health', 'status')).to.equal('Degraded');
  });

  const nobody = { error: 'no session information', code: 16, message: 'no session information' };
  it('answers 401 without a token, with one that is no JWT, and with an expired one', async () => {
    expect(refusal(await ask(APPS, { token: undefined }))).to.deep.equal({ status: 401, ...nobody });
    expect(refusal(await ask(APPS, { token: 'not-a-jwt' }))).to.deep.equal({ status: 401, ...nobody });
    server.sessions.expire(token);
    const expired = await ask(APPS);
    expect([expired.status, expired.body['message']]).to.deep.equal([
      401,
      'invalid session: token has invalid claims: token is expired',
    ]);
  });
  it('goes on as anonymous when that is enabled: 200 and an empty list instead of 401', async () => {
    server.sessions.anonymous = { username: 'anonymous', policies: [] };
    const answer = await ask(APPS, { token: 'not-a-jwt' });
    expect([answer.status, answer.body['items']]).to.deep.equal([200, []]);
    expect((await ask('/api/v1/session/userinfo', { token: 'not-a-jwt' })).body).to.deep.equal({ loggedIn: false });
  });
  it('does not tell a forbidden application from a missing one, unless the project is named', async () => {
    const denied = { status: 403, code: 7, error: 'permission denied', message: 'permission denied' };
    expect(refusal(await ask(`${APPS}/secret`))).to.deep.equal(denied);
    expect(refusal(await ask(`${APPS}/missing`))).to.deep.equal(denied);
    expect(refusal(await ask(`${APPS}/secret?project=production`))).to.deep.equal(denied);
    for (const name of ['missing', 'secret']) {
      const message = `applications.argoproj.io "${name}" not found`;
      expect(refusal(await ask(`${APPS}/${name}?project=staging`))).to.deep.equal({
        status: 404,
        code: 5,
        error: message,
        message,
      });
    }
    expect((await ask(`${APPS}/checkout?project=staging`)).status).to.equal(200);
    expect((await ask(`${APPS}/checkout?project=a&project=b`)).status).to.equal(400);
  });
  it('answers who asks and what may be done', async () => {
    expect((await ask('/api/v1/session/userinfo')).body).to.include({ loggedIn: true, username: 'ai-operator' });
    const can = async (action: string, object: string): Promise<unknown> =>
      (await ask(`/api/v1/account/can-i/applications/${action}/${encodeURIComponent(object)}`)).body['value'];
    expect(await can('get', 'staging/*')).to.equal('yes');
    expect(await can('get', 'production/*')).to.equal('no');
    expect(await can('sync', 'staging/*')).to.equal('no');
  });
  it('compares with the newest commit before a refresh is answered', async () => {
    const sha = await fixture.push({ 'README.md': 'new\n' });
    expect(valueAt((await ask(`${APPS}/checkout`)).body, 'status', 'sync', 'revision')).to.not.equal(sha);
    expect(valueAt((await ask(`${APPS}/checkout?refresh=normal`)).body, 'status', 'sync', 'revision')).to.equal(sha);
  });
  it('blocks on a refresh nobody takes up, and fails at the deadline', async () => {
    fixture.world.get('checkout').switches.refreshIgnored = true;
    const asked = ask(`${APPS}/checkout?refresh=normal`);
    let settled = false;
    void asked.then(() => (settled = true));
    while (fixture.clock.sleeping === 0) await new Promise((r) => setTimeout(r, 1));
    expect(settled).to.equal(false);
    const pending = (await ask(`${APPS}/checkout`)).body;
    expect(valueAt(pending, 'metadata', 'annotations')).to.deep.equal({ 'argocd.argoproj.io/refresh': 'normal' });
    await fixture.clock.advance(60_000);
    expect((await asked).body['message']).to.equal('application refresh deadline exceeded');
  });
  it('renders any commit, with tracking marks and without the content of secrets', async () => {
    const first = await fixture.repository.resolve('main');
    await fixture.push({
      [DEPLOYMENT]: deploymentFile(BAD),
      'apps/checkout/overlays/staging/secret.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { password: hunter2 }\n',
    });
    const rendered = async (revision: string): Promise<string> =>
      (await ask(`${APPS}/checkout/manifests?revision=${revision}`)).text;
    expect(await rendered(first ?? '')).to.contain(GOOD);
    const now = await rendered('main');
    expect(now).to.contain(BAD).and.to.contain('checkout:apps/Deployment:shop/checkout');
    expect(now).to.contain('++++++++').and.to.not.contain('hunter2');
  });
  it('answers 500 with the reason when a commit cannot be rendered', async () => {
    await fixture.push({ 'apps/checkout/overlays/staging/kustomization.yaml': 'helmCharts: []\n' });
    const answer = await ask(`${APPS}/checkout/manifests?revision=main`);
    expect([answer.status, answer.body['code']]).to.deep.equal([500, 2]);
    expect(answer.body['message']).to.contain('helmCharts');
    expect((await ask(`${APPS}/checkout/manifests?revision=${'0'.repeat(40)}`)).status).to.equal(500);
  });
  it('shows the live object of its own tree only, and none while the cluster is away', async () => {
    const live = (name: string): Promise<Answer> =>
      ask(`${APPS}/checkout/resource?namespace=shop&resourceName=${name}&version=v1&group=apps&kind=Deployment`);
    const object = JSON.parse(stringAt((await live('checkout')).body, 'manifest') ?? '') as JsonObject;
    expect(object['status']).to.include({ availableReplicas: 4, observedGeneration: 1 });
    expect((await live('other')).status).to.equal(400);
    fixture.world.clusterState = 'down';
    expect((await live('checkout')).status).to.equal(500);
  });
  it('shows what ails the pods in the resource tree', async () => {
    await degrade();
    const nodes = objectsAt((await ask(`${APPS}/checkout/resource-tree`)).body, 'nodes');
    const pods = nodes.filter((node) => node['kind'] === 'Pod' && valueAt(node, 'health', 'status') === 'Degraded');
    expect(pods).to.have.length(2);
    expect(pods[0]?.['info']).to.deep.equal([
      { name: 'Status Reason', value: 'CrashLoopBackOff' },
      { name: 'Containers', value: '0/1' },
    ]);
    const [parent] = objectsAt(pods[0], 'parentRefs');
    expect(nodes.find((node) => node['uid'] === parent?.['uid'])).to.include({ kind: 'ReplicaSet' });
  });
  it('answers canSync by the manual rule while the windows bar the automated one', async () => {
    const app = fixture.world.get('checkout');
    const window = { kind: 'deny' as const, schedule: '* * * * *', duration: '1h', manualSync: true, active: true };
    app.settings = { ...app.settings, syncWindows: [window] };
    const { active, ...shown } = window;
    expect((await ask(`${APPS}/checkout/syncwindows`)).body).to.deep.equal({
      activeWindows: [shown],
      assignedWindows: [shown],
      canSync: true,
    });
    expect(active).to.equal(true);
  });
  it('keeps the habits of the gateway at its edges', async () => {
    const unknown = await ask('/api/v1/nonsense');
    expect([unknown.status, unknown.type.split(';')[0], unknown.text]).to.deep.equal([
      404,
      'text/plain',
      'Not Found\n',
    ]);
    const page = await ask('/login', { accept: 'text/html' });
    expect([page.status, page.type.split(';')[0]]).to.deep.equal([200, 'text/html']);
    expect((await ask(`${APPS}/checkout/sync`, { method: 'POST' })).status).to.equal(415);
    const posted = await fetch(`${server.url}${APPS}/checkout/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{}',
    });
    expect(posted.status).to.equal(403);
  });
});
