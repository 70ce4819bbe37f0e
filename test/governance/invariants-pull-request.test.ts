import { unknown } from '../../src/governance/known.js';
import { CANDIDATE, POLICY, PULL_REQUEST } from '../support/attempt-parts.js';
import {
  branchRules,
  fact,
  mergeablePullRequest,
  NOW,
  otherPullRequest,
  SUCCESS,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { judges, type Row } from '../support/verdict-of.js';

const HOUR = 3_600_000;
const pullRequest = (overrides: Parameters<typeof mergeablePullRequest>[0]): CaseOverrides => ({
  evidence: { pullRequest: fact(mergeablePullRequest(overrides)) },
});

describe('the eight invariants, about the candidate and the pull request', () => {
  const uptime = (ratio: number, observedMs = 24 * HOUR): typeof CANDIDATE => ({
    ...CANDIDATE,
    uptime: { kind: 'measured', ratio, observedMs, coverage: 1 },
  });
  const withoutCi: typeof POLICY = { ...POLICY, candidates: { ...POLICY.candidates, allowWithoutCi: true } };
  judges('I5_stable_previous', [
    ['for a candidate with 99.95 % over 24 h and CI success', 'pass', {}],
    ['at exactly 99 %', 'pass', { attempt: { candidate: uptime(0.99) } }],
    ['at 98.99 %', 'fail', { attempt: { candidate: uptime(0.9899) } }],
    ['when the ratio is no number', 'fail', { attempt: { candidate: uptime(Number.NaN) } }],
    [
      'for a candidate that was chosen by CI alone',
      'fail',
      {
        attempt: {
          candidate: { ...CANDIDATE, basis: 'ci', uptime: { kind: 'unavailable', why: 'Prometheus is down' } },
        },
      },
    ],
    [
      'for a candidate of short observation',
      'fail',
      { attempt: { candidate: { ...uptime(1, 2 * HOUR), basis: 'insufficient-soak' } } },
    ],
    [
      'when the observation is shorter than asked for, whatever the candidate was chosen by',
      'fail',
      { attempt: { candidate: uptime(1, 2 * HOUR) } },
    ],
    [
      'for 2 h when candidates.minObservation is lowered to 2 h',
      'pass',
      {
        attempt: {
          candidate: uptime(1, 2 * HOUR),
          policy: { ...POLICY, candidates: { ...POLICY.candidates, minObservationMs: 2 * HOUR } },
        },
      },
    ],
    [
      'without metrics, whatever the basis says',
      'fail',
      { attempt: { candidate: { ...CANDIDATE, uptime: { kind: 'unavailable', why: 'Prometheus is down' } } } },
    ],
    ['for a candidate without any check', 'fail', { attempt: { candidate: { ...CANDIDATE, ci: 'none' } } }],
    [
      'for a candidate without any check when that is allowed',
      'pass',
      { attempt: { candidate: { ...CANDIDATE, ci: 'none' }, policy: withoutCi } },
    ],
    [
      'for a candidate whose checks failed, though none would be allowed',
      'fail',
      { attempt: { candidate: { ...CANDIDATE, ci: 'failed' }, policy: withoutCi } },
    ],
    [
      'for a candidate whose checks still run, though none would be allowed',
      'fail',
      { attempt: { candidate: { ...CANDIDATE, ci: 'pending' }, policy: withoutCi } },
    ],
    [
      'when the checks of the candidate could not be read',
      'unknown',
      { attempt: { candidate: { ...CANDIDATE, ci: 'unknown' }, policy: withoutCi } },
    ],
  ]);

  judges('I6_ci_success', [
    ['when every expected check succeeded on the pinned head', 'pass', {}],
    ['when a check failed', 'fail', { evidence: { ci: fact({ kind: 'failed', failed: ['validate: timed_out'] }) } }],
    ['while a check is pending', 'fail', { evidence: { ci: fact({ kind: 'pending', waitingFor: ['validate'] }) } }],
    ['when nothing was expected and nothing ran', 'fail', { evidence: { ci: fact({ kind: 'none' }) } }],
  ]);

  const paths: typeof POLICY = { ...POLICY, invariants: { ...POLICY.invariants, openPullRequests: 'paths' } };
  const open = (policy: typeof POLICY, ...list: Parameters<typeof otherPullRequest>[0][]): CaseOverrides => ({
    attempt: { policy },
    evidence: { openPullRequests: fact(list.map((o) => otherPullRequest(o))) },
  });
  judges('I7_no_conflicts', [
    ['when no other pull request is open on the branch', 'pass', {}],
    ['when any other pull request is open on the branch, whatever it changes', 'fail', open(POLICY, {})],
    ['beside a rollback of this operator that changes other files', 'pass', open(POLICY, { ours: true })],
    [
      'beside a rollback of this operator that changes the same files',
      'fail',
      open(POLICY, { ours: true, meetsOurFiles: true }),
    ],
    [
      'beside a rollback of this operator whose files cannot be told',
      'fail',
      open(POLICY, { ours: true, meetsOurFiles: undefined as never }),
    ],
    ['beside a pull request that changes other files when only files count', 'pass', open(paths, {})],
    [
      'beside a pull request that changes the same files when only files count',
      'fail',
      open(paths, { meetsOurFiles: true }),
    ],
    [
      'beside a pull request with too many files to tell when only files count',
      'fail',
      open(paths, { meetsOurFiles: undefined as never }),
    ],
  ]);

  judges('I8_branch_protection', [
    ['for our one commit in an open, mergeable, clean pull request', 'pass', {}],
    ['with hooks of the server', 'pass', pullRequest({ mergeableState: 'has_hooks' })],
    [
      'when unstable because of checks nobody requires, once the required ones passed',
      'pass',
      pullRequest({ mergeableState: 'unstable' }),
    ],
    [
      'when unstable and nothing is required',
      'fail',
      {
        evidence: {
          pullRequest: fact(mergeablePullRequest({ mergeableState: 'unstable' })),
          ci: fact({ ...SUCCESS, basis: 'observed' }),
        },
      },
    ],
    [
      'when unstable and CI is not known',
      'fail',
      {
        evidence: {
          pullRequest: fact(mergeablePullRequest({ mergeableState: 'unstable' })),
          ci: unknown('502', 'GitHub', NOW),
        },
      },
    ],
    ...['blocked', 'behind', 'dirty', 'draft', 'unknown', 'a word GitHub invents'].map(
      (mergeableState): Row => [`when GitHub calls it ${mergeableState}`, 'fail', pullRequest({ mergeableState })],
    ),
    ['when it conflicts with its base', 'fail', pullRequest({ mergeable: false })],
    [
      'while GitHub computes whether it can be merged',
      'unknown',
      pullRequest({ mergeable: null, mergeableState: 'unknown' }),
    ],
    ['when it is closed', 'fail', pullRequest({ state: 'closed' })],
    ['when it is merged already', 'fail', pullRequest({ merged: true })],
    ['when it is a draft', 'fail', pullRequest({ draft: true })],
    ['when its conversation is locked', 'fail', pullRequest({ locked: true })],
    ['when its head is in a fork', 'fail', pullRequest({ sameRepository: false })],
    ['when somebody changed its base branch', 'fail', pullRequest({ baseBranch: 'release' })],
    ['when the head moved after the evidence was taken', 'fail', pullRequest({ headSha: '1'.repeat(40) })],
    [
      'when the evidence is about another head than the attempt pinned',
      'fail',
      { attempt: { pullRequest: { ...PULL_REQUEST, headSha: '1'.repeat(40) } } },
    ],
    ['when a second commit was pushed', 'fail', pullRequest({ commits: 2 })],
    ['when somebody armed auto-merge', 'fail', pullRequest({ autoMerge: true })],
    [
      'when the head is not a commit of the operator',
      'fail',
      { evidence: { ownCommit: fact({ byUs: false, treeAsPlanned: true }) } },
    ],
    [
      'when the head has another tree than was planned',
      'fail',
      { evidence: { ownCommit: fact({ byUs: true, treeAsPlanned: false }) } },
    ],
    ['when the branch has a merge queue', 'fail', { evidence: { rules: fact(branchRules({ mergeQueue: true })) } }],
    [
      'when the test merge would not restore the files of the candidate',
      'fail',
      { evidence: { mergeRestores: fact(false) } },
    ],
  ]);
});
