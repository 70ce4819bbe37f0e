import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface WireSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}
interface WireBody {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[] }[];
}
/** A span as it arrived. Times are milliseconds since the epoch. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A real receiver of OTLP over HTTP (JSON) on a free port of 127.0.0.1. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly paths = new Set<string>();
  /** What it answers; `hang` for never. */
  answer: number | 'hang' = 200;
  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    const self = new OtlpReceiver(server);
    server.on('request', (request, response) => {
      self.paths.add(`${request.method ?? ''} ${request.url ?? ''}`);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (self.answer === 'hang') return;
        if (self.answer === 200) self.#take(JSON.parse(Buffer.concat(chunks).toString()) as WireBody);
        response.writeHead(self.answer, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return self;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  named(name: string): readonly ReceivedSpan[] {
    return this.spans.filter((s) => s.name === name);
  }
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    this.server.closeAllConnections();
    await closed;
  }
  #take(body: WireBody): void {
    const ms = (nano: string): number => Number(BigInt(nano) / 1000n) / 1000;
    for (const s of body.resourceSpans.flatMap((r) => r.scopeSpans.flatMap((scope) => scope.spans)))
      this.spans.push({
        traceId: s.traceId,
        spanId: s.spanId,
        parent: s.parentSpanId,
        name: s.name,
        kind: s.kind,
        startedAt: ms(s.startTimeUnixNano),
        endedAt: ms(s.endTimeUnixNano),
        attributes: Object.fromEntries(s.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      });
  }
}
