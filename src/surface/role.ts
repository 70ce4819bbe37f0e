export const ROLES = ['viewer', 'operator', 'approver', 'admin'] as const;
/** Who may do what, by rising privilege: making things safer needs less than making them riskier (semantics 10). */
export type Role = (typeof ROLES)[number];

export const roleReaches = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);

/** Who gives a command, as it goes into the audit log. */
export interface Who {
  readonly name: string;
  readonly role: Role;
  readonly via: 'cli' | 'api';
}
