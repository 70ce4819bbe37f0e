import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import type { GitTreeEntry } from '../../git-objects.js';
import type { Forge } from '../forge.js';
import { buildTree } from '../plumbing/trees.js';
import { notFound } from '../refusals.js';
import { readsObjects, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';

const DEFAULT_LIMIT = 100_000;

/** `git/trees` */
export function addTreeRoutes(routes: Routes): void {
  routes.repo('GET', '/git/trees/*tree', readsObjects, readTree);
  routes.repo('POST', '/git/trees', writes('contents'), createTree);
}

async function readTree({ forge, params, request }: AccountCall): Promise<Reply> {
  const name = params.get('tree');
  const oid = await forge.repository.resolveObject(name);
  const tree = oid === undefined ? undefined : await forge.repository.resolveObject(`${oid}^{tree}`);
  if (oid === undefined || tree === undefined) throw notFound();
  // Any value at all turns recursion on, as on GitHub.
  const entries = await forge.repository.listTree(tree, { recursive: request.query.has('recursive') });
  return json(200, treeShape(forge, oid, entries));
}

/** Asked by commit, GitHub answers with the commit's id in `sha`: the tree's own is not to be had here. */
function treeShape(forge: Forge, oid: string, entries: readonly GitTreeEntry[]): Record<string, unknown> {
  const limit = forge.options.treeTruncatedAbove ?? DEFAULT_LIMIT;
  const { repo } = forge.links;
  return {
    sha: oid,
    url: `${repo}/git/trees/${oid}`,
    tree: entries.slice(0, limit).map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.oid,
      ...(entry.size === undefined ? {} : { size: entry.size }),
      ...(entry.type === 'commit' ? {} : { url: `${repo}/git/${entry.type}s/${entry.oid}` }),
    })),
    truncated: entries.length > limit,
  };
}

async function createTree({ forge, request }: AccountCall): Promise<Reply> {
  const body = new RequestBody(request);
  const oid = await buildTree(forge.repository, {
    baseTree: body.optionalText('base_tree'),
    entries: body.list('tree'),
    folders: forge.options.dirEntry ?? 'merge',
  });
  const entries = await forge.repository.listTree(oid, { recursive: false });
  return json(201, treeShape(forge, oid, entries));
}
