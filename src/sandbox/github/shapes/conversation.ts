import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';
import type { CommentRecord, PullRecord, ReviewRecord } from '../records.js';
import { ensureLabel, labelShape } from './pull.js';
import { associationOf, userOrNull, userShape } from './user.js';

/** `pull-request-review`; a pending one has no time yet. */
export function reviewShape(forge: Forge, review: ReviewRecord): Record<string, unknown> {
  const html = `${forge.links.page}/pull/${review.pull}#pullrequestreview-${review.id}`;
  const pull = `${forge.links.repo}/pulls/${review.pull}`;
  return {
    id: review.id,
    node_id: nodeId('PullRequestReview', review.id),
    user: userShape(forge, review.author),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pull,
    author_association: associationOf(forge, review.author),
    _links: { html: { href: html }, pull_request: { href: pull } },
    ...(review.state === 'PENDING' ? {} : { submitted_at: isoTime(review.submittedAt) }),
    commit_id: review.commit,
  };
}

/** `issue-comment`. */
export function commentShape(forge: Forge, comment: CommentRecord): Record<string, unknown> {
  return {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${forge.links.repo}/issues/comments/${comment.id}`,
    html_url: `${forge.links.page}/pull/${comment.pull}#issuecomment-${comment.id}`,
    issue_url: `${forge.links.repo}/issues/${comment.pull}`,
    user: userShape(forge, comment.author),
    created_at: isoTime(comment.createdAt),
    updated_at: isoTime(comment.updatedAt),
    author_association: associationOf(forge, comment.author),
    body: comment.body,
    performed_via_github_app: null,
  };
}

/** `issue`: the other face of a pull request. It alone tells who closed it. */
export function issueShape(forge: Forge, pull: PullRecord): Record<string, unknown> {
  const url = `${forge.links.repo}/issues/${pull.number}`;
  const page = `${forge.links.page}/pull/${pull.number}`;
  const iso = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at));
  return {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    url,
    repository_url: forge.links.repo,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    number: pull.number,
    state: pull.state,
    state_reason: null,
    title: pull.title,
    body: pull.body,
    user: userShape(forge, pull.author),
    labels: pull.labels.map((name) => labelShape(forge, ensureLabel(forge, name))),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: pull.locked,
    active_lock_reason: null,
    comments: forge.comments.filter((comment) => comment.pull === pull.number).length,
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: iso(pull.closedAt),
    closed_by: userOrNull(forge, pull.closedBy),
    author_association: associationOf(forge, pull.author),
    draft: pull.draft,
    pull_request: {
      url: `${forge.links.repo}/pulls/${pull.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: iso(pull.mergedAt),
    },
  };
}
