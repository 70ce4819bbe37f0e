import type { ApplicationSnapshot, FleetEntry, FleetSource, ResourceStatus } from '../../model/application.js';
import { applicationKey } from '../../model/application.js';
import { destinationOf, epochOf, healthOf, projectOf, shapeOf, sourcesOf } from './application-sources.js';
import type { ListedApplication, WireApplication, WireResource } from './argocd-schemas.js';
import { deployedStateOf, historyOf, isOperationRunning, operationOf, revisionsOf } from './deployed-state.js';

/** One live GET, as the model sees it. Staleness is not judged here. */
export function snapshotOf(wire: WireApplication): ApplicationSnapshot {
  const { metadata, spec, status } = wire;
  const automated = spec.syncPolicy?.automated;
  const history = historyOf(status?.history ?? []);
  const healthChangedAt = epochOf(status?.health?.lastTransitionTime);
  const reconciledAt = epochOf(status?.reconciledAt);
  const deployed = deployedStateOf(status?.operationState, history);
  const operation = operationOf(status?.operationState);
  return {
    application: applicationKey(metadata.namespace, metadata.name),
    project: projectOf(spec.project),
    destination: destinationOf(spec.destination),
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    deleting: Boolean(metadata.deletionTimestamp),
    ownedByApplicationSet: (metadata.ownerReferences ?? []).some((owner) => owner.kind === 'ApplicationSet'),
    shape: shapeOf(spec),
    sources: sourcesOf(spec),
    ...(status?.sourceType ? { sourceType: status.sourceType } : {}),
    // Present and not switched off (argocd facts 2.6).
    automated: {
      enabled: Boolean(automated) && automated?.enabled !== false,
      prune: automated?.prune === true,
      selfHeal: automated?.selfHeal === true,
    },
    health: healthOf(status?.health?.status),
    ...(healthChangedAt === undefined ? {} : { healthChangedAt }),
    ...(reconciledAt === undefined ? {} : { reconciledAt }),
    syncStatus: status?.sync?.status ? status.sync.status : 'Unknown',
    syncRevisions: revisionsOf(status?.sync ?? {}),
    ...(deployed === undefined ? {} : { deployed }),
    ...(operation === undefined ? {} : { operation }),
    operationRunning: isOperationRunning(wire.operation, status?.operationState),
    history,
    resources: (status?.resources ?? []).map(resourceOf),
    conditions: (status?.conditions ?? []).map(({ type, message }) => ({ type, message: message ?? '' })),
  };
}
function resourceOf(wire: WireResource): ResourceStatus {
  return {
    group: wire.group ?? '',
    version: wire.version ?? '',
    kind: wire.kind,
    namespace: wire.namespace ?? '',
    name: wire.name,
    // Argo CD knows it only while its cache is warm: absent is unknown, never healthy.
    ...(wire.health?.status ? { health: healthOf(wire.health.status) } : {}),
    ...(wire.status ? { syncStatus: wire.status } : {}),
    hook: wire.hook === true,
    requiresPruning: wire.requiresPruning === true,
  };
}

/** One line of the fleet list. Built field by field: there are ten thousand per list. */
export function fleetEntryOf({ metadata, spec, status }: ListedApplication): FleetEntry {
  const entry: { -readonly [K in keyof FleetEntry]: FleetEntry[K] } = {
    application: applicationKey(metadata.namespace, metadata.name),
    project: projectOf(spec?.project),
    destination: destinationOf(spec?.destination),
    health: healthOf(status?.health?.status),
    syncStatus: status?.sync?.status ? status.sync.status : 'Unknown',
  };
  const healthChangedAt = epochOf(status?.health?.lastTransitionTime);
  if (healthChangedAt !== undefined) entry.healthChangedAt = healthChangedAt;
  if (status?.sync?.revision) entry.syncRevision = status.sync.revision;
  if (status?.operationState?.phase) entry.operationPhase = status.operationState.phase;
  const operationFinishedAt = epochOf(status?.operationState?.finishedAt);
  if (operationFinishedAt !== undefined) entry.operationFinishedAt = operationFinishedAt;
  return entry;
}

/** One application's sources, from the list. */
export function fleetSourceOf({ metadata, spec }: ListedApplication): FleetSource {
  return {
    application: applicationKey(metadata.namespace, metadata.name),
    project: projectOf(spec?.project),
    destination: destinationOf(spec?.destination),
    annotations: metadata.annotations ?? {},
    sources: sourcesOf(spec ?? {}),
    shape: shapeOf(spec ?? {}),
  };
}
