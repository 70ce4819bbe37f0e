/** Roles on a repository by rising privilege. A role of an organisation's own making counts as `read` unless it grants more. */
export const REPOSITORY_ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type RepositoryRole = (typeof REPOSITORY_ROLES)[number];

/** Whether a role reaches another. */
export const roleAtLeast = (role: RepositoryRole, least: RepositoryRole): boolean =>
  REPOSITORY_ROLES.indexOf(role) >= REPOSITORY_ROLES.indexOf(least);
