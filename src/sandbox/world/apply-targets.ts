import type { EpochMs } from '../../model/application.js';
import { objectsAt, stringAt, versionOf } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { referenceKey, referenceOf } from '../workloads/cluster.js';
import type { ObjectReference } from '../workloads/cluster.js';
import { isHook } from './comparison.js';
import type { SimulatedApplication } from './simulated-application.js';
import type { SyncedResource } from './sync-operation.js';

/**
 * The act of a sync: applies the targets to the application's cluster and, with `prune`, removes what is not among
 * them.
 */
export function applyTargets(
  app: SimulatedApplication,
  targets: readonly JsonObject[],
  prune: boolean,
  now: EpochMs,
): readonly SyncedResource[] {
  const { cluster } = app.surroundings;
  const namespace = app.settings.destination.namespace;
  const kept = new Set<string>();
  const results: SyncedResource[] = [];
  for (const target of targets) {
    const reference = referenceOf(target, namespace);
    kept.add(referenceKey(reference));
    const version = versionOf(stringAt(target, 'apiVersion') ?? 'v1');
    const verb = cluster.find(reference) ? 'configured' : 'created';
    const message = `${resourceWords(reference)} ${verb}`;
    results.push({ reference, version, status: 'Synced', message, images: imagesOf(target) });
    if (isHook(target)) continue;
    cluster.apply(target, namespace, app.key, now);
    app.managed.set(referenceKey(reference), reference);
  }
  if (!prune) return results;
  for (const [key, reference] of app.managed) {
    if (kept.has(key)) continue;
    const version = cluster.find(reference)?.version ?? 'v1';
    cluster.remove(reference);
    app.managed.delete(key);
    results.push({ reference, version, status: 'Pruned', message: 'pruned', images: [] });
  }
  return results;
}

/** Images of a manifest's containers, without doubles. */
export function imagesOf(manifest: JsonObject): readonly string[] {
  const containers = objectsAt(manifest, 'spec', 'template', 'spec', 'containers');
  const images = containers.map((c) => stringAt(c, 'image')).filter((image) => image !== undefined);
  return [...new Set(images)];
}

function resourceWords(reference: ObjectReference): string {
  const kind = reference.kind.toLowerCase();
  return `${kind}.${reference.group === '' ? 'core' : reference.group}/${reference.name}`;
}
