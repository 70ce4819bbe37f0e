import { barsApprovedMerge, barsAutoMerge } from '../../governance/governance-engine.js';
import type { MergeEvidence } from '../../governance/evidence.js';
import { lowestMode } from '../../model/policy.js';
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
export function decideMerge(
  a: AwaitingMergeApproval,
  evaluation: Evaluation,
  evidence: MergeEvidence,
  approval: Approval,
): MergeDecision {
  const { ci, pullRequest } = evidence;
  if (ci.kind === 'known' && ci.value.kind === 'failed') return { kind: 'ci-failed', why: ci.value.failed.join(', ') };
  if (pullRequest.kind === 'known' && pullRequest.value.mergeable === null) {
    return { kind: 'not-yet', why: 'GitHub is computing whether the pull request can be merged' };
  }
  const always = barsEveryMerge(a, evaluation, evidence, approval);
  const auto = [...always, ...(a.policy.environment === 'staging' ? [] : ['production']), ...barsAutoMerge(evaluation)];
  if (auto.length === 0) {
    return { kind: 'merge', approvedBy: [], why: 'staging, all eight invariants and all guards hold' };
  }
  const afterApproval = [
    ...always,
    ...(a.policy.approval.mergeAfterApproval ? [] : ['merge-by-human']),
    ...barsApprovedMerge(evaluation),
  ];
  if (approval.enough && afterApproval.length === 0) {
    return { kind: 'merge', approvedBy: approval.approvedBy, why: `approved by ${approval.approvedBy.join(', ')}` };
  }
  const barredBy = [...new Set(approval.enough ? afterApproval : auto)];
  if (onlyCiIsMissing(a, evidence, barredBy)) return { kind: 'not-yet', why: 'CI runs again on the pinned head' };
  return { kind: 'human', barredBy };
}

/** What keeps the operator from merging whatever the rules say, and whoever approved. */
function barsEveryMerge(
  a: AwaitingMergeApproval,
  evaluation: Evaluation,
  { policyNow }: MergeEvidence,
  approval: Approval,
): readonly string[] {
  // The live annotations may have lowered the mode since the attempt was opened; only this evidence has seen them.
  const mode = lowestMode(a.policy.mode, policyNow?.mode ?? 'off');
  return [
    ...(policyNow?.environment === a.policy.environment ? [] : ['no-longer-managed']),
    ...(mode === 'auto' ? [] : [`mode-${mode}`]),
    ...a.proposeOnly.map(codeOf),
    ...(evaluation.headSha === a.pullRequest.headSha ? [] : ['head-moved']),
    ...[...approval.blockedBy, ...approval.rejectedBy].map((login) => `changes-requested-by-${login}`),
  ];
}
/** CI that runs again is waited for as long as CI is (a pending required check also makes GitHub say `blocked`). */
function onlyCiIsMissing(
  a: AwaitingMergeApproval,
  { ci, pinnedAt }: MergeEvidence,
  barredBy: readonly string[],
): boolean {
  const pending = ci.kind === 'known' && ci.value.kind === 'pending';
  const inTime = pinnedAt - a.enteredAt < a.policy.timing.CI_WAIT_TIMEOUT;
  return pending && inTime && barredBy.every((code) => code === 'I6_ci_success' || code === 'I8_branch_protection');
}
/** `quarantined: words for people` -> `quarantined`. */
const codeOf = (reason: string): string => reason.split(':')[0] ?? reason;
