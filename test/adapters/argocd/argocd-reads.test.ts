import { expect } from 'chai';
import type { ResourceStatus } from '../../../src/model/application.js';
import type { ApplicationSyncStatus } from '../../../src/ports/argocd.js';
import { failureOf } from '../../support/failure.js';
import { application, gatewayError, startArgoCd, type ArgoCdFixture } from './argocd-fixture.js';

const APP = 'team-a/shop';
const DEPLOYMENT: ResourceStatus = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  hook: false,
  requiresPruning: false,
};

describe('reading around one application', () => {
  let fixture: ArgoCdFixture;
  beforeEach(async () => {
    fixture = await startArgoCd();
  });
  afterEach(() => fixture.close());

  describe('sync windows', () => {
    const allow = { kind: 'allow', schedule: '0 8 * * *', duration: '9h' };
    const deny = { kind: 'deny', schedule: '0 22 * * *', duration: '8h' };
    const windows = (activeWindows?: unknown, assignedWindows?: unknown): Promise<ApplicationSyncStatus> => {
      fixture.server.answer = () => ({ json: { activeWindows, assignedWindows, canSync: true } });
      return fixture.argocd.getApplicationSyncStatus(APP, fixture.signal);
    };
    it('none: open', async () => {
      expect(await windows()).to.deep.equal({ windowOpen: true, windows: 'no sync windows' });
    });
    it('an active deny bars, also beside an active allow and whatever people may do by hand', async () => {
      expect(await windows([allow, deny], [allow, deny])).to.deep.equal({
        windowOpen: false,
        windows: 'allow 0 8 * * * for 9h (active); deny 0 22 * * * for 8h (active)',
      });
    });
    it('an allow that is not active bars', async () => {
      expect(await windows([], [allow])).to.deep.equal({
        windowOpen: false,
        windows: 'allow 0 8 * * * for 9h (not active)',
      });
    });
    it('an active allow, or only a sleeping deny, is open', async () => {
      expect((await windows([allow], [allow, deny])).windowOpen).to.equal(true);
      expect((await windows([], [deny])).windowOpen).to.equal(true);
    });
  });

  describe('rendering', () => {
    const multiple = application({}, { source: undefined, sources: [{ repoURL: 'a', chart: 'x' }, { repoURL: 'b' }] });
    const serve = (app: unknown, manifests: unknown): void => {
      fixture.server.answer = ({ path }) => ({ json: path.endsWith('/manifests') ? { manifests } : app });
    };
    it('gives equal arrays for equal manifests, whatever their order and the order of their keys', async () => {
      serve(application(), ['{"kind":"B","a":{"y":1,"x":2}}', '{"kind":"A"}']);
      const one = await fixture.argocd.renderManifests(APP, 'abc', fixture.signal);
      serve(application(), ['{"kind": "A"}', '{"a":{"x":2,"y":1},"kind":"B"}']);
      expect(await fixture.argocd.renderManifests(APP, 'abc', fixture.signal)).to.deep.equal(one);
      expect(one).to.deep.equal(['{"a":{"x":2,"y":1},"kind":"B"}', '{"kind":"A"}']);
      expect(fixture.server.requests[1]?.query.toString()).to.equal('appNamespace=team-a&revision=abc');
    });
    it('gives several sources their revisions by position', async () => {
      serve(multiple, []);
      await fixture.argocd.renderManifests(APP, [{ position: 2, revision: 'abc' }], fixture.signal);
      expect(fixture.server.requests[1]?.query.toString()).to.equal(
        'appNamespace=team-a&sourcePositions=2&revisions=abc',
      );
    });
    it('refuses a revision that Argo CD would ignore: both renderings would be the branch, and equal', async () => {
      serve(multiple, []);
      expect(await failureOf(fixture.argocd.renderManifests(APP, 'abc', fixture.signal))).to.equal(
        'ARGOCD_RENDER_FAILED terminal',
      );
      expect(
        await failureOf(fixture.argocd.renderManifests(APP, [{ position: 3, revision: 'abc' }], fixture.signal)),
      ).to.equal('ARGOCD_RENDER_FAILED terminal');
      serve(application(), []);
      expect(
        await failureOf(fixture.argocd.renderManifests(APP, [{ position: 2, revision: 'abc' }], fixture.signal)),
      ).to.equal('ARGOCD_RENDER_FAILED terminal');
      expect(fixture.server.calls.filter((c) => c.endsWith('/manifests'))).to.deep.equal([]);
    });
    it('calls what the renderer refuses a failed rendering, and what does not answer transient', async () => {
      const failing = async (status: number, code: number, message: string): Promise<unknown> => {
        fixture.server.requests.length = 0;
        fixture.server.answer = ({ path }) =>
          path.endsWith('/manifests') ? gatewayError(status, code, message) : { json: application() };
        const failure = await failureOf(fixture.argocd.renderManifests(APP, 'abc', fixture.signal));
        return [failure, fixture.server.calls.filter((c) => c.endsWith('/manifests')).length];
      };
      const refused = ['ARGOCD_RENDER_FAILED terminal', 1];
      expect(
        await failing(500, 2, 'failed to generate manifest for source 1 of 1: rpc error: kustomize build failed'),
      ).to.deep.equal(refused);
      expect(await failing(500, 2, 'error generating manifests: no such path')).to.deep.equal(refused);
      expect(await failing(500, 2, 'Manifest generation error (cached)')).to.deep.equal(refused);
      expect(await failing(400, 3, 'bad revision')).to.deep.equal(refused);
      expect(await failing(500, 2, 'error getting settings')).to.deep.equal(['ARGOCD_UNREACHABLE transient', 3]);
      expect(await failing(503, 14, 'error generating manifests: connection refused')).to.deep.equal([
        'ARGOCD_UNREACHABLE transient',
        3,
      ]);
      expect(await failing(403, 7, 'permission denied')).to.deep.equal(['ARGOCD_DENIED denied', 1]);
    });
  });

  describe('a live resource', () => {
    it('is parsed from the string it comes in', async () => {
      fixture.server.answer = () => ({ json: { manifest: '{"kind":"Deployment","spec":{"replicas":3}}' } });
      expect(await fixture.argocd.getLiveResource(APP, DEPLOYMENT, fixture.signal)).to.deep.equal({
        kind: 'Deployment',
        spec: { replicas: 3 },
      });
      expect(fixture.server.requests[0]?.query.toString()).to.equal(
        'appNamespace=team-a&namespace=shop&resourceName=web&version=v1&group=apps&kind=Deployment',
      );
    });
    it('that is gone is not an application that is gone', async () => {
      fixture.server.answer = () => gatewayError(404, 5, 'deployments.apps "web" not found');
      expect(await failureOf(fixture.argocd.getLiveResource(APP, DEPLOYMENT, fixture.signal))).to.equal(
        'ARGOCD_RESOURCE_NOT_FOUND terminal',
      );
    });
    it('that is not part of the application is refused', async () => {
      fixture.server.answer = () => gatewayError(400, 3, 'Deployment apps web not found as part of application shop');
      expect(await failureOf(fixture.argocd.getLiveResource(APP, DEPLOYMENT, fixture.signal))).to.equal(
        'ARGOCD_INVALID terminal',
      );
    });
    it('that is no JSON object cannot be read', async () => {
      for (const manifest of ['null', '[]', 'kind: Deployment']) {
        fixture.server.answer = () => ({ json: { manifest } });
        expect(await failureOf(fixture.argocd.getLiveResource(APP, DEPLOYMENT, fixture.signal))).to.equal(
          'ARGOCD_MALFORMED terminal',
        );
      }
    });
  });

  describe('a refresh', () => {
    const refresh = (): Promise<string> => failureOf(fixture.argocd.refresh(APP, fixture.signal));
    it('asks for a normal one', async () => {
      fixture.server.answer = () => ({ json: application() });
      expect(await refresh()).to.equal('nothing was thrown');
      expect(fixture.server.requests[0]?.query.toString()).to.equal('appNamespace=team-a&refresh=normal');
    });
    it('is asked for once and not waited for beyond its own deadline', async () => {
      const impatient = await startArgoCd({ refreshWaitMs: 50 });
      impatient.server.answer = () => 'hang';
      expect(await failureOf(impatient.argocd.refresh(APP, impatient.signal))).to.equal('nothing was thrown');
      expect(impatient.server.calls).to.deep.equal(['GET /api/v1/applications/shop']);
      await impatient.close();
    });
    it('that Argo CD itself stops waiting for is no failure', async () => {
      fixture.server.answer = () => gatewayError(500, 2, 'application refresh deadline exceeded');
      expect(await refresh()).to.equal('nothing was thrown');
    });
    it('that was refused, or never reached Argo CD, is a failure', async () => {
      fixture.server.answer = () => gatewayError(403, 7, 'permission denied');
      expect(await refresh()).to.equal('ARGOCD_DENIED denied');
      fixture.server.answer = () => gatewayError(500, 13, 'etcdserver: no leader');
      expect(await refresh()).to.equal('ARGOCD_UNREACHABLE transient');
      await fixture.server.close();
      expect(await refresh()).to.equal('ARGOCD_UNREACHABLE transient');
    });
  });

  it('says who it is for Argo CD, and that an expired token only browses', async () => {
    fixture.server.answer = ({ path }) => ({
      json:
        path === '/api/version'
          ? { Version: 'v3.5.1+109ca7c' }
          : { loggedIn: true, username: 'ai-operator', iss: 'argocd' },
    });
    expect(await fixture.argocd.identity(fixture.signal)).to.deep.equal({
      loggedIn: true,
      username: 'ai-operator',
      version: 'v3.5.1+109ca7c',
    });
    fixture.server.answer = ({ path }) => ({ json: path === '/api/version' ? { Version: 'v3.5.1' } : {} });
    expect(await fixture.argocd.identity(fixture.signal)).to.deep.equal({
      loggedIn: false,
      username: '',
      version: 'v3.5.1',
    });
  });

  it('asks what it may do with the applications of a project; only "yes" is yes', async () => {
    fixture.server.answer = ({ path }) => ({ json: { value: path.includes('/get/') ? 'yes' : 'no' } });
    expect(await fixture.argocd.canI('get', 'staging', fixture.signal)).to.equal(true);
    expect(await fixture.argocd.canI('sync', 'staging', fixture.signal)).to.equal(false);
    expect(fixture.server.calls[0]).to.equal('GET /api/v1/account/can-i/applications/get/staging%2F*');
  });

  it('keeps the path prefix of an Argo CD below one', async () => {
    const below = await startArgoCd({ url: `${fixture.server.url}/argo` });
    fixture.server.answer = () => ({ json: { items: [] } });
    await below.argocd.listFleet(below.signal);
    await below.close();
    expect(fixture.server.calls).to.deep.equal(['GET /argo/api/v1/applications']);
  });
});
