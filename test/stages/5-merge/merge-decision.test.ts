import { expect } from 'chai';
import { unknown } from '../../../src/governance/known.js';
import type { MergeEvidence } from '../../../src/governance/evidence.js';
import { MODES, type Policy } from '../../../src/model/policy.js';
import type { AwaitingMergeApproval } from '../../../src/model/rollback-attempt.js';
import type { Evaluation } from '../../../src/model/rule-result.js';
import { decideMerge, type MergeDecision } from '../../../src/stages/5-merge/merge-decision.js';
import { evaluation, POLICY, PRODUCTION_POLICY } from '../../support/attempt-parts.js';
import { attemptIn } from '../../support/attempts.js';
import { APPROVED, asked, NOBODY, review, reviewer } from '../../support/approvals.js';
import { fact, goodEvidence, mergeablePullRequest, NOW } from '../../support/merge-evidence.js';

interface Given {
  readonly policy?: Policy;
  readonly attempt?: Partial<AwaitingMergeApproval>;
  readonly rules?: Evaluation;
  readonly evidence?: Partial<MergeEvidence>;
  readonly approval?: typeof NOBODY;
}
const decide = ({
  policy = POLICY,
  attempt,
  rules = evaluation(),
  evidence,
  approval = NOBODY,
}: Given = {}): MergeDecision =>
  decideMerge(
    attemptIn('AwaitingMergeApproval', { policy, ...attempt }),
    rules,
    goodEvidence({ policyNow: policy, ...evidence }),
    approval,
  );
const human = (...barredBy: string[]): MergeDecision => ({ kind: 'human', barredBy });
const AUTO: MergeDecision = { kind: 'merge', approvedBy: [], why: 'staging, all eight invariants and all guards hold' };
const BY_ADA: MergeDecision = { kind: 'merge', approvedBy: ['ada'], why: 'approved by ada' };
const merging: Policy = { ...POLICY, approval: { ...POLICY.approval, mergeAfterApproval: true } };
const production: Policy = { ...PRODUCTION_POLICY, mode: 'auto', approval: merging.approval };
const pendingCi = { ci: fact({ kind: 'pending' as const, waitingFor: ['validate'] }) };
const blockedByWriter = asked({
  reviews: [review('bob', 'APPROVED'), review('eve', 'CHANGES_REQUESTED')],
  reviewers: [reviewer('bob'), reviewer('eve', 'write')],
});

describe('the decision about the merge in staging', () => {
  it('is to merge when all sixteen rules pass', () => {
    expect(decide()).to.deep.equal(AUTO);
  });
  it('is to merge without mentioning an approval that was not needed', () => {
    expect(decide({ approval: APPROVED })).to.deep.equal(AUTO);
  });
  it('is left to people in every mode below auto', () => {
    for (const mode of MODES.filter((m) => m !== 'auto'))
      expect(decide({ policy: { ...POLICY, mode } })).to.deep.equal(human(`mode-${mode}`));
  });
  it('is left to people when the mode was lowered since the attempt was opened, as by an annotation', () => {
    expect(decide({ evidence: { policyNow: { ...POLICY, mode: 'propose' } } })).to.deep.equal(human('mode-propose'));
  });
  it('is left to people for what may only be proposed, by its code', () => {
    expect(decide({ attempt: { proposeOnly: ['quarantined: it came back'] } })).to.deep.equal(human('quarantined'));
  });
  it('is left to people while somebody with write access requests changes', () => {
    expect(decide({ approval: blockedByWriter })).to.deep.equal(human('changes-requested-by-eve'));
  });
  it('is left to people when the rules were judged about another head than the pinned one', () => {
    expect(decide({ rules: { ...evaluation(), headSha: '1'.repeat(40) } })).to.deep.equal(human('head-moved'));
  });
  it('is left to people, naming everything that bars it, each once', () => {
    expect(
      decide({
        policy: { ...POLICY, mode: 'propose' },
        rules: evaluation({ I3_replica_shortage: 'fail', G2_scope: 'unknown' }),
      }),
    ).to.deep.equal(human('mode-propose', 'I3_replica_shortage', 'G2_scope'));
  });
  it('is left to people after an approval, unless the operator is told to merge then', () => {
    expect(decide({ rules: evaluation({ I3_replica_shortage: 'fail' }), approval: APPROVED })).to.deep.equal(
      human('merge-by-human'),
    );
    expect(
      decide({ policy: merging, rules: evaluation({ I3_replica_shortage: 'fail' }), approval: APPROVED }),
    ).to.deep.equal(BY_ADA);
  });
});

describe('the decision about the merge in production', () => {
  it('is left to people though every rule passes', () => {
    expect(decide({ policy: production })).to.deep.equal(human('production'));
  });
  it('is to merge after a valid approval, where the operator is told to merge then', () => {
    expect(decide({ policy: production, approval: APPROVED })).to.deep.equal(BY_ADA);
  });
  it('is left to people after an approval when the operator is not told to merge then', () => {
    expect(decide({ policy: { ...production, approval: POLICY.approval }, approval: APPROVED })).to.deep.equal(
      human('merge-by-human'),
    );
  });
  it('is left to people after an approval when the mode is below auto', () => {
    expect(decide({ policy: { ...production, mode: 'propose' }, approval: APPROVED })).to.deep.equal(
      human('mode-propose'),
    );
  });
  it('shows the approver I1, I3, I4, I5, I7, G1, G2, G3, G5 and G8 and merges nevertheless', () => {
    const shown = [
      'I1_environment',
      'I3_replica_shortage',
      'I4_persistence',
      'I5_stable_previous',
      'I7_no_conflicts',
      'G1_change_induced',
      'G2_scope',
      'G3_reversible',
      'G5_budget',
      'G8_no_reapply',
    ] as const;
    expect(
      decide({
        policy: production,
        rules: evaluation(Object.fromEntries(shown.map((id) => [id, 'fail']))),
        approval: APPROVED,
      }),
    ).to.deep.equal(BY_ADA);
  });
  it('is barred after an approval by each of I2, I6, I8, G4, G6 and G7, failed or unknown', () => {
    for (const id of [
      'I2_health_degraded',
      'I6_ci_success',
      'I8_branch_protection',
      'G4_will_sync',
      'G6_not_frozen',
      'G7_not_superseded',
    ] as const) {
      for (const verdict of ['fail', 'unknown'] as const)
        expect(decide({ policy: production, rules: evaluation({ [id]: verdict }), approval: APPROVED })).to.deep.equal(
          human(id),
        );
    }
  });
});

describe('an approval', () => {
  it('does not lift what keeps the mode at propose: bad content that came back stays with people', () => {
    expect(
      decide({ policy: merging, attempt: { proposeOnly: ['quarantined: it came back'] }, approval: APPROVED }),
    ).to.deep.equal(human('quarantined'));
  });
  it('does not help when the application belongs to another environment now, or to none', () => {
    expect(decide({ policy: merging, evidence: { policyNow: production }, approval: APPROVED })).to.deep.equal(
      human('no-longer-managed'),
    );
    expect(decide({ policy: merging, evidence: { policyNow: undefined }, approval: APPROVED })).to.deep.equal(
      human('no-longer-managed', 'mode-off'),
    );
  });
});

describe('before anything is decided', () => {
  it('a failed check ends the attempt, whatever else holds and whoever approved', () => {
    const evidence = { ci: fact({ kind: 'failed' as const, failed: ['validate: timed_out', 'lint: failure'] }) };
    expect(decide({ policy: merging, evidence, approval: APPROVED })).to.deep.equal({
      kind: 'ci-failed',
      why: 'validate: timed_out, lint: failure',
    });
  });
  it('GitHub is given time to find out whether the pull request can be merged', () => {
    const evidence = { pullRequest: fact(mergeablePullRequest({ mergeable: null })) };
    expect(decide({ evidence })).to.deep.equal({
      kind: 'not-yet',
      why: 'GitHub is computing whether the pull request can be merged',
    });
  });
  it('CI that runs again is waited for, as long as CI is, when nothing else is in the way', () => {
    const rules = evaluation({ I6_ci_success: 'fail', I8_branch_protection: 'fail' });
    const { enteredAt } = attemptIn('AwaitingMergeApproval');
    const late = enteredAt + POLICY.timing.CI_WAIT_TIMEOUT;
    expect(decide({ rules, evidence: pendingCi })).to.deep.equal({
      kind: 'not-yet',
      why: 'CI runs again on the pinned head',
    });
    expect(decide({ rules, evidence: { ...pendingCi, pinnedAt: late } })).to.deep.equal(
      human('I6_ci_success', 'I8_branch_protection'),
    );
  });
  it('people are asked at once when something else is in the way while CI runs again', () => {
    expect(
      decide({ rules: evaluation({ I6_ci_success: 'fail', I3_replica_shortage: 'fail' }), evidence: pendingCi }),
    ).to.deep.equal(human('I3_replica_shortage', 'I6_ci_success'));
  });
  it('CI that could not be read is left to people', () => {
    expect(
      decide({ rules: evaluation({ I6_ci_success: 'unknown' }), evidence: { ci: unknown('502', 'GitHub', NOW) } }),
    ).to.deep.equal(human('I6_ci_success'));
  });
});
