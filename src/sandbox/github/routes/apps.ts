import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { isObject, RequestBody } from '../body.js';
import type { AppIdentity, Credentials, Permissions } from '../credentials.js';
import type { Forge } from '../forge.js';
import { isoTime } from '../links.js';
import { noPermission, notFound, unprocessable } from '../refusals.js';
import { assertRepository } from '../routes.js';
import type { Call, Routes } from '../routes.js';
import { appShape } from '../shapes/check.js';
import { repositoryShape } from '../shapes/repository.js';
import { userShape } from '../shapes/user.js';

export interface AppParts {
  readonly identity: AppIdentity;
  readonly credentials: Credentials;
  readonly permissions: Permissions;
}

const slugOf = (forge: Forge): string => forge.accounts.operator.login.replace(/\[bot\]$/, '');

/** The App itself, its one installation, and the tokens of that. */
export function addAppRoutes(routes: Routes, app: AppParts): void {
  const { appId, installationId } = app.identity;
  routes.app('GET', '/app', ({ forge }) => {
    const shape = appShape(forge, { id: appId, slug: slugOf(forge) });
    return json(200, { ...shape, permissions: app.permissions, installations_count: 1 });
  });
  routes.app('GET', '/app/installations', ({ forge }) => json(200, [installationShape(forge, app)]));
  routes.app('GET', '/app/installations/:id', ({ forge, params }) => {
    if (params.get('id') !== String(installationId)) throw notFound();
    return json(200, installationShape(forge, app));
  });
  routes.app('POST', '/app/installations/:id/access_tokens', (call) => createToken(call, app));
  routes.app('GET', '/repos/:owner/:repo/installation', ({ forge, params }) => {
    assertRepository(forge, params);
    return json(200, installationShape(forge, app));
  });
  routes.account('GET', '/installation/repositories', ({ forge }, caller) => {
    if (caller.kind !== 'installation') throw noPermission();
    return json(200, { total_count: 1, repositories: [repositoryShape(forge)] });
  });
}

function installationShape(forge: Forge, { identity, permissions }: AppParts): Record<string, unknown> {
  const { api, site } = forge.links;
  const url = `${api}/app/installations/${identity.installationId}`;
  const at = isoTime(forge.startedAt);
  const { owner } = forge.options;
  return {
    id: identity.installationId,
    // GitHub's schema of the list wants the fields of an account and of an enterprise at once
    account: { ...userShape(forge, forge.accounts.owner), name: owner, slug: owner, created_at: at, updated_at: at },
    repository_selection: 'selected',
    access_tokens_url: `${url}/access_tokens`,
    repositories_url: `${api}/installation/repositories`,
    html_url: `${site}/organizations/${owner}/settings/installations/${identity.installationId}`,
    app_id: identity.appId,
    app_slug: slugOf(forge),
    target_id: forge.accounts.owner.id,
    target_type: 'Organization',
    permissions,
    events: [],
    created_at: at,
    updated_at: at,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}

/** A token may ask for less than the App has, never for more. */
function createToken({ forge, params, request }: Call, app: AppParts): Reply {
  if (params.get('id') !== String(app.identity.installationId)) throw notFound();
  const body = new RequestBody(request);
  const repositories = body.has('repositories') ? body.list('repositories').map(String) : [forge.options.name];
  if (repositories.some((name) => name.toLowerCase() !== forge.options.name.toLowerCase())) {
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  const permissions = narrowed(app.permissions, body.raw('permissions'));
  const { token, expiresAt } = app.credentials.issueInstallation(forge.accounts.operator, permissions);
  return json(201, {
    token,
    expires_at: isoTime(expiresAt),
    permissions,
    repository_selection: 'selected',
    ...(body.has('repositories') ? { repositories: [repositoryShape(forge)] } : {}),
  });
}

function narrowed(granted: Permissions, asked: unknown): Permissions {
  if (asked === undefined) return granted;
  if (!isObject(asked)) throw unprocessable('Invalid request.\n\n"permissions" is not an object.');
  const levels: Record<string, 'read' | 'write'> = { metadata: 'read' };
  for (const [name, level] of Object.entries(asked)) {
    const has = granted[name];
    const enough = (level === 'read' && has !== undefined) || (level === 'write' && has === 'write');
    if (!enough) throw unprocessable('The permissions requested are not granted to this installation.');
    levels[name] = level === 'write' ? 'write' : 'read';
  }
  return levels;
}
