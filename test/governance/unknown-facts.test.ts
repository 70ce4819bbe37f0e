import { expect } from 'chai';
import fc from 'fast-check';
import type { MergeEvidence } from '../../src/governance/evidence.js';
import { barsAutoMerge, GovernanceEngine } from '../../src/governance/governance-engine.js';
import type { RuleId } from '../../src/model/rule-result.js';
import { decideMerge } from '../../src/stages/5-merge/merge-decision.js';
import { FACT_NAMES, goodCase, notKnown, type FactName } from '../support/merge-evidence.js';
import { NOBODY } from '../support/approvals.js';

const engine = new GovernanceEngine();
const unknownRules = (evidence: Partial<MergeEvidence>): readonly RuleId[] => {
  const e = engine.evaluate(goodCase({ evidence }));
  return [...e.invariants, ...e.guards].filter((r) => r.verdict === 'unknown').map((r) => r.id);
};
const decide = (evidence: Partial<MergeEvidence>): ReturnType<typeof decideMerge>['kind'] => {
  const c = goodCase({ evidence });
  return decideMerge(c.attempt, engine.evaluate(c), c.evidence, NOBODY).kind;
};
/** Without a fact, exactly these rules cannot be judged. */
const SPEAKS_FOR: Readonly<Record<FactName, readonly RuleId[]>> = {
  application: ['I2_health_degraded', 'G4_will_sync', 'G7_not_superseded', 'G8_no_reapply'],
  workloads: ['I3_replica_shortage'],
  sync: ['G4_will_sync'],
  pullRequest: ['I8_branch_protection', 'G6_not_frozen'],
  ownCommit: ['I8_branch_protection'],
  rules: ['I8_branch_protection'],
  mergeMethod: ['I8_branch_protection'],
  ci: ['I6_ci_success'],
  openPullRequests: ['I7_no_conflicts'],
  baseUnchanged: ['G7_not_superseded'],
  mergeRestores: ['I8_branch_protection'],
  rendered: ['G2_scope', 'G3_reversible'],
  others: ['G2_scope'],
};
/** The evidence that is no `Known`: what its absence looks like. */
const ABSENT: Readonly<Record<string, Partial<MergeEvidence>>> = {
  'the policy of today': { policyNow: undefined },
  'the stored checks': { checks: [] },
  'the pinned head': { headSha: '' },
};

describe('an unknown fact', () => {
  it('bars nothing when there is none: on good evidence all sixteen rules pass and it is merged', () => {
    expect(barsAutoMerge(engine.evaluate(goodCase()))).to.deep.equal([]);
    expect(decide({})).to.equal('merge');
  });
  for (const name of FACT_NAMES) {
    it(`leaves ${SPEAKS_FOR[name].join(', ')} unknown when ${name} could not be read, and says why`, () => {
      expect(unknownRules(notKnown(name))).to.deep.equal(SPEAKS_FOR[name]);
      const e = engine.evaluate(goodCase({ evidence: notKnown(name, 'HTTP 502') }));
      for (const id of SPEAKS_FOR[name])
        expect([...e.invariants, ...e.guards].find((r) => r.id === id)?.reason).to.contain('HTTP 502');
    });
  }
  for (const [name, absent] of Object.entries(ABSENT)) {
    it(`bars the merge when ${name} is missing`, () => {
      expect(decide(absent)).to.equal('human');
    });
  }
  it('bars the merge, whichever facts are unknown at once', () => {
    fc.assert(
      fc.property(fc.subarray([...FACT_NAMES], { minLength: 1 }), (names) => {
        const evidence: Partial<MergeEvidence> = Object.assign({}, ...names.map((name) => notKnown(name)));
        expect(decide(evidence)).to.equal('human');
        expect(barsAutoMerge(engine.evaluate(goodCase({ evidence })))).to.include.members(
          names.flatMap((name) => SPEAKS_FOR[name]),
        );
      }),
    );
  });
});
