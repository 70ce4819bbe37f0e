import { unknown } from '../../src/governance/known.js';
import { CANDIDATE, POLICY, PRODUCTION_POLICY, PULL_REQUEST } from '../support/attempts.js';
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
  SUCCESS,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { checkOf } from '../support/observations.js';
import { judges, type Row } from '../support/verdict-of.js';

const HOUR = 3_600_000;
const repository = (overrides: object): typeof POLICY => ({ ...POLICY, repository: { ...POLICY.repository, ...overrides } as NonNullable<typeof POLICY.repository> });
const application = (overrides: Parameters<typeof degradedApplication>[0]): CaseOverrides => ({ evidence: { application: fact(degradedApplication(overrides)) } });
const pullRequest = (overrides: Parameters<typeof mergeablePullRequest>[0]): CaseOverrides => ({ evidence: { pullRequest: fact(mergeablePullRequest(overrides)) } });
const checks = (...list: ReturnType<typeof checkOf>[]): CaseOverrides => ({ evidence: { checks: list } });
const at = (secondsAgo: number, overrides: Parameters<typeof checkOf>[1] = {}): ReturnType<typeof checkOf> => checkOf('Degraded', { at: NOW - secondsAgo * 1000, ...overrides });

describe('the eight invariants', () => {
  const shared = (other: Parameters<typeof otherApplication>[0]): CaseOverrides => ({ evidence: { outsideStagingPaths: ['apps/base/deployment.yaml'], others: fact([otherApplication(other)]) } });
  judges('I1_environment', [
    ['for staging whose diff lies under paths of staging alone', 'pass', {}],
    ['for staging, though a production application is near, when every file lies under paths of staging alone', 'pass', { evidence: { others: fact([otherApplication({ environment: 'production' })]) } }],
    ['when a file outside the staging paths is shared with staging applications only', 'pass', shared({})],
    ['when the attempt was opened for production', 'fail', { attempt: { policy: PRODUCTION_POLICY } }],
    ['when the configuration puts the application in production now', 'fail', { evidence: { policyNow: PRODUCTION_POLICY } }],
    ['when no environment matches the application any more', 'fail', { evidence: { policyNow: undefined } }],
    ['when a production application renders from the diff', 'fail', shared({ environment: 'production' })],
    ['when an unmanaged application renders from the diff', 'fail', shared({ environment: 'unmanaged' })],
    ['when it cannot be told whether another application renders from the diff', 'fail', shared({ relation: 'unknown' })],
    ['without staging paths, in a repository not declared fully visible', 'unknown', { attempt: { policy: repository({ allApplicationsVisible: false }) }, evidence: { outsideStagingPaths: undefined } }],
    ['for a file outside the staging paths, in a repository not declared fully visible', 'unknown', { attempt: { policy: repository({ allApplicationsVisible: false }) }, evidence: { outsideStagingPaths: ['apps/base/x.yaml'] } }],
    ['when the fleet could not be read and the staging paths do not tell', 'unknown', { evidence: { outsideStagingPaths: undefined, others: unknown('403', 'Argo CD', NOW) } }],
  ]);

  judges('I2_health_degraded', [
    ['when Argo CD says Degraded now and a workload is', 'pass', {}],
    ['after a check that could not be made, when the live answer says Degraded', 'pass', checks(at(25), at(15), checkOf('Unknown', { at: NOW - 5_000 }))],
    ...(['Healthy', 'Progressing', 'Suspended', 'Missing', 'Unknown'] as const).map((health): Row => [`when Argo CD says ${health} now`, 'fail', application({ health })]),
    ['when only something that is no workload is Degraded', 'fail', application({ resources: [{ ...DEPLOYMENT, group: 'autoscaling', kind: 'HorizontalPodAutoscaler' }] })],
    ['when only a child application is Degraded', 'fail', application({ resources: [{ ...DEPLOYMENT, group: 'argoproj.io', kind: 'Application' }] })],
    ['when only a hook is Degraded', 'fail', application({ resources: [{ ...DEPLOYMENT, hook: true }] })],
    ['when Argo CD does not say how the workloads are', 'fail', application({ resources: [] })],
    ['when Argo CD has not compared the application for seven minutes', 'unknown', application({ reconciledAt: NOW - 421_000 })],
    ['when Argo CD cannot compare the application', 'unknown', application({ conditions: [{ type: 'ComparisonError', message: 'repository not accessible' }] })],
    ['while the application is being deleted', 'unknown', application({ deleting: true })],
  ]);

  const workloads = (...list: ReturnType<typeof ailing>[]): CaseOverrides => ({ evidence: { workloads: fact(list) } });
  const updated: typeof POLICY = { ...POLICY, invariants: { ...POLICY.invariants, replicaShortage: 'updated' } };
  judges('I3_replica_shortage', [
    ['when an unhealthy workload has fewer available replicas than desired', 'pass', {}],
    ['when none of its replicas is available', 'pass', workloads(ailing(replicas({ available: 0 })))],
    ['when one of several unhealthy workloads is short', 'pass', workloads(ailing(undefined), ailing(replicas({ available: 3 })), ailing(replicas()))],
    ['when as many are available as desired', 'fail', workloads(ailing(replicas({ available: 3 })))],
    ['when more are available than desired', 'fail', workloads(ailing(replicas({ available: 4 })))],
    ['when it is scaled to zero', 'fail', workloads(ailing(replicas({ desired: 0, available: 0 })))],
    ['when its controller has not looked at the newest spec', 'fail', workloads(ailing(replicas({ observed: false })))],
    ['when only a healthy workload is short', 'fail', workloads(ailing(replicas(), 'Healthy'))],
    ['when the health of the short workload is not known', 'fail', workloads(ailing(replicas(), 'unknown'))],
    ['when no workload could be read', 'fail', workloads(ailing(undefined))],
    ['without any unhealthy workload', 'fail', workloads()],
    ['when old pods keep serving, unless the newest revision is what counts', 'fail', workloads(ailing(replicas({ available: 3, updatedAvailable: 0 })))],
    ['when old pods keep serving and the newest revision is what counts', 'pass', { attempt: { policy: updated }, ...workloads(ailing(replicas({ available: 3, updatedAvailable: 0 }))) }],
    ['when the newest revision counts and cannot be told from the old one', 'fail', { attempt: { policy: updated }, evidence: { workloads: fact([ailing({ ...replicas({ available: 1 }), updatedAvailable: undefined } as never)]) } }],
  ]);

  judges('I4_persistence', [
    ['on three consecutive recent Degraded checks of the bad version', 'pass', checks(at(25), at(15), at(5))],
    ['on the newest three, whatever was before', 'pass', checks(checkOf('Healthy', { at: NOW - 35_000 }), at(25), at(15), at(5))],
    ['on two', 'fail', checks(at(15), at(5))],
    ['without any check', 'fail', { evidence: { checks: [] } }],
    ['when an Unknown stands among them', 'fail', checks(at(35), at(25), checkOf('Unknown', { at: NOW - 15_000 }), at(5))],
    ['when the newest one is Unknown', 'fail', checks(at(35), at(25), at(15), checkOf('Unknown', { at: NOW - 5_000 }))],
    ['when the newest one is Healthy', 'fail', checks(at(35), at(25), at(15), checkOf('Healthy', { at: NOW - 5_000 }))],
    ['when a check was missed for longer than 2.5 intervals', 'fail', checks(at(41), at(15), at(5))],
    ['when two checks lie closer than half an interval', 'fail', checks(at(25), at(9), at(5))],
    ['when the newest check is older than 2.5 intervals', 'fail', checks(at(46), at(36), at(26))],
    ['when another revision ran at one of them', 'fail', checks(at(25, { running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } }), at(15), at(5))],
    ['when another version than the bad one is what is Degraded', 'fail', checks(...[25, 15, 5].map((s) => at(s, { running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } })))],
    ['when the bad revision runs with other source settings', 'fail', checks(...[25, 15, 5].map((s) => at(s, { running: { revisions: ['b'.repeat(40)], settings: 'settings-2' } })))],
    ['when it was not known what ran', 'fail', checks(...[25, 15, 5].map((s): ReturnType<typeof checkOf> => ({ at: NOW - s * 1000, intervalMs: 10_000, health: 'Degraded' })))],
    ['when one of them is only an early signal of stalled progress, not the word of Argo CD', 'fail', checks(at(25), at(15, { stalled: 'Progressing for 300 s, pod shop-1: CrashLoopBackOff' }), at(5))],
    ['when more checks are configured than there are', 'fail', { attempt: { policy: { ...POLICY, timing: { ...POLICY.timing, DEGRADATION_PERSISTENCE_CHECKS: 7 } } } }],
  ]);

  const uptime = (ratio: number, observedMs = 24 * HOUR): typeof CANDIDATE => ({ ...CANDIDATE, uptime: { kind: 'measured', ratio, observedMs, coverage: 1 } });
  const withoutCi: typeof POLICY = { ...POLICY, candidates: { ...POLICY.candidates, allowWithoutCi: true } };
  judges('I5_stable_previous', [
    ['for a candidate with 99.95 % over 24 h and CI success', 'pass', {}],
    ['at exactly 99 %', 'pass', { attempt: { candidate: uptime(0.99) } }],
    ['at 98.99 %', 'fail', { attempt: { candidate: uptime(0.9899) } }],
    ['when the ratio is no number', 'fail', { attempt: { candidate: uptime(Number.NaN) } }],
    ['for a candidate that was chosen by CI alone', 'fail', { attempt: { candidate: { ...CANDIDATE, basis: 'ci', uptime: { kind: 'unavailable', why: 'Prometheus is down' } } } }],
    ['for a candidate of short observation', 'fail', { attempt: { candidate: { ...uptime(1, 2 * HOUR), basis: 'insufficient-soak' } } }],
    ['when the observation is shorter than asked for, whatever the candidate was chosen by', 'fail', { attempt: { candidate: uptime(1, 2 * HOUR) } }],
    ['for 2 h when candidates.minObservation is lowered to 2 h', 'pass', { attempt: { candidate: uptime(1, 2 * HOUR), policy: { ...POLICY, candidates: { ...POLICY.candidates, minObservationMs: 2 * HOUR } } } }],
    ['without metrics, whatever the basis says', 'fail', { attempt: { candidate: { ...CANDIDATE, uptime: { kind: 'unavailable', why: 'Prometheus is down' } } } }],
    ['for a candidate without any check', 'fail', { attempt: { candidate: { ...CANDIDATE, ci: 'none' } } }],
    ['for a candidate without any check when that is allowed', 'pass', { attempt: { candidate: { ...CANDIDATE, ci: 'none' }, policy: withoutCi } }],
    ['for a candidate whose checks failed, though none would be allowed', 'fail', { attempt: { candidate: { ...CANDIDATE, ci: 'failed' }, policy: withoutCi } }],
    ['for a candidate whose checks still run, though none would be allowed', 'fail', { attempt: { candidate: { ...CANDIDATE, ci: 'pending' }, policy: withoutCi } }],
    ['when the checks of the candidate could not be read', 'unknown', { attempt: { candidate: { ...CANDIDATE, ci: 'unknown' }, policy: withoutCi } }],
  ]);

  judges('I6_ci_success', [
    ['when every expected check succeeded on the pinned head', 'pass', {}],
    ['when a check failed', 'fail', { evidence: { ci: fact({ kind: 'failed', failed: ['validate: timed_out'] }) } }],
    ['while a check is pending', 'fail', { evidence: { ci: fact({ kind: 'pending', waitingFor: ['validate'] }) } }],
    ['when nothing was expected and nothing ran', 'fail', { evidence: { ci: fact({ kind: 'none' }) } }],
  ]);

  const paths: typeof POLICY = { ...POLICY, invariants: { ...POLICY.invariants, openPullRequests: 'paths' } };
  const open = (policy: typeof POLICY, ...list: Parameters<typeof otherPullRequest>[0][]): CaseOverrides => ({ attempt: { policy }, evidence: { openPullRequests: fact(list.map((o) => otherPullRequest(o))) } });
  judges('I7_no_conflicts', [
    ['when no other pull request is open on the branch', 'pass', {}],
    ['when any other pull request is open on the branch, whatever it changes', 'fail', open(POLICY, {})],
    ['beside a rollback of this operator that changes other files', 'pass', open(POLICY, { ours: true })],
    ['beside a rollback of this operator that changes the same files', 'fail', open(POLICY, { ours: true, meetsOurFiles: true })],
    ['beside a rollback of this operator whose files cannot be told', 'fail', open(POLICY, { ours: true, meetsOurFiles: undefined as never })],
    ['beside a pull request that changes other files when only files count', 'pass', open(paths, {})],
    ['beside a pull request that changes the same files when only files count', 'fail', open(paths, { meetsOurFiles: true })],
    ['beside a pull request with too many files to tell when only files count', 'fail', open(paths, { meetsOurFiles: undefined as never })],
  ]);

  judges('I8_branch_protection', [
    ['for our one commit in an open, mergeable, clean pull request', 'pass', {}],
    ['with hooks of the server', 'pass', pullRequest({ mergeableState: 'has_hooks' })],
    ['when unstable because of checks nobody requires, once the required ones passed', 'pass', pullRequest({ mergeableState: 'unstable' })],
    ['when unstable and nothing is required', 'fail', { evidence: { pullRequest: fact(mergeablePullRequest({ mergeableState: 'unstable' })), ci: fact({ ...SUCCESS, basis: 'observed' }) } }],
    ['when unstable and CI is not known', 'fail', { evidence: { pullRequest: fact(mergeablePullRequest({ mergeableState: 'unstable' })), ci: unknown('502', 'GitHub', NOW) } }],
    ...['blocked', 'behind', 'dirty', 'draft', 'unknown', 'a word GitHub invents'].map((mergeableState): Row => [`when GitHub calls it ${mergeableState}`, 'fail', pullRequest({ mergeableState })]),
    ['when it conflicts with its base', 'fail', pullRequest({ mergeable: false })],
    ['while GitHub computes whether it can be merged', 'unknown', pullRequest({ mergeable: null, mergeableState: 'unknown' })],
    ['when it is closed', 'fail', pullRequest({ state: 'closed' })],
    ['when it is merged already', 'fail', pullRequest({ merged: true })],
    ['when it is a draft', 'fail', pullRequest({ draft: true })],
    ['when its conversation is locked', 'fail', pullRequest({ locked: true })],
    ['when its head is in a fork', 'fail', pullRequest({ sameRepository: false })],
    ['when somebody changed its base branch', 'fail', pullRequest({ baseBranch: 'release' })],
    ['when the head moved after the evidence was taken', 'fail', pullRequest({ headSha: '1'.repeat(40) })],
    ['when the evidence is about another head than the attempt pinned', 'fail', { attempt: { pullRequest: { ...PULL_REQUEST, headSha: '1'.repeat(40) } } }],
    ['when a second commit was pushed', 'fail', pullRequest({ commits: 2 })],
    ['when somebody armed auto-merge', 'fail', pullRequest({ autoMerge: true })],
    ['when the head is not a commit of the operator', 'fail', { evidence: { ownCommit: fact({ byUs: false, treeAsPlanned: true }) } }],
    ['when the head has another tree than was planned', 'fail', { evidence: { ownCommit: fact({ byUs: true, treeAsPlanned: false }) } }],
    ['when the branch has a merge queue', 'fail', { evidence: { rules: fact(branchRules({ mergeQueue: true })) } }],
    ['when the test merge would not restore the files of the candidate', 'fail', { evidence: { mergeRestores: fact(false) } }],
  ]);
});
