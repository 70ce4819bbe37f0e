import { deadlineOf } from '../../src/model/deadlines.js';
import type { Candidate, CandidateRow } from '../../src/model/candidate.js';
import type { Policy } from '../../src/model/policy.js';
import type {
  Abort,
  ClosedAttempt,
  InState,
  Merge,
  OpenAttempt,
  OpenState,
  ProposePlan,
  RollbackAttempt,
  RollbackPullRequest,
  RollbackTarget,
  StepName,
} from '../../src/model/rollback-attempt.js';
import {
  GUARD_IDS,
  INVARIANT_IDS,
  type Evaluation,
  type RuleId,
  type RuleResult,
} from '../../src/model/rule-result.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { checksOf } from './observations.js';

/**
 * Rollback attempts in every state and step, complete and consistent: one case, `argocd/shop` in staging, whose version
 * BAD degraded at T0. `attemptIn('PRCreated')`, `attemptAt('intent-merge')`, `abortedFrom(attemptIn('PRCreated'), 'ci-failed')`.
 */
export const T0 = Date.UTC(2026, 0, 1);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const SHOP = 'argocd/shop';
export const BAD = 'b'.repeat(40);
export const GOOD = 'a'.repeat(40);
export const OLDER = '9'.repeat(40);
export const BASE = BAD;
export const HEAD = 'e'.repeat(40);
export const MERGED = 'f'.repeat(40);
export const BAD_CONTENT = 'content-bad';
export const GOOD_CONTENT = 'content-good';
export const SETTINGS = 'settings-1';
export const REPOSITORY_URL = 'https://github.com/acme/gitops';

/** A UUID for the n-th attempt of a test: equal numbers, equal ids. */
export const attemptId = (n = 1): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Staging, `auto`, every default of the semantics. */
export const POLICY: Policy = {
  environment: 'staging',
  mode: 'auto',
  modeLoweredBy: [],
  timing: DEFAULT_TIMING,
  stagingPaths: ['apps/*/overlays/staging/**'],
  repository: {
    url: REPOSITORY_URL,
    allApplicationsVisible: true,
    requiredChecks: [{ name: 'validate' }],
    allowNoChecks: false,
    failOnOptionalFailure: true,
  },
  candidates: { minObservationMs: 24 * HOUR, minSoakMs: HOUR, allowWithoutCi: false },
  invariants: { replicaShortage: 'available', openPullRequests: 'branch' },
  guards: {
    changeWindowMs: 24 * HOUR,
    maxCandidateAgeMs: 7 * 24 * HOUR,
    maxPassedOver: 3,
    maxDroppedCommits: 20,
    freeze: [],
    perApplication: [
      { count: 1, windowMs: 30 * MINUTE },
      { count: 2, windowMs: 24 * HOUR },
    ],
    fleet: { count: 5, windowMs: HOUR },
  },
  approval: { mergeAfterApproval: false, minRole: 'maintain', count: 1, teams: [], users: [] },
};
/** Production, `propose`. */
export const PRODUCTION_POLICY: Policy = { ...POLICY, environment: 'production', mode: 'propose' };

export const TARGET: RollbackTarget = {
  owner: 'acme',
  repository: 'gitops',
  url: REPOSITORY_URL,
  branch: 'main',
  path: 'apps/shop/overlays/staging',
};
export const CANDIDATE: Candidate = {
  content: GOOD_CONTENT,
  revision: GOOD,
  basis: 'uptime',
  uptime: { kind: 'measured', ratio: 0.9995, observedMs: 24 * HOUR, coverage: 1 },
  ci: 'success',
  deployedAt: T0 - 48 * HOUR,
  stoppedAt: T0 - 10 * MINUTE,
  passedOver: 0,
};
export const CANDIDATE_TABLE: readonly CandidateRow[] = [
  {
    content: GOOD_CONTENT,
    revision: GOOD,
    deployedAt: CANDIDATE.deployedAt,
    uptime: CANDIDATE.uptime,
    ci: 'success',
    verdict: { kind: 'chosen', basis: 'uptime' },
  },
  {
    content: 'content-older',
    revision: OLDER,
    deployedAt: T0 - 96 * HOUR,
    uptime: { kind: 'unavailable', why: 'coverage 40 %' },
    ci: 'failed',
    verdict: { kind: 'rejected', because: 'ci-failed', detail: 'check validate failed' },
  },
];
export const PLAN: ProposePlan = {
  branch: `ai-operator/rollback/staging/argocd.shop/${BAD.slice(0, 10)}-to-${GOOD.slice(0, 10)}`,
  baseSha: BASE,
  tree: 'd'.repeat(40),
  files: [{ path: 'apps/shop/overlays/staging/kustomization.yaml', change: 'modified' }],
  droppedCommits: 1,
  plannedAt: T0 + 30 * SECOND,
};
export const PULL_REQUEST: RollbackPullRequest = {
  number: 7,
  url: 'https://github.com/acme/gitops/pull/7',
  headSha: HEAD,
  plan: PLAN,
  provenance: 'created',
  openedAt: T0 + 40 * SECOND,
};

export const rule = (id: RuleId, verdict: RuleResult['verdict'] = 'pass'): RuleResult => ({
  id,
  verdict,
  value: verdict === 'pass' ? 'as it should be' : 'not as it should be',
  source: 'fixture',
  readAt: T0 + 50 * SECOND,
  reason: `${id} is ${verdict}`,
});
/** All rules pass, but for those named. */
export const evaluation = (not: Partial<Record<RuleId, 'fail' | 'unknown'>> = {}): Evaluation => ({
  headSha: HEAD,
  pinnedAt: T0 + 50 * SECOND,
  invariants: INVARIANT_IDS.map((id) => rule(id, not[id])),
  guards: GUARD_IDS.map((id) => rule(id, not[id])),
});
export const MERGE: Merge = {
  commit: MERGED,
  by: 'operator',
  pullRequest: PULL_REQUEST.number,
  at: T0 + 60 * SECOND,
  evaluation: evaluation(),
};

const CONFIRMATION = checksOf('Degraded', 3, { from: T0 });
const RESOLVED = {
  confirmation: CONFIRMATION,
  badContent: BAD_CONTENT,
  target: TARGET,
  candidate: CANDIDATE,
  table: CANDIDATE_TABLE,
  proposeOnly: [],
  diagnosis: [
    {
      pod: 'shop-6d4cf-x7k2p',
      container: 'app',
      reason: 'CrashLoopBackOff',
      message: 'back-off restarting failed container',
      exitCode: 1,
      restarts: 4,
    },
  ],
} as const;

/** A step without its deadline, which is the table's business. */
type Bare<S> = S extends unknown ? Omit<S, 'deadline'> : never;
const STEPS = {
  confirming: { name: 'confirming' },
  held: { name: 'held', by: 'brake', confirmation: CONFIRMATION },
  resolving: { name: 'resolving', confirmation: CONFIRMATION },
  planning: { name: 'planning' },
  'waiting-for-sibling': { name: 'waiting-for-sibling', sibling: 6 },
  'intent-pr': { name: 'intent-pr', plan: PLAN },
  'waiting-for-ci': { name: 'waiting-for-ci' },
  deciding: { name: 'deciding' },
  'waiting-for-human': {
    name: 'waiting-for-human',
    evaluation: evaluation({ I3_replica_shortage: 'fail' }),
    barredBy: ['I3_replica_shortage'],
  },
  'intent-merge': {
    name: 'intent-merge',
    evaluation: evaluation(),
    headSha: HEAD,
    method: 'merge',
    decidedAt: T0 + 55 * SECOND,
    approvedBy: [],
  },
  syncing: { name: 'syncing' },
  verifying: { name: 'verifying', healthySince: T0 + 90 * SECOND, revision: MERGED },
} as const satisfies { readonly [N in StepName]: Bare<Extract<OpenAttempt['step'], { readonly name: N }>> };

type StateOf<N extends StepName> = { [S in OpenState]: N extends InState<S>['step']['name'] ? S : never }[OpenState];
/** An attempt whose step is known to the compiler. */
export type AttemptAt<N extends StepName> = InState<StateOf<N>> & {
  readonly step: Extract<OpenAttempt['step'], { readonly name: N }>;
};
const STATE_OF: { readonly [N in StepName]: StateOf<N> } = {
  confirming: 'DegradationDetected',
  held: 'DegradationDetected',
  resolving: 'DegradationDetected',
  planning: 'CandidateResolved',
  'waiting-for-sibling': 'CandidateResolved',
  'intent-pr': 'CandidateResolved',
  'waiting-for-ci': 'PRCreated',
  deciding: 'AwaitingMergeApproval',
  'waiting-for-human': 'AwaitingMergeApproval',
  'intent-merge': 'AwaitingMergeApproval',
  syncing: 'RollbackMerged',
  verifying: 'RollbackMerged',
};
/** When each state is entered, after T0; and how many versions it took. */
const ENTERED: Readonly<Record<RollbackAttempt['state'], { readonly afterMs: number; readonly version: number }>> = {
  DegradationDetected: { afterMs: 0, version: 1 },
  CandidateResolved: { afterMs: 25 * SECOND, version: 3 },
  PRCreated: { afterMs: 40 * SECOND, version: 5 },
  AwaitingMergeApproval: { afterMs: 50 * SECOND, version: 6 },
  RollbackMerged: { afterMs: 60 * SECOND, version: 8 },
  RollbackComplete: { afterMs: 150 * SECOND, version: 10 },
  Abort: { afterMs: 150 * SECOND, version: 10 },
};
const FIRST_STEP = {
  DegradationDetected: 'confirming',
  CandidateResolved: 'planning',
  PRCreated: 'waiting-for-ci',
  AwaitingMergeApproval: 'deciding',
  RollbackMerged: 'syncing',
} as const satisfies Readonly<Record<OpenState, StepName>>;

const caseIn = (state: RollbackAttempt['state']) =>
  ({
    id: attemptId(),
    application: SHOP,
    project: 'staging',
    destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' },
    bad: { revisions: [BAD], settings: SETTINGS, deployedAt: T0 - 10 * MINUTE },
    onset: T0,
    openedAt: T0,
    enteredAt: T0 + ENTERED[state].afterMs,
    policy: POLICY,
    version: ENTERED[state].version,
    witness: `${ENTERED[state].version}:${'0'.repeat(64)}`,
  }) as const;

const gainedBy = (state: RollbackAttempt['state']): object => {
  switch (state) {
    case 'DegradationDetected':
    case 'Abort':
      return {};
    case 'CandidateResolved':
      return RESOLVED;
    case 'PRCreated':
    case 'AwaitingMergeApproval':
      return { ...RESOLVED, pullRequest: PULL_REQUEST };
    case 'RollbackMerged':
    case 'RollbackComplete':
      return { ...RESOLVED, pullRequest: PULL_REQUEST, merge: MERGE };
  }
};

/** An open attempt at the given step. Its deadline follows from `enteredAt` and the policy, unless the step is overridden. */
export function attemptAt<N extends StepName>(step: N, overrides: Partial<AttemptAt<N>> = {}): AttemptAt<N> {
  const state = STATE_OF[step];
  const attempt = { ...caseIn(state), ...gainedBy(state), state, ...overrides };
  const deadline = deadlineOf(step, attempt.policy.timing, attempt.enteredAt, attempt.enteredAt);
  return { step: { ...STEPS[step], deadline }, ...attempt } as unknown as AttemptAt<N>;
}

/** An attempt in the given state, at its first step; an Abort is that of `attemptIn('PRCreated')` with `ci-failed`. */
export function attemptIn<S extends RollbackAttempt['state']>(
  state: S,
  overrides: Partial<InState<S>> = {},
): InState<S> {
  if (state === 'Abort') return { ...abortedFrom(attemptIn('PRCreated'), 'ci-failed'), ...overrides } as InState<S>;
  if (state !== 'RollbackComplete')
    return { ...attemptAt(FIRST_STEP[state as OpenState], overrides as object) } as InState<S>;
  const closedAt = T0 + ENTERED.RollbackComplete.afterMs;
  const complete = {
    ...caseIn(state),
    ...gainedBy(state),
    state,
    closedAt,
    recoveredAt: closedAt - MINUTE,
    aftercare: { owed: [], until: closedAt + 24 * HOUR },
  };
  return { ...complete, ...overrides } as unknown as InState<S>;
}

/** The Abort of an open attempt: same case, one version on, nothing owed unless said. */
export function abortedFrom(last: OpenAttempt, reason: Abort['reason'], overrides: Partial<Abort> = {}): Abort {
  const closedAt = overrides.closedAt ?? last.enteredAt + MINUTE;
  return {
    ...onlyCase(last),
    state: 'Abort',
    enteredAt: closedAt,
    version: last.version + 1,
    reason,
    why: `fixture: ${reason}`,
    last,
    closedAt,
    aftercare: { owed: [], until: closedAt + 24 * HOUR },
    ...overrides,
  };
}
type CaseKey = Exclude<keyof OpenAttempt, 'state' | 'step'>;
const CASE_KEYS: readonly CaseKey[] = [
  ...(['id', 'application', 'project', 'destination', 'bad', 'onset', 'openedAt', 'enteredAt'] as const),
  ...(['policy', 'version', 'witness', 'stop', 'retryOf'] as const),
];
const onlyCase = (a: OpenAttempt): Pick<OpenAttempt, CaseKey> =>
  Object.fromEntries(CASE_KEYS.filter((key) => a[key] !== undefined).map((key) => [key, a[key]])) as Pick<
    OpenAttempt,
    CaseKey
  >;

/** The same attempt as its next version would be stored. */
export const nextVersion = <A extends RollbackAttempt>(a: A, overrides: Partial<A> = {}): A => ({
  ...a,
  version: a.version + 1,
  ...overrides,
});

export const STEP_NAMES = Object.keys(STATE_OF) as readonly StepName[];
export const STATE_NAMES = Object.keys(ENTERED) as readonly RollbackAttempt['state'][];
/** One attempt for each step and each end: everything that can be stored. */
export const everyAttempt = (): readonly RollbackAttempt[] => [
  ...STEP_NAMES.map((step): RollbackAttempt => attemptAt(step)),
  ...(['RollbackComplete', 'Abort'] as const).map((state): ClosedAttempt => attemptIn(state)),
];
