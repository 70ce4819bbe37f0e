import { barsApprovedMerge, barsAutoMerge } from '../../governance/governance-engine.js';
import type { MergeEvidence } from '../../governance/evidence.js';
import type { AwaitingMergeApproval } from '../../model/rollback-attempt.js';
import type { Evaluation } from '../../model/rule-result.js';
import type { Approval } from './approval.js';

export type MergeDecision =
  | { readonly kind: 'merge'; readonly approvedBy: readonly string[]; readonly why: string }
  /** GitHub or CI is still computing: look again soon, nothing is escalated. */
  | { readonly kind: 'not-yet'; readonly why: string }
  | { readonly kind: 'ci-failed'; readonly why: string }
  /** A person decides; the codes say what keeps the operator from merging. */
  | { readonly kind: 'human'; readonly barredBy: readonly string[] };

/** Pure (semantics 8): may the operator merge, by itself or after an approval? `a` carries the policy as narrowed today. */
export function decideMerge(a: AwaitingMergeApproval, evaluation: Evaluation, evidence: MergeEvidence, approval: Approval): MergeDecision {
  const { ci, pullRequest } = evidence;
  if (ci.kind === 'known' && ci.value.kind === 'failed') return { kind: 'ci-failed', why: ci.value.failed.join(', ') };
  if (pullRequest.kind === 'known' && pullRequest.value.mergeable === null) return { kind: 'not-yet', why: 'GitHub is computing whether the pull request can be merged' };
  const mode = a.policy.mode === 'auto' ? [] : [`mode-${a.policy.mode}`];
  const blocked = [...approval.blockedBy, ...approval.rejectedBy].map((login) => `changes-requested-by-${login}`);
  const auto = [...(a.policy.environment === 'staging' ? [] : ['production']), ...mode, ...a.proposeOnly.map(codeOf), ...blocked, ...barsAutoMerge(evaluation)];
  if (auto.length === 0) return { kind: 'merge', approvedBy: [], why: 'staging, all eight invariants and all guards hold' };
  if (approval.enough) {
    const still = [...mode, ...(a.policy.approval.mergeAfterApproval ? [] : ['merge-by-human']), ...blocked, ...barsApprovedMerge(evaluation)];
    if (still.length === 0) return { kind: 'merge', approvedBy: approval.approvedBy, why: `approved by ${approval.approvedBy.join(', ')}` };
    return { kind: 'human', barredBy: [...new Set(still)] };
  }
  return { kind: 'human', barredBy: [...new Set(auto)] };
}
/** `quarantined: words for people` -> `quarantined`. */
const codeOf = (reason: string): string => reason.split(':')[0] ?? reason;
