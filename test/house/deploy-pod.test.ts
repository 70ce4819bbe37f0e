import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { at, base, built, CONTAINER, DEPLOYMENT, list, loadOverlay, OVERLAYS, POD, type Json } from './deploy-files.js';

describe('the pod of deploy/', () => {
  for (const folder of ['deploy/base', ...OVERLAYS.map((o) => `deploy/overlays/${o}`)]) {
    it(`fits the Pod Security Standard restricted, which its namespace enforces, as it is built: ${folder}`, () => {
      const manifests = built(folder);
      const kinds = manifests.map((m) => m['kind']);
      expect(kinds.filter((k) => k !== 'NetworkPolicy')).to.have.members([
        'Namespace',
        'ServiceAccount',
        'PersistentVolumeClaim',
        'Deployment',
        'Service',
      ]);
      const of = (kind: string): Json => manifests.find((m) => m['kind'] === kind) ?? {};
      for (const mode of ['enforce', 'audit', 'warn'])
        expect(at(of('Namespace'), 'metadata.labels')).to.have.property(
          `pod-security.kubernetes.io/${mode}`,
          'restricted',
        );
      const inside = manifests.filter((m) => m['kind'] !== 'Namespace').map((m) => at(m, 'metadata.namespace'));
      expect([...new Set(inside)]).to.deep.equal([at(of('Namespace'), 'metadata.name')]);
      const pod = at(of('Deployment'), 'spec.template.spec') as Json;
      expect(pod['securityContext']).to.deep.equal({
        runAsNonRoot: true,
        runAsUser: 65_532,
        runAsGroup: 65_532,
        fsGroup: 65_532,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      });
      const containers = list(pod['containers']);
      expect(containers.map((c) => c['securityContext'])).to.deep.equal([
        {
          allowPrivilegeEscalation: false,
          privileged: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        },
      ]);
      for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'initContainers'])
        expect(pod).not.to.have.property(key);
      expect(containers.flatMap((c) => list(c['ports'])).filter((p) => 'hostPort' in p)).to.deep.equal([]);
      expect(list(pod['volumes']).filter((v) => 'hostPath' in v)).to.deep.equal([]);
      if (folder !== 'deploy/base')
        expect(containers[0]?.['image']).to.match(/^[\w.-]+\.[\w.-]+\/ai-operator:\d+\.\d+\.\d+$/);
    });
  }
  it('is the only one, and gone before its successor comes', () => {
    expect([at(DEPLOYMENT, 'spec.replicas'), at(DEPLOYMENT, 'spec.strategy')]).to.deep.equal([1, { type: 'Recreate' }]);
    expect(POD['terminationGracePeriodSeconds']).to.equal(30);
  });
  it('holds a token of the cluster only because its configuration reads the cluster', () => {
    const account = base('serviceaccount');
    expect(account['automountServiceAccountToken']).to.equal(false);
    expect(POD['serviceAccountName']).to.equal(at(account, 'metadata.name'));
    expect(POD['automountServiceAccountToken']).to.equal(true);
    expect(POD['enableServiceLinks']).to.equal(false);
    for (const overlay of OVERLAYS) expect(loadOverlay(overlay).config.kubernetes).to.deep.equal({ inCluster: true });
  });
  it('carries no secret in its environment or arguments', () => {
    for (const key of ['env', 'envFrom', 'command']) expect(CONTAINER).not.to.have.property(key);
    expect(CONTAINER['args']).to.deep.equal(['--config', '/etc/ai-operator/config.yaml']);
  });
  it('writes to its volume and a small /tmp only', () => {
    const volumes = list(POD['volumes']);
    const writable = list(CONTAINER['volumeMounts']).filter((m) => m['readOnly'] !== true);
    expect(writable).to.deep.equal([
      { name: 'state', mountPath: '/var/lib/ai-operator' },
      { name: 'tmp', mountPath: '/tmp' },
    ]);
    expect(volumes.find((v) => v['name'] === 'tmp')?.['emptyDir']).to.have.keys('sizeLimit');
    expect(volumes.find((v) => v['name'] === 'state')?.['persistentVolumeClaim']).to.deep.equal({
      claimName: at(base('pvc'), 'metadata.name'),
    });
    expect(volumes.filter((v) => 'hostPath' in v)).to.deep.equal([]);
    expect(list(CONTAINER['volumeMounts']).map((m) => m['name'])).to.have.members(volumes.map((v) => v['name']));
  });
  it('has its secrets as files that its group alone may read, none where the cluster puts the token of the account', () => {
    const secrets = list(POD['volumes']).filter((v) => 'secret' in v);
    for (const { name, secret } of secrets)
      expect(secret).to.include({ secretName: `ai-operator-${String(name)}`, defaultMode: 0o440 });
    expect(secrets.filter((v) => at(v, 'secret.optional') !== true).map((v) => v['name'])).to.deep.equal([
      'argocd',
      'github',
    ]);
    const places = list(CONTAINER['volumeMounts']).map((m) => String(m['mountPath']));
    expect(places).to.include.members(secrets.map((v) => `/run/secrets/${String(v['name'])}`));
    expect(
      places.filter((p) => /^(?:\/var)?\/run(?:\/secrets)?$/.test(p)),
      'hides /var/run/secrets/kubernetes.io',
    ).to.deep.equal([]);
  });
  it('gives the heap of the image at most three quarters of its memory', () => {
    const [, heap] = /--max-old-space-size=(\d+)/.exec(readFileSync('Dockerfile', 'utf8')) ?? [];
    expect(at(CONTAINER, 'resources.limits.memory')).to.equal('512Mi');
    expect(at(CONTAINER, 'resources.requests')).to.have.keys('cpu', 'memory');
    expect(Number(heap)).to.be.within(256, 512 * 0.75);
  });
  it('is asked on port 9090, and killed only when its own loop stands still', () => {
    expect(at(CONTAINER, 'livenessProbe.httpGet')).to.deep.equal({ path: '/livez', port: 'http-metrics' });
    expect(at(CONTAINER, 'readinessProbe.httpGet')).to.deep.equal({ path: '/readyz', port: 'http-metrics' });
    const patience =
      Number(at(CONTAINER, 'livenessProbe.periodSeconds')) * Number(at(CONTAINER, 'livenessProbe.failureThreshold'));
    expect(patience).to.be.at.least(60);
    expect(CONTAINER['ports']).to.deep.equal([
      { name: 'http', containerPort: 8080 },
      { name: 'http-metrics', containerPort: 9090 },
    ]);
    expect(list(at(base('service'), 'spec.ports')).map((p) => [p['port'], p['targetPort']])).to.deep.equal([
      [8080, 'http'],
      [9090, 'http-metrics'],
    ]);
  });
});
