import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import type { Answer, SeenRequest } from '../../support/local-http.js';
import { application, gatewayError, startArgoCd, type ArgoCdFixture } from './argocd-fixture.js';

type Json = Record<string, unknown>;
const app = (name: string, project: string): Json => application({}, { project }, { name });

/** Answers a list as Argo CD does: by project, and too large as a whole. */
function tooLargeAsAWhole(apps: readonly Json[], tooLarge: Answer, projects: Answer): (request: SeenRequest) => Answer {
  return ({ path, query }) => {
    if (path === '/api/v1/projects') return projects;
    const wanted = query.getAll('projects');
    if (wanted.length === 0) return tooLarge;
    return { json: { items: apps.filter((a) => wanted.includes(String((a['spec'] as Json)['project']))) } };
  };
}
const TOO_LARGE = gatewayError(429, 8, 'grpc: trying to send message larger than max (209715201 vs. 209715200)');

describe('listing the fleet (ArgoCdHttpApi.listFleet, listSources)', () => {
  let fixture: ArgoCdFixture;
  beforeEach(async () => {
    fixture = await startArgoCd({ maxListBytes: 20_000 });
  });
  afterEach(() => fixture.close());
  const names = async (): Promise<readonly string[]> =>
    (await fixture.argocd.listFleet(fixture.signal)).map((e) => e.application);

  it('reads every application with one call that asks only for the fields it needs', async () => {
    fixture.server.answer = () => ({
      json: {
        items: [
          application({
            health: { status: 'Degraded', lastTransitionTime: '2026-08-19T09:10:07Z' },
            operationState: { phase: 'Running', finishedAt: null },
          }),
        ],
      },
    });
    expect(await fixture.argocd.listFleet(fixture.signal)).to.deep.equal([
      {
        application: 'argocd/shop',
        project: 'staging',
        destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
        health: 'Degraded',
        healthChangedAt: Date.parse('2026-08-19T09:10:07Z'),
        syncStatus: 'Synced',
        syncRevision: 'a'.repeat(40),
        operationPhase: 'Running',
      },
    ]);
    const fields = fixture.server.requests[0]?.query.get('fields')?.split(',') ?? [];
    expect(fields).to.include.members(['items.metadata.name', 'items.spec.project', 'items.status.health']);
    expect(fixture.server.requests).to.have.length(1);
  });

  it('never asks for the whole spec and a part of it in one call, which Argo CD fails at random', async () => {
    fixture.server.answer = () => ({ json: { items: [application()] } });
    await fixture.argocd.listFleet(fixture.signal);
    await fixture.argocd.listSources(fixture.signal);
    const asked = fixture.server.requests.map((r) => r.query.get('fields')?.split(',') ?? []);
    for (const fields of asked)
      expect(fields.includes('items.spec') && fields.some((f) => f.startsWith('items.spec.'))).to.equal(false);
    expect(asked).to.have.length(2);
  });

  it('asks an older Argo CD, which drops the parts of a spec silently, for the whole spec, and remembers it', async () => {
    fixture.server.answer = ({ query }) => {
      const { spec, ...rest } = application();
      return { json: { items: [query.get('fields')?.split(',').includes('items.spec') ? { ...rest, spec } : rest] } };
    };
    expect((await fixture.argocd.listFleet(fixture.signal)).map((e) => e.project)).to.deep.equal(['staging']);
    await fixture.argocd.listFleet(fixture.signal);
    expect(fixture.server.requests).to.have.length(3);
  });

  it('reads "items: null" as no application', async () => {
    fixture.server.answer = () => ({ json: { items: null, metadata: {} } });
    expect(await names()).to.deep.equal([]);
  });

  it('lists sources with their settings, annotations and shape', async () => {
    fixture.server.answer = () => ({
      json: {
        items: [
          application(
            {},
            {
              source: { repoURL: '' },
              sources: [
                { repoURL: 'r', ref: 'values' },
                { repoURL: 'c', chart: 'x', helm: { values: 'a: 1' } },
              ],
            },
            { annotations: { a: 'b' } },
          ),
        ],
      },
    });
    const [entry] = await fixture.argocd.listSources(fixture.signal);
    expect([entry?.shape, entry?.annotations, entry?.sources]).to.deep.equal([
      'multiple',
      { a: 'b' },
      [
        { repoURL: 'r', ref: 'values' },
        { repoURL: 'c', chart: 'x', helm: { values: 'a: 1' } },
      ],
    ]);
  });

  it('lists project by project once gRPC calls the whole list too large, and goes on so', async () => {
    const projects = { json: { items: [{ metadata: { name: 'b' } }, { metadata: { name: 'a' } }] } };
    fixture.server.answer = tooLargeAsAWhole([app('one', 'a'), app('two', 'b')], TOO_LARGE, projects);
    expect(await names()).to.deep.equal(['argocd/one', 'argocd/two']);
    fixture.server.requests.length = 0;
    expect(await names()).to.deep.equal(['argocd/one', 'argocd/two']);
    expect(fixture.server.requests.map((r) => r.query.get('projects'))).to.deep.equal([null, 'a', 'b']);
    expect(fixture.server.calls[0]).to.equal('GET /api/v1/projects');
  });

  it('lists project by project once the answer is larger than its cap', async () => {
    const huge = { json: { items: [application({}, {}, { annotations: { big: 'x'.repeat(30_000) } })] } };
    fixture.server.answer = tooLargeAsAWhole([app('one', 'a')], huge, {
      json: { items: [{ metadata: { name: 'a' } }] },
    });
    expect(await names()).to.deep.equal(['argocd/one']);
  });

  it('falls back on the projects it has seen where it may not list projects', async () => {
    fixture.server.answer = () => ({ json: { items: [app('one', 'a'), app('two', 'b')] } });
    await names();
    fixture.server.answer = tooLargeAsAWhole(
      [app('one', 'a'), app('two', 'b')],
      TOO_LARGE,
      gatewayError(403, 7, 'permission denied'),
    );
    expect(await names()).to.deep.equal(['argocd/one', 'argocd/two']);
  });

  it('says what to grant when the list is too large and no project is known', async () => {
    fixture.server.answer = tooLargeAsAWhole([], TOO_LARGE, { json: { items: null } });
    expect(await failureOf(fixture.argocd.listFleet(fixture.signal))).to.equal('ARGOCD_TOO_LARGE config');
  });

  it('gives no part of the fleet when one project cannot be listed: what is missing would look gone', async () => {
    fixture.server.answer = ({ path, query }) => {
      if (path === '/api/v1/projects')
        return { json: { items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] } };
      const [project] = query.getAll('projects');
      if (project === undefined) return TOO_LARGE;
      return project === 'a' ? { json: { items: [app('one', 'a')] } } : gatewayError(503, 14, 'unavailable');
    };
    expect(await failureOf(fixture.argocd.listFleet(fixture.signal))).to.equal('ARGOCD_UNREACHABLE transient');
  });

  it('does not repeat a failed list: the next period does', async () => {
    fixture.server.answer = () => gatewayError(503, 14, 'unavailable');
    expect(await failureOf(fixture.argocd.listFleet(fixture.signal))).to.equal('ARGOCD_UNREACHABLE transient');
    expect(fixture.server.requests).to.have.length(1);
  });

  it('keeps to the whole list when a proxy merely limits the rate', async () => {
    fixture.server.answer = () => ({ status: 429, text: 'slow down', headers: { 'retry-after': '7' } });
    expect(await failureOf(fixture.argocd.listFleet(fixture.signal))).to.equal('ARGOCD_RATE_LIMITED transient');
    fixture.server.answer = () => ({ json: { items: [app('one', 'a')] } });
    expect(await names()).to.deep.equal(['argocd/one']);
  });
});
