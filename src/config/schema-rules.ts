import { z } from 'zod';
import type { Allowance } from '../model/policy.js';
import type { BrakeSettings } from './operator-config.js';
import { freezeSchema } from './schema-freeze.js';
import { count, flag, group, list, share, span, text, word } from './scalars.js';

/** `candidates`. */
export const candidatesSchema = group({
  minObservation: span('24h').prefault('24h').describe('Observed uptime a version needs to be merged by itself (I5).'),
  minSoak: span('1h').prefault('1h').describe('Observed uptime a version needs to be proposed at all.'),
  allowWithoutCi: flag()
    .default(false)
    .describe('Relaxation: a version without any CI result may be merged by itself.'),
})
  .describe('Which earlier version is good enough.')
  .transform((c) => ({ minObservationMs: c.minObservation, minSoakMs: c.minSoak, allowWithoutCi: c.allowWithoutCi }));

/** `invariants`. */
export const invariantsSchema = group({
  replicaShortage: word(['available', 'updated'])
    .default('available')
    .describe(
      'I3: available = fewer replicas available than wanted; updated = of the newest version only (stuck rolling updates).',
    ),
  openPullRequests: word(['branch', 'paths'])
    .default('branch')
    .describe('I7: other open pull requests on the branch bar, or only those that touch the same files.'),
}).describe('How the invariants I1 to I8 are read. None can be switched off.');

const allowance = group({
  count: count(0, 10_000).describe('Automatic rollbacks.'),
  within: span('1h').describe('In any span of this length.'),
}).transform((a): Allowance => ({ count: a.count, windowMs: a.within }));
const fleet = group({
  count: count(0, 10_000).default(5).describe('Automatic rollbacks.'),
  within: span('1h').prefault('1h').describe('In any span of this length.'),
}).transform((a): Allowance => ({ count: a.count, windowMs: a.within }));
/** `guards`. */
export const guardsSchema = group({
  changeWindow: span('24h')
    .prefault('24h')
    .describe('G1: the failure began at most this long after the bad version was deployed.'),
  maxCandidateAge: span('7d')
    .prefault('7d')
    .describe('G2: the version to go back to stopped running at most this long before the failure.'),
  maxPassedOver: count(0, 100).default(3).describe('G2: newer versions that are passed over, at most.'),
  maxDroppedCommits: count(0, 10_000).default(20).describe('G2: commits that are undone, at most.'),
  freeze: list(freezeSchema, '[]').default([]).describe('G6: times in which nothing is merged by itself.'),
  perApplication: list(allowance, '[{ count: 1, within: 30m }]')
    .prefault([
      { count: 1, within: '30m' },
      { count: 2, within: '24h' },
    ])
    .describe('G5: automatic rollbacks of one application; every entry must have room.'),
  fleet: fleet.prefault({}).describe('G5: automatic rollbacks of all applications.'),
})
  .describe('Further rules that can only forbid a merge.')
  .transform(({ changeWindow, maxCandidateAge, ...rest }) => ({
    changeWindowMs: changeWindow,
    maxCandidateAgeMs: maxCandidateAge,
    ...rest,
  }));

const brake = group({
  share: share('30%').prefault('30%').describe('This part of the managed applications of an environment ...'),
  count: count(1, 10_000).default(3).describe('... and at least so many of them ...'),
  window: span('10m').prefault('10m').describe('... turned Degraded within this time.'),
  failedRollbacks: count(1, 1_000).default(3).describe('Or: so many rollbacks failed ...'),
  failedRollbackWindow: span('1h').prefault('1h').describe('... within this time.'),
}).transform(
  ({ window, failedRollbackWindow, ...rest }): BrakeSettings => ({
    windowMs: window,
    failedRollbackWindowMs: failedRollbackWindow,
    ...rest,
  }),
);
/** `limits`. */
export const limitsSchema = group({
  openAttempts: count(0, 1_000).default(3).describe('Attempts with an open pull request, per environment.'),
  pullRequestsPerHour: count(0, 1_000).default(10).describe('Pull requests opened per hour.'),
  brake: brake.prefault({}).describe('When so much breaks at once, no rollback starts: it is an incident for people.'),
}).describe('How much may happen at once, in every mode.');

const login = text('the login of a person on GitHub', 'octocat', /^[A-Za-z0-9](?:[-_A-Za-z0-9]{0,63})$/);
const team = text('a team as organisation/team', 'acme/release-captains', /^[A-Za-z0-9][-A-Za-z0-9]*\/[-_A-Za-z0-9]+$/);
const approvers = group({
  minRole: word(['write', 'maintain', 'admin']).default('maintain').describe('Least role on the repository.'),
  count: count(1, 6).default(1).describe('How many of them.'),
  teams: list(team, '[acme/release-captains]')
    .default([])
    .describe('When teams or users are named, an approver must be one of them.'),
  users: list(login, '[octocat]').default([]).describe('Logins of people, never of bots.'),
}).check(({ value, issues }) => {
  if (value.users.length === 0 || value.teams.length > 0 || new Set(value.users).size >= value.count) return;
  issues.push({
    code: 'custom',
    input: value,
    message: `count: ${value.count} can never be reached by ${value.users.length} user(s); name more users or teams, or lower count`,
  });
});
/** `production`. */
export const productionSchema = group({
  mergeAfterApproval: flag()
    .default(false)
    .describe('true = the operator merges after a valid approval; false = it alerts and a human merges.'),
  approvalSources: list(word(['github-review'], ['api']), '[github-review]')
    .min(1, { error: 'is empty, so nobody could approve; write `[github-review]`' })
    .default(['github-review'])
    .describe('What counts as an approval: a GitHub review on exactly the head that was judged.'),
  approvers: approvers.prefault({}).describe('Who may approve.'),
})
  .describe('Production is never merged without a human.')
  .transform(({ approvers: who, ...rest }) => ({ ...rest, ...who }));

/** `detection`. */
export const detectionSchema = group({
  maxFailureAge: span('20m').prefault('20m').describe('A failure older than this starts no rollback, only an alert.'),
  stalledProgress: z
    .union([z.literal('off'), span('5m')], { error: 'write `off` or a duration, such as `5m`' })
    .prefault('off')
    .describe('Opt-in: Progressing for longer than this with failing new pods counts as degraded, for proposing only.'),
})
  .describe('When a failure is taken up.')
  .transform(({ maxFailureAge, stalledProgress }) => ({
    maxFailureAgeMs: maxFailureAge,
    ...(stalledProgress === 'off' ? {} : { stalledProgressMs: stalledProgress }),
  }));
