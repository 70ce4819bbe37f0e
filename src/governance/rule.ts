import type { EpochMs } from '../model/application.js';
import type { AwaitingMergeApproval } from '../model/rollback-attempt.js';
import type { RuleId, RuleResult, Verdict } from '../model/rule-result.js';
import type { MergeEvidence } from './evidence.js';
import type { Known } from './known.js';

/** What a rule is judged by: what was promised (attempt and its policy), what was seen, and when it is asked. */
export interface Case {
  readonly attempt: Pick<
    AwaitingMergeApproval,
    'id' | 'application' | 'bad' | 'badContent' | 'candidate' | 'policy' | 'onset' | 'target' | 'pullRequest'
  >;
  readonly evidence: MergeEvidence;
  readonly now: EpochMs;
}

/** A rule's answer before it is labelled. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly value: string;
  readonly source: string;
  readonly readAt: EpochMs;
  readonly reason: string;
}
export interface Rule<Id extends RuleId> {
  readonly id: Id;
  /** When it holds, in one sentence, for people. */
  readonly holdsWhen: string;
  /** The configuration key that relaxes it, if there is one. */
  readonly relaxedBy?: string;
  judge(c: Case): Judgement;
}

export const judged = (rule: Rule<RuleId>, c: Case): RuleResult => ({ id: rule.id, ...rule.judge(c) });

/** What a rule makes of a fact that is known. */
export interface Finding {
  readonly holds: boolean;
  readonly value: string;
  readonly reason: string;
}
export const holds = (value: string, reason: string): Finding => ({ holds: true, value, reason });
/** `reason` also says what would change it. */
export const fails = (value: string, reason: string): Finding => ({ holds: false, value, reason });

/** Judges a fact; an unknown one is `unknown`, whatever the rule. */
export function overFact<T>(fact: Known<T>, judge: (value: T) => Finding): Judgement {
  if (fact.kind === 'unknown') {
    return {
      verdict: 'unknown',
      value: 'unknown',
      source: fact.source,
      readAt: fact.readAt,
      reason: `not known, and unknown never counts as passed: ${fact.why}`,
    };
  }
  const found = judge(fact.value);
  return {
    verdict: found.holds ? 'pass' : 'fail',
    value: found.value,
    source: fact.source,
    readAt: fact.readAt,
    reason: found.reason,
  };
}

/** The first judgement that does not pass, else the last: for rules made of several conditions. */
export function allOf(...judgements: readonly Judgement[]): Judgement {
  const bad = judgements.find((j) => j.verdict === 'fail') ?? judgements.find((j) => j.verdict === 'unknown');
  const result = bad ?? judgements.at(-1);
  if (result === undefined) throw new RangeError('a rule needs at least one condition');
  return result;
}
