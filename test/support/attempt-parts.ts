import type { Candidate, CandidateRow } from '../../src/model/candidate.js';
import type { Policy } from '../../src/model/policy.js';
import type { Merge, ProposePlan, RollbackPullRequest, RollbackTarget } from '../../src/model/rollback-attempt.js';
import {
  GUARD_IDS,
  INVARIANT_IDS,
  type Evaluation,
  type RuleId,
  type RuleResult,
} from '../../src/model/rule-result.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';

/** What the attempts of the tests are made of: one case, `argocd/shop` in staging, whose version BAD degraded at T0. */
export const T0 = Date.UTC(2026, 0, 1);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

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
