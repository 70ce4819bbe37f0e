import { expect } from 'chai';
import { GovernanceEngine } from '../../src/governance/governance-engine.js';
import type { RuleId, RuleResult, Verdict } from '../../src/model/rule-result.js';
import { goodCase, type CaseOverrides } from './merge-evidence.js';

/** One rule's answer over good evidence, but for what is said. */
export function resultOf(id: RuleId, overrides: CaseOverrides = {}): RuleResult {
  const { invariants, guards } = new GovernanceEngine().evaluate(goodCase(overrides));
  const result = [...invariants, ...guards].find((r) => r.id === id);
  if (result === undefined) throw new RangeError(`the engine does not judge ${id}`);
  return result;
}

/** What is said of the rule, its verdict, and in which case. */
export type Row = readonly [claim: string, verdict: Verdict, overrides: CaseOverrides];
const VERBS: Readonly<Record<Verdict, string>> = { pass: 'passes', fail: 'fails', unknown: 'is unknown' };
/** One test per row: the table of one rule. */
export function judges(id: RuleId, rows: readonly Row[]): void {
  describe(id, () => {
    for (const [claim, verdict, overrides] of rows) {
      it(`${VERBS[verdict]} ${claim}`, () => {
        const result = resultOf(id, overrides);
        expect(result.verdict, `${result.value}: ${result.reason}`).to.equal(verdict);
      });
    }
  });
}

/** What a rule says of a case that it bars: what was seen, and why, with what would change it. */
export type Words = readonly [id: RuleId, overrides: CaseOverrides, value: string, reason: string];
/** One test per row; its title is what people read. */
export function saysWords(rows: readonly Words[]): void {
  for (const [id, overrides, value, reason] of rows) {
    it(`${id}: ${value} - ${reason}`, () => {
      const result = resultOf(id, overrides);
      expect(result.verdict).to.not.equal('pass');
      expect([result.value, result.reason]).to.deep.equal([value, reason]);
    });
  }
}
