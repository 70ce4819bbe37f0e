import type { ApprovalPolicy } from '../../model/policy.js';
import { roleAtLeast, type RepositoryRole } from '../../model/repository-role.js';
import type { Review } from '../../ports/source-control.js';

/** A reviewer's standing, asked when it is needed, never taken from a payload. */
export interface Reviewer {
  readonly login: string;
  readonly role: RepositoryRole;
  /** Member of one of the approving teams, or named among the users; true when neither is configured. */
  readonly named: boolean;
}
export interface ApprovalQuestion {
  readonly reviews: readonly Review[];
  readonly reviewers: readonly Reviewer[];
  readonly pinnedHead: string;
  /** Accounts that wrote or pushed the pull request. */
  readonly authors: readonly string[];
  readonly policy: ApprovalPolicy;
}
export interface Approval {
  /** Eligible people who approved exactly the pinned head. */
  readonly approvedBy: readonly string[];
  readonly enough: boolean;
  /** Eligible approvers whose latest opinion is a request for changes: the end of the attempt. */
  readonly rejectedBy: readonly string[];
  /** Others with write access (or whose access is not known) whose latest opinion is a request for changes: no merge while it stands. */
  readonly blockedBy: readonly string[];
  /** Approvals that do not count, and why. */
  readonly ignored: readonly string[];
}

/** The latest opinion of each person: APPROVED, CHANGES_REQUESTED or DISMISSED; comments are no opinion. `reviews` is chronological. */
export function latestOpinions(reviews: readonly Review[]): ReadonlyMap<string, Review> {
  const latest = new Map<string, Review>();
  for (const r of reviews) if (r.state !== 'COMMENTED' && r.state !== 'PENDING') latest.set(r.author.login, r);
  return latest;
}

/** Pure (semantics 8): an approval counts on exactly the pinned head, by an eligible person who did not write it. */
export function approvalOf(q: ApprovalQuestion): Approval {
  const approvedBy: string[] = [];
  const rejectedBy: string[] = [];
  const blockedBy: string[] = [];
  const ignored: string[] = [];
  for (const [login, review] of latestOpinions(q.reviews)) {
    const reviewer = q.reviewers.find((r) => r.login === login);
    const why = whyNotEligible(q, review, reviewer);
    if (review.state === 'CHANGES_REQUESTED') {
      if (why === undefined) rejectedBy.push(login);
      else if (mayBlock(review, reviewer)) blockedBy.push(login);
    } else if (review.state === 'APPROVED') {
      if (why !== undefined) ignored.push(`${login}: ${why}`);
      else if (review.commit !== q.pinnedHead) ignored.push(`${login}: approved another head`);
      else approvedBy.push(login);
    }
  }
  return {
    approvedBy,
    enough: approvedBy.length >= Math.max(1, q.policy.count) && blockedBy.length === 0 && rejectedBy.length === 0,
    rejectedBy,
    blockedBy,
    ignored,
  };
}
/** Write access gives a say; a person whose access is not known is listened to. */
const mayBlock = (review: Review, reviewer: Reviewer | undefined): boolean =>
  reviewer === undefined ? review.author.kind === 'human' : roleAtLeast(reviewer.role, 'write');
function whyNotEligible(q: ApprovalQuestion, review: Review, reviewer: Reviewer | undefined): string | undefined {
  if (review.author.kind !== 'human') return 'not a person';
  if (q.authors.includes(review.author.login)) return 'wrote the pull request';
  if (reviewer === undefined) return 'role not known';
  if (!roleAtLeast(reviewer.role, q.policy.minRole)) return `role ${reviewer.role}, needed is ${q.policy.minRole}`;
  return reviewer.named ? undefined : 'not among the configured approvers';
}
