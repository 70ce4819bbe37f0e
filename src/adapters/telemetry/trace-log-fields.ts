import { rootPlace } from '../../model/trace-place.js';
import type { Tracer } from '../../ports/tracer.js';

/** What a log line about an attempt also says: its trace, and the span it was written in (the run's, when outside of any). */
export function traceLogFields(
  tracer: Pick<Tracer, 'current'>,
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { correlationId } = fields;
  if (typeof correlationId !== 'string') return {};
  const root = rootPlace(correlationId);
  const here = tracer.current();
  const { traceId, spanId } = here?.traceId === root.traceId ? here : root;
  return { trace_id: traceId, span_id: spanId };
}
