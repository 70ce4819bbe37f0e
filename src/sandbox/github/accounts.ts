import { OperatorError } from '../../base/errors.js';
import type { RepositoryRole } from '../../model/repository-role.js';
import type { GitPerson } from '../git-objects.js';
import type { GitHubSandboxOptions } from './options.js';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Bot' | 'Organization';
}

/** Everybody the sandbox knows: the owner, the operator, collaborators and members of teams. */
export class Accounts {
  readonly owner: Account;
  readonly operator: Account;
  readonly #byLogin = new Map<string, Account>();
  readonly #roles: GitHubSandboxOptions['collaborators'];
  readonly #teams = new Map<string, readonly string[]>();

  constructor(options: GitHubSandboxOptions) {
    this.#roles = options.collaborators;
    this.owner = this.#add(options.owner, 'Organization');
    this.operator = this.#add(options.operatorLogin);
    for (const login of Object.keys(options.collaborators)) this.#add(login);
    for (const [team, logins] of Object.entries(options.teams ?? {})) {
      this.#teams.set((team.includes('/') ? team : `${options.owner}/${team}`).toLowerCase(), logins);
      for (const login of logins) this.#add(login);
    }
  }

  find(login: string): Account | undefined {
    return this.#byLogin.get(login.toLowerCase());
  }

  /** Throws `SANDBOX_UNKNOWN_LOGIN` for a login in no list. */
  get(login: string): Account {
    const account = this.find(login);
    if (account) return account;
    const mend = 'name it among the collaborators or teams of the sandbox';
    throw new OperatorError('SANDBOX_UNKNOWN_LOGIN', 'config', `${login} has no account: ${mend}`);
  }

  /** Known, or made on the spot with no role: on GitHub anybody may have an account. */
  ensure(login: string): Account {
    return this.find(login) ?? this.#add(login);
  }

  role(account: Account): RepositoryRole {
    const found = Object.entries(this.#roles).find(([login]) => login.toLowerCase() === account.login.toLowerCase());
    return found?.[1] ?? 'none';
  }

  isMember(organisation: string, team: string, login: string): boolean {
    const members = this.#teams.get(`${organisation}/${team}`.toLowerCase()) ?? [];
    return members.some((member) => member.toLowerCase() === login.toLowerCase());
  }

  /** Name and private mail address: by it GitHub finds the account behind a commit. */
  person(account: Account): GitPerson {
    return { name: account.login, email: `${account.id}+${account.login}@users.noreply.github.com` };
  }

  byEmail(email: string): Account | undefined {
    const id = /^(\d+)\+.*@users\.noreply\.github\.com$/.exec(email)?.[1];
    return id === undefined ? undefined : [...this.#byLogin.values()].find((account) => account.id === Number(id));
  }

  #add(login: string, type?: Account['type']): Account {
    const known = this.find(login);
    if (known) return known;
    const kind = type ?? (login.endsWith('[bot]') ? 'Bot' : 'User');
    const account: Account = { id: 1001 + this.#byLogin.size, login, type: kind };
    this.#byLogin.set(login.toLowerCase(), account);
    return account;
  }
}
