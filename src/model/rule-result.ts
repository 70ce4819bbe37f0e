import type { EpochMs } from './application.js';

export const INVARIANT_IDS = [
  'I1_environment',
  'I2_health_degraded',
  'I3_replica_shortage',
  'I4_persistence',
  'I5_stable_previous',
  'I6_ci_success',
  'I7_no_conflicts',
  'I8_branch_protection',
] as const;
/** Architecture section 7, letter for letter. */
export type InvariantId = (typeof INVARIANT_IDS)[number];

export const GUARD_IDS = [
  'G1_change_induced',
  'G2_scope',
  'G3_reversible',
  'G4_will_sync',
  'G5_budget',
  'G6_not_frozen',
  'G7_not_superseded',
  'G8_no_reapply',
] as const;
/** Semantics section 8: additional rules that can only forbid. */
export type GuardId = (typeof GUARD_IDS)[number];
export type RuleId = InvariantId | GuardId;

/** A rule holds, does not hold, or could not be judged; the last two both bar the merge. */
export type Verdict = 'pass' | 'fail' | 'unknown';

/** One evaluated rule, as it is stored, audited and shown. */
export interface RuleResult {
  readonly id: RuleId;
  readonly verdict: Verdict;
  /** What was seen, in a few words. */
  readonly value: string;
  /** Where it was seen. */
  readonly source: string;
  /** When the evidence was read. */
  readonly readAt: EpochMs;
  /** Why it passes or fails; for a failure also what would change it. */
  readonly reason: string;
}

/** All rules over one set of evidence about one pinned head. */
export interface Evaluation {
  readonly headSha: string;
  readonly pinnedAt: EpochMs;
  readonly invariants: readonly RuleResult[];
  readonly guards: readonly RuleResult[];
}

/** What does not pass: a failure or an unknown, both bar. */
export const failing = (results: readonly RuleResult[]): readonly RuleResult[] =>
  results.filter((r) => r.verdict !== 'pass');
