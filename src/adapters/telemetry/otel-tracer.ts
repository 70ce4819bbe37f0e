import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type HrTime,
  type Span,
  type Tracer as ApiTracer,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, RandomIdGenerator, TracerProvider, type IdGenerator } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import type { TracePlace } from '../../model/trace-place.js';
import type { FinishedSpan, NoteAttributes, SpanAttributes, Tracer } from '../../ports/tracer.js';
import { SpanDelivery, type DeliveryNews } from './span-delivery.js';

/** Where traces go and who sends them. */
export interface OtelTracerSettings {
  /** Base address of an OTLP/HTTP receiver; `/v1/traces` is added unless it stands there. */
  readonly otlpUrl: string;
  readonly instance: string;
  readonly version: string;
}
export interface OtelTracerSurroundings extends DeliveryNews {
  readonly clock: Clock;
}
/** A collector that hangs is left after this, also at the shutdown. */
const EXPORT_TIMEOUT_MS = 2_000;
const CLOSE_MS = 2_000;
const TRACES_PATH = '/v1/traces';
const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const;

/** Traces with OpenTelemetry over OTLP/HTTP. Registers nothing globally: two tracers in a process do not meet. */
export class OtelTracer implements Tracer {
  readonly #ids = new PlannedIds();
  readonly #contexts = new AsyncLocalStorageContextManager().enable();
  readonly #clock: Clock;
  readonly #provider: TracerProvider;
  readonly #tracer: ApiTracer;

  constructor({ otlpUrl, instance, version }: OtelTracerSettings, { clock, ...news }: OtelTracerSurroundings) {
    const url = otlpUrl.endsWith(TRACES_PATH) ? otlpUrl : `${otlpUrl}${TRACES_PATH}`;
    const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
    this.#clock = clock;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'ai-operator',
        'service.version': version,
        'service.instance.id': instance,
      }),
      sampler: new AlwaysOnSampler(),
      idGenerator: this.#ids,
      spanProcessors: [new SpanDelivery(exporter, url, news)],
    });
    this.#tracer = this.#provider.getTracer('ai-operator', version);
  }

  async span<T>(
    name: string,
    parent: TracePlace,
    attributes: SpanAttributes,
    run: (note: NoteAttributes) => Promise<T>,
  ): Promise<T> {
    const startedAt = this.#clock.now();
    const started = this.#clock.monotonic();
    const span = this.#tracer.startSpan(name, { attributes, startTime: hrTime(startedAt) }, contextAt(parent));
    const here = trace.setSpan(ROOT_CONTEXT, span);
    try {
      return await this.#contexts.with(here, () => run((more) => void span.setAttributes(more)));
    } catch (error) {
      markFailed(span, asOperatorError(error).code);
      throw error;
    } finally {
      span.end(hrTime(startedAt + this.#clock.monotonic() - started));
    }
  }
  within<T>(place: TracePlace, run: () => T): T {
    return this.#contexts.with(contextAt(place), run);
  }
  record({ name, kind, place, parent, startedAt, endedAt, attributes, error }: FinishedSpan): void {
    const context = parent === undefined ? ROOT_CONTEXT : contextAt(parent);
    const options = { kind: KINDS[kind], attributes, startTime: hrTime(startedAt) };
    const span = this.#ids.use(place, () => this.#tracer.startSpan(name, options, context));
    if (error !== undefined) markFailed(span, error);
    span.end(hrTime(Math.max(startedAt, endedAt)));
  }
  current(): TracePlace | undefined {
    return trace.getSpanContext(this.#contexts.active());
  }
  async close(): Promise<void> {
    const cap = new AbortController();
    try {
      // What could not be sent has been told by the delivery.
      const sent = this.#provider.shutdown().catch(() => undefined);
      await Promise.race([sent, this.#clock.sleep(CLOSE_MS, cap.signal)]);
    } finally {
      cap.abort();
      this.#contexts.disable();
    }
  }
}

/** Random ids, but for spans whose place was decided beforehand. */
class PlannedIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #planned: TracePlace | undefined;
  generateTraceId(): string {
    return this.#planned?.traceId ?? this.#random.generateTraceId();
  }
  generateSpanId(): string {
    return this.#planned?.spanId ?? this.#random.generateSpanId();
  }
  use(place: TracePlace | undefined, start: () => Span): Span {
    this.#planned = place;
    try {
      return start();
    } finally {
      this.#planned = undefined;
    }
  }
}

const contextAt = (place: TracePlace): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { ...place, traceFlags: TraceFlags.SAMPLED, isRemote: true });
function markFailed(span: Span, code: string): void {
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
/** As a pair: the SDK takes small plain numbers for time since the start of the process. */
function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - seconds * 1000) * 1e6)];
}
