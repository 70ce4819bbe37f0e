import type { EventName, OperatorEvent } from '../../model/events.js';
import { parseTraceparent, rootPlace, traceIdOf, traceparentOf } from '../../model/trace-place.js';
import type { EventBus } from '../../ports/event-bus.js';
import type { Tracer } from '../../ports/tracer.js';

/** The same bus, with each event carrying the trace of its attempt, and each handler running in it. */
export class TracedEventBus implements EventBus {
  constructor(
    private readonly inner: EventBus,
    private readonly tracer: Pick<Tracer, 'current' | 'within'>,
  ) {}

  publish(event: OperatorEvent): Promise<void> {
    const here = this.tracer.current();
    const root = rootPlace(event.correlationid);
    const place = here?.traceId === root.traceId ? here : root;
    return this.inner.publish({ ...event, traceparent: traceparentOf(place) });
  }
  subscribe(name: EventName, handler: (event: OperatorEvent) => void): () => void {
    return this.inner.subscribe(name, (event) => {
      const place = event.traceparent === undefined ? undefined : parseTraceparent(event.traceparent);
      // A trace that is not the attempt's own was written by somebody else.
      if (place?.traceId !== traceIdOf(event.correlationid)) return handler(event);
      // What the handler answers is passed on: the bus reports a rejection.
      return this.tracer.within(place, () => handler(event));
    });
  }
  close(): Promise<void> {
    return this.inner.close();
  }
}
