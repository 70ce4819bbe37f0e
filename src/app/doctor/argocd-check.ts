import type { OperatorError } from '../../base/errors.js';
import type { OperatorConfig } from '../../config/operator-config.js';
import type { PolicyBook } from '../../governance/policy-book.js';
import type { FleetEntry } from '../../model/application.js';
import { ENVIRONMENTS, type Environment } from '../../model/policy.js';
import type { ArgoCd } from '../../ports/argocd.js';
import { ask, type Check, type Findings } from './finding.js';

const TIMEOUT_MS = 90_000;
const MAX_PROJECTS = 20;
const NEEDLESS = ['sync', 'update', 'delete'] as const;

/** Is it really Argo CD, who are we there, what do we see, and can we do no more than read? */
export class ArgoCdCheck implements Check {
  readonly subject = 'argocd';
  readonly timeoutMs = TIMEOUT_MS;
  #fleet: readonly FleetEntry[] | undefined;
  constructor(
    private readonly argocd: Pick<ArgoCd, 'identity' | 'canI' | 'listFleet'>,
    private readonly policies: PolicyBook,
    private readonly config: OperatorConfig,
  ) {}

  /** What the list showed; undefined = it could not be had. */
  get fleet(): readonly FleetEntry[] | undefined {
    return this.#fleet;
  }

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const { url } = this.config.argocd;
    const { loggedIn, username, version } = await this.argocd.identity(signal);
    if (!loggedIn) {
      found.fault(
        [
          `${url} (Argo CD ${version}) took the call as anonymous: the token is bad or expired, and anonymous access`,
          'is on, so an empty answer would look like an empty fleet',
        ].join(' '),
        'Renew the token in argocd.tokenFile, and switch users.anonymous.enabled off.',
      );
    } else found.ok(`${url} is Argo CD ${version}; logged in as ${username}`);
    this.#fleet = await ask(found, 'the fleet', () => this.argocd.listFleet(signal));
    if (this.#fleet !== undefined) this.#lookAtFleet(this.#fleet, found);
    for (const project of this.#projects()) await this.#lookAtRights(project, found, signal);
  }
  mend({ category }: OperatorError): string {
    if (category === 'denied')
      return 'Renew the token in argocd.tokenFile: `argocd account generate-token --account <account>`.';
    if (category === 'config')
      return 'Correct argocd.url (the API server, not the user interface behind a login proxy) or argocd.caFile.';
    return 'Correct argocd.url, or let the network policy pass the operator to argocd-server.';
  }

  #lookAtFleet(fleet: readonly FleetEntry[], found: Findings): void {
    const environments = fleet.map((entry) => this.policies.environmentOf(entry));
    const count = (environment: Environment | undefined): number =>
      environments.filter((e) => e === environment).length;
    const configured = ENVIRONMENTS.filter((e) => this.config.environments[e] !== undefined);
    const counts = [...configured.map((e) => `${count(e)} ${e}`), `${count(undefined)} unmanaged`];
    found.ok(`sees ${fleet.length} ${fleet.length === 1 ? 'application' : 'applications'}: ${counts.join(', ')}`);
    for (const environment of configured) {
      if (count(environment) > 0) continue;
      found.warning(
        `no visible application belongs to ${environment}`,
        `Correct environments.${environment}.match, or give the account \`applications, get\` on its projects.`,
      );
    }
  }

  /** Those the configuration names, and those of managed applications. */
  #projects(): readonly string[] {
    const named = ENVIRONMENTS.flatMap((e) => this.config.environments[e]?.match.projects ?? []).filter(
      (p) => !p.includes('*'),
    );
    const managed = (this.#fleet ?? []).filter((entry) => this.policies.environmentOf(entry) !== undefined);
    return [...new Set([...named, ...managed.map((entry) => entry.project)])].slice(0, MAX_PROJECTS);
  }
  async #lookAtRights(project: string, found: Findings, signal: AbortSignal): Promise<void> {
    const may = (action: 'get' | (typeof NEEDLESS)[number]): Promise<boolean | undefined> =>
      ask(found, `whether ${action} is permitted on project ${project}`, () =>
        this.argocd.canI(action, project, signal),
      );
    const mayGet = await may('get');
    if (mayGet === false) {
      found.fault(
        `may not get applications of project ${project}`,
        `Add to policy.csv: \`p, <role>, applications, get, ${project}/*, allow\`.`,
      );
    }
    const granted: string[] = [];
    for (const action of NEEDLESS) if ((await may(action)) === true) granted.push(action);
    if (granted.length > 0) {
      found.warning(
        `may ${granted.join(', ')} applications of project ${project}, which the operator never needs`,
        'Take the rights away (also from policy.default): it only reads, and acts by git.',
      );
    } else if (mayGet === true) found.ok(`project ${project}: may get, and may not sync, update or delete`);
  }
}
