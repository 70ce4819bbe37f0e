import { expect } from 'chai';
import { GitRepository, link } from './git-repository.js';
import { closureAt, expectClosure, expectRefusal, pathsOf } from './closure-fixture.js';

describe('closure of a plain directory', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });

  const FILES = {
    'README.md': 'x',
    'apps/web/deployment.yaml': 'a',
    'apps/web/run.sh': { mode: '100755', text: '#!/bin/sh' },
    'apps/web/.argocd-source-web.yaml': '{}',
    'apps/web/jobs/clean.yaml': 'b',
    'apps/website/other.yaml': 'c',
  } as const;

  it('is the files of the directory itself: Argo CD looks no deeper without recurse', async () => {
    const closure = expectClosure(await closureAt(git, git.commit(FILES), { path: 'apps/web' }));
    expect([...closure.files.keys()]).to.deep.equal([
      'apps/web/.argocd-source-web.yaml',
      'apps/web/deployment.yaml',
      'apps/web/run.sh',
    ]);
    expect(closure).to.include({ shape: 'directory', path: 'apps/web' });
    expect(closure.files.get('apps/web/run.sh')?.mode).to.equal('100755');
  });

  it('is the whole subtree with recurse, and never a neighbour with a longer name', async () => {
    const result = await closureAt(git, git.commit(FILES), { path: './apps//web/', directory: { recurse: true } });
    expect(pathsOf(result)).to.deep.equal([
      'apps/web/.argocd-source-web.yaml',
      'apps/web/deployment.yaml',
      'apps/web/jobs/clean.yaml',
      'apps/web/run.sh',
    ]);
  });

  it('heeds recurse set by .argocd-source.yaml in the repository', async () => {
    const content = git.commit({ ...FILES, 'apps/web/.argocd-source.yaml': 'directory: {recurse: true}' });
    expect(pathsOf(await closureAt(git, content, { path: 'apps/web' }))).to.include('apps/web/jobs/clean.yaml');
  });

  it('stays what it is when .argocd-source.yaml tries to move the source or to pose as a refusal', async () => {
    const text = 'path: apps/website\nrepoURL: https://github.com/evil/x\nkind: refusal\n';
    const content = git.commit({ ...FILES, 'apps/web/.argocd-source.yaml': text });
    const closure = expectClosure(await closureAt(git, content, { path: 'apps/web' }));
    expect([...closure.files.keys()].every((p) => p.startsWith('apps/web/'))).to.equal(true);
  });

  it('follows symbolic links: the link, links behind it and the target count', async () => {
    const content = git.commit({
      'apps/web/deployment.yaml': link('../../shared/current.yaml'),
      'shared/current.yaml': link('v2.yaml'),
      'shared/v2.yaml': 'x',
      'shared/v1.yaml': 'y',
    });
    expect(pathsOf(await closureAt(git, content, { path: 'apps/web' }))).to.deep.equal([
      'apps/web/deployment.yaml',
      'shared/current.yaml',
      'shared/v2.yaml',
    ]);
  });

  it('is found when the path itself leads over a link', async () => {
    const content = git.commit({ 'apps/web': link('../v2/web'), 'v2/web/a.yaml': 'x' });
    const closure = expectClosure(await closureAt(git, content, { path: 'apps/web' }));
    expect([...closure.files.keys()]).to.deep.equal(['apps/web', 'v2/web/a.yaml']);
    expect(closure.path).to.equal('v2/web');
  });

  it('keeps a link to a directory above as a link, instead of swallowing the repository', async () => {
    const content = git.commit({ 'apps/web/a.yaml': 'x', 'apps/web/up': link('../..'), 'b.yaml': 'y' });
    expect(pathsOf(await closureAt(git, content, { path: 'apps/web' }))).to.deep.equal([
      'apps/web/a.yaml',
      'apps/web/up',
    ]);
  });

  for (const [claim, target] of [
    ['climbs out of the repository', '../../../etc/passwd'],
    ['is absolute', '/etc/passwd'],
  ] as const) {
    it(`is refused when a link ${claim}`, async () => {
      const content = git.commit({ 'apps/web/a.yaml': link(target) });
      expectRefusal(await closureAt(git, content, { path: 'apps/web' }), 'leaves-repository', /a\.yaml/);
    });
  }

  it('is refused when links run in a circle', async () => {
    const content = git.commit({ 'apps/web/a': link('b'), 'apps/web/b': link('a') });
    expectRefusal(await closureAt(git, content, { path: 'apps/web' }), 'closure-not-computable', /links/);
  });

  it('adds the files of manifest-generate-paths: directories, files, patterns, from the root or the path', async () => {
    const content = git.commit({
      'apps/web/a.yaml': '1',
      'apps/common/b.yaml': '2',
      'shared/c.yaml': '3',
      'shared/d.json': '4',
      'lib/e.yaml': '5',
      'lib/deep/f.yaml': '6',
    });
    const annotations = {
      'argocd.argoproj.io/manifest-generate-paths': '. ; ../common;/shared/*.yaml;/lib/e.yaml;../../../outside;',
    };
    const closure = expectClosure(await closureAt(git, content, { path: 'apps/web' }, { annotations }));
    expect([...closure.files.keys()]).to.deep.equal([
      'apps/common/b.yaml',
      'apps/web/a.yaml',
      'lib/e.yaml',
      'shared/c.yaml',
    ]);
    expect(closure.generatePaths).to.deep.equal(['apps/web', 'apps/common', 'shared/*.yaml', 'lib/e.yaml']);
  });

  it('does not grow to the whole repository because manifest-generate-paths names the root', async () => {
    const annotations = { 'argocd.argoproj.io/manifest-generate-paths': '/' };
    const closure = expectClosure(await closureAt(git, git.commit(FILES), { path: 'apps/website' }, { annotations }));
    expect([...closure.files.keys()]).to.deep.equal(['apps/website/other.yaml']);
    expect(closure.generatePaths).to.deep.equal(['']);
  });
});

describe('closure of another shape is refused by name', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });
  const PLAIN = { 'apps/web/a.yaml': 'x' };
  const path = 'apps/web';

  const cases = [
    ['a helm block', PLAIN, { path, helm: { valueFiles: ['a.yaml'] } }, {}, 'helm-source'],
    ['a Chart.yaml in the directory', { ...PLAIN, 'apps/web/Chart.yaml': 'x' }, { path }, {}, 'helm-source'],
    ['what Argo CD calls Helm', PLAIN, { path }, { sourceType: 'Helm' }, 'helm-source'],
    [
      'helm settings from the repository',
      { ...PLAIN, 'apps/web/.argocd-source.yaml': 'helm: {values: x}' },
      { path },
      {},
      'helm-source',
    ],
    ['a plugin block', PLAIN, { path, plugin: { name: 'cue' } }, {}, 'plugin-source'],
    ['an empty plugin block', PLAIN, { path, plugin: {} }, {}, 'plugin-source'],
    ['what Argo CD calls a plugin', PLAIN, { path }, { sourceType: 'Plugin' }, 'plugin-source'],
    ['a chart from a Helm repository', PLAIN, { chart: 'redis' }, {}, 'chart-version'],
    ['an OCI artifact', PLAIN, { repoURL: 'oci://ghcr.io/acme/app', path: '.' }, {}, 'oci-source'],
    ['the source hydrator', PLAIN, { path }, { shape: 'hydrator' }, 'hydrator'],
    ['several sources', PLAIN, { path }, { shape: 'multiple' }, 'several-sources'],
    ['no source at all', PLAIN, { path }, { sources: [] }, 'closure-not-computable'],
    [
      'two typed blocks',
      PLAIN,
      { path, kustomize: { namePrefix: 'a' }, helm: { values: 'x' } },
      {},
      'closure-not-computable',
    ],
    ['a jsonnet file', { ...PLAIN, 'apps/web/x.jsonnet': 'x' }, { path }, {}, 'jsonnet-source'],
    ['jsonnet settings', PLAIN, { path, directory: { jsonnet: { libs: ['vendor'] } } }, {}, 'jsonnet-source'],
    ['a path that is not there', PLAIN, { path: 'apps/gone' }, {}, 'path-missing'],
    ['a path that is a file', PLAIN, { path: 'apps/web/a.yaml' }, {}, 'path-missing'],
    ['a path that climbs out', PLAIN, { path: '../other' }, {}, 'leaves-repository'],
    [
      'a path inside a submodule',
      { vendor: { mode: '160000', text: '1'.repeat(40) } },
      { path: 'vendor/x' },
      {},
      'inside-submodule',
    ],
    [
      'an override file that is no YAML',
      { ...PLAIN, 'apps/web/.argocd-source.yaml': 'a: [' },
      { path },
      {},
      'unreadable-yaml',
    ],
  ] as const;
  for (const [claim, files, source, request, code] of cases) {
    it(`${claim}: ${code}`, async () => {
      expectRefusal(await closureAt(git, git.commit(files), source, request), code);
    });
  }

  it('is not refused for the empty blocks that Argo CD itself writes', async () => {
    const source = { path, directory: { recurse: false, jsonnet: {} }, helm: {}, kustomize: {} };
    expect(pathsOf(await closureAt(git, git.commit(PLAIN), source, { sourceType: 'Directory' }))).to.have.length(1);
  });
});
