import { groupOf, objectsAt, stringAt, versionOf } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { LiveEntry } from '../workloads/cluster.js';
import { objectHealth } from '../workloads/workload-health.js';
import { resourceHealth } from '../world/application-health.js';
import { imagesOf } from '../world/apply-targets.js';
import type { SimulatedApplication } from '../world/simulated-application.js';

/** The resource tree of an application: what it applied, and the ReplicaSets and pods below. */
export function resourceTree(app: SimulatedApplication): JsonObject {
  const { cluster } = app.surroundings;
  const nodes = [...app.managed.values()].flatMap((reference) => {
    const entry = cluster.find(reference);
    if (!entry) return [];
    const health = resourceHealth(app, reference);
    const own = node(cluster.liveObject(entry), health ? { health } : {});
    const below = [...cluster.replicaSets(entry), ...cluster.pods(entry)].map((live) => childNode(live));
    return [own, ...below];
  });
  return { nodes };
}

function node(live: JsonObject, extra: JsonObject): JsonObject {
  const apiVersion = stringAt(live, 'apiVersion') ?? '';
  const metadata = (key: string): string => stringAt(live, 'metadata', key) ?? '';
  const images = live['kind'] === 'Pod' ? [] : imagesOf(live);
  return {
    ...(groupOf(apiVersion) === '' ? {} : { group: groupOf(apiVersion) }),
    version: versionOf(apiVersion),
    kind: live['kind'],
    ...(metadata('namespace') === '' ? {} : { namespace: metadata('namespace') }),
    name: metadata('name'),
    uid: metadata('uid'),
    resourceVersion: metadata('resourceVersion'),
    createdAt: metadata('creationTimestamp'),
    ...(images.length === 0 ? {} : { images }),
    ...extra,
  };
}

function childNode(live: JsonObject): JsonObject {
  const [owner = {}] = objectsAt(live, 'metadata', 'ownerReferences');
  const health = objectHealth(live);
  return node(live, {
    parentRefs: [
      {
        group: 'apps',
        kind: stringAt(owner, 'kind'),
        namespace: stringAt(live, 'metadata', 'namespace'),
        name: stringAt(owner, 'name'),
        uid: stringAt(owner, 'uid'),
      },
    ],
    ...(live['kind'] === 'Pod' ? podDetails(live) : {}),
    ...(health ? { health } : {}),
  });
}

function podDetails(pod: JsonObject): JsonObject {
  const containers = objectsAt(pod, 'status', 'containerStatuses');
  const ready = containers.filter((container) => container['ready'] === true).length;
  const reasons = containers.map((container) => stringAt(container, 'state', 'waiting', 'reason'));
  const reason = reasons.find((r) => r !== undefined) ?? stringAt(pod, 'status', 'phase') ?? '';
  return {
    images: objectsAt(pod, 'spec', 'containers').map((container) => stringAt(container, 'image') ?? ''),
    info: [
      { name: 'Status Reason', value: reason },
      { name: 'Containers', value: `${ready}/${containers.length}` },
    ],
  };
}

/** An object of the application's tree by kind, namespace and name, ReplicaSets and pods too. */
export function findInTree(
  app: SimulatedApplication,
  kind: string,
  namespace: string,
  name: string,
): JsonObject | undefined {
  const { cluster } = app.surroundings;
  for (const reference of app.managed.values()) {
    const entry: LiveEntry | undefined = cluster.find(reference);
    if (!entry) continue;
    const all = [cluster.liveObject(entry), ...cluster.replicaSets(entry), ...cluster.pods(entry)];
    const found = all.find(
      (live) =>
        live['kind'] === kind &&
        stringAt(live, 'metadata', 'name') === name &&
        (stringAt(live, 'metadata', 'namespace') ?? '') === namespace,
    );
    if (found) return found;
  }
  return undefined;
}
