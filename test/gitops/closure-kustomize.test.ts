import { expect } from 'chai';
import { type FileSpec, GitRepository, link } from './git-repository.js';
import { closureAt, expectClosure, expectRefusal, pathsOf } from './closure-fixture.js';

const path = 'apps/web/overlays/staging';
const K = `${path}/kustomization.yaml`;

describe('closure of kustomize', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });

  const BASE: Record<string, FileSpec> = {
    'apps/web/base/kustomization.yaml': 'resources: [deployment.yaml, ../../../shared/policy]',
    'apps/web/base/deployment.yaml': 'kind: Deployment',
    'apps/web/base/unused.yaml': 'x',
    'shared/policy/kustomization.yml': 'resources:\n- netpol.yaml\n',
    'shared/policy/netpol.yaml': 'x',
    'components/metrics/Kustomization': 'kind: Component\npatches: [{path: sidecar.yaml}]',
    'components/metrics/sidecar.yaml': 'x',
    'apps/web/overlays/production/kustomization.yaml': 'resources: [../../base]',
  };

  it('is the whole overlay and, recursively, exactly the files its bases and components name', async () => {
    const content = git.commit({
      ...BASE,
      [K]: 'resources: [../../base]\ncomponents: [../../../../components/metrics]\n',
      [`${path}/notes/readme.md`]: 'x',
    });
    const closure = expectClosure(await closureAt(git, content, { path }));
    expect(closure.shape).to.equal('kustomize');
    expect([...closure.files.keys()]).to.deep.equal([
      'apps/web/base/deployment.yaml',
      'apps/web/base/kustomization.yaml',
      K,
      `${path}/notes/readme.md`,
      'components/metrics/Kustomization',
      'components/metrics/sidecar.yaml',
      'shared/policy/kustomization.yml',
      'shared/policy/netpol.yaml',
    ]);
  });

  it('follows every field of a kustomization that names a file', async () => {
    const named = [
      'res.yaml',
      'legacy.yaml',
      'crd.json',
      'config.yaml',
      'smp.yaml',
      'patch.yaml',
      'json6902.yaml',
      'replace.yaml',
      'cm.properties',
      'cm-keyed.txt',
      'cm.env',
      'cm-old.env',
      'secret.txt',
      'generator.yaml',
      'plugin/gen-file.txt',
      'transformer.yaml',
      'tr-patch.yaml',
      'tr-replace.yaml',
      'schema.json',
      'app-patch.yaml',
    ];
    const outside = Object.fromEntries(named.map((n) => [`lib/${n}`, 'x']));
    const up = '../../../../lib';
    const content = git.commit({
      ...outside,
      'lib/generator.yaml': `apiVersion: builtin\nkind: ConfigMapGenerator\nfiles: [a=${up}/plugin/gen-file.txt]\n`,
      'lib/transformer.yaml': [
        `apiVersion: builtin\nkind: PatchTransformer\npath: ${up}/tr-patch.yaml\n`,
        `apiVersion: builtin\nkind: ReplacementTransformer\nreplacements: [{path: ${up}/tr-replace.yaml}]\n`,
      ].join('---\n'),
      [K]: `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namePrefix: x-
images: [{name: web, newTag: "1"}]
resources: [${up}/res.yaml]
bases: [${up}/legacy.yaml]
crds: [${up}/crd.json]
configurations: [${up}/config.yaml]
patchesStrategicMerge:
- ${up}/smp.yaml
- |-
  kind: Deployment
  metadata: {name: inline}
patches:
- path: ${up}/patch.yaml
- patch: '[{"op": "remove"}]'
  target: {kind: Deployment}
patchesJson6902: [{path: ${up}/json6902.yaml, target: {kind: Service}}]
replacements: [{path: ${up}/replace.yaml}, {source: {kind: X}}]
configMapGenerator:
- {name: a, files: [${up}/cm.properties, key=${up}/cm-keyed.txt], envs: [${up}/cm.env], env: ${up}/cm-old.env}
- {name: b, literals: [a=b]}
secretGenerator: [{name: s, files: [${up}/secret.txt]}]
generators: [${up}/generator.yaml]
transformers:
- ${up}/transformer.yaml
- |
  apiVersion: builtin
  kind: PrefixTransformer
validators:
openapi: {path: ${up}/schema.json}
helmCharts:
`,
    });
    const source = { path, kustomize: { patches: [{ path: `${up}/app-patch.yaml` }, { patch: 'x' }] } };
    const found = pathsOf(await closureAt(git, content, source)).filter((p) => p.startsWith('lib/'));
    expect(found).to.have.members(named.map((n) => `lib/${n}`));
  });

  it('adds components that the Application lists, and only existing ones where missing ones are ignored', async () => {
    const content = git.commit({ ...BASE, [K]: 'resources: [../../base]' });
    const components = ['../../../../components/metrics', '../../../../components/gone'];
    const lenient = { path, kustomize: { components, ignoreMissingComponents: true } };
    expect(pathsOf(await closureAt(git, content, lenient))).to.include('components/metrics/sidecar.yaml');
    expectRefusal(await closureAt(git, content, { path, kustomize: { components } }), 'dangling-reference', /gone/);
  });

  it('visits a base that two components share only once', async () => {
    const content = git.commit({
      ...BASE,
      [K]: 'resources: [../../base, ../../second]',
      'apps/web/second/kustomization.yaml': 'resources: [../../../shared/policy]',
    });
    expect(pathsOf(await closureAt(git, content, { path }))).to.include('shared/policy/netpol.yaml');
  });

  it('follows links on the way to a base', async () => {
    const content = git.commit({ ...BASE, 'apps/web/current': link('base'), [K]: 'resources: [../../current]' });
    expect(pathsOf(await closureAt(git, content, { path }))).to.include.members([
      'apps/web/current',
      'apps/web/base/deployment.yaml',
    ]);
  });

  it('is the kustomization of the root when the path is the root', async () => {
    const content = git.commit({ 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': 'x', 'b/c.yaml': 'y' });
    const closure = expectClosure(await closureAt(git, content, { path: '.' }));
    expect(closure).to.include({ path: '', shape: 'kustomize' });
    expect(closure.files.size).to.equal(3);
  });

  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]',
    'c: &c [*b,*b,*b,*b,*b,*b,*b,*b]',
    'resources: [*c,*c,*c,*c]',
  ];
  const refusals = [
    ['a remote base over https', 'resources: ["https://github.com/acme/base//x?ref=v1"]', 'remote-reference'],
    ['a remote base by host name', 'resources: [github.com/acme/base//x]', 'remote-reference'],
    ['a remote base over ssh', 'bases: ["git@github.com:acme/base.git"]', 'remote-reference'],
    ['a remote component', 'components: ["ssh://git@host/acme/base"]', 'remote-reference'],
    ['helmCharts', 'helmCharts: [{name: redis}]', 'kustomize-helm-charts'],
    ['helmChartInflationGenerator', 'helmChartInflationGenerator: [{chartName: x}]', 'kustomize-helm-charts'],
    [
      'an inline chart inflator',
      'generators: ["apiVersion: builtin\\nkind: HelmChartInflationGenerator"]',
      'kustomize-helm-charts',
    ],
    ['a plugin that runs code', 'transformers: ["apiVersion: acme.io/v1\\nkind: Stamp"]', 'kustomize-plugin'],
    ['a directory of plugins', 'generators: [../../base]', 'kustomize-plugin'],
    ['a base that is not there', 'resources: [../../gone]', 'dangling-reference'],
    ['a directory without kustomization', 'resources: [notes]', 'dangling-reference'],
    ['a component that is a file', 'components: [notes/a.md]', 'dangling-reference'],
    ['a patch that is a directory', 'patches: [{path: notes}]', 'dangling-reference'],
    ['a base outside the repository', 'resources: [../../../../../x]', 'leaves-repository'],
    ['an absolute path', 'resources: [/etc/passwd]', 'leaves-repository'],
    ['a base that is the overlay itself', 'resources: [.]', 'cyclic-bases'],
    ['a base above the overlay', 'resources: [../..]', 'cyclic-bases'],
    ['bases that name each other', 'resources: [../cyclic]', 'cyclic-bases'],
    ['a field nobody knows', 'resourcez: [a.yaml]', 'closure-not-computable'],
    ['a list that is a mapping', 'resources: {a: b}', 'unreadable-yaml'],
    ['duplicate keys', 'resources: []\nresources: []', 'unreadable-yaml'],
    ['a broken text', 'resources: [', 'unreadable-yaml'],
    ['two documents', 'resources: []\n---\nresources: []', 'unreadable-yaml'],
    ['an empty file', '', 'unreadable-yaml'],
    ['an alias bomb', bomb.join('\n'), 'unreadable-yaml'],
    ['nesting without end', '['.repeat(100_000), 'unreadable-yaml'],
    ['a text of more than 256 KiB', `resources: []\n#${'x'.repeat(256 * 1024)}`, 'unreadable-yaml'],
    ['a key that is a list', '? [a]\n: b', 'unreadable-yaml'],
    ['a base inside a submodule', 'resources: [../../../../vendor/x]', 'inside-submodule'],
  ] as const;
  for (const [claim, text, code] of refusals) {
    it(`is refused for ${claim}: ${code}`, async () => {
      const content = git.commit({
        ...BASE,
        [K]: text,
        [`${path}/notes/a.md`]: 'x',
        'apps/web/overlays/cyclic/kustomization.yaml': 'resources: [../staging]',
        vendor: { mode: '160000', text: '1'.repeat(40) },
      });
      expectRefusal(await closureAt(git, content, { path }), code);
    });
  }

  it('is refused when a directory holds two kustomizations', async () => {
    const content = git.commit({ [K]: 'resources: []', [`${path}/Kustomization`]: 'resources: []' });
    expectRefusal(await closureAt(git, content, { path }), 'closure-not-computable', /several/);
  });

  it('is refused within seconds, not minutes, for texts made to keep a parser busy', async function () {
    this.timeout(40_000);
    const busy = [
      Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'),
      `a: "${'\\x'.repeat(80_000)}"`,
      '!a '.repeat(60_000),
      `a: &a x\n${Array.from({ length: 20_000 }, (_, i) => `b${i}: *a`).join('\n')}`,
    ];
    for (const text of busy)
      expect(await closureAt(git, git.commit({ [K]: text }), { path })).to.include({ kind: 'refusal' });
  });

  it('lets an upstream that fails fail: that is no refusal', async () => {
    const content = git.commit({ [K]: 'resources: []' });
    let thrown: unknown;
    try {
      await closureAt(git, content, { path }, { readText: () => Promise.reject(new Error('GitHub is away')) });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).to.have.property('message', 'GitHub is away');
  });
});
