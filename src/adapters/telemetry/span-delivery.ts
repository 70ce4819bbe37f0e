import type { Context } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { OperatorError } from '../../base/errors.js';

/** What becomes of spans; nothing here may throw. */
export interface DeliveryNews {
  /** So many spans will never arrive. */
  readonly onLost: (spans: number) => void;
  /** The receiver could not be reached, or refused: told once until it works again. */
  readonly onTrouble: (error: OperatorError) => void;
  /** It works again, after so many spans were lost. */
  readonly onRecovered: (lost: number) => void;
}
/** Spans that wait or are under way; more are lost. About 2 MB. */
export const MOST_WAITING_SPANS = 2_048;
const BATCH_SPANS = 512;
const SEND_EVERY_MS = 5_000;
/** The exporter ends by itself before this. */
const EXPORT_GIVE_UP_MS = 5_000;

/** Sends spans in batches beside the work, within bounds, and counts what is lost (the SDK drops in silence). */
export class SpanDelivery implements SpanProcessor {
  readonly #batches: SpanProcessor;
  #waiting = 0;
  #lostSince = 0;
  #troubled = false;
  #closed = false;

  constructor(
    exporter: SpanExporter,
    private readonly target: string,
    private readonly news: DeliveryNews,
  ) {
    this.#batches = new BatchSpanProcessor({
      exporter: {
        export: (spans, done) =>
          exporter.export(spans, (result) => {
            this.#settled(spans.length, result);
            done(result);
          }),
        shutdown: () => exporter.shutdown(),
      },
      maxQueueSize: MOST_WAITING_SPANS,
      maxExportBatchSize: BATCH_SPANS,
      scheduledDelayMillis: SEND_EVERY_MS,
      exportTimeoutMillis: EXPORT_GIVE_UP_MS,
    });
  }

  onStart(span: Span, parent: Context): void {
    this.#batches.onStart(span, parent);
  }
  onEnd(span: ReadableSpan): void {
    if (this.#closed) return;
    if (this.#waiting >= MOST_WAITING_SPANS) return this.#lost(1);
    this.#waiting += 1;
    this.#batches.onEnd(span);
  }
  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }
  shutdown(): Promise<void> {
    this.#closed = true;
    return this.#batches.shutdown();
  }

  #settled(spans: number, { code, error }: ExportResult): void {
    this.#waiting -= spans;
    if (code === ExportResultCode.SUCCESS) {
      if (this.#troubled) this.news.onRecovered(this.#lostSince);
      this.#troubled = false;
      this.#lostSince = 0;
      return;
    }
    this.#lost(spans);
    if (this.#troubled) return;
    this.#troubled = true;
    // A refused connection to a name with two addresses has no message of its own.
    const why = error?.message || (error as { code?: string } | undefined)?.code || 'no reason given';
    const message = `traces cannot be sent to ${this.target} (${why}); nothing else depends on them. Check tracing.otlpUrl.`;
    this.news.onTrouble(new OperatorError('TRACES_NOT_SENT', 'transient', message, { cause: error }));
  }
  #lost(spans: number): void {
    this.#lostSince += spans;
    this.news.onLost(spans);
  }
}
