import { roleAtLeast } from '../../model/repository-role.js';
import type { RepositoryRole } from '../../model/repository-role.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import { Router } from '../router.js';
import type { RouteParams } from '../router.js';
import type { Account } from './accounts.js';
import type { Caller, Permissions } from './credentials.js';
import type { Forge } from './forge.js';
import type { PermissionLevel } from './options.js';
import type { PullRecord } from './records.js';
import { noPermission, notFound, refusal } from './refusals.js';

/** What a handler is told of a request. */
export interface Call {
  readonly request: SandboxRequest;
  readonly params: RouteParams;
  readonly forge: Forge;
  readonly apiVersion: string;
}
export interface AccountCall extends Call {
  readonly account: Account;
  readonly permissions: Permissions | undefined;
}
export interface Context {
  readonly forge: Forge;
  readonly caller: Caller;
  readonly apiVersion: string;
}

/** What a route asks of its caller: permissions of an App, a role of a person. */
export interface Access {
  readonly needs: Readonly<Record<string, PermissionLevel>>;
  readonly role: RepositoryRole;
  /** Reads only what cannot change: it need not wait for its turn. */
  readonly immutable?: boolean;
}

export const reads = (permission: string): Access => ({ needs: { [permission]: 'read' }, role: 'read' });
export const readsObjects: Access = { needs: { contents: 'read' }, role: 'read', immutable: true };
/** What a call that changes something asks of its caller. */
export const writes = (permission: string, role: RepositoryRole = 'write'): Access => ({
  needs: { [permission]: 'write' },
  role,
});

/** The table of routes; who may call them is decided here, once. */
export class Routes {
  readonly router = new Router<Context>();

  /** A route below `/repos/<owner>/<name>`. */
  repo(method: string, pattern: string, access: Access, handler: (call: AccountCall) => Reply | Promise<Reply>): this {
    this.router.on(method, `/repos/:owner/:repo${pattern}`, async (request, params, { forge, caller, apiVersion }) => {
      assertRepository(forge, params);
      if (caller.kind === 'app') throw refusal(401, 'Bad credentials');
      const { account, permissions } = caller;
      assertAccess(forge, account, permissions, access);
      if (method !== 'GET' && forge.options.archived === true) {
        throw refusal(403, 'Repository was archived so is read-only.');
      }
      const run = async (): Promise<Reply> => handler({ request, params, forge, apiVersion, account, permissions });
      return access.immutable === true ? run() : forge.exclusive(run);
    });
    return this;
  }

  /** A route of an account, outside of the repository. */
  account(
    method: string,
    pattern: string,
    handler: (call: AccountCall, caller: Caller) => Reply | Promise<Reply>,
  ): this {
    this.router.on(method, pattern, (request, params, { forge, caller, apiVersion }) => {
      if (caller.kind === 'app') throw refusal(401, 'Bad credentials');
      const { account, permissions } = caller;
      return handler({ request, params, forge, apiVersion, account, permissions }, caller);
    });
    return this;
  }

  /** A route for the App's own token. */
  app(method: string, pattern: string, handler: (call: Call) => Reply | Promise<Reply>): this {
    this.router.on(method, pattern, (request, params, { forge, caller, apiVersion }) => {
      if (caller.kind !== 'app') throw refusal(401, 'A JSON web token could not be decoded');
      return handler({ request, params, forge, apiVersion });
    });
    return this;
  }
}

/** 404 unless the address names the one repository there is. */
export function assertRepository(forge: Forge, params: RouteParams): void {
  const { owner, name } = forge.options;
  const asked = `${params.get('owner')}/${params.get('repo')}`;
  if (asked.toLowerCase() !== `${owner}/${name}`.toLowerCase()) throw notFound();
}

/** The operator needs no role of its own: its App's permissions say what it may do. */
export function roleOf(forge: Forge, account: Account): RepositoryRole {
  const role = forge.accounts.role(account);
  return role === 'none' && account === forge.accounts.operator ? 'write' : role;
}

function assertAccess(forge: Forge, account: Account, permissions: Permissions | undefined, access: Access): void {
  const role = roleOf(forge, account);
  if (role === 'none') throw notFound();
  if (permissions) {
    for (const [name, level] of Object.entries(access.needs)) {
      const has = permissions[name];
      const needed = Object.entries(access.needs)
        .map(([key, wanted]) => `${key}=${wanted}`)
        .join('; ');
      if (has === undefined || (level === 'write' && has !== 'write')) throw noPermission(needed);
    }
  }
  if (!roleAtLeast(role, access.role)) {
    throw account.type === 'Bot' ? noPermission() : refusal(403, 'Resource not accessible by personal access token');
  }
}

/** The pull request a route names; 404 when there is none. */
export function pullOf({ forge, params }: Call): PullRecord {
  const pull = /^\d+$/.test(params.get('number')) ? forge.findPull(Number(params.get('number'))) : undefined;
  if (!pull) throw notFound();
  return pull;
}
