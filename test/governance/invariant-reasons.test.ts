import { unknown } from '../../src/governance/known.js';
import { CANDIDATE, POLICY, PRODUCTION_POLICY } from '../support/attempt-parts.js';
import {
  ailing,
  branchRules,
  degradedApplication,
  DEPLOYMENT,
  fact,
  mergeablePullRequest,
  NOW,
  otherApplication,
  otherPullRequest,
  replicas,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { checkOf } from '../support/observations.js';
import { saysWords, type Words } from '../support/verdict-of.js';

const application = (overrides: Parameters<typeof degradedApplication>[0]): CaseOverrides => ({
  evidence: { application: fact(degradedApplication(overrides)) },
});
const pullRequest = (overrides: Parameters<typeof mergeablePullRequest>[0]): CaseOverrides => ({
  evidence: { pullRequest: fact(mergeablePullRequest(overrides)) },
});
const candidate = (overrides: Partial<typeof CANDIDATE>): CaseOverrides => ({
  attempt: { candidate: { ...CANDIDATE, ...overrides } },
});
const hidden = {
  ...POLICY,
  repository: { ...POLICY.repository, allApplicationsVisible: false } as NonNullable<typeof POLICY.repository>,
};

/** What people read when a rule keeps the operator from merging: what is wrong, and what would change it. */
const WORDS: readonly Words[] = [
  [
    'I1_environment',
    { attempt: { policy: PRODUCTION_POLICY }, evidence: { policyNow: PRODUCTION_POLICY } },
    'production',
    'only staging is merged by the operator, and this is production: a person approves',
  ],
  [
    'I1_environment',
    { attempt: { policy: hidden }, evidence: { outsideStagingPaths: undefined } },
    'who else renders from the diff is not known',
    'no staging paths are configured, and the repository is not declared allApplicationsVisible: configure one of the two',
  ],
  [
    'I1_environment',
    { attempt: { policy: hidden }, evidence: { outsideStagingPaths: ['base/a.yaml'] } },
    'who else renders from the diff is not known',
    'base/a.yaml is not under environments.staging.paths, and the repository is not declared allApplicationsVisible: configure one of the two',
  ],
  [
    'I1_environment',
    { attempt: { policy: hidden }, evidence: { outsideStagingPaths: ['a', 'b', 'c', 'd'] } },
    'who else renders from the diff is not known',
    'a, b, c are not under environments.staging.paths, and the repository is not declared allApplicationsVisible: configure one of the two',
  ],
  [
    'I1_environment',
    {
      evidence: {
        outsideStagingPaths: ['apps/base/x.yaml'],
        others: fact([otherApplication({ environment: 'production' })]),
      },
    },
    'the diff reaches argocd/cart (production)',
    'an application outside staging, or one that cannot be judged, renders from the changed files: give staging files of its own (environments.staging.paths)',
  ],
  [
    'I2_health_degraded',
    application({ health: 'Progressing' }),
    'Progressing',
    'Argo CD says Progressing now: nothing is rolled back unless it says Degraded again',
  ],
  [
    'I2_health_degraded',
    application({ resources: [{ ...DEPLOYMENT, kind: 'CronJob' }] }),
    'Degraded, no workload',
    'no workload of argocd/shop is Degraded, so older files may not mend it: a person must look',
  ],
  [
    'I2_health_degraded',
    application({ reconciledAt: NOW - 500_000 }),
    'stale',
    "Argo CD's word cannot be believed until it compares the application again: not reconciled for 500 s",
  ],
  [
    'I3_replica_shortage',
    { evidence: { workloads: fact([ailing(undefined), ailing(replicas({ available: 3 }))]) } },
    'Deployment shop unreadable (no answer), Deployment shop 3 of 3 available',
    'available is not below desired: a stuck rolling update of few replicas keeps the old pods serving; invariants.replicaShortage: updated counts the new ones',
  ],
  [
    'I3_replica_shortage',
    { evidence: { workloads: fact([ailing(replicas({ available: 3 }))]) } },
    'Deployment shop 3 of 3 available',
    'available is not below desired: a stuck rolling update of few replicas keeps the old pods serving; invariants.replicaShortage: updated counts the new ones',
  ],
  [
    'I3_replica_shortage',
    { evidence: { workloads: fact([ailing(undefined)]) } },
    'Deployment shop unreadable (no answer)',
    'no unhealthy workload could be read: the operator needs to read the workloads, through Kubernetes or Argo CD',
  ],
  [
    'I4_persistence',
    { evidence: { checks: [checkOf('Degraded', { at: NOW - 5_000 })] } },
    '1 of 3 consecutive Degraded checks',
    '3 new consecutive Degraded checks of the bad version are needed: they come by themselves while it stays Degraded',
  ],
  [
    'I4_persistence',
    { evidence: { checks: [55, 45, 35].map((s) => checkOf('Degraded', { at: NOW - s * 1000 })) } },
    '3 of 3 consecutive Degraded checks, the newest 33 s old',
    '3 new consecutive Degraded checks of the bad version are needed: they come by themselves while it stays Degraded',
  ],
  [
    'I5_stable_previous',
    candidate({ basis: 'ci', uptime: { kind: 'unavailable', why: '-' } }),
    'no metrics, CI success',
    'chosen by CI alone, without metrics: good enough to propose; a person approves',
  ],
  [
    'I5_stable_previous',
    candidate({
      basis: 'insufficient-soak',
      uptime: { kind: 'measured', ratio: 1, observedMs: 7_200_000, coverage: 1 },
    }),
    '100.00 % over 2 h, CI success',
    'it ran here for a shorter time than candidates.minObservation asks for: a person approves, or that key is lowered',
  ],
  [
    'I5_stable_previous',
    candidate({ uptime: { kind: 'measured', ratio: 0.98999, observedMs: 86_400_000, coverage: 1 } }),
    '98.99 % over 24 h, CI success',
    'not known to have had 99 % uptime here: a person approves',
  ],
  [
    'I5_stable_previous',
    candidate({ ci: 'none' }),
    '99.95 % over 24 h, CI none',
    'its own CI is no success (none): a person approves; candidates.allowWithoutCi accepts a version without any check',
  ],
  [
    'I6_ci_success',
    { evidence: { ci: fact({ kind: 'failed', failed: ['validate: timed_out'] }) } },
    'validate: timed_out',
    'a check failed on the pinned head: mend it, then `ai-operator retry`, or merge by hand',
  ],
  [
    'I6_ci_success',
    { evidence: { ci: fact({ kind: 'none' }) } },
    'no check at all',
    'nothing is expected and nothing ran, which is no success: let CI run on pull requests, or set repositories[].ci.allowNoChecks',
  ],
  [
    'I6_ci_success',
    { evidence: { ci: fact({ kind: 'pending', waitingFor: ['validate (never started)'] }) } },
    'waiting for validate (never started)',
    'not every expected check has succeeded yet: they are waited for',
  ],
  [
    'I7_no_conflicts',
    { evidence: { openPullRequests: fact([otherPullRequest(), otherPullRequest({ number: 15 })]) } },
    '#12, #15',
    'another pull request is open on the same base branch: merge or close it; invariants.openPullRequests: paths counts only those that touch these files',
  ],
  [
    'I8_branch_protection',
    pullRequest({ mergeableState: 'blocked' }),
    'open, blocked',
    'GitHub calls it blocked: a review, a check or another rule of the branch is missing',
  ],
  [
    'I8_branch_protection',
    pullRequest({ mergeable: false, mergeableState: 'dirty' }),
    'open, dirty',
    'it conflicts with its base: a person resolves that; GitHub calls it dirty',
  ],
  [
    'I8_branch_protection',
    pullRequest({ mergeable: null, mergeableState: 'unknown' }),
    'open, unknown',
    'GitHub is still computing whether it can be merged: it is asked again',
  ],
  [
    'I8_branch_protection',
    pullRequest({ baseBranch: 'release' }),
    'open, clean',
    'it goes to release, not to main: change its base back',
  ],
  [
    'I8_branch_protection',
    { evidence: { rules: fact(branchRules({ mergeQueue: true })) } },
    'merge queue',
    'the branch is merged through a merge queue only: a person adds it to the queue',
  ],
  [
    'I8_branch_protection',
    { evidence: { mergeMethod: unknown('the repository allows no merge method', 'GitHub', NOW) } },
    'unknown',
    'not known, and unknown never counts as passed: the repository allows no merge method',
  ],
];

describe('what an invariant that bars a merge says', () => {
  saysWords(WORDS);
});
