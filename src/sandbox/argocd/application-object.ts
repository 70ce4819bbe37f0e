import type { JsonObject } from '../json-path.js';
import { rfc3339, stableUid } from '../workloads/object-identity.js';
import type { ApplicationSettings } from '../world/application-settings.js';
import { resourceHealth } from '../world/application-health.js';
import { imagesOf } from '../world/apply-targets.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import type { SyncedResource, SyncOperation } from '../world/sync-operation.js';

const RETRY = { backoff: { duration: '5s', factor: 2, maxDuration: '3m' } };

/**
 * An Application as Argo CD's API shows it: health per resource only in a live GET (`withResourceHealth`), because
 * `resourceHealthSource` is `appTree`; a list carries none.
 */
export function applicationObject(app: SimulatedApplication, withResourceHealth: boolean): JsonObject {
  const operation =
    app.isOperationRunning && app.operation ? { operation: requestedOperation(app, app.operation) } : {};
  return {
    metadata: metadataOf(app),
    spec: specOf(app.settings),
    status: statusOf(app, withResourceHealth),
    ...operation,
  };
}

function metadataOf(app: SimulatedApplication): JsonObject {
  const { settings } = app;
  const annotations = {
    ...settings.annotations,
    ...(app.refreshPending ? { 'argocd.argoproj.io/refresh': app.refreshPending } : {}),
  };
  const owner = settings.applicationSet;
  const created = (app.history[0]?.deployedAt ?? app.health.since) - 86_400_000;
  return {
    name: settings.name,
    namespace: settings.namespace,
    uid: stableUid(app.key),
    resourceVersion: String(Math.floor(app.reconciledAt)),
    generation: 1,
    creationTimestamp: rfc3339(created),
    ...(Object.keys(settings.labels).length === 0 ? {} : { labels: settings.labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    ...(owner === undefined
      ? {}
      : {
          ownerReferences: [
            {
              apiVersion: 'argoproj.io/v1alpha1',
              kind: 'ApplicationSet',
              name: owner,
              uid: stableUid(owner),
              controller: true,
              blockOwnerDeletion: true,
            },
          ],
        }),
  };
}

function specOf(settings: ApplicationSettings): JsonObject {
  const { automated, syncOptions, sources, sourceHydrator } = settings;
  const shape = sourceHydrator ? { sourceHydrator } : sources ? { sources } : { source: settings.source };
  return {
    project: settings.project,
    destination: settings.destination,
    ...shape,
    ...(settings.historyLimit === 10 ? {} : { revisionHistoryLimit: settings.historyLimit }),
    syncPolicy: {
      ...(automated ? { automated: flags(automated) } : {}),
      retry: { limit: settings.retryLimit, ...RETRY },
      ...(syncOptions.length === 0 ? {} : { syncOptions }),
    },
  };
}

/** Go's `omitempty`: a flag that is false is not there. */
const flags = (values: Readonly<Record<string, boolean>>): JsonObject =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value));

function statusOf(app: SimulatedApplication, withResourceHealth: boolean): JsonObject {
  const { settings } = app;
  const deployed = app.surroundings.cluster;
  const images = [...app.managed.values()].flatMap((r) => imagesOf(deployed.find(r)?.applied ?? {}));
  return {
    controllerNamespace: 'argocd',
    resourceHealthSource: 'appTree',
    ...(app.sourceType === '' ? {} : { sourceType: app.sourceType }),
    sourceHydrator: {},
    ...(app.reconciledAt === 0 ? {} : { reconciledAt: rfc3339(app.reconciledAt - app.switches.reconciledBehindMs) }),
    health: { status: app.health.status, lastTransitionTime: rfc3339(app.health.since) },
    sync: {
      status: app.sync.status,
      ...(app.sync.revision === '' ? {} : { revision: app.sync.revision }),
      comparedTo: { ...comparedSource(settings), destination: settings.destination },
    },
    ...(app.history.length === 0 ? {} : { history: app.history.map((entry) => historyEntry(entry, settings)) }),
    ...(app.operation ? { operationState: operationState(app, app.operation) } : {}),
    ...(app.conditions.length === 0
      ? {}
      : {
          conditions: app.conditions.map((c) => ({
            type: c.type,
            message: c.message,
            lastTransitionTime: rfc3339(c.since),
          })),
        }),
    resources: app.resources.map((resource) => resourceStatus(app, resource, withResourceHealth)),
    summary: images.length === 0 ? {} : { images: [...new Set(images)].toSorted() },
  };
}

function resourceStatus(
  app: SimulatedApplication,
  resource: SimulatedApplication['resources'][number],
  withHealth: boolean,
): JsonObject {
  const { group, kind, namespace, name } = resource.reference;
  const health = withHealth && !app.switches.resourceHealthHidden ? resourceHealth(app, resource.reference) : undefined;
  return {
    ...(group === '' ? {} : { group }),
    version: resource.version,
    kind,
    ...(namespace === '' ? {} : { namespace }),
    name,
    status: resource.status,
    ...(health ? { health } : {}),
    ...(resource.requiresPruning ? { requiresPruning: true } : {}),
  };
}

function historyEntry(entry: SimulatedApplication['history'][number], settings: ApplicationSettings): JsonObject {
  return {
    id: entry.id,
    revision: entry.revision,
    deployStartedAt: rfc3339(entry.deployStartedAt),
    deployedAt: rfc3339(entry.deployedAt),
    initiatedBy: { automated: true },
    source: settings.source,
  };
}

function requestedOperation(app: SimulatedApplication, operation: SyncOperation): JsonObject {
  const drifted = app.resources.filter((r) => r.status === 'OutOfSync');
  return {
    initiatedBy: { automated: true },
    retry: { limit: app.settings.retryLimit, ...RETRY },
    sync: {
      revision: operation.revision,
      ...(operation.prune ? { prune: true } : {}),
      ...(app.settings.syncOptions.length === 0 ? {} : { syncOptions: app.settings.syncOptions }),
      ...(operation.partial
        ? { resources: drifted.map(({ reference: { group, kind, name } }) => ({ group, kind, name })) }
        : {}),
    },
  };
}

function operationState(app: SimulatedApplication, operation: SyncOperation): JsonObject {
  return {
    operation: requestedOperation(app, operation),
    phase: operation.phase,
    message: operation.message,
    startedAt: rfc3339(operation.startedAt),
    ...(operation.finishedAt === undefined ? {} : { finishedAt: rfc3339(operation.finishedAt) }),
    ...(operation.retryCount === 0 ? {} : { retryCount: operation.retryCount }),
    syncResult: syncResult(app, operation),
  };
}

function syncResult(app: SimulatedApplication, operation: SyncOperation): JsonObject {
  return {
    revision: operation.revision,
    source: app.settings.source,
    ...(operation.resources.length === 0 ? {} : { resources: operation.resources.map(syncedResource) }),
  };
}

function syncedResource({ reference, version, status, message, images }: SyncedResource): JsonObject {
  return {
    ...reference,
    version,
    status,
    message,
    hookPhase: 'Running',
    syncPhase: 'Sync',
    ...(images.length === 0 ? {} : { images }),
  };
}

/** Applications with several sources carry an empty one beside them. */
const comparedSource = ({ source, sources }: ApplicationSettings): JsonObject =>
  sources ? { source: { repoURL: '' }, sources } : { source };
