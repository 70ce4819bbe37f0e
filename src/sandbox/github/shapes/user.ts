import { roleAtLeast } from '../../../model/repository-role.js';
import type { RepositoryRole } from '../../../model/repository-role.js';
import type { Account } from '../accounts.js';
import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';

/** `simple-user` of GitHub's schema. */
export function userShape(forge: Forge, account: Account): Record<string, unknown> {
  const url = `${forge.links.api}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId('User', account.id),
    avatar_url: `https://avatars.githubusercontent.com/u/${account.id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${forge.links.site}/${account.login.replace(/^(.*)\[bot\]$/, 'apps/$1')}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** An account, or null where GitHub has none to show. */
export const userOrNull = (forge: Forge, account: Account | undefined): Record<string, unknown> | null =>
  account ? userShape(forge, account) : null;

/** `public-user`: one's own account, or somebody's by login. */
export function profileShape(forge: Forge, account: Account): Record<string, unknown> {
  const none = { company: null, blog: '', location: null, email: null, hireable: null, bio: null, name: account.login };
  const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
  const at = isoTime(forge.startedAt);
  return { ...userShape(forge, account), ...none, ...counts, created_at: at, updated_at: at };
}

/** The five flags GitHub gives for a role. */
export const roleFlags = (role: RepositoryRole): Record<string, boolean> => ({
  admin: roleAtLeast(role, 'admin'),
  maintain: roleAtLeast(role, 'maintain'),
  push: roleAtLeast(role, 'write'),
  triage: roleAtLeast(role, 'triage'),
  pull: roleAtLeast(role, 'read'),
});

/** What the author is to the repository; unfit as authority, as on GitHub. */
export function associationOf(forge: Forge, account: Account): string {
  if (account.type !== 'User') return 'NONE';
  return forge.accounts.role(account) === 'none' ? 'NONE' : 'COLLABORATOR';
}
