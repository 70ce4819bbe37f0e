import { json } from '../http-message.js';
import type { Router } from '../router.js';
import { stableUid } from '../workloads/object-identity.js';
import { destinationServer } from '../world/application-settings.js';
import type { World } from '../world.js';
import type { JsonObject } from '../json-path.js';
import { isAllowed } from './argocd-access.js';
import { permissionDenied } from './argocd-refusal.js';
import type { ArgoCdContext } from './argocd-server.js';

const VERSION = {
  Version: 'v3.5.1+109ca7c',
  BuildDate: '2026-08-12T10:00:00Z',
  GitCommit: '109ca7ca71139e514114499d294a492e7910a965',
  GitTreeState: 'clean',
  GoVersion: 'go1.25.1',
  Compiler: 'gc',
  Platform: 'linux/amd64',
  KustomizeVersion: 'v5.8.1',
  HelmVersion: 'v4.2.1',
} as const;

/** Version, session, self-check and projects. */
export function addAccountRoutes(router: Router<ArgoCdContext>): void {
  router
    .on('GET', '/api/version', (_request, _params, { known }) =>
      json(200, known ? VERSION : { Version: VERSION.Version }),
    )
    .on('GET', '/api/v1/session/userinfo', (_request, _params, { account, known }) =>
      json(
        200,
        known ? { loggedIn: true, username: account.username, iss: 'argocd', groups: [] } : { loggedIn: false },
      ),
    )
    .on('GET', '/api/v1/account/can-i/:resource/:action/*object', (_request, params, { account }) => {
      const allowed = isAllowed(account, params.get('resource'), params.get('action'), params.get('object'));
      return json(200, { value: allowed ? 'yes' : 'no' });
    })
    .on('GET', '/api/v1/projects', (_request, _params, { account, world }) => {
      const names = projectsOf(world).filter((name) => isAllowed(account, 'projects', 'get', name));
      return json(200, { metadata: {}, items: names.map((name) => projectObject(world, name)) });
    })
    .on('GET', '/api/v1/projects/:name', (_request, params, { account, world }) => {
      const name = params.get('name');
      if (!isAllowed(account, 'projects', 'get', name) || !projectsOf(world).includes(name)) throw permissionDenied();
      return json(200, projectObject(world, name));
    });
}

const projectsOf = (world: World): readonly string[] =>
  [...new Set(world.applications.map((app) => app.settings.project))].toSorted();

function projectObject(world: World, name: string): JsonObject {
  const apps = world.applications.filter((app) => app.settings.project === name);
  const destinations = apps.map(({ settings }) => ({
    server: destinationServer(settings.destination),
    namespace: settings.destination.namespace,
  }));
  const windows = apps.flatMap((app) =>
    app.settings.syncWindows.map(({ kind, schedule, duration, manualSync }) => ({
      kind,
      schedule,
      duration,
      ...(manualSync ? { manualSync } : {}),
      applications: [app.settings.name],
    })),
  );
  return {
    metadata: { name, namespace: 'argocd', uid: stableUid(`project/${name}`), resourceVersion: '1' },
    spec: { sourceRepos: ['*'], destinations, ...(windows.length === 0 ? {} : { syncWindows: windows }) },
    status: {},
  };
}
