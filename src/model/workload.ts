/** A workload of an application, as Argo CD names it. */
export interface WorkloadReference {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What Kubernetes says of one workload (architecture: `getDeploymentStatus`). */
export interface WorkloadStatus extends WorkloadReference {
  readonly desired: number;
  /** `availableReplicas ?? 0`: the field is omitted when it is 0. */
  readonly available: number;
  /** Available replicas of the newest revision; undefined = could not be told. */
  readonly updatedAvailable?: number;
  /** False while the controller has not looked at the newest spec: then the numbers mean nothing. */
  readonly observed: boolean;
  /** Argo CD's tracking id on the live object (`<app>:<group>/<kind>:<namespace>/<name>`), if it carries one. */
  readonly trackingId?: string;
}

/** What went wrong in a pod, for the diagnosis in the pull request. */
export interface PodTrouble {
  readonly pod: string;
  readonly container: string;
  readonly reason: string;
  readonly message: string;
  readonly exitCode?: number;
  readonly restarts: number;
}
