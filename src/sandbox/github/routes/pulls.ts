import { roleAtLeast } from '../../../model/repository-role.js';
import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import { LATEST_VERSION } from '../edge.js';
import { readMergeability } from '../mergeability.js';
import { paged } from '../paging.js';
import { differences } from '../plumbing/differences.js';
import { closePull, openPull, reopenPull, retargetPull } from '../pull-requests.js';
import type { PullRecord } from '../records.js';
import { noPermission, validationFailed } from '../refusals.js';
import { pullOf, reads, roleOf, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { commitShape, fileShape } from '../shapes/commit.js';
import { pullItem, pullShape, pullStart } from '../shapes/pull.js';

const NOT_COMPUTED = { mergeable: null, state: 'unknown' } as const;
const FILES_LIMIT = 3000;
const COMMITS_LIMIT = 250;

/** `pulls`, without merging and reviews. */
export function addPullRoutes(routes: Routes): void {
  routes.repo('GET', '/pulls', reads('pull_requests'), listPulls);
  routes.repo('POST', '/pulls', writes('pull_requests'), createPull);
  routes.repo('GET', '/pulls/:number', reads('pull_requests'), async (call) => {
    const pull = pullOf(call);
    const merge = await readMergeability(call.forge, pull);
    return versioned(call, 200, await pullShape(call.forge, pull, merge));
  });
  routes.repo('PATCH', '/pulls/:number', writes('pull_requests', 'read'), editPull);
  routes.repo('GET', '/pulls/:number/files', reads('pull_requests'), listFiles);
  routes.repo('GET', '/pulls/:number/commits', reads('pull_requests'), listCommits);
}

/** The version of 2026-03-10 has no `merge_commit_sha` any more. */
function versioned(call: AccountCall, status: number, shape: Readonly<Record<string, unknown>>): Reply {
  return json(status, trimmed(call, shape));
}

function trimmed({ apiVersion }: AccountCall, shape: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const dropped = apiVersion === LATEST_VERSION ? ['merge_commit_sha', 'assignee'] : [];
  return Object.fromEntries(Object.entries(shape).filter(([name]) => !dropped.includes(name)));
}

function listPulls(call: AccountCall): Promise<Reply> {
  const { forge, request } = call;
  const { query } = request;
  const state = query.get('state') ?? 'open';
  if (!['open', 'closed', 'all'].includes(state))
    throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid' });
  const base = query.get('base');
  const visibleUntil = forge.now() - (forge.options.listLagMs ?? 0);
  const byUpdate = query.get('sort') === 'updated';
  const ascending =
    query.get('direction') === 'asc' ||
    (query.get('direction') === null && query.get('sort') !== null && !byUpdate && query.get('sort') !== 'created');
  const time = (pull: PullRecord): number => (byUpdate ? pull.updatedAt : pull.createdAt);
  const items = forge.pulls
    .filter((pull) => pull.createdAt <= visibleUntil)
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => base === null || pull.baseBranch === base)
    .filter((pull) => matchesHead(call, pull, query.get('head')))
    .toSorted((a, b) => time(a) - time(b) || a.number - b.number);
  return paged({
    request,
    links: forge.links,
    items: ascending ? items : items.toReversed(),
    shape: (pull) => trimmed(call, pullItem(forge, pull)),
  });
}

/** A filter without its owner filters nothing, as on GitHub: whoever asks so must look again. */
function matchesHead({ forge }: AccountCall, pull: PullRecord, head: string | null): boolean {
  if (head === null || !head.includes(':')) return true;
  return head.toLowerCase() === `${forge.options.owner}:${pull.headBranch}`.toLowerCase();
}

async function createPull(call: AccountCall): Promise<Reply> {
  const { forge, request, account } = call;
  const body = new RequestBody(request);
  const text = body.nullableText('body');
  const pull = await openPull(forge, {
    by: account,
    head: body.text('head'),
    base: body.text('base'),
    title: body.text('title'),
    draft: body.flag('draft'),
    ...(typeof text === 'string' ? { body: text } : {}),
  });
  const location = { location: `${forge.links.repo}/pulls/${pull.number}` };
  const shape = trimmed(call, await pullShape(forge, pull, NOT_COMPUTED));
  return json(201, shape, location);
}

async function editPull(call: AccountCall): Promise<Reply> {
  const { forge, request, account } = call;
  const pull = pullOf(call);
  if (pull.author !== account && !roleAtLeast(roleOf(forge, account), 'write')) throw noPermission();
  const body = new RequestBody(request);
  const title = body.optionalText('title');
  const text = body.nullableText('body');
  const state = body.optionalText('state');
  const base = body.optionalText('base');
  if (state !== undefined && state !== 'open' && state !== 'closed') {
    throw validationFailed({ resource: 'PullRequest', field: 'state', code: 'invalid' });
  }
  if (base !== undefined && base !== pull.baseBranch) await retargetPull(forge, pull, base);
  if (state === 'closed') closePull(forge, pull, account);
  if (state === 'open') await reopenPull(forge, pull);
  if (title !== undefined) pull.title = title;
  if (text !== undefined) pull.body = text;
  pull.updatedAt = forge.now();
  return versioned(call, 200, await pullShape(forge, pull, NOT_COMPUTED));
}

async function listFiles(call: AccountCall): Promise<Reply> {
  const { forge, request } = call;
  const pull = pullOf(call);
  const files = await differences(forge.repository, await pullStart(forge, pull), pull.headSha);
  const items = files.slice(0, FILES_LIMIT);
  return paged({ request, links: forge.links, items, shape: (file) => fileShape(forge, file, pull.headSha) });
}

async function listCommits(call: AccountCall): Promise<Reply> {
  const { forge, request } = call;
  const pull = pullOf(call);
  const range = `${await pullStart(forge, pull)}..${pull.headSha}`;
  const items = (await forge.repository.log(range, { limit: COMMITS_LIMIT })).toReversed();
  return paged({ request, links: forge.links, items, shape: (commit) => commitShape(forge, commit) });
}
