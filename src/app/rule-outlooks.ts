import type { AilingWorkload } from '../governance/evidence.js';
import { isFrozen } from '../governance/freeze.js';
import type { Known } from '../governance/known.js';
import { duration } from '../base/time-words.js';
import { isWorkload, type ApplicationSnapshot, type EpochMs } from '../model/application.js';
import type { Policy } from '../model/policy.js';
import type { RuleId } from '../model/rule-result.js';
import type { ApplicationSyncStatus } from '../ports/argocd.js';
import type { HealthHistory } from '../ports/metrics-backend.js';
import type { BranchRules, PullRequestSummary, RepositorySettings } from '../ports/source-control.js';
import { UPTIME_WINDOW_MS, uptimeOf } from '../stages/3-resolution/uptime.js';
import type { Outlook, RuleForecast } from '../surface/explanation.js';

/** The branch an application follows, as GitHub shows it. */
export type BranchView =
  | {
      readonly kind: 'branch';
      readonly name: string;
      readonly head: string;
      readonly settings: RepositorySettings;
      readonly rules: BranchRules;
      readonly open: readonly PullRequestSummary[];
      /** Names of the checks that ran on the head. */
      readonly checksOnHead: readonly string[];
    }
  | { readonly kind: 'pinned'; readonly revision: string }
  | { readonly kind: 'no-branch'; readonly name: string };

/** Everything an outlook is told from. */
export interface Seen {
  readonly app: ApplicationSnapshot;
  readonly policy: Policy;
  readonly workloads: Known<readonly AilingWorkload[]>;
  readonly window: Known<ApplicationSyncStatus>;
  readonly branch: Known<BranchView>;
  /** Of the last 24 h. */
  readonly history: Known<HealthHistory>;
  readonly now: EpochMs;
}
export type Said = Pick<RuleForecast, 'outlook' | 'why'>;

const says = (outlook: Outlook, why: string): Said => ({ outlook, why });
const cannot = (why: string): Said => says('cannot-hold', why);
const atMerge = (why: string): Said => says('at-merge', why);

/** Pure, one for each rule: what can be said of it while nothing is degraded. */
export const RULE_OUTLOOKS: Readonly<Record<RuleId, (s: Seen) => Said>> = {
  I1_environment: environmentOutlook,
  I2_health_degraded: degradedOutlook,
  I3_replica_shortage: replicaOutlook,
  I4_persistence: ({ policy }) =>
    atMerge(`needs ${policy.timing.DEGRADATION_PERSISTENCE_CHECKS} Degraded checks in a row`),
  I5_stable_previous: stabilityOutlook,
  I6_ci_success: checksOutlook,
  I7_no_conflicts: conflictsOutlook,
  I8_branch_protection: protectionOutlook,
  G1_change_induced: () => atMerge('the degradation must follow a deployment'),
  G2_scope: scopeOutlook,
  G3_reversible: () => atMerge('depends on the objects that a rollback would change'),
  G4_will_sync: syncOutlook,
  G5_budget: () => atMerge('counts the automatic rollbacks of the last hours'),
  G6_not_frozen: freezeOutlook,
  G7_not_superseded: () => atMerge('the branch must not have changed the application meanwhile'),
  G8_no_reapply: reapplyOutlook,
};

function environmentOutlook({ policy, app }: Seen): Said {
  if (policy.environment !== 'staging') return cannot(`it is ${policy.environment}: a person approves there`);
  if (policy.repository === undefined)
    return cannot(`${app.sources[0]?.repoURL ?? 'its repository'} is not configured under repositories`);
  return policy.stagingPaths.length === 0 && !policy.repository.allApplicationsVisible
    ? cannot('no staging paths are configured, and the repository is not declared allApplicationsVisible')
    : atMerge('depends on the files that a rollback would change');
}

/** Argo CD calls a Deployment Degraded when its progress deadline passed; of the others it has no such rule. */
const CAN_DEGRADE: readonly string[] = ['Deployment', 'ReplicaSet', 'Rollout'];
function degradedOutlook({ app }: Seen): Said {
  const kinds = [...new Set(app.resources.filter((r) => isWorkload(r)).map((r) => r.kind))];
  if (kinds.length === 0) return cannot('it has no workload');
  return kinds.some((k) => CAN_DEGRADE.includes(k))
    ? atMerge('Argo CD must say Degraded then')
    : cannot(`Argo CD hardly ever calls ${kinds.join(' and ')} Degraded`);
}

/** With the default strategy (25 % unavailable, rounded down) a stuck rolling update of up to 3 replicas lacks none. */
const FEWEST_SHORT = 4;
function replicaOutlook({ workloads, policy }: Seen): Said {
  if (workloads.kind === 'unknown') return says('unknown', workloads.why);
  if (workloads.value.length === 0) return cannot('it has no workload with replicas');
  const read = workloads.value.flatMap((w) => (w.status.kind === 'known' ? [w.status.value] : []));
  if (read.length === 0) return says('unknown', 'its workloads cannot be read');
  const counts = read
    .map((w) => `${w.kind} ${w.name} has ${w.desired} ${w.desired === 1 ? 'replica' : 'replicas'}`)
    .join(', ');
  if (policy.invariants.replicaShortage === 'updated' || read.some((w) => w.desired >= FEWEST_SHORT))
    return atMerge(counts);
  return cannot(
    `${counts}: with the default rolling update the old pods of so few keep serving, and none is ever short`,
  );
}

/** What has been running here is what a rollback of the next version would return to. */
function stabilityOutlook({ app, policy, history, now }: Seen): Said {
  const least = policy.candidates.minObservationMs;
  const spans = deployedSpans(app, now);
  const longest = Math.max(0, ...spans.map((s) => s.to - s.from));
  if (spans.length === 0) return says('unknown', 'Argo CD shows no history of deployments');
  if (longest < least)
    return cannot(`no version has run here for ${duration(least)}; the longest ran ${duration(longest)}`);
  if (history.kind === 'unknown') return says('unknown', history.why);
  if (history.value.kind === 'unavailable') return cannot(`metrics are unavailable: ${history.value.why}`);
  const window = { from: now - UPTIME_WINDOW_MS, to: now };
  const uptime = uptimeOf([window], [{ span: window, history: history.value }]);
  if (uptime.kind === 'unavailable') return cannot(`metrics are unavailable: ${uptime.why}`);
  const percent = Math.floor(uptime.ratio * 10_000) / 100;
  const ran = `a version ran here for ${duration(longest)}`;
  return atMerge(`${ran}; the application was healthy ${percent} % of the last ${duration(uptime.observedMs)}`);
}
function deployedSpans(
  app: ApplicationSnapshot,
  now: EpochMs,
): readonly { readonly from: EpochMs; readonly to: EpochMs }[] {
  const entries = app.history.toSorted((a, b) => a.deployedAt - b.deployedAt);
  return entries.map(({ deployedAt }, i) => {
    const next = entries[i + 1];
    return { from: deployedAt, to: next === undefined ? now : (next.deployStartedAt ?? next.deployedAt) };
  });
}

/** Answers for a branch that is there; else says what is wrong. */
function ofBranch({ branch }: Seen, tell: (b: Extract<BranchView, { kind: 'branch' }>) => Said): Said {
  if (branch.kind === 'unknown') return says('unknown', branch.why);
  if (branch.value.kind === 'pinned')
    return cannot(`it is pinned to commit ${branch.value.revision.slice(0, 10)}, not to a branch`);
  if (branch.value.kind === 'no-branch') return cannot(`${branch.value.name} is no branch of its repository`);
  return tell(branch.value);
}
function checksOutlook(s: Seen): Said {
  return ofBranch(s, ({ rules, checksOnHead, name }) => {
    const expected = [
      ...new Set([...rules.requiredChecks, ...(s.policy.repository?.requiredChecks ?? [])].map((c) => c.name)),
    ];
    if (expected.length > 0) return atMerge(`needs success of ${expected.join(', ')}`);
    if (s.policy.repository?.allowNoChecks === true) return atMerge('no check is required, and none is allowed');
    return checksOnHead.length > 0
      ? atMerge(
          `no check is required; those that run must succeed, as ${checksOnHead.slice(0, 3).join(', ')} on ${name}`,
        )
      : says('unknown', `no check is required, and none ran on ${name}: it only holds if one runs on the pull request`);
  });
}
function conflictsOutlook(s: Seen): Said {
  return ofBranch(s, ({ open, name }) => {
    if (open.length === 0) return atMerge(`no pull request is open on ${name} now`);
    const numbers = open
      .slice(0, 3)
      .map((p) => `#${p.number}`)
      .join(', ');
    const text = `${open.length} open on ${name} now: ${numbers}${open.length > 3 ? ', ...' : ''}`;
    return s.policy.invariants.openPullRequests === 'paths'
      ? atMerge(`${text}; those that touch the same files bar`)
      : cannot(text);
  });
}
function protectionOutlook(s: Seen): Said {
  return ofBranch(s, ({ rules, settings, name }) => {
    if (settings.archived) return cannot('the repository is archived');
    if (!settings.canPush) return cannot('the operator may not push to the repository');
    if (rules.requiredApprovals > 0) {
      const reviews =
        rules.requiredApprovals === 1 ? 'an approving review' : `${rules.requiredApprovals} approving reviews`;
      return cannot(`${name} requires ${reviews}, which the operator cannot give itself`);
    }
    if (rules.mergeQueue) return cannot(`${name} is merged through a merge queue only`);
    const allowed = settings.mergeMethods.filter((m) => rules.mergeMethods?.includes(m) ?? true);
    return allowed.length === 0
      ? cannot('no merge method is allowed')
      : atMerge('GitHub must call the pull request clean');
  });
}

function scopeOutlook({ app }: Seen): Said {
  if (app.shape === 'single') return atMerge('depends on the files that a rollback would change');
  return cannot(app.shape === 'multiple' ? 'it has several sources' : 'it is rendered by the source hydrator');
}
function syncOutlook({ app, window, branch }: Seen): Said {
  if (branch.kind === 'known' && branch.value.kind === 'pinned')
    return cannot('it is pinned to a commit, so no merge ever reaches it');
  if (!app.automated.enabled) return cannot('automated sync is off');
  if (window.kind === 'unknown') return says('unknown', window.why);
  if (!window.value.windowOpen) return cannot(`a sync window forbids it now: ${window.value.windows}`);
  return app.automated.prune
    ? says('holds', 'automated sync with prune')
    : atMerge('automated sync without prune: a rollback must not have to remove anything');
}
function freezeOutlook({ policy, now }: Seen): Said {
  const open = policy.guards.freeze.find((w) => isFrozen(w, now));
  return open === undefined
    ? says('holds', 'no freeze window is open')
    : cannot(`the freeze window "${open.name}" is open`);
}
const IMAGE_UPDATER = 'argocd-image-updater.argoproj.io/';
function reapplyOutlook({ app }: Seen): Said {
  return Object.keys(app.annotations).some((key) => key.startsWith(IMAGE_UPDATER))
    ? cannot('the image updater manages it and would put the bad version back')
    : says('holds', 'no image updater is known');
}
