import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../base/clock.js';
import { asOperatorError, OperatorError } from '../../base/errors.js';
import { roleReaches } from '../role.js';
import type { AccessTokens, Principal } from './access-tokens.js';
import type { Answer } from './answer.js';
import { COMMAND_ROUTES } from './command-routes.js';
import { FailedLogins } from './failed-logins.js';
import { HttpListener, type ListenOptions } from './listener.js';
import { problem } from './problem.js';
import { READ_ROUTES, VERBOSE_READINESS } from './read-routes.js';
import { readCommandBody } from './request-body.js';
import { matchPath, type Route, type Services } from './route.js';

export const API_ROUTES: readonly Route[] = [...READ_ROUTES, ...COMMAND_ROUTES];

export interface ApiOptions extends Services {
  readonly listen: Omit<ListenOptions, 'configKey'>;
  /** Asked for every request, so that a reloaded file holds at once; undefined = none configured. */
  readonly tokens: () => AccessTokens | undefined;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** False while the operator is starting or stopping: everything is then answered 503. Absent = always open. */
  readonly isOpen?: () => boolean;
  /** An error that was answered 500 or 503; `requestId` stands in the answer. */
  readonly onError: (error: OperatorError, requestId: string) => void;
}

/** Without tokens everybody who reaches the loopback may read. */
const READER: Principal = { name: 'anonymous', role: 'viewer' };
const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
const CLI_AGENT = 'ai-operator-cli/';

/**
 * Port 8080, `http`: what can be asked and ordered (semantics 10). Default deny: a route names its least role. Without
 * configured tokens it is read-only and only on the loopback; on the loopback it answers to local host names only.
 */
export class ApiServer {
  readonly #failedLogins: FailedLogins;
  #listener: HttpListener | undefined;
  private constructor(private readonly options: ApiOptions) {
    this.#failedLogins = new FailedLogins(options.clock);
  }

  /** Throws HTTP_TOKENS_MISSING (config) for an open address without tokens, HTTP_LISTEN_FAILED (config). */
  static async start(options: ApiOptions): Promise<ApiServer> {
    const { host } = options.listen;
    if (options.tokens() === undefined && !isLoopback(host)) {
      throw new OperatorError(
        'HTTP_TOKENS_MISSING',
        'config',
        `http.host ${host} is open to others, and no tokens are configured; set http.tokensFile, or http.host: 127.0.0.1`,
      );
    }
    const self = new ApiServer(options);
    self.#listener = await HttpListener.start({ ...options.listen, configKey: 'http' }, (request) =>
      self.#answer(request),
    );
    return self;
  }
  get url(): string {
    return this.#listener?.url ?? '';
  }
  async close(graceMs?: number): Promise<void> {
    await this.#listener?.close(graceMs);
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    try {
      return await this.#serve(request);
    } catch (error) {
      const e = asOperatorError(error);
      const requestId = randomUUID();
      this.options.onError(e, requestId);
      const members = { requestId, ...(e.category === 'bug' ? {} : { error: e.code }) };
      return e.category === 'transient'
        ? problem('unavailable', 'The operator cannot look that up now. Ask again; its log says more.', {
            members,
            headers: { 'retry-after': '5' },
          })
        : problem('internal', 'The log of the operator says more under this request id.', { members });
    }
  }

  async #serve(request: IncomingMessage): Promise<Answer> {
    const wrongHost = this.#wrongHost(request);
    if (wrongHost !== undefined) return wrongHost;
    if (this.options.isOpen?.() === false) {
      return problem('unavailable', 'The operator is starting or stopping. Ask again.', {
        headers: { 'retry-after': '5' },
      });
    }
    const [path = '/', queryText = ''] = (request.url ?? '/').split(/\?(.*)/s);
    const query = new URLSearchParams(queryText);
    const found = findRoute(request.method === 'HEAD' ? 'GET' : request.method, path, query);
    if (!('route' in found)) return found;
    const { route, parameters } = found;

    const principal = this.#admit(request, route);
    if ('status' in principal) return principal;
    let reason = '';
    if (route.method === 'POST') {
      const body = await readCommandBody(request);
      if (body.kind === 'refused') return body.answer;
      ({ reason } = body);
    }
    const via = (request.headers['user-agent'] ?? '').startsWith(CLI_AGENT) ? 'cli' : 'api';
    return route.handle(this.options, { parameters, query, reason, who: { ...principal, via } });
  }

  /** DNS rebinding: a foreign page can make its own name point here, but it cannot make the browser send another Host. */
  #wrongHost(request: IncomingMessage): Answer | undefined {
    if (!isLoopback(this.options.listen.host)) return undefined;
    const name = (request.headers.host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
    return LOOPBACK_HOSTS.has(name)
      ? undefined
      : problem('wrong-host', 'It listens on the loopback: use localhost or 127.0.0.1.');
  }

  #admit(request: IncomingMessage, route: Route): Principal | Answer {
    const tokens = this.options.tokens();
    if (tokens === undefined) {
      if (route.method === 'GET' && isLoopback(this.options.listen.host)) return READER;
      return problem('no-tokens-configured', 'Set http.tokensFile in the configuration.');
    }
    const principal = tokens.authenticate(request.headers.authorization);
    if (route.role === 'anyone') return principal ?? READER;
    if (principal === undefined) return this.#unauthenticated(request);
    if (roleReaches(principal.role, route.role)) return principal;
    return problem('role-too-low', `${principal.name} has the role ${principal.role}; this needs ${route.role}.`, {
      members: { needs: route.role },
    });
  }

  #unauthenticated(request: IncomingMessage): Answer {
    const waitMs = this.#failedLogins.failed(request.socket.remoteAddress ?? 'unknown');
    const headers = { 'www-authenticate': 'Bearer realm="ai-operator"' };
    if (waitMs === undefined)
      return problem('unauthenticated', 'Send authorization: Bearer with a token of http.tokensFile.', { headers });
    return problem('too-many-failures', 'Too many requests without a valid token came from your address.', {
      headers: { ...headers, 'retry-after': String(Math.ceil(waitMs / 1000)) },
    });
  }
}

function findRoute(
  method: string | undefined,
  path: string,
  query: URLSearchParams,
): { readonly route: Route; readonly parameters: Readonly<Record<string, string>> } | Answer {
  const fitting = API_ROUTES.flatMap((route) => {
    const parameters = matchPath(route, path);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const match = fitting.find((f) => f.route.method === method);
  if (match !== undefined) {
    return match.route.path === VERBOSE_READINESS.path && query.has('verbose')
      ? { ...match, route: VERBOSE_READINESS }
      : match;
  }
  if (fitting.length === 0) return problem('no-such-route', 'See the README for the addresses of this API.');
  return problem('method-not-allowed', 'Another method is needed here.', {
    headers: { allow: fitting.map((f) => f.route.method).join(', ') },
  });
}
