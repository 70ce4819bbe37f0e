import { expect } from 'chai';
import type { CandidateRow } from '../../src/model/candidate.js';
import type { RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { CANDIDATE, evaluation, HOUR, OLDER, POLICY, T0 } from '../support/attempt-parts.js';
import { attemptAt } from '../support/attempts.js';
import { checksOf } from '../support/observations.js';
import { replayed } from './replay.js';

const stable: CandidateRow = {
  content: CANDIDATE.content,
  revision: CANDIDATE.revision,
  deployedAt: CANDIDATE.deployedAt,
  uptime: CANDIDATE.uptime,
  ci: 'success',
  verdict: { kind: 'chosen', basis: 'uptime' },
};
const older: CandidateRow = {
  ...stable,
  content: 'content-older',
  revision: OLDER,
  deployedAt: T0 - 96 * HOUR,
  verdict: { kind: 'eligible', basis: 'uptime' },
};
const gone: CandidateRow = {
  ...stable,
  content: 'revision/gone',
  revision: '7'.repeat(40),
  uptime: { kind: 'unavailable', why: 'not looked at' },
  ci: 'unknown',
  verdict: { kind: 'rejected', because: 'not-an-ancestor', detail: 'the branch does not contain it any more' },
};
const resolving = attemptAt('resolving');
const planning = attemptAt('planning', { table: [stable, older] });
const merging = attemptAt('intent-merge', { table: [stable, older] });
const waiting = attemptAt('waiting-for-human', { table: [stable, older] });
const confirmedBy = (confirmation: typeof resolving.step.confirmation): RollbackAttempt => ({
  ...resolving,
  step: { ...resolving.step, confirmation },
});
const [, , third] = resolving.step.confirmation;

const BROKEN: readonly (readonly [what: string, attempt: RollbackAttempt, complaint: string])[] = [
  [
    'too few checks',
    confirmedBy(resolving.step.confirmation.slice(1)),
    'its stored checks say not-yet, and it was confirmed by them',
  ],
  [
    'checks with a hole',
    confirmedBy([...checksOf('Degraded', 1, { from: T0 - HOUR }), ...resolving.step.confirmation.slice(1)]),
    'its stored checks say not-yet, and it was confirmed by them',
  ],
  [
    'a check that was Healthy',
    confirmedBy(resolving.step.confirmation.map((c) => (c === third ? { ...c, health: 'Healthy' as const } : c))),
    'its stored checks say cleared, and it was confirmed by them',
  ],
  [
    'checks of another version',
    { ...resolving, bad: { ...resolving.bad, revisions: [OLDER] } },
    'it was confirmed by checks of another version than the bad one',
  ],
  [
    'a candidate that is not the newest stable one',
    { ...planning, candidate: { ...CANDIDATE, revision: OLDER, content: older.content, deployedAt: older.deployedAt } },
    'its stored candidates give aaaaaaaaaa by uptime past 0, and 9999999999 by uptime past 0 was chosen',
  ],
  [
    'a candidate on another basis than its evidence',
    { ...planning, candidate: { ...CANDIDATE, basis: 'ci' } },
    'its stored candidates give aaaaaaaaaa by uptime past 0, and aaaaaaaaaa by ci past 0 was chosen',
  ],
  [
    'a table that calls an unstable version eligible',
    {
      ...planning,
      table: [stable, { ...older, uptime: { kind: 'measured', ratio: 0.9, observedMs: 24 * HOUR, coverage: 1 } }],
    },
    'its stored candidates are judged otherwise than the table says',
  ],
  [
    'a merge against a rule',
    { ...merging, step: { ...merging.step, evaluation: evaluation({ G2_scope: 'unknown' }) } },
    'to be merged, and what is stored with it bars that: G2_scope',
  ],
  [
    'a merge in production without an approval',
    { ...merging, policy: { ...POLICY, environment: 'production' } },
    'to be merged, and what is stored with it bars that: environment',
  ],
  [
    'a merge after an approval, where people merge themselves',
    { ...merging, step: { ...merging.step, approvedBy: ['ada'] } },
    'to be merged, and what is stored with it bars that: environment',
  ],
  [
    'a merge in a mode that only proposes',
    { ...merging, policy: { ...POLICY, mode: 'propose' } },
    'to be merged, and what is stored with it bars that: mode',
  ],
  [
    'a merge of another head than the one that was judged',
    { ...merging, step: { ...merging.step, headSha: OLDER } },
    'to be merged, and what is stored with it bars that: head',
  ],
  [
    'a person who is not told every rule',
    {
      ...waiting,
      step: { ...waiting.step, evaluation: evaluation({ I3_replica_shortage: 'fail', I6_ci_success: 'fail' }) },
    },
    'left to people because of I3_replica_shortage, and its rules say I3_replica_shortage,I6_ci_success',
  ],
];

describe('decisions made again from what is stored with them', () => {
  const sound: readonly (readonly [string, RollbackAttempt])[] = [
    ['a confirmation', resolving],
    ['a choice', planning],
    [
      'a choice past what the survey left out',
      { ...planning, candidate: { ...CANDIDATE, passedOver: 1 }, table: [gone, stable, older] },
    ],
    ['a merge', merging],
    ['a person who is waited for', waiting],
  ];
  for (const [what, attempt] of sound)
    it(`come out the same: ${what}`, () => {
      expect(replayed(attempt)).to.deep.equal([]);
    });
  for (const [what, attempt, complaint] of BROKEN)
    it(`do not: ${what}`, () => {
      expect(replayed(attempt)).to.deep.equal([complaint]);
    });
});
