import type {
  AilingWorkload,
  MergeEvidence,
  OtherApplication,
  OtherPullRequest,
} from '../../src/governance/evidence.js';
import type { CiVerdict } from '../../src/governance/ci-verdict.js';
import { known, unknown, type Known } from '../../src/governance/known.js';
import type { Case } from '../../src/governance/rule.js';
import type { ApplicationSnapshot, ResourceStatus } from '../../src/model/application.js';
import type { AwaitingMergeApproval } from '../../src/model/rollback-attempt.js';
import type { WorkloadStatus } from '../../src/model/workload.js';
import type { BranchRules, PullRequestStatus } from '../../src/ports/source-control.js';
import { BAD, BASE, HEAD, MERGED, PLAN, POLICY, PULL_REQUEST, SHOP, T0 } from './attempt-parts.js';
import { attemptIn } from './attempts.js';
import { checksOf } from './observations.js';

/** What the operator sees before it merges the rollback of attempts.ts: everything is as good as it can be. */
export const NOW = T0 + 60_000;
const SECOND = 1_000;

export const DEPLOYMENT: ResourceStatus = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'shop',
  health: 'Degraded',
  syncStatus: 'Synced',
  hook: false,
  requiresPruning: false,
};
const SOURCE = {
  repoURL: 'https://github.com/acme/gitops',
  path: 'apps/shop/overlays/staging',
  targetRevision: 'main',
};

/** The application at the time of the decision: Degraded, reconciled a moment ago, the bad version deployed. */
export const degradedApplication = (overrides: Partial<ApplicationSnapshot> = {}): ApplicationSnapshot => ({
  application: SHOP,
  project: 'staging',
  destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
  labels: {},
  annotations: {},
  deleting: false,
  ownedByApplicationSet: false,
  shape: 'single',
  sources: [SOURCE],
  automated: { enabled: true, prune: true, selfHeal: true },
  health: 'Degraded',
  healthChangedAt: T0,
  reconciledAt: NOW - 5 * SECOND,
  syncStatus: 'Synced',
  syncRevisions: [BAD],
  deployed: { revisions: [BAD], sources: [SOURCE], finishedAt: T0 - 600 * SECOND },
  operation: {
    phase: 'Succeeded',
    message: 'successfully synced',
    revision: BAD,
    finishedAt: T0 - 600 * SECOND,
    retryCount: 0,
  },
  operationRunning: false,
  history: [],
  resources: [DEPLOYMENT, { ...DEPLOYMENT, group: '', kind: 'Service', health: 'Healthy' }],
  conditions: [],
  ...overrides,
});

export const replicas = (overrides: Partial<WorkloadStatus> = {}): WorkloadStatus => ({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespace: 'shop',
  name: 'shop',
  desired: 3,
  available: 1,
  updatedAvailable: 0,
  observed: true,
  ...overrides,
});
/** An unhealthy workload; `undefined` = its replicas could not be read. */
export const ailing = (status: WorkloadStatus | undefined, health = 'Degraded'): AilingWorkload => ({
  kind: 'Deployment',
  name: 'shop',
  health,
  status: status === undefined ? unknown('no answer', 'Kubernetes', NOW) : fact(status, 'Kubernetes'),
});

export const mergeablePullRequest = (overrides: Partial<PullRequestStatus> = {}): PullRequestStatus => ({
  number: PULL_REQUEST.number,
  state: 'open',
  merged: false,
  draft: false,
  title: 'Roll back shop',
  headBranch: PLAN.branch,
  sameRepository: true,
  headSha: HEAD,
  baseBranch: 'main',
  author: { login: 'ai-operator[bot]', kind: 'bot' },
  labels: ['rollback'],
  createdAt: PULL_REQUEST.openedAt,
  url: PULL_REQUEST.url,
  body: '',
  baseSha: BASE,
  locked: false,
  commits: 1,
  autoMerge: false,
  mergeable: true,
  mergeableState: 'clean',
  mergeCommit: MERGED,
  ...overrides,
});
export const branchRules = (overrides: Partial<BranchRules> = {}): BranchRules => ({
  requiredChecks: [{ name: 'validate' }],
  requiredApprovals: 0,
  mergeQueue: false,
  requiresSignatures: false,
  requiresUpToDate: false,
  ...overrides,
});
export const SUCCESS: CiVerdict = { kind: 'success', basis: 'required', checks: ['validate'] };
export const otherPullRequest = (overrides: Partial<OtherPullRequest> = {}): OtherPullRequest => ({
  number: 12,
  title: 'Bump cart',
  ours: false,
  meetsOurFiles: false,
  ...overrides,
});
export const otherApplication = (overrides: Partial<OtherApplication> = {}): OtherApplication => ({
  application: 'argocd/cart',
  environment: 'staging',
  relation: 'meets',
  why: 'renders apps/base/deployment.yaml',
  rendersEqual: true,
  ...overrides,
});

/** A known fact, read a second before the decision. */
export const fact = <T>(value: T, source = 'fixture'): Known<T> => known(value, source, NOW - SECOND);

/** Evidence on which all sixteen rules pass for `attemptIn('AwaitingMergeApproval')`, judged at NOW. */
export const goodEvidence = (overrides: Partial<MergeEvidence> = {}): MergeEvidence => ({
  headSha: HEAD,
  pinnedAt: NOW - 2 * SECOND,
  policyNow: POLICY,
  outsideStagingPaths: [],
  checks: checksOf('Degraded', 6, { from: NOW - 55 * SECOND }),
  application: fact(degradedApplication(), 'Argo CD, live'),
  workloads: fact([ailing(replicas())], 'Kubernetes'),
  sync: fact({ windowOpen: true, windows: 'no sync windows' }, 'Argo CD'),
  pullRequest: fact(mergeablePullRequest(), 'GitHub'),
  ownCommit: fact({ byUs: true, treeAsPlanned: true }, 'GitHub'),
  rules: fact(branchRules(), 'GitHub'),
  mergeMethod: fact('merge', 'GitHub'),
  ci: fact(SUCCESS, 'GitHub checks'),
  openPullRequests: fact([], 'GitHub'),
  baseUnchanged: fact(true, 'git'),
  mergeRestores: fact(true, 'test merge'),
  rendered: fact(
    { equalsCandidate: true, changes: [{ change: 'modified', kind: 'Deployment', name: 'shop' }] },
    'Argo CD manifests',
  ),
  others: fact([], 'Argo CD fleet'),
  spends: [],
  marks: [],
  ...overrides,
});

export interface CaseOverrides {
  readonly attempt?: Partial<AwaitingMergeApproval>;
  readonly evidence?: Partial<MergeEvidence>;
  readonly now?: number;
}
interface GoodCase extends Case {
  readonly attempt: AwaitingMergeApproval;
}
/** What the rules are asked about: all good, but for what is said. */
export const goodCase = ({ attempt, evidence, now = NOW }: CaseOverrides = {}): GoodCase => ({
  attempt: attemptIn('AwaitingMergeApproval', attempt),
  evidence: goodEvidence(evidence),
  now,
});

/** The facts that may be unknown: every field of the evidence that is a `Known`. */
export type FactName = {
  readonly [K in keyof MergeEvidence]: MergeEvidence[K] extends Known<unknown> ? K : never;
}[keyof MergeEvidence];
/** Complete by construction: a new fact that is missing here does not compile. */
const FACTS: Readonly<Record<FactName, true>> = {
  application: true,
  workloads: true,
  sync: true,
  pullRequest: true,
  ownCommit: true,
  rules: true,
  mergeMethod: true,
  ci: true,
  openPullRequests: true,
  baseUnchanged: true,
  mergeRestores: true,
  rendered: true,
  others: true,
};
export const FACT_NAMES = Object.keys(FACTS) as readonly FactName[];
export const notKnown = (name: FactName, why = 'the answer was lost'): Partial<MergeEvidence> => ({
  [name]: unknown(why, 'fixture', NOW),
});
