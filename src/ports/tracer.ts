import type { EpochMs } from '../model/application.js';
import type { TracePlace } from '../model/trace-place.js';

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;
/** Adds attributes to a span under way. */
export type NoteAttributes = (attributes: SpanAttributes) => void;

/** A span that is over. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: 'internal' | 'client' | 'server';
  /** Its own place, when that was known beforehand; else a new one in the parent's trace. */
  readonly place?: TracePlace;
  /** Absent = it has none: the first span of a trace. */
  readonly parent?: TracePlace;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly attributes: SpanAttributes;
  /** `error.type`: a code of an error or a reason of an end. */
  readonly error?: string;
}

/** Records what was done for an attempt and how long it took. Nothing here throws, waits or decides anything. */
export interface Tracer {
  /** Runs `run` in a span below `parent`; an error of it is noted in the span and thrown on. */
  span<T>(
    name: string,
    parent: TracePlace,
    attributes: SpanAttributes,
    run: (note: NoteAttributes) => Promise<T>,
  ): Promise<T>;
  /** Runs `run` as if in the span at `place`, without recording it. */
  within<T>(place: TracePlace, run: () => T): T;
  record(span: FinishedSpan): void;
  /** The span that the calling code runs in; undefined = none: it belongs to no attempt. */
  current(): TracePlace | undefined;
  /** Sends what is waiting, at most 2 s long. */
  close(): Promise<void>;
}

/** Traces nothing. */
export const NO_TRACER: Tracer = {
  span: (_name, _parent, _attributes, run) => run(() => undefined),
  within: (_place, run) => run(),
  record: () => undefined,
  current: () => undefined,
  close: async () => undefined,
};
