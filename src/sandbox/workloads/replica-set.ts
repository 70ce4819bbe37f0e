import { canonicalJson, sha256 } from '../../base/hash.js';
import type { EpochMs } from '../../model/application.js';
import { objectAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { PodFailure } from './pod-failure.js';

/** A pod, with all that will become of it. */
export interface SimulatedPod {
  readonly name: string;
  readonly createdAt: EpochMs;
  /** When its containers are ready; undefined = never. */
  readonly readyAt: EpochMs | undefined;
  /** When it counts as available: `minReadySeconds` after it is ready. */
  readonly availableAt: EpochMs | undefined;
  readonly failure: PodFailure | undefined;
}

/** One version of a workload's pod template and the pods it has. */
export interface SimulatedReplicaSet {
  readonly hash: string;
  readonly template: JsonObject;
  readonly createdAt: EpochMs;
  revision: number;
  pods: readonly SimulatedPod[];
  /** Pods ever made, for their names. */
  born: number;
}

/** The pod-template-hash of a manifest: equal templates are one ReplicaSet, so a rollback finds the old one again. */
export const templateHash = (manifest: JsonObject): string =>
  sha256(canonicalJson(objectAt(manifest, 'spec', 'template'))).slice(0, 10);

/** Counts as available at this instant? */
export const isAvailable = (pod: SimulatedPod, at: EpochMs): boolean =>
  pod.availableAt !== undefined && pod.availableAt <= at;
/** Are its containers ready at this instant? */
export const isReady = (pod: SimulatedPod, at: EpochMs): boolean => pod.readyAt !== undefined && pod.readyAt <= at;

/** How many of its pods are available. */
export const availablePods = (set: SimulatedReplicaSet, at: EpochMs): number =>
  set.pods.filter((pod) => isAvailable(pod, at)).length;
/** How many of its pods are ready. */
export const readyPods = (set: SimulatedReplicaSet, at: EpochMs): number =>
  set.pods.filter((pod) => isReady(pod, at)).length;

/** Five characters that look like Kubernetes' and are the same in every run. */
export const podSuffix = (set: SimulatedReplicaSet): string => sha256(`${set.hash}/${set.born}`).slice(0, 5);

/** Removes pods, the ones that are not available first, then the youngest. Answers how many went. */
export function removePods(set: SimulatedReplicaSet, count: number, at: EpochMs): number {
  const order = set.pods.toSorted(
    (a, b) => Number(isAvailable(a, at)) - Number(isAvailable(b, at)) || b.createdAt - a.createdAt,
  );
  const doomed = new Set(order.slice(0, Math.max(0, count)));
  set.pods = set.pods.filter((pod) => !doomed.has(pod));
  return doomed.size;
}
