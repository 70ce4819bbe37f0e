import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.js';
import { RefusalError } from './http-message.js';
import type { Reply, SandboxRequest } from './http-message.js';
import type { Fault, FaultPlan } from './faults.js';
import type { Journal, SandboxServerName } from './journal.js';

const BODY_CAP_BYTES = 10 * 1024 * 1024;

export interface SandboxHttpServerOptions {
  readonly name: SandboxServerName;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  /** Answers a request; throws RefusalError to refuse. Anything else thrown is answered 500 and kept in the journal. */
  readonly handle: (request: SandboxRequest) => Reply | Promise<Reply>;
  /** 0 or absent = any free one. */
  readonly port?: number;
}

/** One server on 127.0.0.1: numbers and records every request, applies the planned faults around the handler. */
export class SandboxHttpServer {
  readonly #options: SandboxHttpServerOptions;
  readonly #server: Server;
  readonly #closing = new AbortController();

  private constructor(options: SandboxHttpServerOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(options: SandboxHttpServerOptions): Promise<SandboxHttpServer> {
    const self = new SandboxHttpServer(options);
    await new Promise<void>((resolve, reject) => {
      self.#server.once('error', reject);
      self.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return self;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `http://127.0.0.1:<port>`, no slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Stops listening and cuts every connection: hanging requests and streams end too. Safe to repeat. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { name, clock, journal, faults } = this.#options;
    const method = incoming.method ?? 'GET';
    const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s);
    const seq = journal.open({ at: clock.now(), server: name, method, path, query });
    const gone = new AbortController();
    response.on('close', () => {
      gone.abort();
    });
    try {
      const text = await readText(incoming);
      if (text === undefined) {
        await this.#send(seq, response, { status: 413, json: { message: 'Request body is too large.' } });
        return;
      }
      const body = parseJson(text);
      if (body !== undefined) journal.settle(seq, { body });
      const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
      const request: SandboxRequest = {
        seq,
        method,
        path,
        query: new URLSearchParams(query),
        headers: incoming.headers,
        text,
        body,
        signal,
      };
      await this.#answer(request, response, faults.take(name, method, path));
    } catch (error) {
      journal.settle(seq, { failure: String(error) });
      response.destroy();
    }
  }

  async #answer(request: SandboxRequest, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    switch (fault?.kind) {
      case undefined:
        return this.#send(request.seq, response, await this.#handle(request));
      case 'lose-before':
        response.destroy();
        return undefined;
      case 'lose-after':
        await this.#handle(request);
        response.destroy();
        return undefined;
      case 'status':
        return this.#send(request.seq, response, faultReply(fault));
      case 'slow':
        await pause(fault.ms, request.signal);
        if (request.signal.aborted) return undefined;
        return this.#send(request.seq, response, await this.#handle(request));
      case 'garbage': {
        const reply = await this.#handle(request);
        const whole = JSON.stringify(reply.json ?? { message: reply.text ?? '' });
        const text = whole.slice(0, Math.ceil(whole.length / 2)) || '<';
        return this.#send(request.seq, response, {
          status: 200,
          headers: { 'content-type': 'application/json' },
          text,
        });
      }
      case 'huge':
        await this.#handle(request);
        return this.#send(request.seq, response, { status: 200, json: 'x'.repeat(Math.max(0, fault.bytes - 2)) });
      case 'hang':
        return undefined;
    }
  }

  async #handle(request: SandboxRequest): Promise<Reply> {
    const { journal, handle } = this.#options;
    let reply: Reply;
    try {
      reply = await handle(request);
    } catch (error) {
      if (!(error instanceof RefusalError)) {
        const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
        journal.settle(request.seq, { failure });
        reply = { status: 500, json: { message: `Fault of the sandbox: ${String(error)}` } };
      } else reply = error.reply;
    }
    journal.settle(request.seq, { status: reply.status, applied: reply.status < 400 });
    return reply;
  }

  async #send(seq: number, response: ServerResponse, reply: Reply): Promise<void> {
    this.#options.journal.settle(seq, { status: reply.status });
    if (response.destroyed) return;
    const [type, payload] = payloadOf(reply);
    const length = payload === undefined ? {} : { 'content-length': String(payload.length) };
    response.writeHead(reply.status, { ...type, ...length, ...reply.headers });
    response.on('finish', () => {
      this.#options.journal.settle(seq, { answered: true });
    });
    if (reply.stream) await this.#stream(response, reply.stream);
    else response.end(payload);
  }

  async #stream(response: ServerResponse, stream: NonNullable<Reply['stream']>): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => {
      gone.abort();
    });
    response.flushHeaders();
    const signal = AbortSignal.any([gone.signal, this.#closing.signal]);
    await stream({ signal, write: (chunk) => response.write(chunk) });
    response.end();
  }
}

function payloadOf(reply: Reply): [Record<string, string>, Buffer | undefined] {
  if (reply.json !== undefined) {
    return [{ 'content-type': 'application/json; charset=utf-8' }, Buffer.from(JSON.stringify(reply.json))];
  }
  if (reply.text !== undefined) return [{ 'content-type': 'text/html; charset=utf-8' }, Buffer.from(reply.text)];
  if (reply.bytes !== undefined) return [{ 'content-type': 'application/octet-stream' }, reply.bytes];
  return [{}, undefined];
}

function faultReply(fault: Extract<Fault, { kind: 'status' }>): Reply {
  const headers = {
    ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
    ...fault.headers,
  };
  if (fault.status === 304 || fault.status === 204) return { status: fault.status, headers };
  if (typeof fault.body === 'string') return { status: fault.status, headers, text: fault.body };
  return { status: fault.status, headers, json: fault.body ?? { message: `Fault ${fault.status}` } };
}

/** Undefined = over the cap. */
async function readText(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= BODY_CAP_BYTES) chunks.push(bytes);
  }
  return size > BODY_CAP_BYTES ? undefined : Buffer.concat(chunks).toString('utf8');
}

/** Undefined = empty or not JSON: what to make of that is the handler's affair. */
function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
