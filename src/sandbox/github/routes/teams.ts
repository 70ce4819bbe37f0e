import { json } from '../../http-message.js';
import { noPermission, notFound } from '../refusals.js';
import type { Routes } from '../routes.js';

/** `orgs/{org}/teams/{slug}/memberships/{login}` */
export function addTeamRoutes(routes: Routes): void {
  routes.account('GET', '/orgs/:org/teams/:team/memberships/:login', ({ forge, params, permissions }) => {
    if (permissions && permissions['members'] === undefined) throw noPermission();
    const [org, team, login] = [params.get('org'), params.get('team'), params.get('login')];
    if (!forge.accounts.isMember(org, team, login)) throw notFound();
    const url = `${forge.links.api}/orgs/${org}/teams/${team}/memberships/${login}`;
    return json(200, { state: 'active', role: 'member', url });
  });
}
