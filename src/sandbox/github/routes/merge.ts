import type { MergeMethod } from '../../../ports/source-control.js';
import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import { mergePull } from '../merge.js';
import { notFound, unprocessable } from '../refusals.js';
import { pullOf, reads } from '../routes.js';
import type { Access, AccountCall, Routes } from '../routes.js';

const MERGES: Access = { needs: { contents: 'write', pull_requests: 'write' }, role: 'write' };
const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

/** `pulls/{n}/merge`: asks whether it is merged, or merges it. */
export function addMergeRoutes(routes: Routes): void {
  routes.repo('GET', '/pulls/:number/merge', reads('pull_requests'), (call) => {
    if (pullOf(call).mergedAt === undefined) throw notFound();
    return { status: 204 };
  });
  routes.repo('PUT', '/pulls/:number/merge', MERGES, merge);
}

async function merge(call: AccountCall): Promise<Reply> {
  const { forge, request, account } = call;
  const body = new RequestBody(request);
  const pull = pullOf(call);
  const asked = body.optionalText('merge_method') ?? 'merge';
  const method = METHODS.find((known) => known === asked);
  if (method === undefined)
    throw unprocessable(`Invalid request.\n\n${asked} is not a member of ["merge", "squash", "rebase"].`);
  // Given as null GitHub refuses these: leave them out.
  const title = body.optionalText('commit_title');
  const message = body.optionalText('commit_message');
  const sha = body.optionalText('sha');
  const commit = await mergePull(forge, pull, {
    by: account,
    method,
    ...(sha === undefined ? {} : { sha }),
    ...(title === undefined ? {} : { title }),
    ...(message === undefined ? {} : { message }),
  });
  return json(200, { sha: commit, merged: true, message: 'Pull Request successfully merged' });
}
