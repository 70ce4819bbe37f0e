import { OperatorError } from '../../base/errors.js';
import { workloadStatusOf } from '../../model/workload-status.js';
import type { PodTrouble, WorkloadReference, WorkloadStatus } from '../../model/workload.js';
import type { Kubernetes } from '../../ports/kubernetes.js';
import type { KubernetesCalls, ObjectPlace, PlainObject } from './kubernetes-calls.js';
import { labelSelectorOf } from './label-selector.js';
import { findNewestReplicaSet } from './newest-replica-set.js';
import { podTroublesOf } from './pod-troubles.js';

/** `group/Kind` to the plural in the address. */
const PLURALS: Readonly<Record<string, string>> = {
  'apps/Deployment': 'deployments',
  'apps/ReplicaSet': 'replicasets',
  'apps/StatefulSet': 'statefulsets',
  'apps/DaemonSet': 'daemonsets',
  'argoproj.io/Rollout': 'rollouts',
};
const PAGE = 500;

/**
 * Kubernetes through `@kubernetes/client-node`; made by `createKubernetes`. Needs get on workloads, list on replicasets
 * and pods.
 */
export class ClientNodeKubernetes implements Kubernetes {
  constructor(private readonly calls: KubernetesCalls) {}

  async getDeploymentStatus(workload: WorkloadReference, signal: AbortSignal): Promise<WorkloadStatus> {
    const object = await this.#get(workload, signal);
    const apiVersion = `${workload.group}/${workload.version}`;
    const status = workloadStatusOf({ apiVersion, kind: workload.kind, ...object });
    if (workload.kind !== 'Deployment') return status;
    const newest = await this.#newestReplicaSet(workload, object, signal);
    if (newest === undefined) return status;
    return { ...status, updatedAvailable: workloadStatusOf({ kind: 'ReplicaSet', ...newest }).available };
  }

  async listPods(workload: WorkloadReference, signal: AbortSignal): Promise<readonly PodTrouble[]> {
    const object = await this.#get(workload, signal);
    const selector = labelSelectorOf(object);
    if (selector === undefined) {
      const why = `${workload.kind} ${workload.namespace}/${workload.name} has no selector to find its pods by`;
      throw new OperatorError('KUBERNETES_NO_SELECTOR', 'terminal', why);
    }
    return podTroublesOf(await this.calls.listPods(workload.namespace, selector, PAGE, signal));
  }

  version(signal: AbortSignal): Promise<string> {
    return this.calls.version(signal);
  }

  async #get(workload: WorkloadReference, signal: AbortSignal): Promise<PlainObject> {
    return this.calls.getObject(placeOf(workload), workload.name, signal);
  }

  /** Undefined = cannot be told: not permitted to list, or not there (yet). */
  async #newestReplicaSet(
    workload: WorkloadReference,
    deployment: PlainObject,
    signal: AbortSignal,
  ): Promise<PlainObject | undefined> {
    const selector = labelSelectorOf(deployment);
    if (selector === undefined) return undefined;
    try {
      const place = { ...placeOf(workload), plural: 'replicasets' };
      return findNewestReplicaSet(deployment, await this.calls.listObjects(place, selector, PAGE, signal));
    } catch (error) {
      // Without that right the newest revision's count stays unknown; the Deployment's own counts stand.
      if (error instanceof OperatorError && error.category === 'denied') return undefined;
      throw error;
    }
  }
}

function placeOf({ group, version, kind, namespace, name }: WorkloadReference): ObjectPlace {
  const plural = PLURALS[`${group}/${kind}`];
  if (plural !== undefined) return { group, version, namespace, plural };
  const why = `${group}/${kind} ${namespace}/${name} is no workload with replicas that the operator knows`;
  throw new OperatorError('WORKLOAD_UNREADABLE', 'terminal', why);
}
