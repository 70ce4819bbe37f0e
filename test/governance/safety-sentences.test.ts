import { expect } from 'chai';
import fc from 'fast-check';
import { GovernanceEngine } from '../../src/governance/governance-engine.js';
import { observe } from '../../src/governance/known.js';
import { OperatorError } from '../../src/base/errors.js';
import { ENVIRONMENTS, MODES } from '../../src/model/policy.js';
import { GUARD_IDS, INVARIANT_IDS, type RuleId, type Verdict } from '../../src/model/rule-result.js';
import { DEFAULT_TIMING } from '../../src/model/timing.js';
import { confirmation } from '../../src/stages/2-confirmation/confirmation.js';
import { decideMerge } from '../../src/stages/5-merge/merge-decision.js';
import { abortComments, pullRequestFate } from '../../src/stages/5-merge/pull-request-fate.js';
import { evaluation, HEAD, POLICY, PRODUCTION_POLICY, T0 } from '../support/attempt-parts.js';
import { attemptIn } from '../support/attempts.js';
import { APPROVED, asked, NOBODY, review, reviewer } from '../support/approvals.js';
import { FACT_NAMES, goodCase, goodEvidence, mergeablePullRequest } from '../support/merge-evidence.js';
import { checksOf } from '../support/observations.js';
import { ManualClock } from '../support/manual-clock.js';

const ALL: readonly RuleId[] = [...INVARIANT_IDS, ...GUARD_IDS];
const anyVerdicts = fc.record(
  Object.fromEntries(ALL.map((id) => [id, fc.constantFrom<Verdict>('pass', 'fail', 'unknown')])),
) as fc.Arbitrary<Record<RuleId, Verdict>>;
const anyEnvironment = fc.constantFrom(...ENVIRONMENTS);
const onlyFaults = (verdicts: Record<RuleId, Verdict>): Parameters<typeof evaluation>[0] =>
  Object.fromEntries(Object.entries(verdicts).filter(([, v]) => v !== 'pass')) as Parameters<typeof evaluation>[0];
const production = {
  ...PRODUCTION_POLICY,
  mode: 'auto' as const,
  approval: { ...POLICY.approval, mergeAfterApproval: true },
};
const decideIn = (
  policy: typeof POLICY,
  verdicts: Parameters<typeof evaluation>[0] = {},
  approval = NOBODY,
): ReturnType<typeof decideMerge> =>
  decideMerge(
    attemptIn('AwaitingMergeApproval', { policy }),
    evaluation(verdicts),
    goodEvidence({ policyNow: policy }),
    approval,
  );

/** The safety sentences of the architecture, word for word, that the rules and the decision answer for. */
describe('the architecture says:', () => {
  it('"Staging-Only Auto-Merge: Level 2 autonomy only applies to staging environments"', () => {
    fc.assert(
      fc.property(anyEnvironment, fc.constantFrom(...MODES), fc.boolean(), (environment, mode, mergeAfterApproval) => {
        const decision = decideIn({
          ...POLICY,
          environment,
          mode,
          approval: { ...POLICY.approval, mergeAfterApproval },
        });
        expect(decision.kind === 'merge').to.equal(environment === 'staging' && mode === 'auto');
      }),
    );
  });
  it('"Invariant Enforcement: All 8 invariants must pass for auto-merge"', () => {
    fc.assert(
      fc.property(anyVerdicts, (verdicts) => {
        const merges = decideIn(POLICY, onlyFaults(verdicts)).kind === 'merge';
        expect(merges).to.equal(ALL.every((id) => verdicts[id] === 'pass'));
      }),
      { examples: [[Object.fromEntries(ALL.map((id) => [id, 'pass'])) as Record<RuleId, Verdict>]] },
    );
  });
  it('"All invariants are critical - failure of any single invariant prevents auto-merge"', () => {
    for (const id of INVARIANT_IDS) {
      expect(decideIn(POLICY, { [id]: 'fail' }), id).to.deep.equal({ kind: 'human', barredBy: [id] });
      expect(decideIn(POLICY, { [id]: 'unknown' }), id).to.deep.equal({ kind: 'human', barredBy: [id] });
    }
  });
  it('"Auto-Merge Conditions: All 8 invariants pass AND environment is staging"', () => {
    expect(decideIn(POLICY)).to.deep.equal({
      kind: 'merge',
      approvedBy: [],
      why: 'staging, all eight invariants and all guards hold',
    });
    expect(decideIn(production)).to.deep.equal({ kind: 'human', barredBy: ['production'] });
  });
  it('"Production Approval Required: No auto-merge in production", without a valid approval of the pinned head', () => {
    const anyReview = fc.record({
      login: fc.constantFrom('ada', 'bob', 'eve', 'ai-operator[bot]'),
      state: fc.constantFrom('APPROVED', 'CHANGES_REQUESTED', 'DISMISSED', 'COMMENTED', 'PENDING'),
      commit: fc.constantFrom(HEAD, '1'.repeat(40)),
    }) as fc.Arbitrary<{ login: string; state: Parameters<typeof review>[1]; commit: string }>;
    const anyReviews = fc.array(anyReview, { maxLength: 5 });
    const anyCount = fc.integer({ min: 0, max: 3 });
    const anyRole = fc.constantFrom('none', 'read', 'triage', 'write', 'maintain', 'admin') as fc.Arbitrary<
      Parameters<typeof reviewer>[1]
    >;
    fc.assert(
      fc.property(
        anyVerdicts,
        anyReviews,
        anyRole,
        anyCount,
        fc.boolean(),
        (verdicts, reviews, role, count, mergeAfterApproval) => {
          const policy = { ...production, approval: { ...production.approval, count, mergeAfterApproval } };
          const given = reviews.map((r) => review(r.login, r.state, { commit: r.commit }));
          const approval = asked({
            reviews: given,
            reviewers: ['ada', 'bob', 'ai-operator[bot]'].map((login) => reviewer(login, role)),
            policy: policy.approval,
          });
          if (decideIn(policy, onlyFaults(verdicts), approval).kind !== 'merge') return;
          const approvers = given.filter(
            (r) => r.state === 'APPROVED' && r.commit === HEAD && ['ada', 'bob'].includes(r.author.login),
          );
          expect(approvers).to.not.deep.equal([]);
          expect({
            mergeAfterApproval,
            maintains: role === 'maintain' || role === 'admin',
          }).to.deep.equal({ mergeAfterApproval: true, maintains: true });
        },
      ),
      {
        numRuns: 1000,
        examples: [
          [
            Object.fromEntries(ALL.map((id) => [id, 'pass'])) as Record<RuleId, Verdict>,
            [{ login: 'ada', state: 'APPROVED', commit: HEAD }],
            'maintain',
            1,
            true,
          ],
        ],
      },
    );
  });
  it('"Approval Required: Yes (1 senior maintainer)": with one, and where that is configured, it is merged', () => {
    expect(decideIn(production, {}, APPROVED)).to.deep.equal({
      kind: 'merge',
      approvedBy: ['ada'],
      why: 'approved by ada',
    });
    expect(decideIn({ ...production, approval: POLICY.approval }, {}, APPROVED)).to.deep.equal({
      kind: 'human',
      barredBy: ['merge-by-human'],
    });
  });
  it('"Fail-Safe Default: Any error -> abort and alert humans": what could not be read is left to people', async () => {
    const failed = await observe(new ManualClock(), 'GitHub', () =>
      Promise.reject(new OperatorError('GITHUB_UNREACHABLE', 'transient', 'no route')),
    );
    for (const name of FACT_NAMES) {
      const c = goodCase({ evidence: { [name]: failed } });
      expect(decideMerge(c.attempt, new GovernanceEngine().evaluate(c), c.evidence, NOBODY).kind, name).to.equal(
        'human',
      );
    }
  });
  it('"Persistent Degradation: Degraded for 3 consecutive health checks at 10-second intervals"', () => {
    const need = DEFAULT_TIMING.DEGRADATION_PERSISTENCE_CHECKS;
    expect({ need, every: DEFAULT_TIMING.HEALTH_CHECK_INTERVAL }).to.deep.equal({ need: 3, every: 10_000 });
    expect([1, 2, 3, 4].map((n) => confirmation(checksOf('Degraded', n), need).kind)).to.deep.equal([
      'not-yet',
      'not-yet',
      'confirmed',
      'confirmed',
    ]);
  });
  it('"Override Capability: Humans can abort or take over at any time": by closing, pushing or commenting', () => {
    const fate = (overrides: Parameters<typeof mergeablePullRequest>[0]): string =>
      pullRequestFate(mergeablePullRequest(overrides), HEAD, 'ai-operator[bot]').kind;
    expect([
      fate({}),
      fate({ state: 'closed' }),
      fate({ headSha: '1'.repeat(40) }),
      fate({ commits: 2 }),
    ]).to.deep.equal(['open', 'closed', 'taken-over', 'taken-over']);
    const comment = {
      id: 1,
      author: { login: 'ada', kind: 'human' as const },
      body: '/abort',
      createdAt: T0,
      edited: false,
    };
    expect(abortComments([comment], T0)).to.deep.equal([comment]);
  });
});
