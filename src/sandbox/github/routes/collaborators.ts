import type { RepositoryRole } from '../../../model/repository-role.js';
import { json } from '../../http-message.js';
import { notFound } from '../refusals.js';
import { reads } from '../routes.js';
import type { Routes } from '../routes.js';
import { roleFlags, userShape } from '../shapes/user.js';

/** The older word: it knows no triage and no maintain. `role_name` is exact. */
const OLD_WORDS: Readonly<Record<Exclude<RepositoryRole, 'none'>, 'read' | 'write' | 'admin'>> = {
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
};

/** `collaborators/{login}/permission` */
export function addCollaboratorRoutes(routes: Routes): void {
  routes.repo('GET', '/collaborators/:login/permission', reads('metadata'), ({ forge, params }) => {
    const account = forge.accounts.find(params.get('login'));
    const role = account ? forge.accounts.role(account) : 'none';
    if (!account || role === 'none') throw notFound();
    const user = { ...userShape(forge, account), permissions: roleFlags(role), role_name: role };
    return json(200, { permission: OLD_WORDS[role], role_name: role, user });
  });
}
