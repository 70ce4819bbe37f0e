import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatorError } from '../../base/errors.js';
import { SECURITY_HEADERS, type Answer } from './answer.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** For the message when the port cannot be had: `http`. */
  readonly configKey: string;
  /** Time for the headers, and for the whole request, to arrive. */
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly maxConnections?: number;
}

/** A node:http server with limits on time, size and number, and the same security headers on every answer. */
export class HttpListener {
  private constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {}

  /** `handle` never rejects. Throws HTTP_LISTEN_FAILED (config) when the address cannot be had. */
  static async start(
    options: ListenOptions,
    handle: (request: IncomingMessage) => Promise<Answer>,
  ): Promise<HttpListener> {
    const headersTimeout = options.headersTimeoutMs ?? 10_000;
    const server = createServer(
      {
        headersTimeout,
        requestTimeout: options.requestTimeoutMs ?? 15_000,
        connectionsCheckingInterval: Math.min(1_000, headersTimeout),
        keepAliveTimeout: 5_000,
        maxHeaderSize: 16 * 1024,
      },
      (request, response) => {
        void handle(request).then((answer) => {
          send(request, response, answer);
        });
      },
    );
    server.maxConnections = options.maxConnections ?? 100;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => {
        reject(
          new OperatorError(
            'HTTP_LISTEN_FAILED',
            'config',
            `cannot listen on ${options.host}:${options.port} (${error.message}); set ${options.configKey}.port or .host`,
            { cause: error },
          ),
        );
      });
      server.listen(options.port, options.host, resolve);
    });
    return new HttpListener(server, options.host);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
  /** `http://host:port`, to be called from this machine. */
  get url(): string {
    const host = this.host === '0.0.0.0' || this.host === '::' ? '127.0.0.1' : this.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }
  /** Takes no new connections, lets running answers end for `graceMs`, then cuts. */
  async close(graceMs = 0): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    this.server.closeIdleConnections();
    const cut = setTimeout(() => {
      this.server.closeAllConnections();
    }, graceMs);
    await closed;
    clearTimeout(cut);
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const unread = !request.complete;
  response.writeHead(answer.status, {
    ...SECURITY_HEADERS,
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    // A body nobody reads must not keep the connection.
    ...(unread ? { connection: 'close' } : {}),
    ...answer.headers,
  });
  response.end(request.method === 'HEAD' ? '' : answer.body, () => {
    if (unread) request.destroy();
  });
}
