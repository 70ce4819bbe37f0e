import { stringAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { rfc3339 } from './object-identity.js';
import { readyPods } from './replica-set.js';
import type { WorkloadRollout } from './workload-rollout.js';

/** Kubernetes leaves out numbers that are 0. */
const omitZero = (fields: Readonly<Record<string, number>>): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== 0));

/** `status` of a Deployment, StatefulSet or DaemonSet, as its controller would write it at the rollout's own time. */
export function workloadStatus(rollout: WorkloadRollout): JsonObject {
  switch (stringAt(rollout.manifest, 'kind') ?? '') {
    case 'StatefulSet':
      return statefulSetStatus(rollout);
    case 'DaemonSet':
      return daemonSetStatus(rollout);
    default:
      return deploymentStatus(rollout);
  }
}

function deploymentStatus(rollout: WorkloadRollout): JsonObject {
  const { total, newest, available } = rollout.counts();
  return {
    ...omitZero({
      observedGeneration: rollout.observedGeneration,
      replicas: total,
      updatedReplicas: newest,
      readyReplicas: readyTotal(rollout),
      availableReplicas: available,
      unavailableReplicas: total - available,
    }),
    ...(rollout.progress && {
      conditions: [availableCondition(rollout, available), progressingCondition(rollout)],
    }),
  };
}

function readyTotal(rollout: WorkloadRollout): number {
  const counted = rollout.replicaSets.filter((set) => !(rollout.ailing && set === rollout.current));
  return counted.reduce((n, set) => n + readyPods(set, rollout.at), 0);
}

function availableCondition(rollout: WorkloadRollout, available: number): JsonObject {
  const enough = available >= rollout.desired - rollout.budget.maxUnavailable;
  return condition(
    rollout,
    'Available',
    enough,
    enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  );
}

function progressingCondition(rollout: WorkloadRollout): JsonObject {
  const name = stringAt(rollout.manifest, 'metadata', 'name') ?? '';
  const set = `ReplicaSet "${name}-${rollout.current?.hash ?? ''}"`;
  const reason = rollout.progress?.reason ?? 'ReplicaSetUpdated';
  const messages: Record<typeof reason, string> = {
    NewReplicaSetCreated: `Created new replica set "${name}-${rollout.current?.hash ?? ''}"`,
    FoundNewReplicaSet: `Found new replica set "${name}-${rollout.current?.hash ?? ''}"`,
    ReplicaSetUpdated: `${set} is progressing.`,
    NewReplicaSetAvailable: `${set} has successfully progressed.`,
    DeploymentPaused: 'Deployment is paused',
    ProgressDeadlineExceeded: `${set} has timed out progressing.`,
  };
  return condition(rollout, 'Progressing', reason !== 'ProgressDeadlineExceeded', reason, messages[reason]);
}

function condition(
  rollout: WorkloadRollout,
  type: string,
  holds: boolean,
  reason: string,
  message: string,
): JsonObject {
  const at = rfc3339(rollout.progress?.updatedAt ?? rollout.at);
  return { type, status: holds ? 'True' : 'False', reason, message, lastUpdateTime: at, lastTransitionTime: at };
}

function statefulSetStatus(rollout: WorkloadRollout): JsonObject {
  const name = stringAt(rollout.manifest, 'metadata', 'name') ?? '';
  const { total, newest, available } = rollout.counts();
  const update = `${name}-${rollout.current?.hash ?? ''}`;
  const previous = rollout.replicaSets.find((set) => set !== rollout.current && set.pods.length > 0);
  return {
    observedGeneration: rollout.observedGeneration,
    replicas: total,
    availableReplicas: available,
    ...omitZero({
      readyReplicas: readyTotal(rollout),
      currentReplicas: previous?.pods.length ?? newest,
      updatedReplicas: newest,
    }),
    currentRevision: previous ? `${name}-${previous.hash}` : update,
    updateRevision: update,
  };
}

function daemonSetStatus(rollout: WorkloadRollout): JsonObject {
  const { total, newest, available } = rollout.counts();
  return {
    observedGeneration: rollout.observedGeneration,
    desiredNumberScheduled: rollout.desired,
    currentNumberScheduled: total,
    numberMisscheduled: 0,
    numberReady: readyTotal(rollout),
    ...omitZero({
      updatedNumberScheduled: newest,
      numberAvailable: available,
      numberUnavailable: rollout.desired - available,
    }),
  };
}
