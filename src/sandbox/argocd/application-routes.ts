import type { JsonObject } from '../json-path.js';
import { objectAt, stringAt } from '../json-path.js';
import { json } from '../http-message.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import { parseSelector } from '../label-selector.js';
import type { RouteParams, Router } from '../router.js';
import { canonicalJson } from '../../base/hash.js';
import { RenderFailure } from '../rendering/render-failure.js';
import { rfc3339 } from '../workloads/object-identity.js';
import { allowsManualSync } from '../world/sync-window.js';
import type { SyncWindow } from '../world/sync-window.js';
import type { SimulatedApplication } from '../world/simulated-application.js';
import { IN_CLUSTER, destinationServer } from '../world/application-settings.js';
import type { World } from '../world.js';
import { applicationObject } from './application-object.js';
import { isAllowed } from './argocd-access.js';
import { grpcRefusal, permissionDenied } from './argocd-refusal.js';
import type { ArgoCdContext } from './argocd-server.js';
import { projectList } from './list-projection.js';
import { findInTree, resourceTree } from './resource-tree.js';

const ROOT = '/api/v1/applications';

/** The reads of `ApplicationService`; writes are refused, the operator's account may only `get`. */
export function addApplicationRoutes(router: Router<ArgoCdContext>): void {
  router
    .on('GET', ROOT, list)
    .on('GET', `${ROOT}/:name`, get)
    .on('GET', `${ROOT}/:name/manifests`, manifests)
    .on('GET', `${ROOT}/:name/resource`, resource)
    .on('GET', `${ROOT}/:name/resource-tree`, (request, params, context) =>
      json(200, resourceTree(chosen(request, params, context))),
    )
    .on('GET', `${ROOT}/:name/syncwindows`, (request, params, context) =>
      json(200, windowsOf(chosen(request, params, context))),
    )
    .on('GET', `${ROOT}/:name/revisions/:revision/metadata`, revisionMetadata);
  const writes = [
    ['POST', 'sync'],
    ['POST', 'rollback'],
    ['DELETE', 'operation'],
    ['PUT', 'spec'],
  ] as const;
  for (const [method, action] of writes) {
    router.on(method, `${ROOT}/:name/${action}`, () => {
      throw permissionDenied();
    });
  }
}

const objectName = ({ settings }: SimulatedApplication): string =>
  settings.namespace === 'argocd'
    ? `${settings.project}/${settings.name}`
    : `${settings.project}/${settings.namespace}/${settings.name}`;

/** The application a request names. Not allowed and not there look the same, unless the project is named. */
function chosen(request: SandboxRequest, params: RouteParams, { world, account }: ArgoCdContext): SimulatedApplication {
  const name = params.get('name');
  const projects = request.query.getAll('project');
  if (projects.length > 1) throw grpcRefusal(3, 'multiple projects specified - must specify zero or one project');
  const [project = ''] = projects;
  const app = world.find(request.query.get('appNamespace') ?? 'argocd', name);
  const allowed = app !== undefined && isAllowed(account, 'applications', 'get', objectName(app));
  if (project === '') {
    if (!allowed) throw permissionDenied();
    return app;
  }
  if (!isAllowed(account, 'applications', 'get', `${project}/${name}`)) throw permissionDenied();
  if (!allowed || app.settings.project !== project) {
    throw grpcRefusal(5, `applications.argoproj.io "${name}" not found`);
  }
  return app;
}

function list(request: SandboxRequest, _params: RouteParams, { world, account }: ArgoCdContext): Reply {
  const { query } = request;
  const projects = query.has('project') ? query.getAll('project') : query.getAll('projects');
  const selector = parseSelector(query.get('selector') ?? '');
  const name = query.get('name') ?? '';
  const repo = query.get('repo') ?? '';
  const namespace = query.get('appNamespace') ?? '';
  const found = world.applications.filter(
    (app) =>
      isAllowed(account, 'applications', 'get', objectName(app)) &&
      (projects.length === 0 || projects.includes(app.settings.project)) &&
      (namespace === '' || app.settings.namespace === namespace) &&
      (repo === '' || stringAt(app.settings.source, 'repoURL') === repo) &&
      selector(app.settings.labels),
  );
  const named = name === '' ? found : found.filter((app) => app.settings.name === name).slice(0, 1);
  const items = named
    .toSorted((a, b) => (a.settings.name < b.settings.name ? -1 : 1))
    .map((app) => applicationObject(app, false));
  const metadata = { resourceVersion: String(Math.floor(world.clock.now() / 1000)) };
  const fields = query.get('fields');
  if (fields === null) return json(200, { metadata, items });
  const projected = projectList(items, metadata, fields);
  if (projected.kind === 'fault') throw grpcRefusal(2, projected.message);
  return json(200, projected.body);
}

async function get(request: SandboxRequest, params: RouteParams, context: ArgoCdContext): Promise<Reply> {
  const app = chosen(request, params, context);
  const refresh = request.query.get('refresh');
  if (refresh !== null && refresh !== '') {
    await refreshed(app, refresh === 'hard' ? 'hard' : 'normal', request, context.world);
  }
  return json(200, applicationObject(app, true));
}

/** Blocks until the controller has taken the annotation away, or the deadline has come. */
async function refreshed(
  app: SimulatedApplication,
  kind: 'normal' | 'hard',
  request: SandboxRequest,
  world: World,
): Promise<void> {
  app.refreshPending = kind;
  if (!app.switches.refreshIgnored && !app.switches.frozen) {
    await world.refresh(app);
    return;
  }
  // a client that goes away ends the wait; its answer goes nowhere
  await world.clock.sleep(world.timing.refreshDeadlineMs / world.speed, request.signal).catch(() => undefined);
  throw grpcRefusal(2, 'application refresh deadline exceeded');
}

async function manifests(request: SandboxRequest, params: RouteParams, context: ArgoCdContext): Promise<Reply> {
  const app = chosen(request, params, context);
  const wanted = request.query.get('revision') || (stringAt(app.settings.source, 'targetRevision') ?? 'HEAD');
  try {
    const commit = await context.world.resolveNow(wanted);
    if (commit === undefined) throw new RenderFailure(`unable to resolve '${wanted}' to a commit SHA`);
    const rendered = await app.renderAt(commit);
    return json(200, { manifests: rendered.manifests.map((manifest) => canonicalJson(masked(manifest))) });
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    throw grpcRefusal(
      2,
      `failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${error.message}`,
    );
  }
}

/** Argo CD never shows what is in a Secret. */
function masked(manifest: JsonObject): JsonObject {
  if (manifest['kind'] !== 'Secret') return manifest;
  const hide = (key: string): JsonObject => {
    const names = Object.keys(objectAt(manifest, key));
    return names.length === 0 ? {} : { [key]: Object.fromEntries(names.map((name) => [name, '++++++++'])) };
  };
  return { ...manifest, ...hide('data'), ...hide('stringData') };
}

function resource(request: SandboxRequest, params: RouteParams, context: ArgoCdContext): Reply {
  const app = chosen(request, params, context);
  const asked = (name: string): string => request.query.get(name) ?? '';
  if (asked('kind') === '' || asked('resourceName') === '' || asked('version') === '') {
    throw grpcRefusal(3, 'kind, resourceName and version must be given');
  }
  const isOwn = destinationServer(app.settings.destination) === IN_CLUSTER;
  if (isOwn && context.world.clusterState !== 'readable') {
    throw grpcRefusal(
      2,
      `error getting resource: Get "${IN_CLUSTER}/apis": dial tcp 10.96.0.1:443: connect: connection refused`,
    );
  }
  const found = findInTree(app, asked('kind'), asked('namespace'), asked('resourceName'));
  if (!found) {
    const words = `${asked('kind')} ${asked('group')} ${asked('resourceName')}`;
    throw grpcRefusal(3, `${words} not found as part of application ${app.settings.name}`);
  }
  return json(200, { manifest: canonicalJson(masked(found)) });
}

function windowsOf(app: SimulatedApplication): JsonObject {
  const windows = app.settings.syncWindows;
  const shown = ({ kind, schedule, duration, manualSync }: SyncWindow): JsonObject => ({
    kind,
    schedule,
    duration,
    manualSync,
  });
  const active = windows.filter((window) => window.active);
  return {
    ...(active.length === 0 ? {} : { activeWindows: active.map(shown) }),
    ...(windows.length === 0 ? {} : { assignedWindows: windows.map(shown) }),
    canSync: allowsManualSync(windows),
  };
}

async function revisionMetadata(request: SandboxRequest, params: RouteParams, context: ArgoCdContext): Promise<Reply> {
  chosen(request, params, context);
  const revision = params.get('revision');
  const commit = await context.world.commit(revision);
  if (!commit) {
    throw grpcRefusal(2, `rpc error: code = Internal desc = failed to get commit ${revision}: reference not found`);
  }
  const { name, email, at } = commit.author;
  return json(200, { author: `${name} <${email}>`, date: rfc3339(at), message: commit.message.trim() });
}
