import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import type { GitTreeEntry } from '../../git-objects.js';
import type { Forge } from '../forge.js';
import { notFound, refusal } from '../refusals.js';
import { reads } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { wantsRaw, wrappedBase64 } from './blobs.js';

/** `GET contents/{path}`: a file or a folder. */
export function addContentRoutes(routes: Routes): void {
  routes.repo('GET', '/contents/*path', reads('contents'), readContents);
}

async function readContents({ forge, params, request }: AccountCall): Promise<Reply> {
  const { repository } = forge;
  const path = params.get('path').replace(/^\/+|\/+$/g, '');
  const rev = request.query.get('ref') ?? forge.options.defaultBranch;
  const sha = await repository.resolve(rev);
  if (sha === undefined) throw refusal(404, `No commit found for the ref ${rev}`);
  const parent = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const siblings = await repository.listTree(sha, { recursive: false, ...(parent === '' ? {} : { path: parent }) });
  const entry = siblings.find((sibling) => sibling.path === path);
  if (!entry) throw notFound();
  if (entry.type === 'tree') {
    const entries = await repository.listTree(sha, { recursive: false, path });
    return json(
      200,
      entries.map((below) => entryShape(forge, below, rev)),
    );
  }
  const content = entry.type === 'blob' ? await repository.readBlob(entry.oid) : Buffer.alloc(0);
  if (wantsRaw(request.headers.accept)) return { status: 200, bytes: content };
  return json(200, {
    ...entryShape(forge, entry, rev),
    type: 'file',
    encoding: 'base64',
    content: wrappedBase64(content),
  });
}

const KINDS = { blob: 'file', tree: 'dir', commit: 'file' } as const;

function entryShape(forge: Forge, entry: GitTreeEntry, rev: string): Record<string, unknown> {
  const { repo, page } = forge.links;
  const self = `${repo}/contents/${entry.path}?ref=${rev}`;
  const git = `${repo}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.oid}`;
  const html = `${page}/${entry.type === 'tree' ? 'tree' : 'blob'}/${rev}/${entry.path}`;
  return {
    name: entry.path.slice(entry.path.lastIndexOf('/') + 1),
    path: entry.path,
    sha: entry.oid,
    size: entry.size ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'tree' ? null : `${page}/raw/${rev}/${entry.path}`,
    type: KINDS[entry.type],
    _links: { self, git, html },
  };
}
