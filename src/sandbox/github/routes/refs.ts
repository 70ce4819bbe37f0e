import { OperatorError } from '../../../base/errors.js';
import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import type { Permissions } from '../credentials.js';
import type { Forge } from '../forge.js';
import { nodeId } from '../links.js';
import { pushRefusal } from '../merge.js';
import { paged } from '../paging.js';
import { notFound, refusal, unprocessable } from '../refusals.js';
import { reads, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';

/** `git/ref`, `git/matching-refs` and `git/refs` */
export function addRefRoutes(routes: Routes): void {
  routes.repo('GET', '/git/ref/*ref', reads('contents'), readRef);
  routes.repo('GET', '/git/matching-refs/*ref', reads('contents'), matchRefs);
  routes.repo('POST', '/git/refs', writes('contents'), createRef);
  routes.repo('PATCH', '/git/refs/*ref', writes('contents'), updateRef);
  routes.repo('DELETE', '/git/refs/*ref', writes('contents'), deleteRef);
}

function refShape(forge: Forge, ref: string, sha: string): Record<string, unknown> {
  const { repo } = forge.links;
  return {
    ref,
    node_id: nodeId('Ref', ref),
    url: `${repo}/git/${ref}`,
    object: { sha, type: 'commit', url: `${repo}/git/commits/${sha}` },
  };
}

async function readRef({ forge, params }: AccountCall): Promise<Reply> {
  const ref = `refs/${params.get('ref')}`;
  const sha = await find(forge, ref);
  if (sha !== undefined) return json(200, refShape(forge, ref, sha));
  if ((await forge.repository.listRefs('refs/')).length === 0) throw refusal(409, 'Git Repository is empty.');
  throw notFound();
}

async function matchRefs({ forge, params, request }: AccountCall): Promise<Reply> {
  const items = await forge.repository.listRefs(`refs/${params.get('ref')}`);
  return paged({ request, links: forge.links, items, shape: ({ ref, sha }) => refShape(forge, ref, sha) });
}

/** By full name only: git itself would also guess. */
async function find(forge: Forge, ref: string): Promise<string | undefined> {
  const refs = await forge.repository.listRefs(ref);
  return refs.find((entry) => entry.ref === ref)?.sha;
}

async function createRef({ forge, request, permissions }: AccountCall): Promise<Reply> {
  const body = new RequestBody(request);
  const ref = body.text('ref');
  const sha = body.text('sha');
  if (!ref.startsWith('refs/')) throw unprocessable("Reference name must start with 'refs/'.");
  const wellFormed =
    /^refs\/(heads|tags)\//.test(ref) && (await forge.repository.git.try(['check-ref-format', ref])).code === 0;
  if (!wellFormed) throw unprocessable(`${ref} is not a valid ref name.`);
  await assertCommit(forge, sha, permissions);
  if ((await find(forge, ref)) !== undefined) throw unprocessable('Reference already exists');
  const refs = await forge.repository.listRefs('refs/');
  // git keeps refs like files: none can be below another
  if (refs.some((other) => other.ref.startsWith(`${ref}/`) || ref.startsWith(`${other.ref}/`))) {
    throw unprocessable('Reference update failed');
  }
  await move(forge, ref, sha, undefined, 'Reference already exists');
  return json(201, refShape(forge, ref, sha), { location: `${forge.links.repo}/git/${ref}` });
}

async function updateRef({ forge, request, params, permissions }: AccountCall): Promise<Reply> {
  const body = new RequestBody(request);
  const ref = `refs/${params.get('ref')}`;
  const sha = body.text('sha');
  const force = body.flag('force');
  const old = await find(forge, ref);
  if (old === undefined) throw unprocessable('Reference does not exist');
  await assertCommit(forge, sha, permissions);
  assertOpen(forge, ref);
  if (!force && !(await forge.repository.isAncestor(old, sha))) throw unprocessable('Update is not a fast forward');
  await move(forge, ref, sha, old, 'Reference update failed');
  return json(200, refShape(forge, ref, sha));
}

async function deleteRef({ forge, params }: AccountCall): Promise<Reply> {
  const ref = `refs/${params.get('ref')}`;
  const old = await find(forge, ref);
  if (old === undefined) throw unprocessable('Reference does not exist');
  if (ref === `refs/heads/${forge.options.defaultBranch}`) throw unprocessable('Cannot delete this branch');
  await move(forge, ref, undefined, old, 'Reference does not exist');
  return { status: 204 };
}

/** Pull requests' own refs are hidden, and the rules of a branch hold for pushes. */
function assertOpen(forge: Forge, ref: string): void {
  if (!/^refs\/(heads|tags)\//.test(ref)) throw unprocessable('Reference update failed');
  const refused = pushRefusal(forge, ref.replace(/^refs\/heads\//, ''));
  if (refused !== undefined) throw unprocessable(refused);
}

async function assertCommit(forge: Forge, sha: string, permissions: Permissions | undefined): Promise<void> {
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw unprocessable('The sha parameter must be exactly 40 characters and contain only [0-9a-f].');
  if ((await forge.repository.objectType(sha)) !== 'commit') throw unprocessable('Object does not exist');
  if (permissions?.['workflows'] === 'write' || !permissions) return;
  // An App may not bring in workflows that the default branch does not have.
  const folder = '.github/workflows';
  const known = await forge.repository.resolveObject(`refs/heads/${forge.options.defaultBranch}:${folder}`);
  const brought = await forge.repository.resolveObject(`${sha}:${folder}`);
  if (brought === undefined || brought === known) return;
  throw unprocessable(
    `refusing to allow a GitHub App to create or update workflow \`${folder}\` without \`workflows\` permission`,
  );
}

async function move(
  forge: Forge,
  ref: string,
  sha: string | undefined,
  old: string | undefined,
  lost: string,
): Promise<void> {
  try {
    await forge.repository.updateRef(ref, sha, old);
  } catch (error) {
    if (error instanceof OperatorError && error.category === 'conflict') throw unprocessable(lost);
    throw error;
  }
}
