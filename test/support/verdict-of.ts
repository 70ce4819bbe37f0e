import { GovernanceEngine } from '../../src/governance/governance-engine.js';
import type { RuleId, RuleResult } from '../../src/model/rule-result.js';
import { goodCase, type CaseOverrides } from './merge-evidence.js';

/** One rule's answer over good evidence, but for what is said. */
export function resultOf(id: RuleId, overrides: CaseOverrides = {}): RuleResult {
  const { invariants, guards } = new GovernanceEngine().evaluate(goodCase(overrides));
  const result = [...invariants, ...guards].find((r) => r.id === id);
  if (result === undefined) throw new RangeError(`the engine does not judge ${id}`);
  return result;
}
