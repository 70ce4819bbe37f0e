import { expect } from 'chai';
import fc from 'fast-check';
import { barringObjects, compareManifests } from '../../src/gitops/reversibility.js';

type Json = Record<string, unknown>;
const object = (apiVersion: string, kind: string, more: Json = {}, metadata: Json = {}): string =>
  JSON.stringify({ apiVersion, kind, metadata: { name: 'x', namespace: 'web', ...metadata }, ...more });

const barsOf = (before: readonly string[], after: readonly string[]): readonly (string | undefined)[] => {
  const compared = compareManifests(before, after);
  if (compared.kind === 'unreadable') throw new Error(compared.why);
  return compared.changed.map((c) => c.bar);
};

describe('reversibility of a change', () => {
  const deployment = (image: string, app = 'web'): string =>
    object('apps/v1', 'Deployment', { spec: { selector: { matchLabels: { app } }, template: { image } } });

  it('lets an image, a config map and a service change', () => {
    const before = [
      deployment('a'),
      object('v1', 'ConfigMap', { data: { a: '1' } }),
      object('v1', 'Service', { spec: { ports: [1] } }),
    ];
    const after = [
      deployment('b'),
      object('v1', 'ConfigMap', { data: { a: '2' } }),
      object('v1', 'Service', { spec: { ports: [2] } }),
    ];
    expect(barsOf(before, after)).to.deep.equal([undefined, undefined, undefined]);
  });

  it('names what changed, by kind and name, and says nothing of what stayed', () => {
    const secret = object('v1', 'Secret');
    expect(compareManifests([deployment('a'), secret], [secret, object('v1', 'Service')])).to.deep.equal({
      kind: 'compared',
      changed: [
        { group: '', kind: 'Service', namespace: 'web', name: 'x', change: 'added' },
        { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'x', change: 'removed' },
      ],
    });
  });

  it('does not care for the order of manifests or of keys', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }), (names) => {
        const one = names.map((name) =>
          JSON.stringify({ kind: 'A', apiVersion: 'v1', metadata: { name, labels: { x: '1', y: '2' } } }),
        );
        const two = names
          .toSorted()
          .map((name) =>
            JSON.stringify({ metadata: { labels: { y: '2', x: '1' }, name }, apiVersion: 'v1', kind: 'A' }),
          );
        expect(compareManifests(one, two)).to.deep.equal({ kind: 'compared', changed: [] });
      }),
    );
  });

  it('takes a new version of the same API group for the same object', () => {
    const compared = compareManifests(
      [object('autoscaling/v1', 'HorizontalPodAutoscaler')],
      [object('autoscaling/v2', 'HorizontalPodAutoscaler')],
    );
    expect(compared).to.have.nested.property('changed[0].change', 'modified');
  });

  const hook = { annotations: { 'argocd.argoproj.io/hook': 'PreSync' } };
  const barred: readonly (readonly [string, string, string, Json, string])[] = [
    [
      'a custom resource definition',
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      {},
      'custom-resource-definition',
    ],
    ['a job', 'batch/v1', 'Job', {}, 'job'],
    ['a cron job', 'batch/v1', 'CronJob', {}, 'cron-job'],
    ['a volume claim', 'v1', 'PersistentVolumeClaim', {}, 'persistent-volume-claim'],
    ['a volume', 'v1', 'PersistentVolume', {}, 'persistent-volume'],
    ['a stateful set', 'apps/v1', 'StatefulSet', {}, 'stateful-set'],
    ['a namespace', 'v1', 'Namespace', {}, 'namespace'],
    ['an Argo CD hook', 'v1', 'Pod', hook, 'hook'],
    ['a Helm hook', 'v1', 'ConfigMap', { annotations: { 'helm.sh/hook': 'pre-upgrade' } }, 'hook'],
  ];
  for (const [claim, apiVersion, kind, metadata, bar] of barred) {
    it(`bars ${claim} that is added, changed or removed, and not one that stays`, () => {
      const one = object(apiVersion, kind, { spec: 1 }, metadata);
      const two = object(apiVersion, kind, { spec: 2 }, metadata);
      expect(barsOf([one], [two])).to.deep.equal([bar]);
      expect(barsOf([one], [])).to.deep.equal([bar]);
      expect(barsOf([], [one])).to.deep.equal([bar]);
      expect(barsOf([one], [one])).to.deep.equal([]);
    });
  }

  it('bars an object that was, or becomes, a hook', () => {
    const plain = object('v1', 'ConfigMap');
    const hooked = object('v1', 'ConfigMap', {}, hook);
    expect([...barsOf([plain], [hooked]), ...barsOf([hooked], [plain])]).to.deep.equal(['hook', 'hook']);
  });

  it('bars a changed selector, role reference, storage class, cluster IP and immutable config map', () => {
    const cases: readonly (readonly [string, string, string])[] = [
      [deployment('a', 'one'), deployment('a', 'two'), 'immutable-selector'],
      [
        object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: 1 }),
        object('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: 2 }),
        'immutable-field',
      ],
      [
        object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a' }),
        object('storage.k8s.io/v1', 'StorageClass', { provisioner: 'b' }),
        'immutable-field',
      ],
      [
        object('v1', 'Service', { spec: { clusterIP: 'None' } }),
        object('v1', 'Service', { spec: {} }),
        'immutable-field',
      ],
      [
        object('v1', 'ConfigMap', { immutable: true, data: 1 }),
        object('v1', 'ConfigMap', { immutable: true, data: 2 }),
        'immutable-field',
      ],
    ];
    for (const [before, after, bar] of cases) expect(barsOf([before], [after])).to.deep.equal([bar]);
  });

  it('answers "unreadable" instead of judging half: no JSON, no name, the same object twice', () => {
    for (const bad of [['{'], ['[]'], ['{"kind":"A","apiVersion":"v1"}'], [deployment('a'), deployment('b')]]) {
      expect(compareManifests([], bad)).to.include({ kind: 'unreadable' });
      expect(compareManifests(bad, [])).to.include({ kind: 'unreadable' });
    }
  });

  it('picks the objects that bar', () => {
    const compared = compareManifests([deployment('a'), object('batch/v1', 'Job')], [deployment('b')]);
    expect(compared.kind === 'compared' && barringObjects(compared.changed).map((c) => c.kind)).to.deep.equal(['Job']);
  });
});
