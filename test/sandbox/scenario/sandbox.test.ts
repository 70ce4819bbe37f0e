import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { loadConfig } from '../../../src/config/load-config.js';
import { objectsAt, valueAt } from '../../../src/sandbox/json-path.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { writeCredentialFiles } from '../../../src/sandbox/credential-files.js';
import { operatorConfiguration } from '../../../src/sandbox/operator-configuration.js';
import { loadScenario } from '../../../src/sandbox/scenario/scenario-files.js';
import { startSandbox } from '../../../src/sandbox/sandbox.js';
import type { Sandbox } from '../../../src/sandbox/sandbox.js';
import { parseScenario } from '../../../src/sandbox/scenario.js';
import { pushOf, scenarioDocument, WEB } from './scenario-document.js';

describe('startSandbox', () => {
  let directory: string;
  let sandbox: Sandbox | undefined;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  });
  afterEach(async () => {
    await sandbox?.close();
    sandbox = undefined;
    await rm(directory, { recursive: true, force: true });
  });
  async function start(over: JsonObject = {}): Promise<Sandbox> {
    sandbox = await startSandbox(parseScenario(scenarioDocument(over), 'small.yaml'), { directory });
    return sandbox;
  }
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let i = 0; i < 500; i++) {
      if (await isSo()) return;
      await new Promise((r) => setTimeout(r, 10));
    }
    throw new Error('not so within 5 s');
  }
  const list = async ({ urls, credentials }: Sandbox): Promise<JsonObject> => {
    const headers = { authorization: `Bearer ${credentials.argocdToken}` };
    return (await (await fetch(`${urls.argocd}/api/v1/applications`, { headers })).json()) as JsonObject;
  };

  it('opens four servers that agree on the seeded past, and takes them down again', async () => {
    const running = await start();
    const { urls, credentials } = running;
    const [app] = objectsAt(await list(running), 'items');
    expect(valueAt(app, 'status', 'health', 'status')).to.equal('Healthy');
    expect(objectsAt(app, 'status', 'history')[0]?.['revision']).to.equal(running.commit('good'));
    const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
    const deployment = await fetch(
      `${urls.kubernetes}/apis/apps/v1/namespaces/web/deployments/web`,
      bearer(credentials.kubernetesToken),
    );
    expect(valueAt(await deployment.json(), 'status', 'availableReplicas')).to.equal(4);
    const commit = await fetch(`${urls.github}/repos/acme/gitops/commits/main`, bearer(credentials.githubToken));
    expect(valueAt(await commit.json(), 'sha')).to.equal(running.commit('good'));
    const query = new URLSearchParams({
      query: 'max by (health_status) (argocd_app_info{name="web"})',
      time: String(Date.now() / 1000 - 20 * 3600),
    });
    const past: unknown = await (await fetch(`${urls.prometheus}/api/v1/query?${query}`)).json();
    expect(valueAt(objectsAt(past, 'data', 'result')[0], 'metric', 'health_status')).to.equal('Healthy');
    await running.close();
    sandbox = undefined;
    expect(
      await fetch(urls.argocd).then(
        () => 'open',
        () => 'closed',
      ),
    ).to.equal('closed');
  });

  it('lets the timeline happen: broken when the operator is watching, healed only by files that are right', async () => {
    const running = await start({
      timeline: [
        { when: 'operator-watching', after: '5s', do: pushOf('bad', 'web:2') },
        {
          when: { on: 'health', application: 'web', is: 'Degraded' },
          do: { action: 'push', by: 'leo', message: 'Hope', files: { 'NOTES.md': 'x' } },
        },
        { when: 'attempt-state CandidateResolved', do: pushOf('restored', 'web:1') },
      ],
      expect: {
        attempts: [{ application: 'web', state: 'CandidateResolved' }],
        git: [
          { path: WEB, equalsCommit: 'good' },
          { path: 'NOTES.md', contains: 'x' },
        ],
        applications: [{ application: 'web', health: 'Healthy', sync: 'Synced' }],
      },
    });
    const app = running.world.get('web');
    await new Promise((r) => setTimeout(r, 100));
    expect(running.timeline.steps).to.have.length(0);
    await list(running);
    await until(() => app.health.status === 'Degraded');
    expect(await running.unmetExpectations()).to.have.length.greaterThan(2);
    running.noteAttempt({ application: 'argocd/web', state: 'CandidateResolved' });
    await until(async () => (await running.unmetExpectations()).length === 0);
    await running.timeline.finished;
    expect(running.timeline.steps).to.have.length(3);
  }).timeout(15_000);

  it('acts on the pull request of the operator as people do, and breaks and heals upstreams', async () => {
    const running = await start({
      timeline: [
        {
          when: 'pull-request-open',
          do: [
            { action: 'comment', by: 'maria', body: 'Looking' },
            { action: 'review', by: 'maria', state: 'APPROVED' },
            { action: 'label', by: 'maria', label: 'seen' },
            { action: 'break', server: 'prometheus', fault: { kind: 'status', status: 500 } },
            { action: 'fault', server: 'argocd', fault: { kind: 'status', status: 503 } },
            { action: 'change-world', kubernetes: 'forbidden', argocdToken: 'expired' },
            { action: 'break-image', image: 'web:3', failure: 'ImagePullBackOff' },
            { action: 'change-application', application: 'web', automated: false, switches: { refreshIgnored: true } },
          ],
        },
        {
          after: '10s',
          do: [
            { action: 'merge', by: 'maria', method: 'squash' },
            { action: 'heal', server: 'prometheus' },
          ],
        },
      ],
    });
    const operator = running.scenario.github.operatorLogin;
    await running.github.push({
      branch: 'ai-operator/rollback/staging/argocd.web/a-to-b',
      files: { [WEB]: 'kind: x\n' },
      message: 'Restore',
      by: operator,
    });
    await running.github.openPullRequest({
      by: operator,
      head: 'ai-operator/rollback/staging/argocd.web/a-to-b',
      base: 'main',
      title: 'Roll back web',
    });
    await running.timeline.finished;
    const [pull] = running.github.pullRequests();
    expect(pull).to.deep.include({ merged: true, mergedBy: 'maria', labels: ['seen'] });
    expect((await fetch(`${running.urls.prometheus}/-/ready`)).status).to.equal(200);
    expect(running.faults.pending.map((rule) => rule.server)).to.deep.equal(['argocd']);
    expect((await fetch(`${running.urls.argocd}/api/version`)).status).to.equal(503);
    expect((await list(running))['code']).to.equal(16);
    expect(running.world.clusterState).to.equal('forbidden');
    expect(running.world.get('web').settings.automated).to.equal(undefined);
  });

  it('counts requests and notices, and tells attempts apart, as a scenario expects them', async () => {
    const running = await start({
      fastest: 50,
      expect: {
        attempts: [
          { application: 'web', state: 'Abort', reason: 'no-candidate', why: ['{good}: too old'], barredBy: ['I5'] },
        ],
        attemptCount: 2,
        requests: [
          { server: 'argocd', path: '/applications$', atLeast: 2 },
          { server: 'github', writes: true, count: 0 },
        ],
        notices: [{ kind: 'brake-closed', count: 1 }, { count: 2 }],
      },
    });
    expect(running.speed, 'the speed that was asked for is above `fastest`').to.equal(50);
    expect(await running.unmetExpectations()).to.have.length(5);
    await list(running);
    await list(running);
    const post = (notice: object): Promise<Response> =>
      fetch(running.urls.notices, {
        method: 'POST',
        body: JSON.stringify(notice),
        headers: { 'content-type': 'application/json' },
      });
    await post({ id: '1', kind: 'brake-closed' });
    await post({ id: '1', kind: 'brake-closed' });
    await post({ id: '2', kind: 'rollback-proposed', application: 'argocd/web' });
    const ended = { application: 'argocd/web', state: 'Abort', reason: 'no-candidate', barredBy: ['I4', 'I5'] };
    running.noteAttempt({ ...ended, id: 'a', why: 'nothing' });
    running.noteAttempt({ ...ended, id: 'b', why: `${running.commit('good')?.slice(0, 10)}: too old` });
    expect(await running.unmetExpectations()).to.deep.equal([]);
    await fetch(`${running.urls.github}/repos/acme/gitops/git/refs`, { method: 'POST', body: '{}' });
    expect(await running.unmetExpectations()).to.have.length(1);
    expect((await fetch(running.urls.notices)).status).to.equal(405);
  });

  it('says what went wrong on the timeline when it is closed', async () => {
    const running = await start({ timeline: [{ do: { action: 'merge', by: 'maria' } }] });
    sandbox = undefined;
    const broken = await running.broken().catch((error: Error) => error.message);
    expect(broken).to.contain('no open pull request');
    expect(
      await running.close().then(
        () => 'closed',
        (error: Error) => error.message,
      ),
    ).to.contain('no open pull request');
  });

  it('breaks checkout in staging and nothing else in the default scenario', async () => {
    const scenario = await loadScenario('bad-deploy');
    const running = (sandbox = await startSandbox(scenario, { directory, speed: 200 }));
    const state = (): unknown =>
      running.world.applications.map((app) => `${app.settings.name} ${app.health.status} ${app.sync.status}`);
    const others = ['catalog-production', 'catalog-staging', 'checkout-production'].map(
      (name) => `${name} Healthy Synced`,
    );
    expect(state()).to.deep.equal([...others, 'checkout-staging Healthy Synced', 'search-staging Healthy Synced']);
    await list(running);
    await until(() => running.world.get('checkout-staging').health.status === 'Degraded');
    expect(state()).to.deep.equal([...others, 'checkout-staging Degraded Synced', 'search-staging Healthy Synced']);
    const path = `${running.urls.kubernetes}/apis/apps/v1/namespaces/checkout-staging/deployments/checkout`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${running.credentials.kubernetesToken}` } });
    expect(valueAt(await answer.json(), 'status')).to.include({ availableReplicas: 3, replicas: 5 });
    expect(await running.unmetExpectations()).to.have.length(5);
  }).timeout(15_000);

  it('writes credentials that only their owner may read, and a configuration that names them', async () => {
    const running = await start({ operator: { prometheus: null, limits: { openAttempts: 1 } } });
    const files = await writeCredentialFiles(running, join(directory, 'credentials'));
    for (const file of Object.values(files)) expect((await stat(file)).mode & 0o777).to.equal(0o600);
    const config = operatorConfiguration(running, files, directory);
    expect(config).to.not.have.property('prometheus');
    expect(config).to.deep.include({
      limits: { openAttempts: 1 },
      argocd: { url: running.urls.argocd, tokenFile: files.argocdToken },
    });
    const file = join(directory, 'operator.yaml');
    await writeFile(file, stringify(config));
    expect(loadConfig({ file, env: {} }).config.limits.openAttempts).to.equal(1);
    expect(config['timing']).to.include({ HEALTH_CHECK_INTERVAL: '50ms', DEGRADATION_PERSISTENCE_CHECKS: 3 });
  });
});
