import { GUARD_IDS, INVARIANT_IDS, type Evaluation, type RuleId } from '../model/rule-result.js';
import { GUARDS } from './guards.js';
import { INVARIANTS } from './invariants.js';
import { judged, type Case } from './rule.js';

/** Enforced after a valid human approval (semantics 8); everything else is shown to the approver. */
const ENFORCED_AFTER_APPROVAL: ReadonlySet<RuleId> = new Set([
  'I2_health_degraded',
  'I6_ci_success',
  'I8_branch_protection',
  'G4_will_sync',
  'G6_not_frozen',
  'G7_not_superseded',
]);

/** Evaluates all sixteen rules over one set of evidence; never stops early. */
export class GovernanceEngine {
  evaluate(c: Case): Evaluation {
    return {
      headSha: c.evidence.headSha,
      pinnedAt: c.evidence.pinnedAt,
      invariants: INVARIANTS.map((rule) => judged(rule, c)),
      guards: GUARDS.map((rule) => judged(rule, c)),
    };
  }
}

/** Rules that bar a merge without a human: any of the sixteen that does not pass, or is not there. */
export function barsAutoMerge(e: Evaluation): readonly RuleId[] {
  const results = [...e.invariants, ...e.guards];
  const passes = (id: RuleId): boolean =>
    results.some((r) => r.id === id) && results.every((r) => r.id !== id || r.verdict === 'pass');
  return [...INVARIANT_IDS, ...GUARD_IDS].filter((id) => !passes(id));
}

/** Rules that bar even a merge that a human approved. */
export const barsApprovedMerge = (e: Evaluation): readonly RuleId[] =>
  barsAutoMerge(e).filter((id) => ENFORCED_AFTER_APPROVAL.has(id));
