import { json } from '../../http-message.js';
import { reads, roleOf } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { fullRepository } from '../shapes/repository.js';
import { roleFlags } from '../shapes/user.js';

/** `GET /repos/{o}/{r}` */
export function addRepositoryRoutes(routes: Routes): void {
  routes.repo('GET', '', reads('metadata'), (call) => json(200, fullRepository(call.forge, ownPermissions(call))));
}

/** An App may push when its permissions say so, whatever role stands beside its name. */
function ownPermissions({ forge, account, permissions }: AccountCall): Record<string, boolean> {
  const flags = roleFlags(roleOf(forge, account));
  return permissions?.['contents'] === 'write' || !permissions ? flags : { ...flags, push: false };
}
