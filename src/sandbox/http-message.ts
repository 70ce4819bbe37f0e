import type { IncomingHttpHeaders } from 'node:http';

export interface SandboxRequest {
  readonly seq: number;
  readonly method: string;
  /** As sent: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Body bytes as text; '' when there was none. */
  readonly text: string;
  /** The body when it is JSON, else undefined. */
  readonly body: unknown;
  /** Aborts when the client goes away or the server closes. */
  readonly signal: AbortSignal;
}

/** Where a streamed answer goes (watches). */
export interface StreamSink {
  write(chunk: string): void;
  /** Aborts when the client goes away or the server closes. */
  readonly signal: AbortSignal;
}

/** At most one of `json`, `text`, `bytes`, `stream`; none is an empty body. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Buffer;
  /** Writes until it resolves; then the answer ends. */
  readonly stream?: (sink: StreamSink) => Promise<void>;
}

/** A JSON answer. */
export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): Reply => ({
  status,
  json: body,
  ...(headers === undefined ? {} : { headers }),
});

/** Thrown by a handler to refuse: the reply is the answer. */
export class RefusalError extends Error {
  constructor(readonly reply: Reply) {
    super(`refused with ${reply.status}: ${JSON.stringify(reply.json ?? reply.text ?? '')}`);
    this.name = 'RefusalError';
  }
}
