import type { Clock } from '../base/clock.js';
import { OperatorError } from '../base/errors.js';
import { GUARDS } from '../governance/guards.js';
import { INVARIANTS } from '../governance/invariants.js';
import { observe, type Known } from '../governance/known.js';
import type { WorkloadReader } from '../governance/workload-reader.js';
import { parseRepositoryUrl } from '../gitops/repository-url.js';
import { trackedRevision } from '../gitops/target-revision.js';
import type { ApplicationSnapshot } from '../model/application.js';
import type { Policy } from '../model/policy.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { MetricsBackend } from '../ports/metrics-backend.js';
import type { RepositoryId, SourceControl } from '../ports/source-control.js';
import { UPTIME_WINDOW_MS } from '../stages/3-resolution/uptime.js';
import type { RuleForecast } from '../surface/explanation.js';
import { RULE_OUTLOOKS, type BranchView, type Seen } from './rule-outlooks.js';

type GitHubReads = Pick<
  SourceControl,
  'getRepository' | 'getBranchRules' | 'listOpenPullRequests' | 'findBranchHead' | 'listChecks'
>;

/**
 * Looks at the rules before there is anything to merge (semantics 15): which of them cannot hold for this application
 * today, and which key would relax each. Reads only; what cannot be read is `unknown`.
 */
export class RuleForecaster {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationSyncStatus'>,
    private readonly sourceControl: GitHubReads,
    private readonly metrics: Pick<MetricsBackend, 'healthHistory'>,
    private readonly workloads: Pick<WorkloadReader, 'all'>,
  ) {}

  async forecast(
    policy: Policy,
    app: ApplicationSnapshot | undefined,
    signal: AbortSignal,
  ): Promise<readonly RuleForecast[]> {
    const rules = [...INVARIANTS, ...GUARDS];
    if (app === undefined) {
      return rules.map((r) => ({ id: r.id, outlook: 'unknown', why: 'the application could not be read' }));
    }
    const seen = await this.#see(policy, app, signal);
    return rules.map((r) => {
      const { outlook, why } = RULE_OUTLOOKS[r.id](seen);
      const bars = outlook === 'cannot-hold' || outlook === 'unknown';
      const relaxed = bars && r.relaxedBy !== undefined ? { relaxedBy: r.relaxedBy } : {};
      return { id: r.id, outlook, why, seenAt: seen.now, ...relaxed };
    });
  }

  async #see(policy: Policy, app: ApplicationSnapshot, signal: AbortSignal): Promise<Seen> {
    const now = this.clock.now();
    const read = <T>(source: string, f: () => Promise<T>): Promise<Known<T>> => observe(this.clock, source, f);
    const lastDay = { from: now - UPTIME_WINDOW_MS, to: now };
    const [workloads, window, branch, history] = await Promise.all([
      read('Kubernetes', () => this.workloads.all(app, signal)),
      read('Argo CD', () => this.argocd.getApplicationSyncStatus(app.application, signal)),
      read('GitHub', () => this.#branch(app, signal)),
      read('Prometheus', () => this.metrics.healthHistory(app.application, lastDay, signal)),
    ]);
    return { app, policy, workloads, window, branch, history, now };
  }

  async #branch(app: ApplicationSnapshot, signal: AbortSignal): Promise<BranchView> {
    const [source] = app.sources;
    const repo: RepositoryId | undefined = parseRepositoryUrl(source?.repoURL ?? '');
    if (repo === undefined) {
      throw new OperatorError(
        'FORECAST_NO_REPOSITORY',
        'config',
        `${source?.repoURL ?? 'no source'} is no git repository`,
      );
    }
    const settings = await this.sourceControl.getRepository(repo, signal);
    const tracked = trackedRevision(source?.targetRevision, settings.defaultBranch);
    if (tracked.kind === 'pinned') return { kind: 'pinned', revision: tracked.revision };
    const { name } = tracked;
    const [rules, open, head] = await Promise.all([
      this.sourceControl.getBranchRules(repo, name, signal),
      this.sourceControl.listOpenPullRequests(repo, name, signal),
      this.sourceControl.findBranchHead(repo, name, signal),
    ]);
    if (head === undefined) return { kind: 'no-branch', name };
    const checks = await this.sourceControl.listChecks(repo, head, signal);
    return { kind: 'branch', name, head, settings, rules, open, checksOnHead: checks.map((c) => c.name) };
  }
}
