import type { EpochMs } from '../../model/application.js';
import type { ObjectReference } from '../workloads/cluster.js';

/** What a sync did to one resource. */
export interface SyncedResource {
  readonly reference: ObjectReference;
  readonly version: string;
  readonly status: 'Synced' | 'Pruned';
  readonly message: string;
  readonly images: readonly string[];
}

/** `operationState` of an application. */
export interface SyncOperation {
  readonly revision: string;
  readonly prune: boolean;
  /** Self-heal syncs only the resources that drifted; such an operation never reaches the history. */
  readonly partial: boolean;
  readonly startedAt: EpochMs;
  phase: 'Running' | 'Succeeded' | 'Failed';
  message: string;
  retryCount: number;
  /** Also set while phase is Running and the operation waits for its next try. */
  finishedAt: EpochMs | undefined;
  /** When the controller does the next thing about it. */
  dueAt: EpochMs;
  /** Empty until something was applied; `syncResult` names the revision from the start, as in Argo CD. */
  resources: readonly SyncedResource[];
}

/** One entry of `status.history`. */
export interface DeploymentRecord {
  readonly id: number;
  readonly revision: string;
  readonly deployStartedAt: EpochMs;
  readonly deployedAt: EpochMs;
}

/** An operation that begins now: the controller does its work `syncMs` later. */
export function beginOperation(
  what: Pick<SyncOperation, 'revision' | 'prune' | 'partial'>,
  now: EpochMs,
  syncMs: number,
): SyncOperation {
  const { revision, prune, partial } = what;
  return {
    revision,
    prune,
    partial,
    startedAt: now,
    phase: 'Running',
    message: 'one or more tasks are running',
    retryCount: 0,
    finishedAt: undefined,
    dueAt: now + syncMs,
    resources: [],
  };
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 180_000;

/** Pause before retry number `retry` (from 1): 5 s, doubled, at most 3 min, divided by the world's speed. */
export const retryPauseMs = (retry: number, speed: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** (retry - 1), LONGEST_RETRY_MS) / speed;
