import { RecentMap } from '../base/recent-map.js';
import {
  highestMode,
  type DestinationMatch,
  type EnvironmentMatch,
  type OperatorConfig,
} from '../config/operator-config.js';
import type { ApplicationKey, Destination, SourceSettings } from '../model/application.js';
import { IN_CLUSTER_SERVER, splitApplicationKey } from '../model/application.js';
import {
  ENVIRONMENTS,
  MODES,
  lowestMode,
  type Environment,
  type Mode,
  type Policy,
  type RepositoryPolicy,
} from '../model/policy.js';

export const MODE_ANNOTATION = 'ai-devops-operator.io/mode';
export const ENVIRONMENT_ANNOTATION = 'ai-devops-operator.io/environment';

/** What decides the environment of an application. Annotations are known only from a live answer. */
export interface Subject {
  readonly application: ApplicationKey;
  readonly project: string;
  readonly destination: Destination;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly sources?: readonly SourceSettings[];
}

/** Tells two repository addresses to be the same repository (the normalisation is gitops' business). */
export type SameRepository = (a: string, b: string) => boolean;

/**
 * What the operator may do with an application, from the configuration (semantics 1). Two environments that match:
 * production. None: unmanaged (undefined). Annotations can only lower: to production, to unmanaged (also by a word
 * nobody knows), to a lower mode.
 */
export class PolicyBook {
  #config: OperatorConfig;
  constructor(
    config: OperatorConfig,
    private readonly sameRepository: SameRepository,
  ) {
    this.#config = config;
  }
  /** Takes a reloaded configuration, whole. */
  replace(config: OperatorConfig): void {
    this.#config = config;
  }
  get config(): OperatorConfig {
    return this.#config;
  }

  /** The entry of the configuration by which an environment fits, as it is written; undefined = it does not fit. */
  matchedBy(environment: Environment, subject: Subject): string | undefined {
    const settings = this.#config.environments[environment];
    const entry =
      (settings && fittingEntry(settings.match, subject)) ??
      (environment === 'production' ? this.#notRuledOut(subject) : undefined);
    return entry === undefined ? undefined : `environments.${environment}.match.${entry}`;
  }
  /**
   * A cluster has an address and a name, and an application gives either. One that staging fits otherwise, on a cluster
   * that may be one of production's, is production's until the configuration says more.
   */
  #notRuledOut(subject: Subject): string | undefined {
    const { staging, production } = this.#config.environments;
    const { destination } = subject;
    if (staging === undefined || fittingEntry(staging.match, subject) === undefined) return undefined;
    if (staging.match.destinations.some((d) => fitsDestination(d, destination))) return undefined;
    const entry = production?.match.destinations.find((d) => mayBeDestination(d, destination));
    return (
      entry && `destinations: ${JSON.stringify(entry)} (not ruled out: staging.match.destinations does not name it)`
    );
  }
  environmentOf(subject: Subject): Environment | undefined {
    const matched = ENVIRONMENTS.filter((e) => this.matchedBy(e, subject) !== undefined);
    const asked = subject.annotations?.[ENVIRONMENT_ANNOTATION];
    // `staging` asks for nothing more; a word nobody knows was meant to lower something: hands off.
    if (matched.length === 0 || (asked !== undefined && asked !== 'staging' && asked !== 'production')) {
      return undefined;
    }
    return matched.includes('production') || asked === 'production' ? 'production' : 'staging';
  }

  policyOf(subject: Subject): Policy | undefined {
    const environment = this.environmentOf(subject);
    const settings = environment && this.#config.environments[environment];
    if (environment === undefined || settings === undefined) return undefined;
    const { mode, loweredBy } = this.#mode(settings.mode, subject.annotations?.[MODE_ANNOTATION]);
    const repository = this.#repository(subject);
    const c = this.#config;
    return {
      environment,
      mode,
      modeLoweredBy: loweredBy,
      timing: c.timing,
      stagingPaths: c.environments.staging?.paths ?? [],
      ...(repository === undefined ? {} : { repository }),
      candidates: c.candidates,
      invariants: c.invariants,
      guards: c.guards,
      approval: {
        mergeAfterApproval: c.production.mergeAfterApproval,
        minRole: c.production.minRole,
        count: c.production.count,
        teams: c.production.teams,
        users: c.production.users,
      },
    };
  }

  /** A configured mode, as far as the store allows it. */
  effectiveMode(configured: Mode): Mode {
    return lowestMode(configured, highestMode(this.#config));
  }

  #mode(
    configured: Mode,
    annotated: string | undefined,
  ): { readonly mode: Mode; readonly loweredBy: readonly string[] } {
    const highest = highestMode(this.#config);
    const asked = annotated === undefined ? 'auto' : isMode(annotated) ? annotated : 'off';
    const mode = lowestMode(configured, highest, asked);
    const loweredBy = [
      lowestMode(configured, highest) === configured
        ? ''
        : 'store: memory without development: true allows at most propose',
      asked === 'auto' || lowestMode(configured, asked) === configured
        ? ''
        : `annotation ${MODE_ANNOTATION}: ${annotated}`,
      annotated !== undefined && !isMode(annotated)
        ? `annotation ${MODE_ANNOTATION} has no known value, so automation is off`
        : '',
    ];
    return { mode, loweredBy: loweredBy.filter((l) => l !== '') };
  }
  #repository(subject: Subject): RepositoryPolicy | undefined {
    const url = subject.sources?.[0]?.repoURL;
    const found =
      url === undefined ? undefined : this.#config.repositories.find((r) => this.sameRepository(r.url, url));
    if (found === undefined) return undefined;
    const { owner: _owner, name: _name, ...policy } = found;
    return policy;
  }
}

const isMode = (text: string): text is Mode => (MODES as readonly string[]).includes(text);

/** Compiled patterns of the configuration: they are asked for each application in each list. */
const compiled = new RecentMap<string, RegExp>(1_000);
/** `*` stands for any run of characters but those in `not`. */
function glob(pattern: string, text: string, not = ''): boolean {
  const key = `${not} ${pattern}`;
  const known = compiled.get(key);
  if (known !== undefined) return known.test(text);
  const any = not === '' ? '.*' : `[^${not}]*`;
  const source = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join(any);
  const expression = new RegExp(`^${source}$`, 's');
  compiled.set(key, expression);
  return expression.test(text);
}
/** The first entry of the match that fits, most specific list first. */
function fittingEntry(match: EnvironmentMatch, s: Subject): string | undefined {
  const { namespace } = splitApplicationKey(s.application);
  const application = match.applications.find((a) => glob(a, s.application, '/'));
  if (application !== undefined) return `applications: ${application}`;
  const project = match.projects.find((p) => glob(p, s.project));
  if (project !== undefined) return `projects: ${project}`;
  const itsNamespace = match.namespaces.find((n) => glob(n, namespace));
  if (itsNamespace !== undefined) return `namespaces: ${itsNamespace}`;
  const destination = match.destinations.find((d) => fitsDestination(d, s.destination));
  return destination && `destinations: ${JSON.stringify(destination)}`;
}
function fitsDestination(wanted: DestinationMatch, is: Destination): boolean {
  return (
    (wanted.server === undefined || wanted.server === is.server) &&
    (wanted.name === undefined || wanted.name === is.name) &&
    (wanted.namespace === undefined || glob(wanted.namespace, is.namespace ?? ''))
  );
}
/** The same place for all that is known: nothing that both sides name differs. */
function mayBeDestination(wanted: DestinationMatch, is: Destination): boolean {
  const [a, b] = [bothNames(wanted), bothNames(is)];
  const differ = (x: string | undefined, y: string | undefined): boolean =>
    x !== undefined && y !== undefined && x !== y;
  if (differ(a.server, b.server) || differ(a.name, b.name)) return false;
  return wanted.namespace === undefined || glob(wanted.namespace, is.namespace ?? '');
}
/** Argo CD's own cluster is the one whose other name is known. */
function bothNames({ server, name }: Pick<Destination, 'server' | 'name'>): Pick<Destination, 'server' | 'name'> {
  const address = server?.toLowerCase().replace(/\/+$/, '');
  if (address === IN_CLUSTER_SERVER || (address === undefined && name === 'in-cluster')) {
    return { server: IN_CLUSTER_SERVER, name: 'in-cluster' };
  }
  return { ...(address === undefined ? {} : { server: address }), ...(name === undefined ? {} : { name }) };
}
