/** `<namespace>/<name>` of one Argo CD Application. */
export type ApplicationKey = `${string}/${string}`;
export type EpochMs = number;
/** A resolved commit id (40 hex), or a chart version for chart sources. What people are shown; decisions compare content. */
export type Revision = string;

export const HEALTH_STATUSES = ['Healthy', 'Progressing', 'Suspended', 'Missing', 'Degraded', 'Unknown'] as const;
/** Argo CD's own word about an application. `Unknown` also stands for an answer that could not be had or is stale. */
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

export const applicationKey = (namespace: string, name: string): ApplicationKey => `${namespace}/${name}`;

export interface ApplicationName {
  readonly namespace: string;
  readonly name: string;
}

/** The two parts of a key. */
export function splitApplicationKey(key: ApplicationKey): ApplicationName {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

export interface Destination {
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** One source of an application as its spec says it; everything but `repoURL` may be absent. Unknown fields are kept: they are part of the content. */
export interface SourceSettings {
  readonly repoURL: string;
  readonly path?: string;
  readonly targetRevision?: string;
  readonly chart?: string;
  readonly ref?: string;
  readonly [setting: string]: unknown;
}

/** What the fleet list says about one application: enough to find suspects, never enough to act. */
export interface FleetEntry {
  readonly application: ApplicationKey;
  readonly project: string;
  readonly destination: Destination;
  readonly health: HealthStatus;
  readonly healthChangedAt?: EpochMs;
  readonly syncStatus: string;
  readonly syncRevision?: Revision;
  readonly operationPhase?: string;
  readonly operationFinishedAt?: EpochMs;
}

/** An application with its sources: to find out who else renders from a file. */
export interface FleetSource {
  readonly application: ApplicationKey;
  readonly project: string;
  readonly destination: Destination;
  readonly annotations: Readonly<Record<string, string>>;
  readonly sources: readonly SourceSettings[];
  readonly shape: SourceShape;
}
export type SourceShape = 'single' | 'multiple' | 'hydrator';

export interface DeployedState {
  readonly revisions: readonly Revision[];
  readonly sources: readonly SourceSettings[];
  readonly startedAt?: EpochMs;
  readonly finishedAt?: EpochMs;
}
export interface HistoryEntry {
  readonly id: number;
  readonly revisions: readonly Revision[];
  readonly sources: readonly SourceSettings[];
  readonly deployStartedAt?: EpochMs;
  readonly deployedAt: EpochMs;
}
export interface ResourceStatus {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Absent = Argo CD does not say: unknown. */
  readonly health?: HealthStatus;
  readonly syncStatus?: string;
  readonly hook: boolean;
  readonly requiresPruning: boolean;
}
export interface ApplicationCondition {
  readonly type: string;
  readonly message: string;
}
export interface SyncOperation {
  readonly phase: string;
  readonly message: string;
  readonly revision?: Revision;
  readonly startedAt?: EpochMs;
  readonly finishedAt?: EpochMs;
  readonly retryCount: number;
}

/** One live GET of an application: what `getApplicationHealth` of the architecture answers. */
export interface ApplicationSnapshot {
  readonly application: ApplicationKey;
  readonly project: string;
  readonly destination: Destination;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Namespace of the Argo CD that controls it; applications elsewhere carry their namespace in the tracking id. */
  readonly controllerNamespace?: string;
  readonly deleting: boolean;
  readonly ownedByApplicationSet: boolean;
  readonly shape: SourceShape;
  readonly sources: readonly SourceSettings[];
  readonly sourceType?: string;
  readonly automated: { readonly enabled: boolean; readonly prune: boolean; readonly selfHeal: boolean };
  readonly health: HealthStatus;
  readonly healthChangedAt?: EpochMs;
  readonly reconciledAt?: EpochMs;
  readonly syncStatus: string;
  readonly syncRevisions: readonly Revision[];
  /** From `operationState.syncResult` (the last real sync), else the newest history entry; undefined = cannot be told. */
  readonly deployed?: DeployedState;
  readonly operation?: SyncOperation;
  /** An operation is requested, running, terminating or waiting for its retry. */
  readonly operationRunning: boolean;
  readonly history: readonly HistoryEntry[];
  readonly resources: readonly ResourceStatus[];
  readonly conditions: readonly ApplicationCondition[];
}

/** Address by which Argo CD knows the cluster it runs in; its name there is `in-cluster`. */
export const IN_CLUSTER_SERVER = 'https://kubernetes.default.svc';
/** Does the operator's own Kubernetes client look at the cluster this application is deployed to? */
export const isInCluster = ({ destination: d }: Pick<ApplicationSnapshot, 'destination'>): boolean =>
  d.server === IN_CLUSTER_SERVER || (d.server === undefined && d.name === 'in-cluster');

const WORKLOAD_KINDS: readonly string[] = ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Rollout'];
/** The kinds whose replicas a rollback can bring back (I2, cause). */
export const isWorkload = (r: Pick<ResourceStatus, 'kind' | 'hook'>): boolean =>
  WORKLOAD_KINDS.includes(r.kind) && !r.hook;
