import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { at, base, DEPLOYMENT, KUSTOMIZATIONS, list, read, type Json } from './deploy-files.js';
import { filesUnder } from './source-files.js';

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
  it('is built by kustomize, where kubectl is at hand', function () {
    needKubectl(this);
    for (const folder of KUSTOMIZATIONS) {
      const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
      expect(built, folder).to.contain('app.kubernetes.io/part-of: ai-devops-operator');
    }
  });
});
