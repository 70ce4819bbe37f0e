import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';
import type { Mergeability } from '../mergeability.js';
import { differences } from '../plumbing/differences.js';
import type { LabelRecord, PullRecord } from '../records.js';
import { repositoryShape } from './repository.js';
import { associationOf, userOrNull, userShape } from './user.js';

/** A label as GitHub shows it. */
export function labelShape(forge: Forge, label: LabelRecord): Record<string, unknown> {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${forge.links.repo}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: 'ededed',
    default: false,
    description: '',
  };
}

/** The label of that name, made when there is none yet: so GitHub does when one is put on a pull request. */
export function ensureLabel(forge: Forge, name: string): LabelRecord {
  const key = name.toLowerCase();
  const label = forge.labels.get(key) ?? { id: forge.nextId(), name };
  forge.labels.set(key, label);
  return label;
}

const isoOrNull = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at));

function addresses(forge: Forge, pull: PullRecord): Readonly<Record<string, string>> {
  const { repo, page } = forge.links;
  return {
    self: `${repo}/pulls/${pull.number}`,
    html: `${page}/pull/${pull.number}`,
    issue: `${repo}/issues/${pull.number}`,
    comments: `${repo}/issues/${pull.number}/comments`,
    review_comments: `${repo}/pulls/${pull.number}/comments`,
    review_comment: `${repo}/pulls/comments{/number}`,
    commits: `${repo}/pulls/${pull.number}/commits`,
    statuses: `${repo}/statuses/${pull.headSha}`,
  };
}

/** `pull-request-simple`: an item of a list, which knows nothing of mergeability. */
export function pullItem(forge: Forge, pull: PullRecord): Record<string, unknown> {
  const urls = addresses(forge, pull);
  const side = (ref: string, sha: string): Record<string, unknown> => ({
    label: `${forge.options.owner}:${ref}`,
    ref,
    sha,
    user: userShape(forge, forge.accounts.owner),
    repo: repositoryShape(forge),
  });
  return {
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    number: pull.number,
    url: urls['self'],
    html_url: urls['html'],
    diff_url: `${urls['html']}.diff`,
    patch_url: `${urls['html']}.patch`,
    issue_url: urls['issue'],
    commits_url: urls['commits'],
    comments_url: urls['comments'],
    review_comments_url: urls['review_comments'],
    review_comment_url: urls['review_comment'],
    statuses_url: urls['statuses'],
    state: pull.state,
    locked: pull.locked,
    draft: pull.draft,
    title: pull.title,
    body: pull.body,
    user: userShape(forge, pull.author),
    labels: pull.labels.map((name) => labelShape(forge, ensureLabel(forge, name))),
    milestone: null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: isoOrNull(pull.closedAt),
    merged_at: isoOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit ?? pull.testMerge ?? null,
    head: side(pull.headBranch, pull.headSha),
    base: side(pull.baseBranch, pull.baseSha),
    _links: Object.fromEntries(Object.entries(urls).map(([name, href]) => [name, { href }])),
    author_association: associationOf(forge, pull.author),
    auto_merge: autoMergeShape(forge, pull),
  };
}

function autoMergeShape(forge: Forge, pull: PullRecord): Record<string, unknown> | null {
  if (!pull.autoMerge) return null;
  const { by, method } = pull.autoMerge;
  return { enabled_by: userShape(forge, by), merge_method: method, commit_title: pull.title, commit_message: '' };
}

/** `pull-request`: one pull request with its mergeability and its size. */
export async function pullShape(forge: Forge, pull: PullRecord, merge: Mergeability): Promise<Record<string, unknown>> {
  const from = await pullStart(forge, pull);
  const files = await differences(forge.repository, from, pull.headSha);
  const sum = (field: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[field], 0);
  return {
    ...pullItem(forge, pull),
    merged: pull.mergedAt !== undefined,
    mergeable: merge.mergeable,
    mergeable_state: merge.state,
    rebaseable: merge.mergeable,
    merged_by: userOrNull(forge, pull.mergedBy),
    comments: forge.comments.filter((comment) => comment.pull === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: await forge.repository.count(`${from}..${pull.headSha}`),
    additions: sum('additions'),
    deletions: sum('deletions'),
    changed_files: files.length,
  };
}

/** Where the head left the base: what a pull request changes is counted from here. */
export async function pullStart(forge: Forge, pull: PullRecord): Promise<string> {
  const base = pull.mergedOnto ?? (await forge.branchSha(pull.baseBranch)) ?? pull.baseSha;
  return (await forge.repository.mergeBase(base, pull.headSha)) ?? pull.baseSha;
}
