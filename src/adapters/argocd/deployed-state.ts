import type { DeployedState, HistoryEntry, Revision, SourceSettings, SyncOperation } from '../../model/application.js';
import { epochOf, sourcesOf } from './application-sources.js';
import type { WireDeployed, WireHistoryEntry, WireOperationState } from './argocd-schemas.js';

/** Several sources carry `revisions`, one carries `revision`; an empty word is none. */
export function revisionsOf(wire: Pick<WireDeployed, 'revision' | 'revisions'>): readonly Revision[] {
  if (wire.revisions && wire.revisions.length > 0) return wire.revisions;
  return wire.revision ? [wire.revision] : [];
}
const contentOf = (wire: WireDeployed): { revisions: readonly Revision[]; sources: readonly SourceSettings[] } => ({
  revisions: revisionsOf(wire),
  sources: sourcesOf({ source: wire.source, sources: wire.sources, sourceHydrator: null }),
});

/** Oldest first, as Argo CD keeps it. An entry without a time of deployment cannot be placed and is left out. */
export function historyOf(wire: readonly WireHistoryEntry[]): readonly HistoryEntry[] {
  return wire.flatMap((entry) => {
    const deployedAt = epochOf(entry.deployedAt);
    const deployStartedAt = epochOf(entry.deployStartedAt);
    if (deployedAt === undefined) return [];
    const started = deployStartedAt === undefined ? {} : { deployStartedAt };
    return [{ id: entry.id ?? 0, ...contentOf(entry), deployedAt, ...started }];
  });
}

/**
 * What is deployed (argocd facts 2.3): the result of the last real sync; the newest history entry when there is none or
 * it was a dry run. Undefined when it cannot be told: the sync brought manifests of its own, resolved no revision, or
 * ended in an error before it applied anything (then an earlier, forgotten sync is what runs).
 */
export function deployedStateOf(
  state: WireOperationState | null | undefined,
  history: readonly HistoryEntry[],
): DeployedState | undefined {
  const result = state?.syncResult;
  const request = state?.operation?.sync;
  if (!result || request?.dryRun === true) return fromHistory(history.at(-1));
  const content = contentOf(result);
  const appliedNothing = state.phase === 'Error' && (result.resources?.length ?? 0) === 0;
  if ((request?.manifests?.length ?? 0) > 0 || content.revisions.length === 0 || appliedNothing) return undefined;
  return { ...content, ...timesOf(state) };
}
function fromHistory(entry: HistoryEntry | undefined): DeployedState | undefined {
  if (!entry || entry.revisions.length === 0) return undefined;
  return {
    revisions: entry.revisions,
    sources: entry.sources,
    finishedAt: entry.deployedAt,
    ...(entry.deployStartedAt === undefined ? {} : { startedAt: entry.deployStartedAt }),
  };
}
function timesOf(state: WireOperationState): { startedAt?: number; finishedAt?: number } {
  const startedAt = epochOf(state.startedAt);
  const finishedAt = epochOf(state.finishedAt);
  return { ...(startedAt === undefined ? {} : { startedAt }), ...(finishedAt === undefined ? {} : { finishedAt }) };
}

/** The last operation. A phase of Running with a `finishedAt` waits for its retry. */
export function operationOf(state: WireOperationState | null | undefined): SyncOperation | undefined {
  if (!state) return undefined;
  const revision = state.syncResult?.revision ? state.syncResult.revision : state.operation?.sync?.revision;
  return {
    phase: state.phase ?? '',
    message: state.message ?? '',
    retryCount: state.retryCount ?? 0,
    ...(revision ? { revision } : {}),
    ...timesOf(state),
  };
}
/** True for a requested, running or terminating operation, and for one between two tries. */
export const isOperationRunning = (requested: unknown, state: WireOperationState | null | undefined): boolean =>
  (requested !== null && requested !== undefined) || state?.phase === 'Running' || state?.phase === 'Terminating';
