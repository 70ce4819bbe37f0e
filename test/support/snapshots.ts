import { settingsHash } from '../../src/gitops/content.js';
import type { ApplicationKey, ApplicationSnapshot, HealthStatus, ResourceStatus } from '../../src/model/application.js';
import { splitApplicationKey } from '../../src/model/application.js';
import type { HealthFinding } from '../../src/model/health-finding.js';
import { BAD, REPOSITORY_URL, SHOP, T0, TARGET } from './attempt-parts.js';

const MINUTE = 60_000;
export const SOURCES = [{ repoURL: REPOSITORY_URL, path: TARGET.path, targetRevision: 'main' }];
/** Hash of the source settings above: what checks and attempts of the whole house carry. */
export const SHOP_SETTINGS = settingsHash(SOURCES);

export const deploymentOf = (app: ApplicationKey, health: HealthStatus): ResourceStatus => ({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: splitApplicationKey(app).name,
  name: splitApplicationKey(app).name,
  health,
  syncStatus: 'Synced',
  hook: false,
  requiresPruning: false,
});

/** A live answer of Argo CD: `argocd/shop` in staging, its one Deployment as healthy as itself, running BAD since ten minutes. */
export function snapshotOf(overrides: Partial<ApplicationSnapshot> = {}): ApplicationSnapshot {
  const application = overrides.application ?? SHOP;
  const health = overrides.health ?? 'Degraded';
  const sources = overrides.sources ?? SOURCES;
  const deployed = { revisions: [BAD], sources, startedAt: T0 - 11 * MINUTE, finishedAt: T0 - 10 * MINUTE };
  return {
    application,
    project: 'staging',
    destination: { server: 'https://kubernetes.default.svc', namespace: splitApplicationKey(application).name },
    labels: {},
    annotations: {},
    controllerNamespace: 'argocd',
    deleting: false,
    ownedByApplicationSet: false,
    shape: 'single',
    sources,
    sourceType: 'Directory',
    automated: { enabled: true, prune: true, selfHeal: true },
    health,
    healthChangedAt: T0,
    reconciledAt: T0,
    syncStatus: 'Synced',
    syncRevisions: [BAD],
    deployed,
    operation: {
      phase: 'Succeeded',
      message: '',
      revision: BAD,
      startedAt: deployed.startedAt,
      finishedAt: deployed.finishedAt,
      retryCount: 0,
    },
    operationRunning: false,
    history: [],
    resources: [deploymentOf(application, health)],
    conditions: [],
    ...overrides,
  };
}
/** What the detector would make of a live answer at a moment. */
export function findingOf(
  snapshot: ApplicationSnapshot,
  at = T0,
  overrides: Partial<HealthFinding> = {},
): HealthFinding {
  const { deployed } = snapshot;
  return {
    application: snapshot.application,
    check: {
      at,
      intervalMs: 10_000,
      health: snapshot.health,
      ...(deployed === undefined
        ? {}
        : { running: { revisions: deployed.revisions, settings: settingsHash(deployed.sources) } }),
    },
    snapshot,
    ...(snapshot.healthChangedAt === undefined ? {} : { onset: snapshot.healthChangedAt }),
    cause: 'workload',
    ...overrides,
  };
}
export const unknownFinding = (at: number, application: ApplicationKey = SHOP): HealthFinding => ({
  application,
  check: { at, intervalMs: 10_000, health: 'Unknown', unknownBecause: 'no answer' },
  cause: 'unknown',
});
