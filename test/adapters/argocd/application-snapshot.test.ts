import { expect } from 'chai';
import type { ApplicationSnapshot } from '../../../src/model/application.js';
import { failureOf } from '../../support/failure.js';
import { application, sampleApplication, startArgoCd, type ArgoCdFixture } from './argocd-fixture.js';

const BAD = `63394a${'4a'.repeat(17)}`;
const at = (time: string): number => Date.parse(time);

describe('the snapshot of one application (ArgoCdHttpApi.getApplicationHealth)', () => {
  let fixture: ArgoCdFixture;
  before(async () => {
    fixture = await startArgoCd();
  });
  after(() => fixture.close());

  const snapshot = (wire: unknown, project?: string): Promise<ApplicationSnapshot> => {
    fixture.server.answer = () => ({ json: wire });
    const { namespace, name } = (wire as { readonly metadata: { readonly namespace: string; readonly name: string } })
      .metadata;
    return fixture.argocd.getApplicationHealth(`${namespace}/${name}`, project, fixture.signal);
  };
  const deployedBy = async (operationState: unknown, history: unknown = []): Promise<ApplicationSnapshot['deployed']> =>
    (await snapshot(application({ operationState, history }))).deployed;

  it('asks for the application in its namespace and names the project', async () => {
    await snapshot(application(), 'staging');
    const request = fixture.server.requests.at(-1);
    expect([request?.path, request?.query.toString(), request?.headers.authorization]).to.deep.equal([
      '/api/v1/applications/shop',
      'appNamespace=argocd&project=staging',
      'Bearer t.o.k',
    ]);
  });

  it('does not believe an answer about another application', async () => {
    fixture.server.answer = () => ({ json: application() });
    const failure = failureOf(fixture.argocd.getApplicationHealth('argocd/other', undefined, fixture.signal));
    expect(await failure).to.equal('ARGOCD_MALFORMED terminal');
  });

  it('reads a kustomize application: deployed state from the last sync, times, automation, resources without health', async function () {
    const sample = sampleApplication('kustomize') ?? this.skip();
    const { history, resources, deployed, operation, ...rest } = await snapshot(sample);
    expect(rest).to.deep.equal({
      application: 'argocd/payments-api-staging',
      project: 'staging',
      destination: { server: 'https://kubernetes.default.svc', namespace: 'payments' },
      labels: { environment: 'staging', team: 'payments' },
      annotations: { 'acme.io/owner': 'team-payments', 'argocd.argoproj.io/manifest-generate-paths': '.;../../base' },
      deleting: false,
      ownedByApplicationSet: false,
      shape: 'single',
      sources: [
        {
          repoURL: 'https://github.com/acme/gitops.git',
          path: 'apps/payments-api/overlays/staging',
          targetRevision: 'main',
          kustomize: { namePrefix: 'stg-' },
        },
      ],
      sourceType: 'Kustomize',
      automated: { enabled: true, prune: true, selfHeal: true },
      health: 'Degraded',
      healthChangedAt: at('2026-08-19T09:10:07Z'),
      reconciledAt: at('2026-08-19T09:11:40Z'),
      syncStatus: 'Synced',
      syncRevisions: [BAD],
      operationRunning: false,
      conditions: [],
    });
    expect(deployed).to.deep.equal({
      revisions: [BAD],
      sources: rest.sources,
      startedAt: at('2026-08-19T09:00:00Z'),
      finishedAt: at('2026-08-19T09:00:04Z'),
    });
    expect(operation).to.include({ phase: 'Succeeded', revision: BAD, retryCount: 0 });
    expect([history.length, history.at(-1)?.revisions]).to.deep.equal([10, [BAD]]);
    expect(resources.find((r) => r.name === 'stg-payments-api' && r.kind === 'Deployment')).to.deep.equal({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'payments',
      name: 'stg-payments-api',
      syncStatus: 'Synced',
      hook: false,
      requiresPruning: false,
    });
  });

  it('reads an application with several sources: one revision for each, settings kept whole', async function () {
    const sample = sampleApplication('multisource') ?? this.skip();
    const s = await snapshot(sample);
    expect([s.shape, s.ownedByApplicationSet, s.destination, s.automated.prune]).to.deep.equal([
      'multiple',
      true,
      { name: 'staging-eu-1', namespace: 'ledger' },
      false,
    ]);
    expect(s.sources.map((x) => [x.chart, x.ref, x.path])).to.deep.equal([
      ['ledger', undefined, undefined],
      [undefined, 'values', undefined],
      [undefined, undefined, 'apps/ledger/extras'],
    ]);
    expect(s.syncRevisions).to.deep.equal(['4.7.2', BAD, BAD]);
    expect(s.deployed?.revisions).to.deep.equal(['4.7.2', BAD, BAD]);
    expect(s.history[0]?.sources).to.deep.equal(s.sources);
  });

  it('reads a hydrated application: the dry source and the hydrated branch are both its sources', async function () {
    const sample = sampleApplication('hydrator') ?? this.skip();
    const s = await snapshot(sample);
    expect([s.shape, s.sources.map((x) => [x.repoURL, x.path, x.targetRevision])]).to.deep.equal([
      'hydrator',
      [
        ['https://github.com/acme/gitops.git', 'charts/search', 'main'],
        ['https://github.com/acme/gitops.git', 'search', 'env/prod'],
      ],
    ]);
  });

  it('takes what a failed sync brought out as deployed, though the history does not know it', async () => {
    const deployed = await deployedBy(
      {
        phase: 'Failed',
        operation: { sync: {} },
        syncResult: { revision: 'bad', source: { repoURL: 'r' }, resources: [{ kind: 'Deployment' }] },
      },
      [{ id: 1, revision: 'good', deployedAt: '2026-01-01T00:00:00Z' }],
    );
    expect(deployed?.revisions).to.deep.equal(['bad']);
  });

  it('takes the newest history entry after a dry run, and where no sync is known', async () => {
    const history = [
      { id: 1, revision: 'old', deployedAt: '2026-01-01T00:00:00Z' },
      { id: 2, revision: 'new', source: { repoURL: 'r' }, deployedAt: '2026-01-02T00:00:00Z' },
    ];
    const expected = { revisions: ['new'], sources: [{ repoURL: 'r' }], finishedAt: at('2026-01-02T00:00:00Z') };
    expect(
      await deployedBy(
        { phase: 'Succeeded', operation: { sync: { dryRun: true } }, syncResult: { revision: 'tried' } },
        history,
      ),
    ).to.deep.equal(expected);
    expect(await deployedBy(null, history)).to.deep.equal(expected);
  });

  it('does not guess what is deployed when a sync brought its own manifests, resolved no revision, or failed before it applied', async () => {
    const history = [{ id: 1, revision: 'old', deployedAt: '2026-01-01T00:00:00Z' }];
    const resources = [{ kind: 'Deployment' }];
    expect(
      await deployedBy(
        { phase: 'Succeeded', operation: { sync: { manifests: ['{}'] } }, syncResult: { revision: 'x', resources } },
        history,
      ),
    ).to.equal(undefined);
    expect(
      await deployedBy(
        { phase: 'Succeeded', operation: { sync: {} }, syncResult: { revision: '', resources } },
        history,
      ),
    ).to.equal(undefined);
    expect(
      await deployedBy({ phase: 'Error', operation: { sync: {} }, syncResult: { revision: 'x' } }, history),
    ).to.equal(undefined);
    expect(await deployedBy(null, [])).to.equal(undefined);
  });

  it('sees an operation as running while it is requested, runs, ends, or waits for its retry', async () => {
    const running = async (wire: unknown): Promise<boolean> => (await snapshot(wire)).operationRunning;
    const phase = (operationState: unknown): Record<string, unknown> => application({ operationState });
    expect(await running({ ...application(), operation: {} })).to.equal(true);
    expect(await running(phase({ phase: 'Running' }))).to.equal(true);
    expect(await running(phase({ phase: 'Running', finishedAt: '2026-01-01T00:00:00Z', retryCount: 2 }))).to.equal(
      true,
    );
    expect(await running(phase({ phase: 'Terminating' }))).to.equal(true);
    expect(await running(phase({ phase: 'Failed', finishedAt: '2026-01-01T00:00:00Z' }))).to.equal(false);
  });

  it('counts automation as on only when it is there and not switched off', async () => {
    const enabled = async (syncPolicy: unknown): Promise<boolean> =>
      (await snapshot(application({}, { syncPolicy }))).automated.enabled;
    expect(await enabled({ automated: {} })).to.equal(true);
    expect(await enabled({ automated: { enabled: true } })).to.equal(true);
    expect(await enabled({ automated: { enabled: false, prune: true } })).to.equal(false);
    expect(await enabled({})).to.equal(false);
    expect(await enabled(undefined)).to.equal(false);
  });

  it('leaves the health of a resource unknown unless Argo CD says it, and keeps hooks and pruning apart', async () => {
    const { resources } = await snapshot(
      application({
        resources: [
          {
            group: 'apps',
            version: 'v1',
            kind: 'Deployment',
            namespace: 'shop',
            name: 'a',
            health: { status: 'Degraded' },
          },
          { version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'b', health: {}, requiresPruning: true },
          {
            group: 'batch',
            version: 'v1',
            kind: 'Job',
            namespace: 'shop',
            name: 'c',
            hook: true,
            health: { status: 'Baffled' },
          },
        ],
      }),
    );
    expect(resources.map((r) => [r.health, r.hook, r.requiresPruning])).to.deep.equal([
      ['Degraded', false, false],
      [undefined, false, true],
      ['Unknown', true, false],
    ]);
  });

  it('reads an application that has no status yet as Unknown, and an unknown word too', async () => {
    const bare = await snapshot({
      metadata: { name: 'shop', namespace: 'argocd', deletionTimestamp: '2026-01-01T00:00:00Z' },
      spec: {},
    });
    expect([bare.health, bare.syncStatus, bare.project, bare.deleting, bare.sources, bare.deployed]).to.deep.equal([
      'Unknown',
      'Unknown',
      'default',
      true,
      [],
      undefined,
    ]);
    expect((await snapshot(application({ health: { status: 'Splendid' } }))).health).to.equal('Unknown');
  });

  it('takes a source without a repository, which Argo CD writes beside several, for none', async () => {
    expect((await snapshot(application({}, { source: { repoURL: '' } }))).sources).to.deep.equal([]);
  });
});
