import type { Secret } from '../base/secret.js';
import type {
  ApprovalPolicy,
  CandidatePolicy,
  Environment,
  GuardPolicy,
  InvariantPolicy,
  Mode,
  RepositoryPolicy,
} from '../model/policy.js';
import type { Timing } from '../model/timing.js';

export interface DestinationMatch {
  /** API server address of the destination cluster. Exactly one of `server` and `name` may be given. */
  readonly server?: string;
  /** Name of the destination cluster. */
  readonly name?: string;
  /** Destination namespace; `*` stands for any text. */
  readonly namespace?: string;
}

/** An application belongs to the environment when any entry of any list fits; at least one list is not empty. */
export interface EnvironmentMatch {
  /** Argo CD projects; `*` stands for any text. */
  readonly projects: readonly string[];
  readonly destinations: readonly DestinationMatch[];
  /** Namespaces the Application objects live in; `*` stands for any text. */
  readonly namespaces: readonly string[];
  /** `<namespace>/<name>` of Applications; `*` stands for any text but `/`. */
  readonly applications: readonly string[];
}
export interface EnvironmentSettings {
  readonly match: EnvironmentMatch;
  readonly mode: Mode;
  /** Globs of files in the repositories that belong to this environment alone (I1). */
  readonly paths: readonly string[];
}

export interface ArgoCdSettings {
  /** Without a trailing slash. */
  readonly url: string;
  readonly tokenFile?: string;
  /** From the environment only; `tokenFile` wins. */
  readonly token?: Secret;
  readonly caFile?: string;
  readonly source: 'api';
  /** Namespace of Argo CD itself. */
  readonly namespace: string;
}
/** Either a token or the three of an App; see `githubCredentials`. */
export interface GitHubSettings {
  readonly url: string;
  /** Base of the REST API, without a trailing slash. */
  readonly apiUrl: string;
  readonly caFile?: string;
  readonly proxy?: string;
  readonly tokenFile?: string;
  /** From the environment only; `tokenFile` wins. */
  readonly token?: Secret;
  readonly appId?: number;
  readonly installationId?: number;
  readonly privateKeyFile?: string;
  /** From the environment only; `privateKeyFile` wins. */
  readonly privateKey?: Secret;
}
export type KubernetesSettings =
  | { readonly inCluster: true }
  | { readonly kubeconfigFile: string }
  | { readonly enabled: false };
export interface PrometheusSettings {
  readonly url: string;
  readonly tokenFile?: string;
  /** From the environment only; `tokenFile` wins. */
  readonly token?: Secret;
  readonly caFile?: string;
  /** Label of `argocd_app_info` that holds the Application's namespace. */
  readonly namespaceLabel?: string;
}

/** `url` is `https://host/owner/name`, without `.git`. */
export interface RepositorySettings extends RepositoryPolicy {
  readonly owner: string;
  readonly name: string;
}
export interface BrakeSettings {
  /** Part of an environment's managed applications, 0 to 1. */
  readonly share: number;
  /** And at least this many applications. */
  readonly count: number;
  /** The time in which they turned Degraded. */
  readonly windowMs: number;
  readonly failedRollbacks: number;
  readonly failedRollbackWindowMs: number;
}
export interface LimitSettings {
  /** Attempts with an open pull request, per environment. */
  readonly openAttempts: number;
  readonly pullRequestsPerHour: number;
  readonly brake: BrakeSettings;
}

/** When teams (`organisation/team`) or users are named, an approver must be one of them and hold the role. */
export interface ProductionSettings extends ApprovalPolicy {
  readonly approvalSources: readonly 'github-review'[];
}
export interface DetectionSettings {
  /** A failure older than this starts no attempt. */
  readonly maxFailureAgeMs: number;
  /** Progressing with failing pods for longer than this counts as degraded, for proposing. Absent = off. */
  readonly stalledProgressMs?: number;
}

export interface HttpSettings {
  /** 0 = any free port. */
  readonly port: number;
  /** Loopback unless `tokensFile` is given. */
  readonly host: string;
  readonly tokensFile?: string;
}
export interface HttpMetricsSettings {
  readonly port: number;
  readonly host: string;
}
/** Traces leave by OTLP over HTTP. */
export interface TracingSettings {
  /** Base address of the receiver. */
  readonly otlpUrl: string;
}
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export const LOG_FORMATS = ['auto', 'json', 'text'] as const;
export interface LogSettings {
  readonly level: (typeof LOG_LEVELS)[number];
  /** `auto`: text on a terminal, else JSON. */
  readonly format: (typeof LOG_FORMATS)[number];
}
/** Exactly one of `url` and `urlFile`. */
export interface WebhookSettings {
  readonly name: string;
  readonly url?: string;
  readonly urlFile?: string;
  /** File with a bearer token. */
  readonly tokenFile?: string;
}

export interface EtcdStoreSettings {
  readonly kind: 'etcd';
  /** Never empty; all https or all http. */
  readonly endpoints: readonly string[];
  /** Both or none. */
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
  /** Both or none. */
  readonly certFile?: string;
  readonly keyFile?: string;
}
export type StoreSettings = { readonly kind: 'memory' } | EtcdStoreSettings;
export interface NatsBusSettings {
  readonly kind: 'nats';
  /** Never empty. */
  readonly servers: readonly string[];
  /** At most one of: credentialsFile, tokenFile, username with passwordFile. */
  readonly credentialsFile?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly caFile?: string;
}
export type BusSettings = { readonly kind: 'in-process' } | NatsBusSettings;

/**
 * The whole configuration: validated, defaulted, deeply frozen. Durations are milliseconds, paths are absolute, addresses
 * have no trailing slash. What each key of the file means stands in `config/schema.json`.
 */
export interface OperatorConfig {
  readonly instance: string;
  readonly development: boolean;
  /** At least one of the two. */
  readonly environments: { readonly [E in Environment]?: EnvironmentSettings };
  readonly argocd: ArgoCdSettings;
  readonly github: GitHubSettings;
  /** Never empty. */
  readonly repositories: readonly RepositorySettings[];
  readonly kubernetes: KubernetesSettings;
  readonly prometheus?: PrometheusSettings;
  readonly store: StoreSettings;
  readonly bus: BusSettings;
  readonly audit: { readonly directory: string };
  /** While this file exists, everything is paused; it works with the store and the API down. */
  readonly killFile: string;
  readonly timing: Timing;
  readonly candidates: CandidatePolicy;
  readonly invariants: InvariantPolicy;
  readonly guards: GuardPolicy;
  readonly limits: LimitSettings;
  readonly production: ProductionSettings;
  readonly detection: DetectionSettings;
  readonly http: HttpSettings;
  readonly httpMetrics: HttpMetricsSettings;
  readonly log: LogSettings;
  /** Absent = no traces. */
  readonly tracing?: TracingSettings;
  readonly notify: { readonly webhooks: readonly WebhookSettings[] };
}

/** An environment that is not configured is off. */
export const isOff = ({ environments }: Pick<OperatorConfig, 'environments'>, name: Environment): boolean =>
  (environments[name]?.mode ?? 'off') === 'off';
/** The highest mode the store allows (semantics 1): memory forgets latches and budgets, so `auto` needs `development: true`. */
export const highestMode = (config: Pick<OperatorConfig, 'store' | 'development'>): Mode =>
  config.store.kind === 'memory' && !config.development ? 'propose' : 'auto';
