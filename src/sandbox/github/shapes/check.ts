import type { CheckRecord } from '../checks.js';
import type { Forge } from '../forge.js';
import { isoTime, nodeId } from '../links.js';
import { REPOSITORY_ID } from './repository.js';
import { userOrNull, userShape } from './user.js';

/** `integration`: a GitHub App. */
export function appShape(forge: Forge, app: { readonly id: number; readonly slug: string }): Record<string, unknown> {
  const at = isoTime(forge.startedAt);
  return {
    id: app.id,
    slug: app.slug,
    client_id: `Iv1.${app.id}`,
    node_id: nodeId('Integration', app.id),
    owner: userShape(forge, forge.accounts.owner),
    name: app.slug,
    description: '',
    external_url: forge.links.site,
    html_url: `${forge.links.site}/apps/${app.slug}`,
    created_at: at,
    updated_at: at,
    permissions: { metadata: 'read' },
    events: [],
  };
}

const slugOf = (appId: number): string => (appId === 15_368 ? 'github-actions' : `app-${appId}`);

/** `check-run`. Its check suite has the App's number. */
export function checkRunShape(forge: Forge, check: CheckRecord): Record<string, unknown> {
  const appId = check.appId ?? 0;
  const url = `${forge.links.repo}/check-runs/${check.id}`;
  const page = `${forge.links.page}/runs/${check.id}`;
  return {
    id: check.id,
    name: check.name,
    node_id: nodeId('CheckRun', check.id),
    head_sha: check.sha,
    external_id: '',
    url,
    html_url: page,
    details_url: check.targetUrl ?? page,
    status: check.status,
    conclusion: check.status === 'completed' ? (check.conclusion ?? null) : null,
    started_at: isoTime(check.startedAt),
    completed_at: check.completedAt === undefined ? null : isoTime(check.completedAt),
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: appId },
    app: appShape(forge, { id: appId, slug: slugOf(appId) }),
    pull_requests: forge.pulls
      .filter((pull) => pull.state === 'open' && pull.headSha === check.sha)
      .map((pull) => minimalPull(forge, pull)),
  };
}

function minimalPull(
  forge: Forge,
  pull: { readonly id: number; readonly number: number } & Record<
    'headBranch' | 'headSha' | 'baseBranch' | 'baseSha',
    string
  >,
): Record<string, unknown> {
  const repo = { id: REPOSITORY_ID, url: forge.links.repo, name: forge.options.name };
  return {
    id: pull.id,
    number: pull.number,
    url: `${forge.links.repo}/pulls/${pull.number}`,
    head: { ref: pull.headBranch, sha: pull.headSha, repo },
    base: { ref: pull.baseBranch, sha: pull.baseSha, repo },
  };
}

/** Statuses have no conclusion: their state says all. */
export const statusState = (check: CheckRecord): string => {
  if (check.status !== 'completed') return 'pending';
  return ['success', 'failure', 'error'].includes(check.conclusion ?? '') ? (check.conclusion ?? '') : 'error';
};

/** `simple-commit-status`; with its creator it is a `status`. */
export function statusShape(forge: Forge, check: CheckRecord): Record<string, unknown> {
  return {
    id: check.id,
    node_id: nodeId('StatusContext', check.id),
    url: `${forge.links.repo}/statuses/${check.sha}`,
    avatar_url: null,
    state: statusState(check),
    description: check.description ?? null,
    target_url: check.targetUrl ?? null,
    context: check.name,
    created_at: isoTime(check.startedAt),
    updated_at: isoTime(check.completedAt ?? check.startedAt),
  };
}

/** A commit status as the list of statuses shows it. */
export const statusWithCreator = (forge: Forge, check: CheckRecord): Record<string, unknown> => ({
  ...statusShape(forge, check),
  creator: userOrNull(forge, check.creator),
});
