import { deadlineOf } from '../../src/model/deadlines.js';
import type {
  Abort,
  ClosedAttempt,
  InState,
  OpenAttempt,
  OpenState,
  RollbackAttempt,
  StepName,
} from '../../src/model/rollback-attempt.js';
import {
  attemptId,
  BAD,
  BAD_CONTENT,
  CANDIDATE,
  CANDIDATE_TABLE,
  evaluation,
  HEAD,
  HOUR,
  MERGE,
  MERGED,
  MINUTE,
  PLAN,
  POLICY,
  PULL_REQUEST,
  SECOND,
  SETTINGS,
  SHOP,
  T0,
  TARGET,
} from './attempt-parts.js';
import { checksOf } from './observations.js';

/**
 * Rollback attempts in every state and step, complete and consistent: one case, `argocd/shop` in staging, whose version
 * BAD degraded at T0. `attemptIn('PRCreated')`, `attemptAt('intent-merge')`, `abortedFrom(attemptIn('PRCreated'), 'ci-failed')`.
 */
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
