import type { EpochMs } from '../../model/application.js';
import { numberAt, objectAt, stringAt, valueAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';
import type { PodFailure } from './pod-failure.js';
import { availablePods, isAvailable, podSuffix, removePods, templateHash } from './replica-set.js';
import type { SimulatedReplicaSet } from './replica-set.js';
import { DEFAULT_PROGRESS_DEADLINE_SECONDS, desiredReplicas, isRecreate, rollingBudget } from './rollout-math.js';
import { scaleDownRoom, surgeRoom } from './rollout-math.js';
import type { ReplicaCounts, RollingBudget } from './rollout-math.js';

/** How fast a workload moves, and what may go wrong with it. */
export interface RolloutSettings {
  /** From a pod's creation to its readiness; already divided by the world's speed; more than 0. */
  readonly podStartMs: number;
  /** How long the controller takes to look at a new spec; already divided. */
  readonly observeMs: number;
  /** Divides the seconds that a manifest itself names (progress deadline, minReadySeconds). */
  readonly speed: number;
  /** What keeps pods of this template from ever being ready; asked when a pod is made. */
  readonly failureOf: (template: JsonObject) => PodFailure | undefined;
}

/** The Deployment's `Progressing` condition. */
export type ProgressReason =
  | 'NewReplicaSetCreated'
  | 'FoundNewReplicaSet'
  | 'ReplicaSetUpdated'
  | 'NewReplicaSetAvailable'
  | 'DeploymentPaused'
  | 'ProgressDeadlineExceeded';
/** Reason and last update of the `Progressing` condition. */
export interface Progress {
  readonly reason: ProgressReason;
  readonly updatedAt: EpochMs;
}

const NODES = 3;

/**
 * One workload as its controller would move it: exact in time, whenever it is asked. `apply` hands in a new spec,
 * `advance` lets everything happen that is due. Deployments follow the real controller's arithmetic and progress
 * deadline; StatefulSets and DaemonSets are replaced one pod at a time and know no deadline.
 */
export class WorkloadRollout {
  #manifest: JsonObject = {};
  #generation = 0;
  #observed = 0;
  #observeAt: EpochMs | undefined;
  #revision = 0;
  #current: SimulatedReplicaSet | undefined;
  #sets: SimulatedReplicaSet[] = [];
  #progress: Progress | undefined;
  #at: EpochMs = 0;
  /**
   * While set, pods of the newest version are not available and the rollout counts as timed out, whatever the spec
   * says.
   */
  #ailing = false;

  constructor(private readonly settings: RolloutSettings) {}

  get manifest(): JsonObject {
    return this.#manifest;
  }
  get generation(): number {
    return this.#generation;
  }
  get observedGeneration(): number {
    return this.#observed;
  }
  get current(): SimulatedReplicaSet | undefined {
    return this.#current;
  }
  get replicaSets(): readonly SimulatedReplicaSet[] {
    return this.#sets;
  }
  get progress(): Progress | undefined {
    return this.#ailing && this.#progress ? { ...this.#progress, reason: 'ProgressDeadlineExceeded' } : this.#progress;
  }
  get ailing(): boolean {
    return this.#ailing;
  }
  get at(): EpochMs {
    return this.#at;
  }
  get desired(): number {
    return this.#kind === 'DaemonSet' ? NODES : desiredReplicas(this.#manifest);
  }
  get budget(): RollingBudget {
    if (this.#kind !== 'Deployment') return { maxSurge: 0, maxUnavailable: 1 };
    if (isRecreate(this.#manifest)) return { maxSurge: 0, maxUnavailable: 0 };
    return rollingBudget(this.#manifest, this.desired);
  }

  /** A new desired state, at this instant. The same spec again changes nothing. */
  apply(manifest: JsonObject, at: EpochMs): void {
    this.advance(at);
    const changed = JSON.stringify(manifest['spec']) !== JSON.stringify(this.#manifest['spec']);
    this.#manifest = manifest;
    if (!changed && this.#generation > 0) return;
    this.#generation += 1;
    this.#observeAt = at + this.settings.observeMs;
    this.advance(at);
  }

  ail(ailing: boolean): void {
    this.#ailing = ailing;
  }

  /** Lets everything happen that is due by `now`, each thing at its own time. */
  advance(now: EpochMs): void {
    for (let next = this.#nextEvent(now); next !== undefined; next = this.#nextEvent(now)) {
      this.#at = Math.max(this.#at, next);
      this.#step(this.#at);
    }
    this.#at = Math.max(this.#at, now);
  }

  counts(at = this.#at): ReplicaCounts {
    const newest = this.#current;
    return {
      total: sum(this.#sets.map((set) => set.pods.length)),
      newest: newest?.pods.length ?? 0,
      newestAvailable: newest && !this.#ailing ? availablePods(newest, at) : 0,
      available: sum(this.#sets.map((set) => (this.#ailing && set === newest ? 0 : availablePods(set, at)))),
    };
  }

  get #kind(): string {
    return stringAt(this.#manifest, 'kind') ?? 'Deployment';
  }

  get #deadlineAt(): EpochMs | undefined {
    const progress = this.#progress;
    if (this.#kind !== 'Deployment' || !progress || this.#observeAt !== undefined) return undefined;
    if (['NewReplicaSetAvailable', 'ProgressDeadlineExceeded', 'DeploymentPaused'].includes(progress.reason)) {
      return undefined;
    }
    const seconds = numberAt(this.#manifest, 'spec', 'progressDeadlineSeconds') ?? DEFAULT_PROGRESS_DEADLINE_SECONDS;
    return progress.updatedAt + (seconds * 1000) / this.settings.speed;
  }

  /**
   * The earliest thing still to happen, if it is due by `now`. A pod's becoming available is one, until it has been
   * looked at.
   */
  #nextEvent(now: EpochMs): EpochMs | undefined {
    const times = this.#sets.flatMap((set) => set.pods.map((pod) => pod.availableAt)).filter((t) => t !== undefined);
    const pending = times.filter((t) => t > this.#at);
    const due = [...pending, this.#observeAt, this.#deadlineAt].filter((t) => t !== undefined && t <= now);
    return due.length === 0 ? undefined : Math.min(...(due as number[]));
  }

  #step(at: EpochMs): void {
    if (this.#observeAt !== undefined && this.#observeAt <= at) {
      this.#observeAt = undefined;
      this.#observed = this.#generation;
      this.#adopt(at);
    }
    if (this.#observeAt !== undefined && this.#observed === 0) return;
    const before = this.#progressMarks(at);
    this.#scale(at);
    const after = this.#progressMarks(at);
    const deadlineAt = this.#deadlineAt;
    if (this.#isComplete(at)) {
      if (this.#progress?.reason !== 'NewReplicaSetAvailable') {
        this.#progress = { reason: 'NewReplicaSetAvailable', updatedAt: at };
      }
    } else if (before !== after || this.#becameAvailable(at)) this.#noteProgress(at);
    else if (deadlineAt !== undefined && deadlineAt <= at) {
      this.#progress = { reason: 'ProgressDeadlineExceeded', updatedAt: at };
    }
  }

  /** The controller has seen the spec: find or make the ReplicaSet of its template. */
  #adopt(at: EpochMs): void {
    if (valueAt(this.#manifest, 'spec', 'paused') === true) {
      this.#progress = { reason: 'DeploymentPaused', updatedAt: at };
      return;
    }
    const hash = templateHash(this.#manifest);
    if (this.#current?.hash === hash) return;
    const known = this.#sets.find((set) => set.hash === hash);
    const template = objectAt(this.#manifest, 'spec', 'template');
    this.#revision += 1;
    const set = known ?? { hash, template, createdAt: at, revision: 0, pods: [], born: 0 };
    set.revision = this.#revision;
    if (!known) this.#sets.push(set);
    this.#current = set;
    this.#progress = { reason: known ? 'FoundNewReplicaSet' : 'NewReplicaSetCreated', updatedAt: at };
  }

  #scale(at: EpochMs): void {
    const newest = this.#current;
    if (!newest || this.#progress?.reason === 'DeploymentPaused') return;
    const olds = this.#sets.filter((set) => set !== newest).toSorted((a, b) => a.revision - b.revision);
    if (this.#kind === 'Deployment' && isRecreate(this.#manifest)) for (const old of olds) old.pods = [];
    else {
      this.#grow(newest, surgeRoom(this.counts(at), this.desired, this.budget), at);
      this.#shrink(olds, at);
    }
    // a rollout within its budget moves again at once: pods that left make room
    this.#grow(newest, surgeRoom(this.counts(at), this.desired, this.budget), at);
    if (newest.pods.length > this.desired) removePods(newest, newest.pods.length - this.desired, at);
  }

  #shrink(olds: readonly SimulatedReplicaSet[], at: EpochMs): void {
    let room = scaleDownRoom(this.counts(at), this.desired, this.budget);
    for (const old of olds) {
      const unhealthy = old.pods.length - availablePods(old, at);
      room -= removePods(old, Math.min(room, unhealthy), at);
    }
    const counts = this.counts(at);
    let spare = Math.min(room, counts.available - (this.desired - this.budget.maxUnavailable));
    for (const old of olds) if (spare > 0) spare -= removePods(old, spare, at);
  }

  #grow(set: SimulatedReplicaSet, count: number, at: EpochMs): void {
    const name = stringAt(this.#manifest, 'metadata', 'name') ?? 'workload';
    const minReadyMs = ((numberAt(this.#manifest, 'spec', 'minReadySeconds') ?? 0) * 1000) / this.settings.speed;
    for (let i = 0; i < count; i++) {
      const failure = this.settings.failureOf(set.template);
      const readyAt = failure === undefined ? at + this.settings.podStartMs : undefined;
      set.born += 1;
      set.pods = [
        ...set.pods,
        {
          name: `${name}-${set.hash}-${podSuffix(set)}`,
          createdAt: at,
          readyAt,
          availableAt: readyAt === undefined ? undefined : readyAt + minReadyMs,
          failure,
        },
      ];
    }
  }

  #becameAvailable(at: EpochMs): boolean {
    return this.#sets.some((set) => set.pods.some((pod) => pod.availableAt === at));
  }
  #progressMarks(at: EpochMs): string {
    const { newest, newestAvailable, total } = this.counts(at);
    return `${newest}/${newestAvailable}/${total - newest}`;
  }
  #noteProgress(at: EpochMs): void {
    if (this.#progress?.reason === 'DeploymentPaused') return;
    this.#progress = { reason: 'ReplicaSetUpdated', updatedAt: at };
  }
  /** Every pod is of the newest version and available, an ailment set aside. */
  get isComplete(): boolean {
    return this.#isComplete(this.#at);
  }
  #isComplete(at: EpochMs): boolean {
    const { total, newest } = this.counts(at);
    const available = this.#current?.pods.filter((pod) => isAvailable(pod, at)).length ?? 0;
    return this.#current !== undefined && [total, newest, available].every((count) => count === this.desired);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
