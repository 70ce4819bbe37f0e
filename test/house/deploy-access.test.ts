import { expect } from 'chai';
import { at, base, list, loadOverlay, OVERLAYS, POD, read, type Json } from './deploy-files.js';
import { filesUnder } from './source-files.js';

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
        name: POD['serviceAccountName'],
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
  const policy = base('networkpolicy');
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
  it('opens an OTLP receiver in a component of its own, which the overlays leave out as they trace nothing', () => {
    const traces = read('deploy/components/traces/networkpolicy.yaml');
    expect(at(traces, 'spec')).to.deep.equal({
      podSelector: at(policy, 'spec.podSelector'),
      policyTypes: ['Egress'],
      egress: [
        {
          to: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
              podSelector: { matchLabels: { 'app.kubernetes.io/name': 'opentelemetry-collector' } },
            },
          ],
          ports: [{ protocol: 'TCP', port: 4318 }],
        },
      ],
    });
    expect(at(traces, 'metadata.labels')).to.deep.equal(at(policy, 'metadata.labels'));
    const component = read('deploy/components/traces/kustomization.yaml');
    expect([component['kind'], component['resources']]).to.deep.equal(['Component', ['networkpolicy.yaml']]);
    const pairs = (kustomization: Json): unknown => at(list(kustomization['labels'])[0], 'pairs');
    expect(pairs(component)).to.deep.equal(pairs(base('kustomization')));
    for (const overlay of OVERLAYS) {
      const traced = loadOverlay(overlay).config.tracing !== undefined;
      const named = read(`deploy/overlays/${overlay}/kustomization.yaml`)['components'];
      expect(named, overlay).to.deep.equal(traced ? ['../../components/traces'] : undefined);
    }
  });
});
