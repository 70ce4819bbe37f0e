import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { filesUnder } from './source-files.js';

type Json = Readonly<Record<string, unknown>>;
/** A member somewhere below, by its path: `spec.template.0.name`. */
const at = (value: unknown, members: string): unknown =>
  members.split('.').reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], value);
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
/** As kubectl reads it: YAML 1.1, in which 0440 is octal. */
const read = (file: string): Json => parse(readFileSync(file, 'utf8'), { version: '1.1' }) as Json;

const OVERLAYS = ['staging', 'production'] as const;
const KUSTOMIZATIONS = ['base', 'application-namespace', ...OVERLAYS.map((o) => `overlays/${o}`)].map(
  (f) => `deploy/${f}`,
);
const base = (name: string): Json => read(`deploy/base/${name}.yaml`);
const deployment = base('deployment');
const pod = at(deployment, 'spec.template.spec') as Json;
const [container = {}] = list(pod['containers']);
const policy = base('networkpolicy');
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
    expect(at(deployment, 'spec.selector.matchLabels')).to.deep.equal(APP);
    expect(at(deployment, 'spec.template.metadata.labels')).to.deep.equal(APP);
    expect(at(base('service'), 'spec.selector')).to.deep.equal(APP);
    expect(at(policy, 'spec.podSelector.matchLabels')).to.deep.equal(APP);
    for (const folder of KUSTOMIZATIONS.slice(0, 2)) {
      const [labels] = list(read(`${folder}/kustomization.yaml`)['labels']);
      expect(Object.keys(labels?.['pairs'] as Json)).to.deep.equal(
        ['component', 'part-of', 'managed-by'].map((l) => `app.kubernetes.io/${l}`),
      );
      expect(labels?.['includeSelectors'], 'a selector can not be changed later').to.equal(undefined);
    }
  });
  it('is built by kustomize, where kubectl is at hand', function () {
    if (spawnSync('kubectl', ['version', '--client']).status !== 0) {
      console.warn('kubectl is not installed: the manifests are not built by kustomize');
      this.skip();
    }
    for (const folder of KUSTOMIZATIONS) {
      const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8', stdio: 'pipe' });
      expect(built, folder).to.contain('app.kubernetes.io/part-of: ai-devops-operator');
    }
  });
});

describe('the pod of deploy/', () => {
  it('fits the Pod Security Standard restricted, which its namespace enforces', () => {
    for (const mode of ['enforce', 'audit', 'warn'])
      expect(at(base('namespace'), 'metadata.labels')).to.have.property(
        `pod-security.kubernetes.io/${mode}`,
        'restricted',
      );
    expect(pod['securityContext']).to.deep.equal({
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container['securityContext']).to.deep.equal({
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    });
    for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'initContainers'])
      expect(pod).not.to.have.property(key);
    expect(list(pod['containers'])).to.have.length(1);
    expect(list(container['ports']).filter((p) => 'hostPort' in p)).to.deep.equal([]);
  });
  it('is the only one, and gone before its successor comes', () => {
    expect([at(deployment, 'spec.replicas'), at(deployment, 'spec.strategy')]).to.deep.equal([1, { type: 'Recreate' }]);
    expect(pod['terminationGracePeriodSeconds']).to.equal(30);
  });
  it('holds a token of the cluster only because its configuration reads the cluster', () => {
    const account = base('serviceaccount');
    expect(account['automountServiceAccountToken']).to.equal(false);
    expect(pod['serviceAccountName']).to.equal(at(account, 'metadata.name'));
    expect(pod['automountServiceAccountToken']).to.equal(true);
    expect(pod['enableServiceLinks']).to.equal(false);
    for (const overlay of OVERLAYS) expect(load(overlay).config.kubernetes).to.deep.equal({ inCluster: true });
  });
  it('carries no secret in its environment or arguments', () => {
    for (const key of ['env', 'envFrom', 'command']) expect(container).not.to.have.property(key);
    expect(container['args']).to.deep.equal(['--config', '/etc/ai-operator/config.yaml']);
  });
  it('writes to its volume and a small /tmp only', () => {
    const volumes = list(pod['volumes']);
    const writable = list(container['volumeMounts']).filter((m) => m['readOnly'] !== true);
    expect(writable).to.deep.equal([
      { name: 'state', mountPath: '/var/lib/ai-operator' },
      { name: 'tmp', mountPath: '/tmp' },
    ]);
    expect(volumes.find((v) => v['name'] === 'tmp')?.['emptyDir']).to.have.keys('sizeLimit');
    expect(volumes.find((v) => v['name'] === 'state')?.['persistentVolumeClaim']).to.deep.equal({
      claimName: at(base('pvc'), 'metadata.name'),
    });
    expect(volumes.filter((v) => 'hostPath' in v)).to.deep.equal([]);
    expect(list(container['volumeMounts']).map((m) => m['name'])).to.have.members(volumes.map((v) => v['name']));
  });
  it('has its secrets as files that its group alone may read, none where the cluster puts the token of the account', () => {
    const secrets = list(pod['volumes']).filter((v) => 'secret' in v);
    for (const { name, secret } of secrets)
      expect(secret).to.include({ secretName: `ai-operator-${String(name)}`, defaultMode: 0o440 });
    expect(secrets.filter((v) => at(v, 'secret.optional') !== true).map((v) => v['name'])).to.deep.equal([
      'argocd',
      'github',
    ]);
    const places = list(container['volumeMounts']).map((m) => String(m['mountPath']));
    expect(places).to.include.members(secrets.map((v) => `/run/secrets/${String(v['name'])}`));
    expect(
      places.filter((p) => /^(?:\/var)?\/run(?:\/secrets)?$/.test(p)),
      'hides /var/run/secrets/kubernetes.io',
    ).to.deep.equal([]);
  });
  it('gives the heap of the image at most three quarters of its memory', () => {
    const [, heap] = /--max-old-space-size=(\d+)/.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    expect(at(container, 'resources.limits.memory')).to.equal('512Mi');
    expect(at(container, 'resources.requests')).to.have.keys('cpu', 'memory');
    expect(Number(heap)).to.be.within(256, 512 * 0.75);
  });
  it('is asked on port 9090, and killed only when its own loop stands still', () => {
    expect(at(container, 'livenessProbe.httpGet')).to.deep.equal({ path: '/livez', port: 'http-metrics' });
    expect(at(container, 'readinessProbe.httpGet')).to.deep.equal({ path: '/readyz', port: 'http-metrics' });
    const patience =
      Number(at(container, 'livenessProbe.periodSeconds')) * Number(at(container, 'livenessProbe.failureThreshold'));
    expect(patience).to.be.at.least(60);
    expect(container['ports']).to.deep.equal([
      { name: 'http', containerPort: 8080 },
      { name: 'http-metrics', containerPort: 9090 },
    ]);
    expect(list(at(base('service'), 'spec.ports')).map((p) => [p['port'], p['targetPort']])).to.deep.equal([
      [8080, 'http'],
      [9090, 'http-metrics'],
    ]);
  });
});

describe('the access deploy/ gives', () => {
  const role = read('deploy/application-namespace/role.yaml');
  const binding = read('deploy/application-namespace/rolebinding.yaml');

  it('is reading workloads and pods in one namespace, and nothing else', () => {
    const may = list(role['rules']).flatMap((rule) =>
      (rule['resources'] as readonly string[]).map(
        (r) =>
          `${(rule['verbs'] as readonly string[]).join(' ')} ${r}.${(rule['apiGroups'] as readonly string[]).join(' ')}`,
      ),
    );
    expect(role['kind']).to.equal('Role');
    expect(may.toSorted()).to.deep.equal([
      'get daemonsets.apps',
      'get deployments.apps',
      'get replicasets.apps',
      'get rollouts.argoproj.io',
      'get statefulsets.apps',
      'list pods.',
      'list replicasets.apps',
    ]);
  });
  it('is bound to the account of the pod', () => {
    expect(binding['roleRef']).to.deep.equal({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Role',
      name: at(role, 'metadata.name'),
    });
    expect(binding['subjects']).to.deep.equal([
      {
        kind: 'ServiceAccount',
        name: pod['serviceAccountName'],
        namespace: read('deploy/base/kustomization.yaml')['namespace'],
      },
    ]);
  });
  it('is of no other kind: no role for the cluster, none in its own namespace', () => {
    const kinds = filesUnder(['deploy/base', 'deploy/overlays'], ['.yaml'])
      .filter((f) => !f.path.endsWith('config.yaml'))
      .map((f) => String(read(f.path)['kind']));
    expect(kinds.filter((k) => k.includes('Role') || k === 'Secret')).to.deep.equal([]);
  });
});

describe('the network policy of deploy/', () => {
  const ports = (rules: unknown): readonly string[] =>
    list(rules).flatMap((rule) => list(rule['ports']).map((p) => `${String(p['protocol'])} ${String(p['port'])}`));

  it('denies what it does not name, in both directions', () => {
    expect(at(policy, 'spec.policyTypes')).to.deep.equal(['Ingress', 'Egress']);
    for (const direction of ['ingress', 'egress']) {
      for (const rule of list(at(policy, `spec.${direction}`))) {
        expect(
          list(rule[direction === 'ingress' ? 'from' : 'to']),
          'a rule without peers is open to all',
        ).not.to.deep.equal([]);
        expect(list(rule['ports']), 'a rule without ports is open on all').not.to.deep.equal([]);
      }
    }
  });
  it('lets in scrapes from monitoring only, and nobody to the API', () => {
    expect(at(policy, 'spec.ingress')).to.deep.equal([
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
        ports: [{ protocol: 'TCP', port: 9090 }],
      },
    ]);
  });
  it('lets out to DNS, https, the API server, Argo CD, Prometheus, etcd and NATS, and never to the metadata of the node', () => {
    const egress = at(policy, 'spec.egress');
    expect(ports(egress)).to.deep.equal([
      'UDP 53',
      'TCP 53',
      'TCP 443',
      'TCP 6443',
      'TCP 8080',
      'TCP 9090',
      'TCP 2379',
      'TCP 4222',
    ]);
    const blocks = list(egress).flatMap((rule) =>
      list(rule['to']).flatMap((to) => ('ipBlock' in to ? [to['ipBlock'] as Json] : [])),
    );
    expect(blocks.map((b) => b['except'])).to.deep.equal([['169.254.0.0/16'], ['fe80::/10']]);
  });
});

/** The configuration an overlay embeds, with a placeholder for every file it names; the place of secrets is a folder of ours. */
function load(overlay: (typeof OVERLAYS)[number]): LoadedConfig {
  const folder = mkdtempSync(path.join(tmpdir(), 'operator-deploy-'));
  try {
    const text = readFileSync(`deploy/overlays/${overlay}/config.yaml`, 'utf8').replaceAll(
      '/run/secrets/',
      `${folder}/`,
    );
    for (const file of namedFiles(text)) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, placeholder(file), { mode: 0o400 });
    }
    writeFileSync(path.join(folder, 'config.yaml'), text);
    return loadConfig({ file: path.join(folder, 'config.yaml'), env: {} });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const namedFiles = (text: string): readonly string[] =>
  [...text.matchAll(/^[^#\n]*File: (\/[^\s,}]+)/gm)].map((m) => m[1] ?? '').filter((f) => !f.startsWith('/var/'));
function placeholder(file: string): string {
  if (file.endsWith('.crt')) return '-----BEGIN CERTIFICATE-----\n';
  if (/\.(?:pem|key)$/.test(file)) return '-----BEGIN PRIVATE KEY-----\n';
  return file.endsWith('url') ? 'https://hooks.example.org/x\n' : 'placeholder\n';
}

describe('the overlays of deploy/', () => {
  const readme = readFileSync('deploy/README.md', 'utf8');

  for (const overlay of OVERLAYS) {
    const folder = `deploy/overlays/${overlay}`;
    const kustomization = read(`${folder}/kustomization.yaml`);

    it(`embed a configuration that loads: ${overlay}`, () => {
      const { config, warnings } = load(overlay);
      expect([config.instance, warnings]).to.deep.equal([overlay, []]);
      expect(config.audit.directory).to.match(/^\/var\/lib\/ai-operator\//);
      expect(config.killFile).to.match(/^\/var\/lib\/ai-operator\//);
      expect([config.httpMetrics.port, config.httpMetrics.host, config.http.port]).to.deep.equal([
        9090,
        '0.0.0.0',
        8080,
      ]);
    });
    it(`embed the shipped one: config/${overlay}.yaml`, () => {
      const below = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(1).join('\n');
      expect(below(`${folder}/config.yaml`)).to.equal(below(`config/${overlay}.yaml`));
      expect(readFileSync(`${folder}/config.yaml`, 'utf8').split('\n')[0]).to.equal(
        '# yaml-language-server: $schema=../../../config/schema.json',
      );
    });
    it(`mount the configuration and every secret it names, each said in the README: ${overlay}`, () => {
      const [generator] = list(kustomization['configMapGenerator']);
      expect(list(pod['volumes'])[0]).to.deep.equal({ name: 'config', configMap: { name: generator?.['name'] } });
      const named = namedFiles(readFileSync(`${folder}/config.yaml`, 'utf8'));
      expect(named.length).to.be.greaterThan(6);
      const mounts = list(container['volumeMounts']).map((m) => String(m['mountPath']));
      for (const file of named) {
        expect(mounts, file).to.include(path.dirname(file));
        const row = readme
          .split('\n')
          .find((line) => line.startsWith(`| \`ai-operator-${path.basename(path.dirname(file))}\``));
        expect(row, file).to.contain(`\`${path.basename(file)}\``);
      }
    });
    it(`name an image that stays what it is, of this version: ${overlay}`, () => {
      const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
      const [image] = list(kustomization['images']);
      expect(image?.['name']).to.equal(container['image']);
      expect(image).to.include({ newTag: version });
      expect(
        filesUnder(['deploy'], ['.yaml'])
          .filter((f) => f.text.includes(':latest'))
          .map((f) => f.path),
      ).to.deep.equal([]);
    });
  }
});
