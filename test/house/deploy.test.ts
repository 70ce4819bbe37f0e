import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { at, base, built, DEPLOYMENT, KUSTOMIZATIONS, list, OVERLAYS, read, type Json } from './deploy-files.js';
import { filesUnder } from './source-files.js';

/** For JSON.stringify: members in the order of their names. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;
const APP = { 'app.kubernetes.io/name': 'ai-operator' };

describe('deploy/', () => {
  for (const folder of KUSTOMIZATIONS) {
    it(`lists exactly the files that are there: ${folder}`, () => {
      const kustomization = read(`${folder}/kustomization.yaml`);
      const generated = list(kustomization['configMapGenerator']).flatMap((g) => g['files'] as readonly string[]);
      const listed = [...(kustomization['resources'] as readonly string[]), ...generated];
      const files = filesUnder([folder], ['']).map((f) => path.relative(folder, f.path));
      expect(listed.filter((f) => !f.startsWith('..')).toSorted()).to.deep.equal(
        files.filter((f) => f !== 'kustomization.yaml').toSorted(),
      );
      for (const other of listed.filter((f) => f.startsWith('..')))
        expect(existsSync(path.join(folder, other, 'kustomization.yaml')), other).to.equal(true);
    });
  }
  it('labels everything, and selects by the same labels as it gives', () => {
    const manifests = filesUnder(['deploy/base', 'deploy/application-namespace'], ['.yaml']).filter(
      (f) => !f.path.endsWith('kustomization.yaml'),
    );
    expect(manifests.length).to.be.greaterThan(7);
    for (const { path: file } of manifests) expect(at(read(file), 'metadata.labels'), file).to.include(APP);
    expect(at(DEPLOYMENT, 'spec.selector.matchLabels')).to.deep.equal(APP);
    expect(at(DEPLOYMENT, 'spec.template.metadata.labels')).to.deep.equal(APP);
    expect(at(base('service'), 'spec.selector')).to.deep.equal(APP);
    expect(at(base('networkpolicy'), 'spec.podSelector.matchLabels')).to.deep.equal(APP);
    for (const folder of KUSTOMIZATIONS.slice(0, 2)) {
      const [labels] = list(read(`${folder}/kustomization.yaml`)['labels']);
      expect(Object.keys(labels?.['pairs'] as Json)).to.deep.equal(
        ['component', 'part-of', 'managed-by'].map((l) => `app.kubernetes.io/${l}`),
      );
      expect(labels?.['includeSelectors'], 'a selector can not be changed later').to.equal(undefined);
    }
  });
  const needKubectl = (context: Mocha.Context): void => {
    if (spawnSync('kubectl', ['version', '--client']).status === 0) return;
    console.warn('kubectl is not installed: the manifests are not built by kustomize');
    context.skip();
  };
  it('is built by kustomize with the component for traces, where kubectl is at hand', function () {
    needKubectl(this);
    // Beside the others: kustomize takes what lies below a common root.
    const folder = mkdtempSync(path.join('deploy', '.traced-'));
    try {
      writeFileSync(
        path.join(folder, 'kustomization.yaml'),
        'resources: [../base]\ncomponents: [../components/traces]\nnamespace: ai-operator\n',
      );
      const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
      const policies = built.split('\n---\n').filter((document) => document.includes('kind: NetworkPolicy'));
      expect(policies.map((p) => [p.includes('port: 4318'), p.includes('namespace: ai-operator')])).to.deep.equal([
        [false, true],
        [true, true],
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it('has a pod that kustomize builds as the other tests here read it, where kubectl is at hand', function () {
    needKubectl(this);
    const podsOf = (manifests: readonly Json[]): string => {
      const pods = manifests.flatMap((m) => at(m, 'spec.template.spec') ?? []);
      // A generated name ends in the hash of what it holds.
      return JSON.stringify(pods, sorted).replaceAll(/(?<="ai-operator-config)-[a-z0-9]{10}(?=")/g, '');
    };
    for (const overlay of OVERLAYS) {
      const folder = `deploy/overlays/${overlay}`;
      const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
      const manifests = parseAllDocuments(text, { version: '1.1' }).map((d) => d.toJS() as Json);
      expect(podsOf(manifests), folder).to.equal(podsOf(built(folder)));
    }
  });
  it('is built by kustomize, where kubectl is at hand', function () {
    needKubectl(this);
    for (const folder of KUSTOMIZATIONS) {
      const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
      expect(built, folder).to.contain('app.kubernetes.io/part-of: ai-devops-operator');
    }
  });
});
