import { json } from '../../http-message.js';
import { noPermission, notFound } from '../refusals.js';
import type { Routes } from '../routes.js';
import { profileShape } from '../shapes/user.js';

/** `GET /user`, which an installation may not ask, and `GET /users/{login}`. */
export function addUserRoutes(routes: Routes): void {
  routes.account('GET', '/user', ({ forge, account }, caller) => {
    if (caller.kind === 'installation') throw noPermission();
    return json(200, profileShape(forge, account));
  });
  routes.account('GET', '/users/:login', ({ forge, params }) => {
    const account = forge.accounts.find(params.get('login'));
    if (!account) throw notFound();
    return json(200, profileShape(forge, account));
  });
}
