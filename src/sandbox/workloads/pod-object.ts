import type { EpochMs } from '../../model/application.js';
import { objectAt, objectsAt, stringAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import { rfc3339, stableUid } from './object-identity.js';
import type { PodFailure } from './pod-failure.js';
import { isReady } from './replica-set.js';
import type { SimulatedPod, SimulatedReplicaSet } from './replica-set.js';

const FIRST_BACKOFF_MS = 10_000;
const LONGEST_BACKOFF_MS = 300_000;

/** Restarts after `ageMs` of a container that dies at once: the kubelet's back-off is 10 s, doubled, at most 5 min. */
export function restartsAfter(ageMs: number): number {
  let restarts = 0;
  let backoffMs = FIRST_BACKOFF_MS;
  for (let at = backoffMs; at <= ageMs; at += backoffMs) {
    backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    restarts += 1;
  }
  return restarts;
}

/** What a pod takes from its workload and its world. */
export interface PodSurroundings {
  readonly namespace: string;
  readonly owner: { readonly kind: string; readonly name: string; readonly uid: string };
  readonly at: EpochMs;
  /** The pod's age is multiplied by it, so that restarts look as old as the world says. */
  readonly speed: number;
  /** Pods that stopped being ready without a new rollout. */
  readonly ailing: boolean;
}

/** A pod as the Kubernetes API shows it. */
export function podObject(set: SimulatedReplicaSet, pod: SimulatedPod, around: PodSurroundings): JsonObject {
  const failure = around.ailing ? (pod.failure ?? 'CrashLoopBackOff') : pod.failure;
  const ready = isReady(pod, around.at) && failure === undefined;
  const containers = objectsAt(set.template, 'spec', 'containers');
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace: around.namespace,
      uid: stableUid(`${around.namespace}/${pod.name}`),
      resourceVersion: '1',
      creationTimestamp: rfc3339(pod.createdAt),
      labels: { ...objectAt(set.template, 'metadata', 'labels'), 'pod-template-hash': set.hash },
      ownerReferences: [{ apiVersion: 'apps/v1', ...around.owner, controller: true, blockOwnerDeletion: true }],
    },
    spec: { ...objectAt(set.template, 'spec'), nodeName: 'sandbox-node-1' },
    status: {
      phase: isStarted(failure) && (ready || failure !== undefined) ? 'Running' : 'Pending',
      startTime: rfc3339(pod.createdAt),
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False' },
        { type: 'ContainersReady', status: ready ? 'True' : 'False' },
        { type: 'PodScheduled', status: 'True' },
      ],
      containerStatuses: containers.map((container) => containerStatus(container, pod, failure, ready, around)),
    },
  };
}

const isStarted = (failure: PodFailure | undefined): boolean =>
  failure !== 'ImagePullBackOff' && failure !== 'CreateContainerConfigError';

function containerStatus(
  container: JsonObject,
  pod: SimulatedPod,
  failure: PodFailure | undefined,
  ready: boolean,
  around: PodSurroundings,
): JsonObject {
  const ageMs = (around.at - pod.createdAt) * around.speed;
  const image = stringAt(container, 'image') ?? '';
  const crashing = failure === 'CrashLoopBackOff' || failure === 'OOMKilled';
  const restartCount = crashing ? restartsAfter(ageMs) + 1 : 0;
  return {
    name: stringAt(container, 'name') ?? '',
    image,
    imageID: isStarted(failure) ? `${image}@sha256:${'0'.repeat(64)}` : '',
    ready,
    started: ready,
    restartCount,
    state: containerState(container, failure, ready, restartCount, pod.readyAt ?? pod.createdAt),
    lastState: crashing ? { terminated: lastExit(failure, around.at) } : {},
  };
}

function lastExit(failure: PodFailure, at: EpochMs): JsonObject {
  const oom = failure === 'OOMKilled';
  return {
    exitCode: oom ? 137 : 1,
    reason: oom ? 'OOMKilled' : 'Error',
    startedAt: rfc3339(at),
    finishedAt: rfc3339(at),
  };
}

function containerState(
  container: JsonObject,
  failure: PodFailure | undefined,
  ready: boolean,
  restarts: number,
  startedAt: EpochMs,
): JsonObject {
  const name = stringAt(container, 'name') ?? '';
  const waiting = (reason: string, message: string): JsonObject => ({ waiting: { reason, message } });
  switch (failure) {
    case 'CrashLoopBackOff':
    case 'OOMKilled': {
      const seconds = Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(restarts - 1, 10), LONGEST_BACKOFF_MS) / 1000;
      return waiting('CrashLoopBackOff', `back-off ${backoffWords(seconds)} restarting failed container=${name}`);
    }
    case 'ImagePullBackOff':
      return waiting('ImagePullBackOff', `Back-off pulling image "${stringAt(container, 'image') ?? ''}"`);
    case 'CreateContainerConfigError':
      return waiting('CreateContainerConfigError', `couldn't find a key that container ${name} needs`);
    case 'NotReady':
      return { running: { startedAt: rfc3339(startedAt) } };
    case undefined:
      return ready ? { running: { startedAt: rfc3339(startedAt) } } : waiting('ContainerCreating', '');
  }
}

const backoffWords = (seconds: number): string =>
  seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
