import type { Account } from './accounts.js';
import type { Forge } from './forge.js';
import type { PullRecord, ReviewRecord } from './records.js';
import { refusal } from './refusals.js';
import { pullStart } from './shapes/pull.js';

export type ReviewVerdict = 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED';

export interface NewReview {
  readonly by: Account;
  readonly state: ReviewVerdict | 'PENDING';
  readonly body: string;
  /** The head unless told. */
  readonly commit?: string;
}

/** Adds a review; nobody approves, or asks changes of, what is their own (422). */
export async function addReview(forge: Forge, pull: PullRecord, review: NewReview): Promise<ReviewRecord> {
  const own = review.by === pull.author;
  if (own && review.state === 'APPROVED') throw unprocessed('Can not approve your own pull request');
  if (own && review.state === 'CHANGES_REQUESTED')
    throw unprocessed('Can not request changes on your own pull request');
  const commit = review.commit ?? pull.headSha;
  if (!(await isOf(forge, pull, commit))) throw unprocessed('Commit is not part of the pull request');
  const record: ReviewRecord = {
    id: forge.nextId(),
    pull: pull.number,
    author: review.by,
    commit,
    body: review.body,
    state: review.state,
    submittedAt: forge.now(),
  };
  forge.reviews.push(record);
  pull.updatedAt = forge.now();
  return record;
}

const unprocessed = (error: string): Error => refusal(422, 'Unprocessable Entity', { errors: [error] });

async function isOf(forge: Forge, pull: PullRecord, commit: string): Promise<boolean> {
  if (commit === pull.headSha) return true;
  if ((await forge.repository.objectType(commit)) !== 'commit') return false;
  const start = await pullStart(forge, pull);
  return (
    (await forge.repository.isAncestor(commit, pull.headSha)) && !(await forge.repository.isAncestor(commit, start))
  );
}

/** The same review changes its state; a mere comment cannot be dismissed. */
export function dismissReview(review: ReviewRecord): void {
  if (review.state !== 'APPROVED' && review.state !== 'CHANGES_REQUESTED') {
    throw unprocessed('Can not dismiss a review that is neither an approval nor a request for changes');
  }
  review.state = 'DISMISSED';
}
