import { numberAt, stringAt, valueAt } from '../json-path.js';
import type { JsonObject } from '../json-path.js';

/** How far a rolling update may go beyond and below the desired number of pods. */
export interface RollingBudget {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Kubernetes defaults of apps/v1. */
export const DEFAULT_PROGRESS_DEADLINE_SECONDS = 600;
const DEFAULT_SHARE = '25%';

/** `spec.replicas`, 1 when it is absent, as the API defaults it. */
export const desiredReplicas = (manifest: JsonObject): number => numberAt(manifest, 'spec', 'replicas') ?? 1;

/** Are all old pods stopped before new ones start? */
export const isRecreate = (manifest: JsonObject): boolean =>
  stringAt(manifest, 'spec', 'strategy', 'type') === 'Recreate';

/**
 * The Deployment controller's rounding (`ResolveFenceposts`): surge up, unavailable down; when both come to nothing one
 * pod may be unavailable, or no rollout could ever move.
 */
export function rollingBudget(manifest: JsonObject, desired: number): RollingBudget {
  const of = (field: string): unknown => valueAt(manifest, 'spec', 'strategy', 'rollingUpdate', field) ?? DEFAULT_SHARE;
  const maxSurge = share(of('maxSurge'), desired, Math.ceil);
  const maxUnavailable = share(of('maxUnavailable'), desired, Math.floor);
  return maxSurge === 0 && maxUnavailable === 0
    ? { maxSurge: 0, maxUnavailable: 1 }
    : { maxSurge, maxUnavailable: Math.min(maxUnavailable, desired) };
}

function share(value: unknown, desired: number, round: (x: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' && value.endsWith('%') ? Number(value.slice(0, -1)) : Number.NaN;
  return Number.isFinite(percent) ? round((percent * desired) / 100) : 0;
}

/** Pod counts of a rollout that decide how it may move. */
export interface ReplicaCounts {
  /** Sum of what all ReplicaSets ask for. */
  readonly total: number;
  /** What the newest asks for, and how many of its pods are available. */
  readonly newest: number;
  readonly newestAvailable: number;
  /** Available pods of all. */
  readonly available: number;
}

/** How many pods the newest ReplicaSet may gain now (`NewRSNewReplicas`). */
export function surgeRoom(counts: ReplicaCounts, desired: number, budget: RollingBudget): number {
  return Math.max(0, Math.min(desired + budget.maxSurge - counts.total, desired - counts.newest));
}

/** How many pods the older ReplicaSets may lose now in all (`reconcileOldReplicaSets`). */
export function scaleDownRoom(counts: ReplicaCounts, desired: number, budget: RollingBudget): number {
  const minAvailable = desired - budget.maxUnavailable;
  return Math.max(0, counts.total - minAvailable - (counts.newest - counts.newestAvailable));
}
