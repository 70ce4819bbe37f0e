import { expect } from 'chai';
import fc from 'fast-check';
import { barsApprovedMerge, barsAutoMerge, GovernanceEngine } from '../../src/governance/governance-engine.js';
import { GUARDS } from '../../src/governance/guards.js';
import { INVARIANTS } from '../../src/governance/invariants.js';
import { GUARD_IDS, INVARIANT_IDS, type RuleId } from '../../src/model/rule-result.js';
import { evaluation, HEAD } from '../support/attempt-parts.js';
import { goodCase, NOW } from '../support/merge-evidence.js';

const ALL: readonly RuleId[] = [...INVARIANT_IDS, ...GUARD_IDS];
const ENFORCED: readonly RuleId[] = [
  'I2_health_degraded',
  'I6_ci_success',
  'I8_branch_protection',
  'G4_will_sync',
  'G6_not_frozen',
  'G7_not_superseded',
];

describe('the governance engine', () => {
  it('judges all eight invariants and all eight guards, in order, even when the first one fails', () => {
    const { headSha, invariants, guards } = new GovernanceEngine().evaluate(
      goodCase({ evidence: { policyNow: undefined } }),
    );
    expect({
      headSha,
      invariants: invariants.map((r) => r.id),
      guards: guards.map((r) => r.id),
    }).to.deep.equal({ headSha: HEAD, invariants: INVARIANT_IDS, guards: GUARD_IDS });
    expect(invariants.filter((r) => r.verdict !== 'pass').map((r) => r.id)).to.deep.equal(['I1_environment']);
  });
  it('gives every answer a value, a source, a time and a reason', () => {
    const { invariants, guards } = new GovernanceEngine().evaluate(goodCase());
    for (const r of [...invariants, ...guards]) {
      expect(
        [r.value, r.source, r.reason].every((text) => text.length > 2),
        r.id,
      ).to.equal(true);
      expect(r.readAt, r.id).to.be.within(NOW - 60_000, NOW);
    }
  });
  it('says of every rule when it holds, in one sentence', () => {
    for (const rule of [...INVARIANTS, ...GUARDS]) expect(rule.holdsWhen, rule.id).to.match(/^[^.]{20,}$/);
  });
});

describe('what bars a merge', () => {
  it('is any single rule that fails or is unknown', () => {
    for (const id of ALL)
      for (const verdict of ['fail', 'unknown'] as const)
        expect(barsAutoMerge(evaluation({ [id]: verdict }))).to.deep.equal([id]);
  });
  it('is also a rule that was not judged at all', () => {
    for (const id of ALL) {
      const { invariants, guards, ...rest } = evaluation();
      const without = {
        ...rest,
        invariants: invariants.filter((r) => r.id !== id),
        guards: guards.filter((r) => r.id !== id),
      };
      expect(barsAutoMerge(without)).to.deep.equal([id]);
    }
  });
  it('is a rule that passes once and fails once', () => {
    const twice = evaluation();
    expect(
      barsAutoMerge({ ...twice, guards: [...twice.guards, ...evaluation({ G2_scope: 'fail' }).guards] }),
    ).to.deep.equal(['G2_scope']);
  });
  it('is, after an approval, only I2, I6, I8, G4, G6 and G7: the rest is shown to the approver', () => {
    fc.assert(
      fc.property(fc.subarray([...ALL]), (failing) => {
        const not = Object.fromEntries(failing.map((id) => [id, 'fail' as const]));
        expect(barsApprovedMerge(evaluation(not))).to.deep.equal(failing.filter((id) => ENFORCED.includes(id)));
      }),
    );
  });
});
