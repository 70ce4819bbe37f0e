import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/base/clock.js';
import type { GitHubCredential } from '../../../src/adapters/github/github-settings.js';
import { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';

export interface StubRequest {
  readonly method: string;
  /** As sent, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
export interface StubReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  /** The request arrives, and then the line is cut. */
  readonly drop?: true;
  /** The request arrives, and nothing comes. */
  readonly hang?: true;
}
export type Route = StubReply | readonly StubReply[] | ((request: StubRequest) => StubReply);

/** A server that answers each `METHOD /path` as told; a list of replies is used up, and its last one stays. */
export class GitHubStub {
  readonly requests: StubRequest[] = [];
  readonly #routes = new Map<string, Route>();
  readonly #used = new Map<string, number>();
  private constructor(private readonly server: Server) {}

  static async start(): Promise<GitHubStub> {
    const server = createServer();
    const stub = new GitHubStub(server);
    server.on('request', (request, response) => {
      void stub.#serve(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return stub;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  /** `METHOD path` of every request. */
  get calls(): readonly string[] {
    return this.requests.map((r) => `${r.method} ${r.path}`);
  }
  on(call: string, route: Route): this {
    this.#routes.set(call, route);
    this.#used.delete(call);
    return this;
  }
  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
  }
  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', this.url);
    const text = Buffer.concat(chunks).toString();
    const seen: StubRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.requests.push(seen);
    const reply = this.#reply(seen);
    if (reply.drop) request.socket.destroy();
    if (reply.drop || reply.hang) return;
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
    response.end(reply.status === 304 ? undefined : (reply.text ?? JSON.stringify(reply.json)));
  }
  #reply(request: StubRequest): StubReply {
    const call = `${request.method} ${request.path}`;
    const route = this.#routes.get(call);
    if (route === undefined) return notFound;
    if (typeof route === 'function') return route(request);
    if (!isList(route)) return route;
    const at = this.#used.get(call) ?? 0;
    this.#used.set(call, at + 1);
    return route[Math.min(at, route.length - 1)] ?? notFound;
  }
}
const isList = (route: Route): route is readonly StubReply[] => Array.isArray(route);

export const notFound: StubReply = {
  status: 404,
  json: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest', status: '404' },
};
/** A refusal as GitHub words it. */
export const refusal = (status: number, message: string, errors?: readonly object[]): StubReply => ({
  status,
  json: {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
    status: String(status),
  },
});

/** Sleeps take no time, and are remembered. */
export class InstantClock implements Clock {
  readonly sleeps: number[] = [];
  #now = Date.UTC(2026, 0, 1);
  now(): number {
    return this.#now;
  }
  monotonic(): number {
    return this.#now;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    this.sleeps.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

export const repo = { owner: 'acme', name: 'gitops' };
export const RETRY = { count: 3, backoffMs: [1000, 2000, 4000] };
export const signal = new AbortController().signal;
/** A git id from one letter or digit. */
export const oid = (digit: string): string => digit.repeat(40);

/** A stub, the adapter over it, and a clock that makes waits free; both are gone after each test. */
export function useStub(credential: GitHubCredential = { kind: 'token', token: () => 'test-token' }): {
  readonly stub: GitHubStub;
  readonly github: OctokitSourceControl;
  readonly clock: InstantClock;
} {
  const made: { stub?: GitHubStub; github?: OctokitSourceControl; clock?: InstantClock } = {};
  beforeEach(async () => {
    made.stub = await GitHubStub.start();
    made.clock = new InstantClock();
    made.github = new OctokitSourceControl(
      { baseUrl: made.stub.url, auth: credential, timeouts: { readMs: 2000, writeMs: 2000 } },
      made.clock,
      RETRY,
    );
  });
  afterEach(async () => {
    await made.github?.close();
    await made.stub?.close();
  });
  return made as Required<typeof made>;
}
