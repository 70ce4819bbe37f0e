import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import { nodeId } from '../links.js';
import { notFound, unprocessable } from '../refusals.js';
import { readsObjects, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';

/** `git/blobs` */
export function addBlobRoutes(routes: Routes): void {
  routes.repo('GET', '/git/blobs/:sha', readsObjects, readBlob);
  routes.repo('POST', '/git/blobs', writes('contents'), createBlob);
}

/** Does the client want the bytes instead of JSON? */
export const wantsRaw = (accept: string | undefined): boolean => /\braw\b/.test(accept ?? '');

/** Base64 in lines of 60, as GitHub sends it. */
export const wrappedBase64 = (content: Buffer): string => content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');

async function readBlob({ forge, params, request }: AccountCall): Promise<Reply> {
  const sha = params.get('sha');
  const isBlob = /^[0-9a-f]{40}$/.test(sha) && (await forge.repository.objectType(sha)) === 'blob';
  if (!isBlob) throw notFound();
  const content = await forge.repository.readBlob(sha);
  if (wantsRaw(request.headers.accept)) return { status: 200, bytes: content };
  return json(200, {
    sha,
    node_id: nodeId('Blob', sha),
    size: content.length,
    url: `${forge.links.repo}/git/blobs/${sha}`,
    content: wrappedBase64(content),
    encoding: 'base64',
  });
}

async function createBlob({ forge, request }: AccountCall): Promise<Reply> {
  const body = new RequestBody(request);
  const encoding = body.optionalText('encoding') ?? 'utf-8';
  if (encoding !== 'utf-8' && encoding !== 'base64')
    throw unprocessable(`Invalid request.\n\n${encoding} is no encoding.`);
  const content = Buffer.from(body.text('content'), encoding === 'base64' ? 'base64' : 'utf8');
  const sha = await forge.repository.writeBlob(content);
  return json(201, { sha, url: `${forge.links.repo}/git/blobs/${sha}` });
}
