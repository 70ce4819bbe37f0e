import { expect } from 'chai';
import type { FleetSource } from '../../src/model/application.js';
import { affectedApplications } from '../../src/gitops/affected-applications.js';
import { REPO_URL } from './closure-fixture.js';
import { GitRepository } from './git-repository.js';

const app = (name: string, source: Record<string, unknown>, more: Partial<FleetSource> = {}): FleetSource => ({
  application: `argocd/${name}`,
  project: 'default',
  destination: {},
  annotations: {},
  sources: [{ repoURL: REPO_URL, targetRevision: 'main', ...source }],
  shape: 'single',
  ...more,
});

describe('other applications of a monorepo', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });

  const FILES = {
    'apps/web/base/kustomization.yaml': 'resources: [d.yaml]',
    'apps/web/base/d.yaml': 'bad',
    'apps/web/overlays/staging/kustomization.yaml': 'resources: [../../base]',
    'apps/web/overlays/staging/new.yaml': 'x',
    'apps/web/overlays/production/kustomization.yaml': 'resources: [../../base]',
    'apps/api/a.yaml': 'x',
    'apps/chart/Chart.yaml': 'x',
    'apps/broken/kustomization.yaml': 'resources: [gone.yaml]',
  };
  const AFTER: Partial<typeof FILES> = { ...FILES, 'apps/web/base/d.yaml': 'good' };
  delete AFTER['apps/web/overlays/staging/new.yaml'];
  const changedPaths = ['apps/web/base/d.yaml', 'apps/web/overlays/staging/new.yaml'];

  async function judge(
    other: FleetSource,
    changed = changedPaths,
    after: Record<string, string> = AFTER,
  ): Promise<string> {
    const answers = await affectedApplications(
      {
        subject: 'argocd/web-staging',
        repoURL: 'git@github.com:ACME/deploy',
        branch: 'main',
        defaultBranch: 'main',
        changedPaths: changed,
        before: git.commit(FILES),
        after: git.commit(after),
        readText: git.readText,
      },
      [app('web-staging', { path: 'apps/web/overlays/staging' }), other],
    );
    expect(answers.map((a) => a.application)).to.deep.equal([other.application]);
    return answers[0]?.affection ?? '';
  }

  const cases: readonly (readonly [string, FleetSource, string])[] = [
    ['shares the base', app('web-production', { path: 'apps/web/overlays/production' }), 'meets'],
    [
      'renders a directory that holds a changed file',
      app('all', { path: 'apps', directory: { recurse: true } }),
      'meets',
    ],
    [
      'is told by manifest-generate-paths to watch a changed file',
      app(
        'api',
        { path: 'apps/api' },
        { annotations: { 'argocd.argoproj.io/manifest-generate-paths': '.;/apps/web/base' } },
      ),
      'meets',
    ],
    ['lives beside it', app('api', { path: 'apps/api' }), 'disjoint'],
    ['renders the directory above without recurse', app('parent', { path: 'apps/web' }), 'disjoint'],
    [
      'follows the default branch by HEAD',
      app('web-production', { path: 'apps/web/overlays/production', targetRevision: 'HEAD' }),
      'meets',
    ],
    [
      'names the branch in full',
      app('web-production', { path: 'apps/web/overlays/production', targetRevision: 'refs/heads/main' }),
      'meets',
    ],
    [
      'follows another branch',
      app('web-old', { path: 'apps/web/overlays/production', targetRevision: 'release' }),
      'disjoint',
    ],
    [
      'is pinned to a commit',
      app('web-pinned', { path: 'apps/web/overlays/production', targetRevision: 'a'.repeat(40) }),
      'disjoint',
    ],
    [
      'lives in another repository',
      app('web', { path: 'apps/web/overlays/production', repoURL: 'https://github.com/acme/other' }),
      'disjoint',
    ],
    ['is a Helm chart', app('chart', { path: 'apps/chart' }), 'unknown'],
    ['cannot be rendered', app('broken', { path: 'apps/broken' }), 'unknown'],
    ['has no directory before or after', app('gone', { path: 'apps/gone' }), 'disjoint'],
    [
      'has several sources, one of them here',
      app(
        'multi',
        {},
        {
          shape: 'multiple',
          sources: [
            { repoURL: 'https://charts.example.com', chart: 'x' },
            { repoURL: REPO_URL, targetRevision: 'main', ref: 'values' },
          ],
        },
      ),
      'unknown',
    ],
    [
      'has several sources, all elsewhere',
      app(
        'multi',
        {},
        {
          shape: 'multiple',
          sources: [
            { repoURL: 'https://charts.example.com', chart: 'x' },
            { repoURL: REPO_URL, targetRevision: 'x', ref: 'v' },
          ],
        },
      ),
      'disjoint',
    ],
    [
      'is hydrated from this repository, on whatever branch',
      app('dry', { targetRevision: 'env/staging' }, { shape: 'hydrator' }),
      'unknown',
    ],
    [
      'is hydrated from another repository',
      app('dry', { repoURL: 'https://github.com/acme/other' }, { shape: 'hydrator' }),
      'disjoint',
    ],
    ['names no source', app('none', {}, { sources: [] }), 'unknown'],
  ];
  for (const [claim, other, expected] of cases) {
    it(`one that ${claim}: ${expected}`, async () => {
      expect(await judge(other)).to.equal(expected);
    });
  }

  it('are met by a file that only the change adds', async () => {
    const after = { ...FILES, 'apps/api/b.yaml': 'x' };
    expect(await judge(app('api', { path: 'apps/api' }), ['apps/api/b.yaml'], after)).to.equal('meets');
  });

  it('are met by a file that only the change takes away', async () => {
    const after: Partial<typeof FILES> = { ...FILES };
    delete after['apps/api/a.yaml'];
    expect(await judge(app('api', { path: 'apps/api' }), ['apps/api/a.yaml'], after)).to.equal('meets');
  });

  it('whose rendering the change would break are unknown, never disjoint', async () => {
    const after = { ...FILES, 'apps/web/base/kustomization.yaml': 'resources: [gone.yaml]' };
    expect(await judge(app('production', { path: 'apps/web/overlays/production' }), ['x'], after)).to.equal('unknown');
  });
});
