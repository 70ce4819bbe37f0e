import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { isObject, RequestBody } from '../body.js';
import { WEB_FLOW } from '../forge.js';
import type { Forge } from '../forge.js';
import type { GitSignature } from '../../git-objects.js';
import { notFound, unprocessable } from '../refusals.js';
import { readsObjects, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { gitCommitShape } from '../shapes/commit.js';

/** `git/commits` */
export function addGitCommitRoutes(routes: Routes): void {
  routes.repo('GET', '/git/commits/:sha', readsObjects, async ({ forge, params }) => {
    const sha = params.get('sha');
    if (!/^[0-9a-f]{40}$/.test(sha) || (await forge.repository.objectType(sha)) !== 'commit') throw notFound();
    return json(200, gitCommitShape(forge, await forge.repository.readCommit(sha)));
  });
  routes.repo('POST', '/git/commits', writes('contents'), createCommit);
}

async function createCommit(call: AccountCall): Promise<Reply> {
  const { forge, request, account } = call;
  const body = new RequestBody(request);
  const message = body.text('message');
  const tree = body.text('tree');
  const parents = body.has('parents') ? body.list('parents').map(String) : [];
  if ((await forge.repository.objectType(tree)) !== 'tree') throw unprocessable('Tree SHA does not exist');
  for (const parent of parents) {
    if ((await forge.repository.objectType(parent)) !== 'commit')
      throw unprocessable('Parent SHA does not exist or is not a commit object');
  }
  const named = body.has('author') || body.has('committer') || body.has('signature');
  // GitHub signs for an App only, and only what carries no name of the caller's choosing.
  const signs = !named && account.type === 'Bot';
  const sha = signs
    ? await forge.commitAsGitHub({ tree, parents, message }, account)
    : await forge.repository.writeCommit({ tree, parents, message, ...signatures(call, body) });
  forge.checks.forgetHistory(sha);
  const commit = await forge.repository.readCommit(sha);
  return json(201, gitCommitShape(forge, commit), { location: `${forge.links.repo}/git/commits/${sha}` });
}

function signatures(
  { forge, account }: AccountCall,
  body: RequestBody,
): { author: GitSignature; committer: GitSignature } {
  const own = { ...forge.accounts.person(account), at: forge.now() };
  const author = signature(forge, body.raw('author')) ?? own;
  const committer =
    signature(forge, body.raw('committer')) ?? (body.has('author') ? author : { ...WEB_FLOW, at: forge.now() });
  return { author, committer };
}

function signature(forge: Forge, value: unknown): GitSignature | undefined {
  if (value === undefined) return undefined;
  const { name, email, date } = isObject(value) ? (value as Record<string, unknown>) : {};
  if (typeof name !== 'string' || typeof email !== 'string')
    throw unprocessable('Invalid request.\n\n"name" and "email" are needed.');
  const at = date === undefined ? forge.now() : typeof date === 'string' ? Date.parse(date) : NaN;
  if (Number.isNaN(at)) throw unprocessable('Invalid request.\n\n"date" is no time.');
  return { name, email, at };
}
