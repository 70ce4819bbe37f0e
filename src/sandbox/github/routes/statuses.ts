import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import { linkHeader, paged, pageOf } from '../paging.js';
import { noSuchCommit, validationFailed } from '../refusals.js';
import { reads, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { statusShape, statusState, statusWithCreator } from '../shapes/check.js';
import { minimalRepository } from '../shapes/repository.js';
import { commitOf } from './checks.js';

/** Commit statuses: one by one, and combined. */
export function addStatusRoutes(routes: Routes): void {
  routes.repo('GET', '/commits/*ref/status', reads('statuses'), combined);
  routes.repo('GET', '/commits/*ref/statuses', reads('statuses'), async (call) => {
    const { forge, request } = call;
    const all = await forge.checks.all(await commitOf(call));
    const items = all.filter((check) => check.kind === 'status').toReversed();
    return paged({ request, links: forge.links, items, shape: (check) => statusWithCreator(forge, check) });
  });
  routes.repo('POST', '/statuses/:sha', writes('statuses'), createStatus);
}

/** Pending when there are none at all. */
async function combined(call: AccountCall): Promise<Reply> {
  const { forge, request } = call;
  const sha = await commitOf(call);
  const statuses = (await forge.checks.latest(sha)).filter((check) => check.kind === 'status');
  const states = statuses.map(statusState);
  const { from, size } = pageOf(request.query);
  const url = `${forge.links.repo}/commits/${sha}`;
  const body = {
    state: overall(states),
    statuses: statuses.slice(from, from + size).map((status) => statusShape(forge, status)),
    sha,
    total_count: statuses.length,
    repository: minimalRepository(forge),
    commit_url: url,
    url: `${url}/status`,
  };
  return json(200, body, linkHeader(request, forge.links, statuses.length));
}

function overall(states: readonly string[]): 'failure' | 'pending' | 'success' {
  if (states.some((state) => state === 'failure' || state === 'error')) return 'failure';
  return states.length === 0 || states.includes('pending') ? 'pending' : 'success';
}

async function createStatus({ forge, request, params, account }: AccountCall): Promise<Reply> {
  const body = new RequestBody(request);
  const sha = await forge.repository.resolve(params.get('sha'));
  if (sha === undefined) throw noSuchCommit(params.get('sha'));
  const state = body.text('state');
  if (!['error', 'failure', 'pending', 'success'].includes(state)) {
    throw validationFailed({ resource: 'Status', field: 'state', code: 'invalid' });
  }
  const now = forge.now();
  const description = body.nullableText('description');
  const targetUrl = body.nullableText('target_url');
  const status = forge.checks.report({
    kind: 'status',
    name: body.optionalText('context') ?? 'default',
    sha,
    creator: account,
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof targetUrl === 'string' ? { targetUrl } : {}),
    startedAt: now,
    ...(state === 'pending' ? { status: 'in_progress' } : { status: 'completed', conclusion: state, completedAt: now }),
  });
  return json(201, statusWithCreator(forge, status));
}
