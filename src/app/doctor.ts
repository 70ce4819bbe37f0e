import type { Clock } from '../base/clock.js';
import type { RetryPolicy } from '../base/retry.js';
import { createGitHub } from '../adapters/github/create-github.js';
import { githubCredentials } from '../config/secret-file.js';
import type { LoadedConfig } from '../config/load-config.js';
import { sameRepositoryUrl } from '../gitops/repository-url.js';
import { PolicyBook } from '../governance/policy-book.js';
import { WorkloadReader } from '../governance/workload-reader.js';
import type { Kubernetes } from '../ports/kubernetes.js';
import { ApplicationCheck } from './doctor/application-check.js';
import { ArgoCdCheck } from './doctor/argocd-check.js';
import { Findings, runCheck, type Check, type DoctorFinding } from './doctor/finding.js';
import { GitHubCheck } from './doctor/github-check.js';
import { KubernetesCheck } from './doctor/kubernetes-check.js';
import { localChecks } from './doctor/local-check.js';
import { ManagedApplications, MOST_APPLICATIONS } from './doctor/managed-applications.js';
import { mapLimited } from './doctor/map-limited.js';
import { PrometheusCheck } from './doctor/prometheus-check.js';
import { storeAndBusChecks } from './doctor/store-and-bus-check.js';
import { RememberedReads } from './doctor/remembered-reads.js';
import { reportText, worstFirst } from './doctor/report-text.js';
import { RepositoryCheck } from './doctor/repository-check.js';
import { createArgoCd, createKubernetesOf, createPrometheus, gitHubSettings, NO_METRICS } from './outside.js';
import { RuleForecaster } from './rule-forecaster.js';

export interface DoctorReport {
  /** Worst first. */
  readonly findings: readonly DoctorFinding[];
  /** The same for people. */
  readonly text: string;
  /** There is a fault. */
  readonly failed: boolean;
}
/** Somebody waits: one quick retry, and no more. */
const RETRY: RetryPolicy = { count: 1, backoffMs: [500] };
const READ_TIMEOUT_MS = 15_000;
const APPLICATIONS_IN_FLIGHT = 5;

/**
 * Looks at everything the operator depends on, with the adapters it runs with, and says what is wrong and how to mend
 * it. Reads only, but for a probe key in etcd that it removes. Each check has its deadline, and one that fails hides nothing of the others. Throws nothing of an
 * upstream.
 */
export async function diagnose(loaded: LoadedConfig, clock: Clock): Promise<DoctorReport> {
  const examination = new Examination(loaded, clock);
  try {
    const findings = worstFirst(await examination.run());
    return { findings, text: reportText(findings), failed: findings.some((f) => f.verdict === 'fault') };
  } finally {
    await examination.close();
  }
}

/** One run of `doctor`: the upstreams, what was read of them, and the checks in the order of their dependence. */
class Examination {
  readonly #policies: PolicyBook;
  readonly #argocd;
  readonly #github;
  readonly #reads: RememberedReads;
  readonly #prometheus;
  #kubernetes: Promise<Kubernetes | undefined> | undefined;
  constructor(
    private readonly loaded: LoadedConfig,
    private readonly clock: Clock,
  ) {
    const { config } = loaded;
    this.#policies = new PolicyBook(config, sameRepositoryUrl);
    this.#argocd = createArgoCd(config, clock, RETRY);
    this.#github = createGitHub(gitHubSettings(config), clock, RETRY);
    this.#reads = new RememberedReads(this.#github);
    this.#prometheus = createPrometheus(config, clock, RETRY);
  }

  async run(): Promise<readonly DoctorFinding[]> {
    const { config } = this.loaded;
    const argocd = new ArgoCdCheck(this.#argocd, this.#policies, config);
    const [local, seen, github] = await Promise.all([
      this.#all([...localChecks(this.loaded, this.clock), ...storeAndBusChecks(config, this.clock)]),
      this.#one(argocd),
      this.#one(new GitHubCheck(this.#github, config)),
    ]);
    const fleet = argocd.fleet ?? [];
    const managed = new ManagedApplications(fleet, this.#policies, this.#argocd, READ_TIMEOUT_MS);
    const branches = await this.#branchesOf(managed);
    const upstreams = await this.#all([
      ...config.repositories.map(
        (r) => new RepositoryCheck(this.#reads, config, r, () => branches.get(r.url) ?? [], this.#signsCommits()),
      ),
      new KubernetesCheck(
        () => this.#cluster(),
        () => managed.snapshots(),
      ),
      new PrometheusCheck(this.clock, this.#prometheus, async () => managed.keys()),
    ]);
    return [...local, ...seen, ...github, ...upstreams, ...(await this.#applications(managed))];
  }
  async close(): Promise<void> {
    await Promise.allSettled([this.#argocd.close(), this.#github.close(), this.#prometheus?.close()]);
  }

  async #applications(managed: ManagedApplications): Promise<readonly DoctorFinding[]> {
    // A cluster that cannot be reached was reported; replicas are then read through Argo CD, as the operator does.
    const cluster = await this.#cluster().catch(() => undefined);
    const forecaster = new RuleForecaster(
      this.clock,
      this.#argocd,
      this.#reads,
      this.#prometheus ?? NO_METRICS,
      new WorkloadReader(this.clock, this.#argocd, cluster),
    );
    const found = await mapLimited(await managed.readings(), APPLICATIONS_IN_FLIGHT, (reading) =>
      this.#one(new ApplicationCheck(reading, this.#policies, forecaster, () => this.clock.now())),
    );
    const rest = managed.staging.length - MOST_APPLICATIONS;
    if (rest <= 0) return found.flat();
    const more = new Findings('applications');
    more.ok(`${rest} more of staging were not looked at one by one; \`ai-operator explain APP\` does`);
    return [...found.flat(), ...more.list];
  }
  /** Branches that staging applications follow, by configured repository. */
  async #branchesOf(managed: ManagedApplications): Promise<ReadonlyMap<string, readonly string[]>> {
    const branches = new Map<string, string[]>();
    for (const { sources } of await managed.snapshots()) {
      const [source] = sources;
      const repository = this.loaded.config.repositories.find((r) => sameRepositoryUrl(r.url, source?.repoURL ?? ''));
      if (repository === undefined) continue;
      branches.set(repository.url, [...(branches.get(repository.url) ?? []), source?.targetRevision ?? '']);
    }
    return branches;
  }
  #cluster(): Promise<Kubernetes | undefined> {
    this.#kubernetes ??= createKubernetesOf(this.loaded.config, this.clock, RETRY);
    return this.#kubernetes;
  }
  /** GitHub signs the commits that an App makes through its API. */
  #signsCommits(): boolean {
    return githubCredentials(this.loaded.config.github).kind === 'app';
  }
  #one(check: Check): Promise<readonly DoctorFinding[]> {
    return runCheck(check, this.clock);
  }
  async #all(checks: readonly Check[]): Promise<readonly DoctorFinding[]> {
    return (await Promise.all(checks.map((check) => this.#one(check)))).flat();
  }
}
