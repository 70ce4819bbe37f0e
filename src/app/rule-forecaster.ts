import type { Clock } from '../base/clock.js';
import { GUARDS } from '../governance/guards.js';
import { isFrozen } from '../governance/freeze.js';
import { INVARIANTS } from '../governance/invariants.js';
import { observe, type Known } from '../governance/known.js';
import type { WorkloadReader } from '../governance/workload-reader.js';
import type { AilingWorkload } from '../governance/evidence.js';
import { parseRepositoryUrl } from '../gitops/repository-url.js';
import type { ApplicationSnapshot } from '../model/application.js';
import type { Policy } from '../model/policy.js';
import type { RuleId } from '../model/rule-result.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { BranchRules, PullRequestSummary, SourceControl } from '../ports/source-control.js';
import type { Outlook, RuleForecast } from '../surface/explanation.js';

interface Seen {
  readonly app: ApplicationSnapshot;
  readonly policy: Policy;
  readonly workloads: Known<readonly AilingWorkload[]>;
  readonly window: Known<{ readonly windowOpen: boolean; readonly windows: string }>;
  readonly rules: Known<BranchRules>;
  readonly open: Known<readonly PullRequestSummary[]>;
  readonly now: number;
}
type Said = Pick<RuleForecast, 'outlook' | 'why'>;
const says = (outlook: Outlook, why: string): Said => ({ outlook, why });
const atMerge = (why: string): Said => says('at-merge', why);

/**
 * Looks at the rules before there is anything to merge (semantics 15): which of them cannot hold for this application
 * today, and which key would relax each.
 */
export class RuleForecaster {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationSyncStatus'>,
    private readonly sourceControl: Pick<SourceControl, 'getRepository' | 'getBranchRules' | 'listOpenPullRequests'>,
    private readonly workloads: WorkloadReader,
  ) {}

  async forecast(policy: Policy, app: ApplicationSnapshot | undefined, signal: AbortSignal): Promise<readonly RuleForecast[]> {
    const rules = [...INVARIANTS, ...GUARDS];
    if (app === undefined) return rules.map((r) => ({ id: r.id, outlook: 'unknown', why: 'the application could not be read' }));
    const seen = await this.#see(policy, app, signal);
    return rules.map((r) => {
      const said = FORECAST[r.id](seen);
      return { id: r.id, ...said, seenAt: seen.now, ...(said.outlook === 'cannot-hold' && r.relaxedBy !== undefined ? { relaxedBy: r.relaxedBy } : {}) };
    });
  }
  async #see(policy: Policy, app: ApplicationSnapshot, signal: AbortSignal): Promise<Seen> {
    const repo = parseRepositoryUrl(app.sources[0]?.repoURL ?? '');
    const branch = async (): Promise<{ readonly repo: { readonly owner: string; readonly name: string }; readonly name: string }> => {
      if (repo === undefined) throw new RangeError('the application has no git repository');
      const wanted = app.sources[0]?.targetRevision ?? '';
      const name = wanted === '' || wanted === 'HEAD' ? (await this.sourceControl.getRepository(repo, signal)).defaultBranch : wanted;
      return { repo, name };
    };
    const read = <T>(source: string, f: () => Promise<T>): Promise<Known<T>> => observe(this.clock, source, f);
    const [workloads, window, rules, open] = await Promise.all([
      read('Kubernetes', () => this.workloads.all(app, signal)),
      read('Argo CD', () => this.argocd.getApplicationSyncStatus(app.application, signal)),
      read('GitHub', async () => branch().then((b) => this.sourceControl.getBranchRules(b.repo, b.name, signal))),
      read('GitHub', async () => branch().then((b) => this.sourceControl.listOpenPullRequests(b.repo, b.name, signal))),
    ]);
    return { app, policy, workloads, window, rules, open, now: this.clock.now() };
  }
}

const FORECAST: Readonly<Record<RuleId, (s: Seen) => Said>> = {
  I1_environment: ({ policy }) =>
    policy.environment !== 'staging'
      ? says('cannot-hold', `it is ${policy.environment}: people approve there`)
      : policy.stagingPaths.length === 0 && policy.repository?.allApplicationsVisible !== true
        ? says('cannot-hold', 'no staging paths are configured and the repository is not declared allApplicationsVisible')
        : atMerge('depends on the files that a rollback would change'),
  I2_health_degraded: ({ app }) => (app.resources.some((r) => ['Deployment', 'ReplicaSet', 'Rollout'].includes(r.kind)) ? atMerge('Argo CD must say Degraded then') : says('cannot-hold', 'it has no workload that Argo CD ever calls Degraded (stateful and daemon sets never are)')),
  I3_replica_shortage: (s) => forecastReplicas(s),
  I4_persistence: () => atMerge('needs consecutive Degraded checks'),
  I5_stable_previous: () => atMerge('needs 24 h of metrics for an earlier version'),
  I6_ci_success: ({ rules, policy }) => {
    if (rules.kind === 'unknown') return says('unknown', rules.why);
    const expected = [...rules.value.requiredChecks, ...(policy.repository?.requiredChecks ?? [])];
    return expected.length === 0 && policy.repository?.allowNoChecks !== true ? atMerge('no check is required: one must run by itself and succeed') : atMerge(`needs success of ${expected.map((c) => c.name).join(', ') || 'nothing'}`);
  },
  I7_no_conflicts: ({ open, policy }) =>
    open.kind === 'unknown' ? says('unknown', open.why) : open.value.length === 0 || policy.invariants.openPullRequests === 'paths' ? atMerge(`${open.value.length} pull request(s) are open on the branch`) : says('cannot-hold', `${open.value.length} other pull request(s) are open on the branch now: ${open.value.slice(0, 3).map((p) => `#${p.number}`).join(', ')}`),
  I8_branch_protection: ({ rules }) =>
    rules.kind === 'unknown' ? says('unknown', rules.why) : rules.value.requiredApprovals > 0 ? says('cannot-hold', `the branch requires ${rules.value.requiredApprovals} approving review(s), which the operator cannot give itself`) : rules.value.mergeQueue ? says('cannot-hold', 'the branch is merged through a merge queue only') : atMerge('GitHub must call the pull request clean'),
  G1_change_induced: () => atMerge('the degradation must follow a deployment'),
  G2_scope: () => atMerge('depends on the files that a rollback would change'),
  G3_reversible: () => atMerge('depends on the objects that a rollback would change'),
  G4_will_sync: ({ app, window }) =>
    !app.automated.enabled ? says('cannot-hold', 'automated sync is off') : window.kind === 'unknown' ? says('unknown', window.why) : !window.value.windowOpen ? says('cannot-hold', `a sync window forbids it now: ${window.value.windows}`) : says('holds', app.automated.prune ? 'automated sync with prune' : 'automated sync; without prune nothing may need to be removed'),
  G5_budget: () => atMerge('counts the automatic rollbacks of the last hours'),
  G6_not_frozen: ({ policy, now }) => {
    const open = policy.guards.freeze.find((w) => isFrozen(w, now));
    return open === undefined ? says('holds', 'no freeze window is open') : says('cannot-hold', `the freeze window "${open.name}" is open`);
  },
  G7_not_superseded: () => atMerge('the branch must not have changed the application meanwhile'),
  G8_no_reapply: ({ app }) => (Object.keys(app.annotations).some((k) => k.startsWith('argocd-image-updater.argoproj.io/')) ? says('cannot-hold', 'the image updater manages it and would put the bad version back') : says('holds', 'no image updater is known')),
};

/** With the default strategy a stuck rolling update of up to three replicas keeps the old pods serving: nothing is ever short. */
function forecastReplicas({ workloads, policy }: Seen): Said {
  if (workloads.kind === 'unknown') return says('unknown', workloads.why);
  const read = workloads.value.flatMap((w) => (w.status.kind === 'known' ? [w.status.value] : []));
  if (read.length === 0) return says(workloads.value.length === 0 ? 'cannot-hold' : 'unknown', workloads.value.length === 0 ? 'it has no workload with replicas' : 'its workloads cannot be read');
  if (policy.invariants.replicaShortage === 'updated' || read.some((w) => w.desired >= 4)) return atMerge(`${read.map((w) => `${w.name}: ${w.desired} replicas`).join(', ')}`);
  return says('cannot-hold', `${read.map((w) => `${w.name} has ${w.desired} replica(s)`).join(', ')}: a stuck rolling update with the default strategy keeps the old pods serving, so available is never below desired`);
}
