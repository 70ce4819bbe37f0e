import { expect } from 'chai';
import fc from 'fast-check';
import { narrow } from '../../src/governance/narrow.js';
import { MODES, type Policy } from '../../src/model/policy.js';
import { REPOSITORY_ROLES, roleAtLeast } from '../../src/model/repository-role.js';
import { POLICY } from '../support/attempt-parts.js';

const HOUR = 3_600_000;
const HOLIDAYS = { kind: 'absolute', name: 'holidays', timeZone: 'UTC', from: 1, to: 2 } as const;
const WEEKEND = {
  kind: 'weekly',
  name: 'weekend',
  timeZone: 'UTC',
  days: [6, 7],
  fromMinute: 0,
  toMinute: 1440,
} as const;
type Group = 'candidates' | 'invariants' | 'guards' | 'approval' | 'timing';
const but = <G extends Group>(group: G, overrides: Partial<Policy[G]>): Policy => ({
  ...POLICY,
  [group]: { ...POLICY[group], ...overrides },
});
const repository = (overrides: Partial<NonNullable<Policy['repository']>>): Policy => ({
  ...POLICY,
  repository: { ...POLICY.repository, ...overrides } as NonNullable<Policy['repository']>,
});
const names = (teams: readonly string[], users: readonly string[] = []): Policy =>
  but('approval', { mergeAfterApproval: true, teams, users });

/** Two policies that differ in one thing, the stricter one first. */
const STRICTER: readonly (readonly [claim: string, strict: Policy, loose: Policy])[] = [
  ['a freeze window', but('guards', { freeze: [HOLIDAYS] }), POLICY],
  [
    'a smaller budget per application',
    but('guards', { perApplication: [...POLICY.guards.perApplication, { count: 0, windowMs: HOUR }] }),
    POLICY,
  ],
  ['a smaller budget of the fleet', but('guards', { fleet: { count: 1, windowMs: HOUR } }), POLICY],
  ['a longer window of the fleet budget', but('guards', { fleet: { count: 5, windowMs: 24 * HOUR } }), POLICY],
  ['a shorter change window', but('guards', { changeWindowMs: HOUR }), POLICY],
  ['a nearer candidate', but('guards', { maxCandidateAgeMs: HOUR }), POLICY],
  ['fewer versions to pass over', but('guards', { maxPassedOver: 0 }), POLICY],
  ['fewer commits to drop', but('guards', { maxDroppedCommits: 0 }), POLICY],
  ['a longer observation', POLICY, but('candidates', { minObservationMs: HOUR })],
  ['a longer soak', POLICY, but('candidates', { minSoakMs: 0 })],
  ['CI for candidates', POLICY, but('candidates', { allowWithoutCi: true })],
  ['the literal replica shortage', POLICY, but('invariants', { replicaShortage: 'updated' })],
  ['every open pull request', POLICY, but('invariants', { openPullRequests: 'paths' })],
  ['more checks in a row', but('timing', { DEGRADATION_PERSISTENCE_CHECKS: 5 }), POLICY],
  ['a longer settle window', but('timing', { ciSettleWindow: HOUR }), POLICY],
  ['merging left to people', POLICY, but('approval', { mergeAfterApproval: true })],
  ['more approvals', but('approval', { count: 2 }), POLICY],
  ['a higher role', but('approval', { minRole: 'admin' }), POLICY],
  ['named approvers', names([], ['ada']), names([])],
  ['fewer named approvers', names([], ['ada']), names(['acme/sre'], ['ada', 'bob'])],
  ['fewer staging paths', { ...POLICY, stagingPaths: [] }, POLICY],
  ['a repository that is not fully visible', repository({ allApplicationsVisible: false }), POLICY],
  ['another required check', repository({ requiredChecks: [{ name: 'validate' }, { name: 'smoke' }] }), POLICY],
  ['that a check must have run', POLICY, repository({ allowNoChecks: true })],
  [
    'that optional checks may not fail',
    repository({ failOnOptionalFailure: true }),
    repository({ failOnOptionalFailure: false }),
  ],
  [
    'a repository that is not configured any more',
    ((): Policy => {
      const { repository: _repository, ...rest } = POLICY;
      return rest;
    })(),
    POLICY,
  ],
];

describe('narrowing the policy of an attempt to that of today', () => {
  for (const [claim, strict, loose] of STRICTER) {
    it(`takes ${claim} at once when today is stricter, and keeps it when today is looser`, () => {
      expect(narrow(loose, strict)).to.deep.equal(strict);
      expect(narrow(strict, loose)).to.deep.equal(strict);
    });
  }
  it('takes the lower mode, and says that it was lowered', () => {
    for (const frozen of MODES) {
      for (const now of MODES) {
        const { mode, modeLoweredBy } = narrow(
          { ...POLICY, mode: frozen },
          { ...POLICY, mode: now, modeLoweredBy: ['annotation'] },
        );
        const lowered = MODES.indexOf(now) < MODES.indexOf(frozen);
        expect({ mode, modeLoweredBy }).to.deep.equal(
          lowered
            ? { mode: now, modeLoweredBy: ['annotation', 'lowered by the configuration meanwhile'] }
            : { mode: frozen, modeLoweredBy: [] },
        );
      }
    }
  });
  it('keeps freezes of then and of now, each once', () => {
    expect(
      narrow(but('guards', { freeze: [HOLIDAYS, WEEKEND] }), but('guards', { freeze: [WEEKEND] })).guards.freeze,
    ).to.deep.equal([HOLIDAYS, WEEKEND]);
    expect(
      narrow(but('guards', { freeze: [HOLIDAYS] }), but('guards', { freeze: [WEEKEND] })).guards.freeze,
    ).to.deep.equal([HOLIDAYS, WEEKEND]);
  });
  it('keeps within both budgets of the fleet, even where neither is smaller in every respect', () => {
    const fleet = narrow(
      but('guards', { fleet: { count: 5, windowMs: HOUR } }),
      but('guards', { fleet: { count: 20, windowMs: 24 * HOUR } }),
    ).guards.fleet;
    expect(fleet).to.deep.equal({ count: 5, windowMs: 24 * HOUR });
  });
  it('lets the operator merge nothing when no approver of then is one of now', () => {
    const { approval } = narrow(names(['acme/sre'], ['ada']), names(['acme/web'], ['bob']));
    expect(approval.mergeAfterApproval).to.equal(false);
    expect([approval.teams, approval.users]).to.not.deep.equal([[], []]);
  });
  it('never moves the environment nor the waits', () => {
    const now: Policy = {
      ...but('timing', { CI_WAIT_TIMEOUT: 1, MERGE_APPROVAL_TIMEOUT: 10 * HOUR }),
      environment: 'production',
    };
    expect(narrow(POLICY, now)).to.deep.equal(POLICY);
  });

  const anyPolicy: fc.Arbitrary<Policy> = fc
    .record({
      freeze: fc.subarray([HOLIDAYS, WEEKEND]),
      mode: fc.constantFrom(...MODES),
      minRole: fc.constantFrom(...REPOSITORY_ROLES),
      count: fc.integer({ min: 1, max: 6 }),
      fleet: fc.record({ count: fc.nat(9), windowMs: fc.integer({ min: 1, max: 99 }) }),
      users: fc.subarray(['ada', 'bob', 'eve']),
      mergeAfterApproval: fc.boolean(),
      passedOver: fc.nat(9),
    })
    .map(
      (r): Policy => ({
        ...POLICY,
        mode: r.mode,
        guards: { ...POLICY.guards, fleet: r.fleet, maxPassedOver: r.passedOver, freeze: r.freeze },
        approval: {
          ...POLICY.approval,
          minRole: r.minRole,
          count: r.count,
          users: r.users,
          mergeAfterApproval: r.mergeAfterApproval,
        },
      }),
    );
  it('changes nothing when nothing changed', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        expect(narrow(policy, policy)).to.deep.equal(policy);
      }),
    );
  });
  it('never gives more than the policy of then, nor more than that of now', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (then, now) => {
        const narrowed = narrow(then, now);
        for (const limit of [then, now]) {
          expect(MODES.indexOf(narrowed.mode)).to.be.at.most(MODES.indexOf(limit.mode));
          expect(narrowed.guards.maxPassedOver).to.be.at.most(limit.guards.maxPassedOver);
          expect(
            narrowed.guards.fleet.count <= limit.guards.fleet.count &&
              narrowed.guards.fleet.windowMs >= limit.guards.fleet.windowMs,
          ).to.equal(true);
          expect(narrowed.guards.freeze).to.include.deep.members([...limit.guards.freeze]);
          expect(narrowed.approval.count).to.be.at.least(limit.approval.count);
          expect(roleAtLeast(narrowed.approval.minRole, limit.approval.minRole)).to.equal(true);
          expect(narrowed.approval.mergeAfterApproval && !limit.approval.mergeAfterApproval).to.equal(false);
          if (!narrowed.approval.mergeAfterApproval || limit.approval.users.length === 0) continue;
          expect(narrowed.approval.users).to.not.deep.equal([]);
          expect(limit.approval.users).to.include.members([...narrowed.approval.users]);
        }
      }),
    );
  });
});
