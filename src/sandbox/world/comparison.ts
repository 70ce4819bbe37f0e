import { canonicalJson } from '../../base/hash.js';
import { objectAt, stringAt, stringsAt, versionOf } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { referenceKey, referenceOf } from '../workloads/cluster.js';
import type { Cluster, LiveEntry, ObjectReference } from '../workloads/cluster.js';

/** Annotation by which Argo CD knows its own objects. */
export const TRACKING_ANNOTATION = 'argocd.argoproj.io/tracking-id';
const HOOK_ANNOTATION = 'argocd.argoproj.io/hook';

/** One entry of `status.resources`. */
export interface ComparedResource {
  readonly reference: ObjectReference;
  readonly version: string;
  readonly status: 'Synced' | 'OutOfSync';
  readonly requiresPruning: boolean;
  readonly live: boolean;
}

/** Marks a manifest as an application's own, as Argo CD does with every target it renders (tracking by annotation). */
export function withTracking(manifest: JsonObject, owner: string, defaultNamespace: string): JsonObject {
  const { group, kind, namespace, name } = referenceOf(manifest, defaultNamespace);
  const metadata = objectAt(manifest, 'metadata');
  const id = `${owner}:${group}/${kind}:${namespace || defaultNamespace}/${name}`;
  const annotations = { ...objectAt(metadata, 'annotations'), [TRACKING_ANNOTATION]: id };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

/** Hooks are run by a sync, not compared and not counted for health. */
export const isHook = (manifest: JsonObject): boolean =>
  stringsAt(manifest, 'metadata', 'annotations')[HOOK_ANNOTATION] !== undefined;

/** Target against live, resource by resource; `managed` is what the application has put into the cluster so far. */
export function compareResources(
  targets: readonly JsonObject[],
  managed: Iterable<ObjectReference>,
  cluster: Cluster,
  defaultNamespace: string,
): readonly ComparedResource[] {
  const compared = new Map<string, ComparedResource>();
  for (const target of targets.filter((t) => !isHook(t))) {
    const reference = referenceOf(target, defaultNamespace);
    const live = cluster.find(reference);
    const same = live !== undefined && canonicalJson(live.applied) === canonicalJson(target);
    compared.set(referenceKey(reference), {
      reference,
      version: versionOf(stringAt(target, 'apiVersion') ?? 'v1'),
      status: same ? 'Synced' : 'OutOfSync',
      requiresPruning: false,
      live: live !== undefined,
    });
  }
  for (const reference of managed) {
    const live: LiveEntry | undefined = cluster.find(reference);
    if (!live || compared.has(referenceKey(reference))) continue;
    compared.set(referenceKey(reference), {
      reference,
      version: live.version,
      status: 'OutOfSync',
      requiresPruning: true,
      live: true,
    });
  }
  return [...compared.values()];
}
