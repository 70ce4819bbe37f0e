import { expect } from 'chai';
import { objectsAt, stringAt, valueAt } from '../../../src/sandbox/json-path.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { configMap, failureOf, render } from './memory-commit.js';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: registry:5000/web:1
          env: [{ name: A, value: "1" }]
          envFrom: [{ configMapRef: { name: settings } }]
        - name: side
          image: side
`;
const BASE = {
  'base/kustomization.yaml': 'resources: [deployment.yaml, settings.yaml]\n',
  'base/deployment.yaml': DEPLOYMENT,
  'base/settings.yaml': configMap('settings'),
};
const overlay = (text: string): Readonly<Record<string, string>> => ({ ...BASE, 'overlay/kustomization.yaml': text });
const find = (manifests: readonly JsonObject[], kind: string): JsonObject =>
  manifests.find((m) => m['kind'] === kind) ?? {};
const containers = (deployment: JsonObject): readonly JsonObject[] =>
  objectsAt(deployment, 'spec', 'template', 'spec', 'containers');

describe('buildKustomization', () => {
  it('follows resources to files and folders, and bases', async () => {
    for (const key of ['resources', 'bases']) {
      const { sourceType, manifests } = await render(overlay(`${key}: [../base]\n`), 'overlay');
      expect(sourceType).to.equal('Kustomize');
      expect(manifests.map((m) => m['kind'])).to.deep.equal(['Deployment', 'ConfigMap']);
    }
  });
  it('overrides images by name, with a registry port, a new name, a tag and a digest', async () => {
    const text = `resources: [../base]
images:
  - { name: "registry:5000/web", newTag: "2" }
  - { name: side, newName: other/side, digest: "sha256:abc" }
`;
    const images = containers(find((await render(overlay(text), 'overlay')).manifests, 'Deployment')).map(
      (c) => c['image'],
    );
    expect(images).to.deep.equal(['registry:5000/web:2', 'other/side@sha256:abc']);
  });
  it('merges a strategic patch by kind and name: lists by the name of their elements, null deletes', async () => {
    const text = `resources: [../base]
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: { name: web }
      spec:
        replicas: null
        template:
          spec:
            containers:
              - name: web
                env: [{ name: B, value: "2" }, { name: A, value: "9" }]
              - { name: side, $patch: delete }
`;
    const deployment = find((await render(overlay(text), 'overlay')).manifests, 'Deployment');
    expect(valueAt(deployment, 'spec', 'replicas')).to.equal(undefined);
    expect(containers(deployment)).to.have.length(1);
    expect(containers(deployment)[0]).to.deep.include({
      image: 'registry:5000/web:1',
      env: [
        { name: 'B', value: '2' },
        { name: 'A', value: '9' },
      ],
    });
  });
  it('applies a JSON 6902 patch to its target, also one in a file', async () => {
    const files = {
      ...overlay('resources: [../base]\npatches:\n  - path: replicas.yaml\n    target: { kind: Deployment }\n'),
      'overlay/replicas.yaml':
        '- { op: replace, path: /spec/replicas, value: 7 }\n- { op: add, path: /spec/template/spec/containers/-, value: { name: new } }\n',
    };
    const deployment = find((await render(files, 'overlay')).manifests, 'Deployment');
    expect(valueAt(deployment, 'spec', 'replicas')).to.equal(7);
    expect(containers(deployment).at(-1)).to.deep.equal({ name: 'new' });
  });
  it('prefixes names and follows them in references; patches may name the object as it was', async () => {
    const text = `namePrefix: stg-
resources: [../base]
patches: [{ patch: "[{op: replace, path: /spec/replicas, value: 3}]", target: { kind: Deployment, name: web } }]
`;
    const { manifests } = await render(overlay(text), 'overlay');
    expect(stringAt(find(manifests, 'ConfigMap'), 'metadata', 'name')).to.equal('stg-settings');
    const deployment = find(manifests, 'Deployment');
    expect(stringAt(deployment, 'metadata', 'name')).to.equal('stg-web');
    expect(containers(deployment)[0]?.['envFrom']).to.deep.equal([{ configMapRef: { name: 'stg-settings' } }]);
  });
  it('lets a component change what its parent has gathered', async () => {
    const files = {
      ...overlay('resources: [../base]\ncomponents: [../big]\n'),
      'big/kustomization.yaml':
        'kind: Component\npatches: [{ target: { kind: Deployment }, patch: "[{op: replace, path: /spec/replicas, value: 50}]" }]\n',
    };
    expect(valueAt(find((await render(files, 'overlay')).manifests, 'Deployment'), 'spec', 'replicas')).to.equal(50);
  });
  it('lays images and namePrefix of the application over those of the file', async () => {
    const text = 'resources: [../base]\nimages: [{ name: side, newTag: "1" }]\n';
    const source = { kustomize: { namePrefix: 'x-', images: ['side=new/side:3'] } };
    const deployment = find((await render(overlay(text), 'overlay', source)).manifests, 'Deployment');
    expect(stringAt(deployment, 'metadata', 'name')).to.equal('x-web');
    expect(containers(deployment)[1]?.['image']).to.equal('new/side:3');
  });
  it('lays .argocd-source-<application>.yaml over the source', async () => {
    const files = {
      ...overlay('resources: [../base]\n'),
      'overlay/.argocd-source-checkout.yaml': 'kustomize: { images: ["side:77"] }\n',
    };
    const deployment = find((await render(files, 'overlay')).manifests, 'Deployment');
    expect(containers(deployment)[1]?.['image']).to.equal('side:77');
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['a field beyond the subset', 'resources: [../base]\nconfigMapGenerator: [{ name: x }]\n', 'configMapGenerator'],
    ['a newTag that is a number', 'resources: [../base]\nimages: [{ name: side, newTag: 1 }]\n', 'newTag'],
    ['a remote resource', 'resources: ["https://github.com/acme/base?ref=main"]\n', 'remote resources'],
    ['a path out of the repository', 'resources: [../../elsewhere]\n', 'outside of the repository'],
    ['a file that is not there', 'resources: [gone.yaml]\n', 'gone.yaml'],
    [
      'a patch without a target',
      'resources: [../base]\npatches: [{ patch: "[{op: remove, path: /spec}]" }]\n',
      'must specify a target',
    ],
    [
      'a patch that hits nothing',
      'resources: [../base]\npatches: [{ target: { kind: Job }, patch: "{}" }]\n',
      'no matches',
    ],
    [
      'a patch of what is not there',
      'resources: [../base]\npatches: [{ target: { kind: Deployment }, patch: "[{op: remove, path: /spec/none}]" }]\n',
      'missing path',
    ],
    ['the same object twice', 'resources: [../base, ../base/settings.yaml]\n', 'already registered id'],
    ['a folder that includes itself', 'resources: [../overlay]\n', 'cycle detected'],
  ];
  for (const [what, text, words] of faults) {
    it(`fails for ${what}`, async () => {
      expect(await failureOf(render(overlay(text), 'overlay'))).to.contain(words);
    });
  }
});
