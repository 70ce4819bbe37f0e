import type { Reply, SandboxRequest } from '../http-message.js';
import { Router } from '../router.js';
import type { World } from '../world.js';
import { WorldServer, type WorldServerOptions } from '../world-server.js';
import { addApplicationRoutes } from './application-routes.js';
import { addAccountRoutes } from './account-routes.js';
import { ArgoCdSessions } from './argocd-access.js';
import type { ArgoCdAccount } from './argocd-access.js';
import { plainText } from './argocd-refusal.js';

/** What a route knows of its surroundings. */
export interface ArgoCdContext {
  readonly world: World;
  readonly sessions: ArgoCdSessions;
  readonly account: ArgoCdAccount;
  /** False = the request goes on as anonymous. */
  readonly known: boolean;
}

const BODY_METHODS: readonly string[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Argo CD's API server over a world: grpc-gateway's habits included. */
export class ArgoCdSandbox extends WorldServer {
  readonly sessions = new ArgoCdSessions();
  readonly #router = new Router<ArgoCdContext>();

  private constructor(private readonly world: World) {
    super();
    addApplicationRoutes(this.#router);
    addAccountRoutes(this.#router);
  }

  static start(options: WorldServerOptions): Promise<ArgoCdSandbox> {
    return new ArgoCdSandbox(options.world).listen('argocd', options);
  }

  protected async handle(request: SandboxRequest): Promise<Reply> {
    if (!request.path.startsWith('/api/')) {
      const html = (request.headers.accept ?? '').includes('text/html');
      return html
        ? { status: 200, text: '<!doctype html><html><head><title>Argo CD</title></head><body></body></html>' }
        : plainText(404, '404 page not found\n');
    }
    const isJson = (request.headers['content-type'] ?? '').startsWith('application/json');
    if (BODY_METHODS.includes(request.method) && !isJson) return plainText(415, 'Invalid content type');
    const found = this.#router.find(request.method, request.path);
    if (!found) return plainText(404, 'Not Found\n');
    const isPublic = request.path === '/api/version' || request.path === '/api/v1/session/userinfo';
    const asked = isPublic ? this.#asAnybody(request) : this.sessions.identify(request);
    return found.handler(request, found.params, { world: this.world, sessions: this.sessions, ...asked });
  }

  /** Two routes answer anybody: there a token that is not good counts as none. */
  #asAnybody(request: SandboxRequest): Pick<ArgoCdContext, 'account' | 'known'> {
    const account = this.sessions.find(request);
    return account ? { account, known: true } : { account: { username: '', policies: [] }, known: false };
  }
}
