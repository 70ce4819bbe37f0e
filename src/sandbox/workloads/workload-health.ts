import type { HealthStatus } from '../../model/application.js';
import { numberAt, objectsAt, stringAt, valueAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { desiredReplicas } from './rollout-math.js';

/** Health of one resource in Argo CD's words. */
export interface ResourceHealth {
  readonly status: HealthStatus;
  readonly message?: string;
}

/** Kinds Argo CD has a health check for that the sandbox has nothing to say against. */
const ALWAYS_HEALTHY: readonly string[] = [
  'Service',
  'Ingress',
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'Job',
  'CronJob',
  'ReplicaSet',
];

/** Argo CD's built-in health of a live object; undefined = a kind without health (ConfigMap, ServiceAccount). */
export function objectHealth(live: JsonObject): ResourceHealth | undefined {
  const kind = stringAt(live, 'kind') ?? '';
  switch (kind) {
    case 'Deployment':
      return deploymentHealth(live);
    case 'StatefulSet':
      return statefulSetHealth(live);
    case 'DaemonSet':
      return daemonSetHealth(live);
    case 'Pod':
      return podHealth(live);
    default:
      return ALWAYS_HEALTHY.includes(kind) ? { status: 'Healthy' } : undefined;
  }
}

/** `health_deployment.go`: a missed progress deadline is the only way to be Degraded. */
function deploymentHealth(live: JsonObject): ResourceHealth {
  const desired = desiredReplicas(live);
  const count = (field: string): number => numberAt(live, 'status', field) ?? 0;
  if (valueAt(live, 'spec', 'paused') === true) return { status: 'Suspended', message: 'Deployment is paused' };
  if ((numberAt(live, 'metadata', 'generation') ?? 0) > count('observedGeneration')) {
    return progressing('Waiting for rollout to finish: observed deployment generation less than desired generation');
  }
  const progress = objectsAt(live, 'status', 'conditions').find((c) => c['type'] === 'Progressing');
  if (progress?.['reason'] === 'ProgressDeadlineExceeded') {
    return {
      status: 'Degraded',
      message: `Deployment "${stringAt(live, 'metadata', 'name') ?? ''}" exceeded its progress deadline`,
    };
  }
  if (count('updatedReplicas') < desired) {
    return progressing(
      `Waiting for rollout to finish: ${count('updatedReplicas')} out of ${desired} new replicas have been updated...`,
    );
  }
  if (count('replicas') > count('updatedReplicas')) {
    const old = count('replicas') - count('updatedReplicas');
    return progressing(`Waiting for rollout to finish: ${old} old replicas are pending termination...`);
  }
  if (count('availableReplicas') < count('updatedReplicas')) {
    const of = `${count('availableReplicas')} of ${count('updatedReplicas')}`;
    return progressing(`Waiting for rollout to finish: ${of} updated replicas are available...`);
  }
  return { status: 'Healthy' };
}

/** `health_statefulset.go`: never Degraded. */
function statefulSetHealth(live: JsonObject): ResourceHealth {
  const desired = desiredReplicas(live);
  const ready = numberAt(live, 'status', 'readyReplicas') ?? 0;
  if ((numberAt(live, 'metadata', 'generation') ?? 0) > (numberAt(live, 'status', 'observedGeneration') ?? 0)) {
    return progressing('Waiting for statefulset spec update to be observed...');
  }
  if (ready < desired) return progressing(`Waiting for ${desired - ready} pods to be ready...`);
  if (stringAt(live, 'status', 'currentRevision') !== stringAt(live, 'status', 'updateRevision')) {
    return progressing('waiting for statefulset rolling update to complete');
  }
  return { status: 'Healthy' };
}

/** `health_daemonset.go`: never Degraded. */
function daemonSetHealth(live: JsonObject): ResourceHealth {
  const count = (field: string): number => numberAt(live, 'status', field) ?? 0;
  if ((numberAt(live, 'metadata', 'generation') ?? 0) > count('observedGeneration')) {
    return progressing(
      'Waiting for daemon set rollout to finish: observed daemon set generation less than desired generation',
    );
  }
  const desired = count('desiredNumberScheduled');
  if (count('updatedNumberScheduled') < desired || count('numberAvailable') < desired) {
    const of = `${count('numberAvailable')} of ${desired}`;
    return progressing(`Waiting for daemon set rollout to finish: ${of} updated pods are available...`);
  }
  return { status: 'Healthy' };
}

/** `health_pod.go`: a container that waits with an error is Degraded. */
function podHealth(live: JsonObject): ResourceHealth {
  for (const container of objectsAt(live, 'status', 'containerStatuses')) {
    const reason = stringAt(container, 'state', 'waiting', 'reason') ?? '';
    if (/(?:BackOff|Error)$|^Err/.test(reason)) {
      return { status: 'Degraded', message: stringAt(container, 'state', 'waiting', 'message') ?? reason };
    }
  }
  const ready = objectsAt(live, 'status', 'conditions').some((c) => c['type'] === 'Ready' && c['status'] === 'True');
  return ready ? { status: 'Healthy' } : progressing('');
}

const progressing = (message: string): ResourceHealth => ({
  status: 'Progressing',
  ...(message === '' ? {} : { message }),
});
