import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a test looks at it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}
/** What a test answers: JSON by default, `text` for anything else, `hang` for never, `half` for a beginning without an end. */
export type Answer =
  | { readonly status?: number; readonly json: unknown; readonly headers?: Record<string, string> }
  | {
      readonly status?: number;
      readonly text: string;
      readonly type?: string;
      readonly headers?: Record<string, string>;
    }
  | 'hang'
  | 'half';

/** A real HTTP server on a free port of 127.0.0.1 that remembers what it was asked. */
export class LocalHttp {
  readonly requests: SeenRequest[] = [];
  /** What it answers; a test may change it. */
  answer: (request: SeenRequest) => Answer = () => ({ status: 404, text: 'Not Found' });
  private constructor(private readonly server: Server) {}

  static async start(): Promise<LocalHttp> {
    const server = createServer();
    const self = new LocalHttp(server);
    server.on('request', (request, response) => {
      self.#serve(request, response);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return self;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  /** `METHOD path` of every request so far. */
  get calls(): readonly string[] {
    return this.requests.map((r) => `${r.method} ${r.path}`);
  }
  /** Stops, cutting hanging requests. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeAllConnections();
    await closed;
  }
  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const seen = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    };
    this.requests.push(seen);
    const answer = this.answer(seen);
    if (answer === 'hang') return;
    if (answer === 'half') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"half":');
      return;
    }
    const [type, body] =
      'text' in answer ? [answer.type ?? 'text/plain', answer.text] : ['application/json', JSON.stringify(answer.json)];
    response.writeHead(answer.status ?? 200, { 'content-type': type, ...answer.headers }).end(body);
  }
}
