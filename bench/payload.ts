const APPLICATIONS = 10_000;
const revisionOf = (n: number): string => n.toString(16).padStart(40, 'a');
const timeOf = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 61_000).toISOString().replace('.000', '');

type Json = Record<string, unknown>;
/** One application as a list with `fields` shows it: about 420 bytes. */
function listed(n: number, isMoving = false): Json {
  return {
    metadata: { name: `application-${n}`, namespace: 'argocd' },
    spec: {
      project: 'staging',
      destination: { server: 'https://kubernetes.default.svc', namespace: `team-${n % 300}-staging` },
    },
    status: {
      sync: { status: isMoving ? 'OutOfSync' : 'Synced', revision: revisionOf(isMoving ? n + 1 : n) },
      health: {
        status: isMoving || n % 50 === 0 ? 'Progressing' : 'Healthy',
        lastTransitionTime: timeOf(isMoving ? n + 2 : n),
      },
      operationState: { phase: 'Succeeded', finishedAt: timeOf(n + 1) },
    },
  };
}
/** The same application whole: about 9.6 kB. */
function whole(n: number, isReconciled = false): Json {
  const item = listed(n);
  const source = {
    repoURL: 'https://git.example/acme/gitops.git',
    path: `apps/application-${n}`,
    targetRevision: 'main',
  };
  const resources = Array.from({ length: 8 }, (_, i) => ({
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: `team-${n % 300}-staging`,
    name: `application-${n}-${i}`,
    status: 'Synced',
    health: { status: 'Healthy' },
    message: `deployment.apps/application-${n}-${i} configured`,
    hookPhase: 'Running',
    syncPhase: 'Sync',
  }));
  const history = Array.from({ length: 10 }, (_, i) => ({
    id: i,
    revision: revisionOf(n + i),
    deployStartedAt: timeOf(n + i),
    deployedAt: timeOf(n + i + 1),
    initiatedBy: { automated: true },
    source,
  }));
  const applied = JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    spec: { source, note: 'x'.repeat(900) },
  });
  const { metadata, spec, status } = item as { metadata: Json; spec: Json; status: Json };
  return {
    metadata: { ...metadata, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied } },
    spec: { ...spec, source, syncPolicy: { automated: { prune: true, selfHeal: true } } },
    status: {
      ...status,
      reconciledAt: timeOf(isReconciled ? n + 3 : n),
      resources,
      history,
      operationState: {
        phase: 'Succeeded',
        finishedAt: timeOf(n + 1),
        message: 'successfully synced (all tasks run)',
        operation: { sync: { revision: revisionOf(n) }, initiatedBy: { automated: true } },
        syncResult: { revision: revisionOf(n), source, resources },
      },
      summary: { images: [`registry.example/application-${n}:v1`], externalURLs: [`https://application-${n}.example`] },
    },
  };
}

type Make = (n: number) => Json;
/** The body of a list; `end` = what follows an item: newer versions write a newline. */
function listBody(make: Make, end = '', from = 0): Buffer {
  const items = Array.from({ length: APPLICATIONS - from }, (_, i) => JSON.stringify(make(i + from)) + end);
  return Buffer.from(`{"metadata":{"resourceVersion":"4711"},"items":[${items.join(',')}]}\n`);
}
/** Applications that go to and fro between two lists, in other words and in another number of bytes. */
const moving =
  (isMoving: (n: number) => boolean): Make =>
  (n) =>
    listed(n, isMoving(n));

/** Whole objects show when they were reconciled last: each of them changes every two minutes or so, whatever happens. */
const reconciled =
  (isReconciled: (n: number) => boolean): Make =>
  (n) =>
    whole(n, isReconciled(n));

/** The bodies of lists of ten thousand applications by name: where there are several they take turns. */
export function listBodies(): ReadonlyMap<string, readonly Buffer[]> {
  const resting = moving(() => false);
  const still = listBody(resting);
  const wholly = listBody(reconciled(() => false));
  return new Map([
    ['fields', [still]],
    ['fields-some', [still, listBody(moving((n) => n % 100 === 7))]],
    ['fields-all', [still, listBody(moving(() => true))]],
    ['fields-shifted', [still, listBody(resting, '', 1)]],
    ['whole', [wholly, listBody(reconciled((n) => n % 10 === 3))]],
    ['whole-all', [wholly, listBody(reconciled(() => true))]],
    [
      'whole-lines',
      [
        listBody(
          reconciled(() => false),
          '\n',
        ),
        listBody(
          reconciled((n) => n % 10 === 3),
          '\n',
        ),
      ],
    ],
  ]);
}
