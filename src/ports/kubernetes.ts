import type { PodTrouble, WorkloadReference, WorkloadStatus } from '../model/workload.js';

/** The cluster the operator runs in. Never asked about applications with a remote destination: it would look at the wrong cluster. */
export interface Kubernetes {
  /** `KUBERNETES_NOT_FOUND` (terminal) when the object is not there. */
  getDeploymentStatus(workload: WorkloadReference, signal: AbortSignal): Promise<WorkloadStatus>;
  /** What ails the pods of a workload: waiting reasons, exit codes, restarts; at most 10. */
  listPods(workload: WorkloadReference, signal: AbortSignal): Promise<readonly PodTrouble[]>;
  version(signal: AbortSignal): Promise<string>;
}
