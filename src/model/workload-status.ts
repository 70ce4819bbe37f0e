import { OperatorError } from '../base/errors.js';
import type { WorkloadStatus } from './workload.js';

/** Annotation by which Argo CD marks what it deployed. */
const TRACKING_ID = 'argocd.argoproj.io/tracking-id';

type Json = Readonly<Record<string, unknown>>;

/** The counts of one workload, whatever its kind calls them: `total` pods, `updated` of them of the newest revision. */
interface Counts {
  readonly desired: number;
  readonly available: number;
  readonly updated: number;
  readonly total: number;
}

/**
 * What a live object says of its replicas (argocd facts 4.1); the same for an object read from Kubernetes and one read
 * through Argo CD. Kubernetes leaves a count out when it is 0, and a default of 1 replica may be left out of the spec.
 * Throws `WORKLOAD_UNREADABLE` (terminal) for a kind without replicas or an object without name.
 */
export function workloadStatusOf(object: Json): WorkloadStatus {
  const metadata = child(object, 'metadata');
  const kind = textAt(object, 'kind') ?? '';
  const name = textAt(metadata, 'name');
  if (name === undefined) {
    throw new OperatorError('WORKLOAD_UNREADABLE', 'terminal', `a live ${kind || 'object'} without a name was read`);
  }
  const [group, version] = splitApiVersion(textAt(object, 'apiVersion') ?? '');
  const status = child(object, 'status');
  const counts = countsOf(kind, child(object, 'spec'), status);
  const updatedAvailable = updatedAvailableOf(counts);
  const trackingId = textAt(child(metadata, 'annotations'), TRACKING_ID);
  return {
    group,
    version,
    kind,
    namespace: textAt(metadata, 'namespace') ?? '',
    name,
    desired: counts.desired,
    available: counts.available,
    ...(updatedAvailable === undefined ? {} : { updatedAvailable }),
    observed: isObserved(metadata['generation'], status['observedGeneration']),
    ...(trackingId === undefined ? {} : { trackingId }),
  };
}

function countsOf(kind: string, spec: Json, status: Json): Counts {
  const available = count(status, 'availableReplicas') ?? 0;
  const total = count(status, 'replicas') ?? 0;
  const desired = count(spec, 'replicas') ?? 1;
  switch (kind) {
    case 'Deployment':
    case 'Rollout':
      return { desired, available, total, updated: count(status, 'updatedReplicas') ?? 0 };
    case 'ReplicaSet':
      return { desired, available, total, updated: total };
    case 'StatefulSet':
      // Clusters before 1.22 do not know `availableReplicas`; 0 would then be a shortage that nobody saw.
      return {
        desired,
        total,
        available: count(status, 'availableReplicas') ?? count(status, 'readyReplicas') ?? 0,
        updated: updatedInSet(status, total),
      };
    case 'DaemonSet':
      return {
        desired: count(status, 'desiredNumberScheduled') ?? 0,
        available: count(status, 'numberAvailable') ?? 0,
        total: count(status, 'currentNumberScheduled') ?? 0,
        updated: count(status, 'updatedNumberScheduled') ?? 0,
      };
    default:
      throw new OperatorError('WORKLOAD_UNREADABLE', 'terminal', `${kind || 'no kind'} has no replicas to count`);
  }
}
/** A set whose roll-out is over counts all its pods as new, and may leave `updatedReplicas` at 0. */
function updatedInSet(status: Json, total: number): number {
  const update = textAt(status, 'updateRevision');
  if (update !== undefined && update === textAt(status, 'currentRevision')) return total;
  return count(status, 'updatedReplicas') ?? 0;
}

/**
 * Available pods of the newest revision, where the counts leave no doubt: at most all the updated ones are available,
 * at least those that the old ones cannot be. Two limits that differ = not known.
 */
function updatedAvailableOf({ available, updated, total }: Counts): number | undefined {
  const most = Math.min(available, updated);
  const least = Math.max(0, available - Math.max(0, total - updated));
  return most === least ? most : undefined;
}

/** Argo Rollouts write `observedGeneration` as a string. Absent or unreadable = not observed. */
function isObserved(generation: unknown, observedGeneration: unknown): boolean {
  const isText = typeof observedGeneration === 'string' && observedGeneration !== '';
  const seen = isText ? Number(observedGeneration) : observedGeneration;
  return typeof generation === 'number' && typeof seen === 'number' && seen >= generation;
}

function splitApiVersion(apiVersion: string): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
function child(object: Json, key: string): Json {
  const value = object[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
function textAt(object: Json, key: string): string | undefined {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
}
function count(object: Json, key: string): number | undefined {
  const value = object[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
