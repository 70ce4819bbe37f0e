import { canonicalJson } from '../base/hash.js';
import { isMapping } from './yaml-text.js';

/** Why a changed object cannot simply be taken back (G3). Coarse on purpose, in the forbidding direction only. */
export const REVERSIBILITY_BARS = [
  'custom-resource-definition',
  'job',
  'cron-job',
  'persistent-volume',
  'persistent-volume-claim',
  'stateful-set',
  'namespace',
  'hook',
  'immutable-selector',
  'immutable-field',
] as const;
export type ReversibilityBar = (typeof REVERSIBILITY_BARS)[number];

/** One object that differs between two renderings. */
export interface ChangedObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly change: 'added' | 'modified' | 'removed';
  /** Undefined = a rollback takes it back without harm. */
  readonly bar?: ReversibilityBar;
}
/** What differs, or why it cannot be told. */
export type ManifestComparison =
  | { readonly kind: 'compared'; readonly changed: readonly ChangedObject[] }
  | { readonly kind: 'unreadable'; readonly why: string };

type Mapping = Readonly<Record<string, unknown>>;
interface RenderedObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly body: Mapping;
}

const BARRED_KINDS: ReadonlyMap<string, ReversibilityBar> = new Map([
  ['CustomResourceDefinition', 'custom-resource-definition'],
  ['Job', 'job'],
  ['CronJob', 'cron-job'],
  ['PersistentVolume', 'persistent-volume'],
  ['PersistentVolumeClaim', 'persistent-volume-claim'],
  ['StatefulSet', 'stateful-set'],
  ['Namespace', 'namespace'],
]);
const HOOK_ANNOTATIONS = ['argocd.argoproj.io/hook', 'helm.sh/hook'] as const;
/** Fields the API server does not let anyone change on an object that exists. */
const IMMUTABLE_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['RoleBinding', ['roleRef']],
  ['ClusterRoleBinding', ['roleRef']],
  ['StorageClass', ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode']],
  ['PriorityClass', ['value', 'preemptionPolicy']],
  ['Service', ['spec.clusterIP']],
]);
const WITH_SELECTOR: readonly string[] = ['Deployment', 'ReplicaSet', 'DaemonSet'];

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const differs = (a: Mapping, b: Mapping, path: string): boolean =>
  canonicalJson(at(a, path)) !== canonicalJson(at(b, path));

function isHook(body: Mapping): boolean {
  const annotations = at(body, 'metadata.annotations');
  return isMapping(annotations) && HOOK_ANNOTATIONS.some((name) => annotations[name] !== undefined);
}

function read(manifest: string): RenderedObject | undefined {
  const body: unknown = JSON.parse(manifest);
  if (!isMapping(body)) return undefined;
  const kind = text(body['kind']);
  const apiVersion = text(body['apiVersion']);
  const name = text(at(body, 'metadata.name')) || text(at(body, 'metadata.generateName'));
  if (kind === '' || apiVersion === '' || name === '') return undefined;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  return { group, kind, namespace: text(at(body, 'metadata.namespace')), name, body };
}

function readAll(manifests: readonly string[]): ReadonlyMap<string, RenderedObject> | string {
  const objects = new Map<string, RenderedObject>();
  for (const [i, manifest] of manifests.entries()) {
    let object: RenderedObject | undefined;
    try {
      object = read(manifest);
    } catch {
      return `manifest ${i + 1} is not JSON`;
    }
    if (!object) return `manifest ${i + 1} has no apiVersion, kind or name`;
    const key = [object.group, object.kind, object.namespace, object.name].join('\0');
    if (objects.has(key)) return `${object.kind} ${object.name} is rendered twice`;
    objects.set(key, object);
  }
  return objects;
}

function immutableChange(before: RenderedObject, after: RenderedObject): ReversibilityBar | undefined {
  const { kind } = before;
  if (WITH_SELECTOR.includes(kind) && differs(before.body, after.body, 'spec.selector')) return 'immutable-selector';
  const fields = IMMUTABLE_FIELDS.get(kind) ?? [];
  if (fields.some((field) => differs(before.body, after.body, field))) return 'immutable-field';
  const holdsValues = kind === 'ConfigMap' || kind === 'Secret';
  const frozen = holdsValues && [before, after].some((side) => side.body['immutable'] === true);
  return frozen ? 'immutable-field' : undefined;
}

function barOf(before: RenderedObject | undefined, after: RenderedObject | undefined): ReversibilityBar | undefined {
  const sides = [before, after].filter((side) => side !== undefined);
  for (const { kind, body } of sides) {
    const bar = BARRED_KINDS.get(kind) ?? (isHook(body) ? 'hook' : undefined);
    if (bar) return bar;
  }
  return before && after ? immutableChange(before, after) : undefined;
}

/**
 * Compares two renderings of one application (JSON manifests, as Argo CD answers them) object by object, sorted by
 * group, kind, namespace and name. What cannot be read makes the whole comparison `unreadable`: unknown is never a yes.
 */
export function compareManifests(before: readonly string[], after: readonly string[]): ManifestComparison {
  const from = readAll(before);
  if (typeof from === 'string') return { kind: 'unreadable', why: `before: ${from}` };
  const to = readAll(after);
  if (typeof to === 'string') return { kind: 'unreadable', why: `after: ${to}` };
  const changed: ChangedObject[] = [];
  for (const key of [...new Set([...from.keys(), ...to.keys()])].toSorted()) {
    const a = from.get(key);
    const b = to.get(key);
    const side = a ?? b;
    if (!side || (a && b && canonicalJson(a.body) === canonicalJson(b.body))) continue;
    const bar = barOf(a, b);
    changed.push({
      group: side.group,
      kind: side.kind,
      namespace: side.namespace,
      name: side.name,
      change: a && b ? 'modified' : a ? 'removed' : 'added',
      ...(bar === undefined ? {} : { bar }),
    });
  }
  return { kind: 'compared', changed };
}

/** The changed objects that bar an automatic merge. */
export const barringObjects = (changed: readonly ChangedObject[]): readonly ChangedObject[] =>
  changed.filter((object) => object.bar !== undefined);
