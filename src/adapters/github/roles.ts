import { z } from 'zod';
import { REPOSITORY_ROLES, type RepositoryRole } from '../../model/repository-role.js';
import type { RepositoryId } from '../../ports/source-control.js';
import { fullName, inRepository, sameName } from './fields.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const grantsSchema = z
  .object({ admin: z.boolean(), maintain: z.boolean(), push: z.boolean(), triage: z.boolean(), pull: z.boolean() })
  .partial();
const permissionSchema = z.object({
  /** The old word, for which `maintain` is `write` and `triage` is `read`. */
  permission: z.string(),
  role_name: z.string().optional(),
  user: z.object({ login: z.string(), permissions: grantsSchema.optional() }).nullable(),
});

/** Role of an account; `none` = not a collaborator. */
export async function getRole(
  client: OctokitClient,
  repo: RepositoryId,
  login: string,
  signal: AbortSignal,
): Promise<RepositoryRole> {
  const parameters = { ...inRepository(repo), username: login };
  const found = await client.find(
    {
      route: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
      parameters,
      schema: permissionSchema,
      fresh: true,
    },
    signal,
  );
  if (found === undefined || found.permission === 'none') return 'none';
  if (found.user !== null && !sameName(found.user.login, login))
    throw malformed(`role of ${login} in ${fullName(repo)}`, `that of ${found.user.login}`);
  const named = REPOSITORY_ROLES.find((role) => role === found.role_name);
  return named ?? granted(found.user?.permissions ?? {});
}
/** A role of the organisation's own making is worth what it grants. */
function granted(grants: z.infer<typeof grantsSchema>): RepositoryRole {
  if (grants.admin === true) return 'admin';
  if (grants.maintain === true) return 'maintain';
  if (grants.push === true) return 'write';
  return grants.triage === true ? 'triage' : 'read';
}

const membershipSchema = z.object({ state: z.string() });

/**
 * Whether an account is an active member of a team or of a team below it. A team that cannot be seen has no members.
 */
export async function isTeamMember(
  client: OctokitClient,
  organisation: string,
  team: string,
  login: string,
  signal: AbortSignal,
): Promise<boolean> {
  const parameters = { org: organisation, team_slug: team, username: login };
  const found = await client.find(
    {
      route: 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
      parameters,
      schema: membershipSchema,
      fresh: true,
    },
    signal,
  );
  return found?.state === 'active';
}
