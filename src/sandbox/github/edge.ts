import { createHash } from 'node:crypto';
import { RefusalError } from '../http-message.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import type { Caller, Credentials } from './credentials.js';
import type { Forge } from './forge.js';
import { rateHeaders } from './rate-limit.js';
import type { RateLimit } from './rate-limit.js';
import { notFound, refusal } from './refusals.js';
import type { Routes } from './routes.js';

/** 2026-03-10 takes fields away, `merge_commit_sha` among them. */
export const API_VERSIONS = ['2022-11-28', '2026-03-10'] as const;
export const LATEST_VERSION = '2026-03-10';

export interface EdgeParts {
  readonly forge: Forge;
  readonly credentials: Credentials;
  readonly rate: RateLimit;
  readonly routes: Routes;
}

/** What every request passes on its way in and every answer on its way out. */
export class Edge {
  readonly #parts: EdgeParts;
  constructor(parts: EdgeParts) {
    this.#parts = parts;
  }

  async handle(request: SandboxRequest): Promise<Reply> {
    let key: string | undefined;
    let reply: Reply;
    try {
      if ((request.headers['user-agent'] ?? '') === '')
        throw refusal(403, 'Request forbidden by administrative rules.');
      const caller = this.#parts.credentials.caller(request.headers.authorization);
      key = caller.kind === 'app' ? 'app' : caller.account.login;
      reply = await this.#counted(request, caller, key);
    } catch (error) {
      if (!(error instanceof RefusalError)) throw error;
      reply = error.reply;
    }
    return this.#dressed(request, reply, key);
  }

  async #counted(request: SandboxRequest, caller: Caller, key: string): Promise<Reply> {
    const { forge, rate, routes } = this.#parts;
    const apiVersion = versionOf(request);
    if (request.path !== '/rate_limit' && !rate.spend(key)) {
      throw refusal(403, `API rate limit exceeded for ${key}.`);
    }
    const reply = await routes.router.dispatch(request, { forge, caller, apiVersion });
    if (!reply) throw notFound();
    if (request.method !== 'GET' || reply.status !== 200) return reply;
    const etag = `W/"${createHash('sha1').update(bytesOf(reply)).digest('hex')}"`;
    const headers = { ...reply.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
    if (!isKnown(request.headers['if-none-match'], etag)) return { ...reply, headers };
    rate.refund(key);
    return { status: 304, headers };
  }

  #dressed(request: SandboxRequest, reply: Reply, key: string | undefined): Reply {
    const { forge, rate } = this.#parts;
    const headers = {
      server: 'github.com',
      date: new Date(forge.now()).toUTCString(),
      'x-github-request-id': requestId(request.seq),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-api-version-selected': request.headers['x-github-api-version']?.toString() ?? API_VERSIONS[0],
      ...(key === undefined ? {} : rateHeaders(rate.read(key))),
      ...reply.headers,
    };
    return { ...reply, headers };
  }
}

function versionOf(request: SandboxRequest): string {
  const asked = request.headers['x-github-api-version']?.toString() ?? API_VERSIONS[0];
  if (API_VERSIONS.some((version) => version === asked)) return asked;
  throw refusal(400, `"${asked}" is not a supported version. Supported versions: ${API_VERSIONS.join(', ')}.`);
}

const bytesOf = (reply: Reply): Buffer | string => reply.bytes ?? reply.text ?? JSON.stringify(reply.json ?? null);

/** Weak comparison: proxies and clients may drop the mark. */
const isKnown = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((value) => value.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));

const requestId = (seq: number): string => {
  const hash = createHash('sha1').update(`request ${seq}`).digest('hex').toUpperCase();
  return `${hash.slice(0, 4)}:${hash.slice(4, 9)}:${hash.slice(9, 15)}:${hash.slice(15, 22)}:${hash.slice(22, 30)}`;
};
