import type { EpochMs } from '../../model/application.js';
import { groupOf, objectAt, stringAt, versionOf } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { PodFailure } from './pod-failure.js';
import { podObject } from './pod-object.js';
import { availablePods, readyPods } from './replica-set.js';
import type { SimulatedReplicaSet } from './replica-set.js';
import { rfc3339, stableUid } from './object-identity.js';
import { DEFAULT_PROGRESS_DEADLINE_SECONDS, desiredReplicas } from './rollout-math.js';
import { WorkloadRollout } from './workload-rollout.js';
import { workloadStatus } from './workload-status.js';

/** What names an object in a cluster; `namespace` is '' for cluster-wide kinds. */
export interface ObjectReference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One string for an object of a cluster. */
export const referenceKey = (r: ObjectReference): string => `${r.group}/${r.kind}/${r.namespace}/${r.name}`;

const CLUSTER_WIDE: readonly string[] = ['Namespace', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding'];
const ROLLED_OUT: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** How a manifest is named once it is in a cluster. */
export function referenceOf(manifest: JsonObject, defaultNamespace: string): ObjectReference {
  const kind = stringAt(manifest, 'kind') ?? '';
  const namespace = stringAt(manifest, 'metadata', 'namespace') ?? defaultNamespace;
  return {
    group: groupOf(stringAt(manifest, 'apiVersion') ?? ''),
    kind,
    namespace: CLUSTER_WIDE.includes(kind) ? '' : namespace,
    name: stringAt(manifest, 'metadata', 'name') ?? '',
  };
}

/** An object that was applied to the cluster; `applied` is the manifest as it was handed in. */
export interface LiveEntry {
  readonly reference: ObjectReference;
  readonly version: string;
  readonly applied: JsonObject;
  readonly createdAt: EpochMs;
  readonly resourceVersion: number;
  readonly rollout: WorkloadRollout | undefined;
}

/** How fast the workloads of a cluster move, and what may go wrong with them. */
export interface ClusterSettings {
  readonly podStartMs: number;
  readonly observeMs: number;
  readonly speed: number;
  /** What keeps pods of this template from being ready, for the application that owns it. */
  readonly failureOf: (template: JsonObject, owner: string) => PodFailure | undefined;
}

/** The objects of one Kubernetes cluster and the controllers that move its workloads. */
export class Cluster {
  readonly #entries = new Map<string, LiveEntry>();
  #resourceVersion = 1000;
  constructor(private readonly settings: ClusterSettings) {}

  /** Creates or updates an object for an application (`owner`). */
  apply(manifest: JsonObject, defaultNamespace: string, owner: string, at: EpochMs): void {
    const reference = referenceOf(manifest, defaultNamespace);
    const key = referenceKey(reference);
    const known = this.#entries.get(key);
    const rollout =
      known?.rollout ??
      (ROLLED_OUT.includes(reference.kind)
        ? new WorkloadRollout({ ...this.settings, failureOf: (template) => this.settings.failureOf(template, owner) })
        : undefined);
    rollout?.apply(manifest, at);
    this.#resourceVersion += 1;
    const version = versionOf(stringAt(manifest, 'apiVersion') ?? 'v1');
    const createdAt = known?.createdAt ?? at;
    this.#entries.set(key, {
      reference,
      version,
      applied: manifest,
      createdAt,
      resourceVersion: this.#resourceVersion,
      rollout,
    });
  }
  remove(reference: ObjectReference): void {
    this.#entries.delete(referenceKey(reference));
  }
  find(reference: ObjectReference): LiveEntry | undefined {
    return this.#entries.get(referenceKey(reference));
  }
  list(kind: string, namespace?: string): readonly LiveEntry[] {
    return [...this.#entries.values()].filter(
      ({ reference }) => reference.kind === kind && (namespace === undefined || reference.namespace === namespace),
    );
  }
  advance(now: EpochMs): void {
    for (const entry of this.#entries.values()) entry.rollout?.advance(now);
  }

  /** The object as the API shows it, with defaults and status. */
  liveObject(entry: LiveEntry): JsonObject {
    const { applied, reference, rollout } = entry;
    const metadata = {
      ...objectAt(applied, 'metadata'),
      ...(reference.namespace === '' ? {} : { namespace: reference.namespace }),
      uid: stableUid(referenceKey(reference)),
      resourceVersion: String(entry.resourceVersion + (rollout ? Math.floor(rollout.at / 1000) : 0)),
      creationTimestamp: rfc3339(entry.createdAt),
    };
    if (!rollout) return { ...applied, metadata };
    const annotations = {
      ...objectAt(metadata, 'annotations'),
      ...(reference.kind === 'Deployment' && {
        'deployment.kubernetes.io/revision': String(rollout.current?.revision ?? 0),
      }),
    };
    return {
      ...applied,
      metadata: { ...metadata, generation: rollout.generation, annotations },
      spec: { ...defaultSpec(reference.kind, applied), ...objectAt(applied, 'spec') },
      status: workloadStatus(rollout),
    };
  }
  /** The ReplicaSets of a Deployment, oldest first; other workloads own their pods themselves. */
  replicaSets(entry: LiveEntry): readonly JsonObject[] {
    if (entry.reference.kind !== 'Deployment' || !entry.rollout) return [];
    return entry.rollout.replicaSets.map((set) => this.#replicaSetObject(entry, set));
  }
  pods(entry: LiveEntry): readonly JsonObject[] {
    const rollout = entry.rollout;
    if (!rollout) return [];
    return rollout.replicaSets.flatMap((set) =>
      set.pods.map((pod) =>
        podObject(set, pod, {
          namespace: entry.reference.namespace,
          owner: ownerOf(entry, set),
          at: rollout.at,
          speed: this.settings.speed,
          ailing: rollout.ailing && set === rollout.current,
        }),
      ),
    );
  }

  #replicaSetObject(entry: LiveEntry, set: SimulatedReplicaSet): JsonObject {
    const { reference, rollout } = entry;
    const { name, uid } = ownerOf(entry, set);
    const at = rollout?.at ?? 0;
    const hurt = rollout?.ailing === true && set === rollout.current;
    const counts = {
      readyReplicas: hurt ? 0 : readyPods(set, at),
      availableReplicas: hurt ? 0 : availablePods(set, at),
    };
    const labels = { ...objectAt(set.template, 'metadata', 'labels'), 'pod-template-hash': set.hash };
    return {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: reference.namespace,
        uid,
        resourceVersion: String(entry.resourceVersion),
        generation: 1,
        creationTimestamp: rfc3339(set.createdAt),
        labels,
        annotations: { 'deployment.kubernetes.io/revision': String(set.revision) },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: reference.name,
            uid: stableUid(referenceKey(reference)),
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: {
        replicas: set.pods.length,
        selector: { matchLabels: labels },
        template: { ...set.template, metadata: { labels } },
      },
      status: {
        replicas: set.pods.length,
        fullyLabeledReplicas: set.pods.length,
        ...Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0)),
        observedGeneration: 1,
      },
    };
  }
}

function ownerOf(entry: LiveEntry, set: SimulatedReplicaSet): { kind: string; name: string; uid: string } {
  const { reference } = entry;
  if (reference.kind !== 'Deployment') {
    return { kind: reference.kind, name: reference.name, uid: stableUid(referenceKey(reference)) };
  }
  const name = `${reference.name}-${set.hash}`;
  return { kind: 'ReplicaSet', name, uid: stableUid(referenceKey({ ...reference, kind: 'ReplicaSet', name })) };
}

function defaultSpec(kind: string, applied: JsonObject): JsonObject {
  if (kind === 'DaemonSet') return {};
  const replicas = desiredReplicas(applied);
  if (kind === 'StatefulSet') return { replicas };
  return {
    replicas,
    progressDeadlineSeconds: DEFAULT_PROGRESS_DEADLINE_SECONDS,
    revisionHistoryLimit: 10,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  };
}
