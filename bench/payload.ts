const APPLICATIONS = 10_000;
const revisionOf = (n: number): string => n.toString(16).padStart(40, 'a');
const timeOf = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 61_000).toISOString().replace('.000', '');

type Json = Record<string, unknown>;
/** One application as a list with `fields` shows it: about 420 bytes. */
function listed(n: number): Json {
  return {
    metadata: { name: `application-${n}`, namespace: 'argocd' },
    spec: {
      project: 'staging',
      destination: { server: 'https://kubernetes.default.svc', namespace: `team-${n % 300}-staging` },
    },
    status: {
      sync: { status: 'Synced', revision: revisionOf(n) },
      health: { status: n % 50 === 0 ? 'Progressing' : 'Healthy', lastTransitionTime: timeOf(n) },
      operationState: { phase: 'Succeeded', finishedAt: timeOf(n + 1) },
    },
  };
}
/** The same application whole: about 9.6 kB. */
function whole(n: number): Json {
  const item = listed(n);
  const source = { repoURL: 'https://git.example/acme/gitops.git', path: `apps/application-${n}`, targetRevision: 'main' };
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
  const applied = JSON.stringify({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', spec: { source, note: 'x'.repeat(900) } });
  const { metadata, spec, status } = item as { metadata: Json; spec: Json; status: Json };
  return {
    metadata: { ...metadata, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied } },
    spec: { ...spec, source, syncPolicy: { automated: { prune: true, selfHeal: true } } },
    status: {
      ...status,
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

/** The body of a list of ten thousand applications; `lines` = a newline after every item, as newer versions write. */
export function listBody(kind: 'fields' | 'whole', lines: boolean, count = APPLICATIONS): Buffer {
  const make = kind === 'fields' ? listed : whole;
  const items = Array.from({ length: count }, (_, n) => Buffer.from(JSON.stringify(make(n)) + (lines ? '\n' : '')));
  const parts: Buffer[] = [Buffer.from('{"metadata":{"resourceVersion":"4711"},"items":[')];
  items.forEach((item, i) => parts.push(Buffer.from(i === 0 ? '' : ','), item));
  return Buffer.concat([...parts, Buffer.from(']}\n')]);
}
