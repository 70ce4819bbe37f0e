import { createHmac, randomBytes } from 'node:crypto';
import type { SandboxRequest } from '../http-message.js';
import { grpcRefusal } from './argocd-refusal.js';

/** Who asks, and on what: objects are `<project>/<application>` patterns with `*`. */
export interface ArgoCdAccount {
  readonly username: string;
  readonly policies: readonly { readonly resource: string; readonly action: string; readonly object: string }[];
}

/** An account that may only look, at applications these patterns name and at their projects. */
export const readerOf = (username: string, objects: readonly string[]): ArgoCdAccount => ({
  username,
  policies: objects.flatMap((object) => [
    { resource: 'applications', action: 'get', object },
    { resource: 'projects', action: 'get', object: object.slice(0, object.indexOf('/')) },
  ]),
});

/** `*` matches everything, slashes too, as in Argo CD's policies. */
function matchesGlob(pattern: string, value: string): boolean {
  const source = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${source.join('.*')}$`).test(value);
}

/** May the account do `action` on this object? */
export function isAllowed(account: ArgoCdAccount, resource: string, action: string, object: string): boolean {
  return account.policies.some(
    (p) => p.resource === resource && (p.action === '*' || p.action === action) && matchesGlob(p.object, object),
  );
}

const tokenOf = (request: SandboxRequest): string =>
  /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';

/** Tokens Argo CD has given out, and what becomes of a request without a good one. */
export class ArgoCdSessions {
  readonly #key = randomBytes(32);
  readonly #tokens = new Map<string, ArgoCdAccount>();
  readonly #expired = new Set<string>();
  /** With anonymous access on, a bad or missing token is not refused: the request goes on as this account. */
  anonymous: ArgoCdAccount | undefined;

  /** A token of an account (an API key: HS256 JWT). */
  issue(account: ArgoCdAccount): string {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const id = randomBytes(8).toString('hex');
    const claims = { iss: 'argocd', sub: `${account.username}:apiKey`, jti: id };
    const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
    const token = `${body}.${createHmac('sha256', this.#key).update(body).digest('base64url')}`;
    this.#tokens.set(token, account);
    return token;
  }
  /** Changes what a token's account may do from now on. */
  reassign(token: string, account: ArgoCdAccount): void {
    this.#tokens.set(token, account);
  }
  /** `false` makes an expired token good again. */
  expire(token: string, expired = true): void {
    if (expired) this.#expired.add(token);
    else this.#expired.delete(token);
  }

  /** The account of a request's token; undefined when it carries no good one. */
  find(request: SandboxRequest): ArgoCdAccount | undefined {
    const token = tokenOf(request);
    return this.#expired.has(token) ? undefined : this.#tokens.get(token);
  }

  /** Who asks. `known: false` = as anonymous. Throws the refusal of Argo CD. */
  identify(request: SandboxRequest): { readonly account: ArgoCdAccount; readonly known: boolean } {
    const token = tokenOf(request);
    const isJwt = token.split('.').length === 3;
    const account = this.find(request);
    if (account) return { account, known: true };
    if (this.anonymous) return { account: this.anonymous, known: false };
    if (!isJwt) throw grpcRefusal(16, 'no session information');
    const reason = this.#expired.has(token)
      ? 'token has invalid claims: token is expired'
      : 'token signature is invalid';
    throw grpcRefusal(16, `invalid session: ${reason}`);
  }
}
