import type { EventName, OperatorEvent } from '../model/events.js';

/** Carries nudges, at least once, in any order. Losing one costs time only (semantics 0.1). */
export interface EventBus {
  /** Resolves when the event is handed over. Throws BUS_UNAVAILABLE (transient) or EVENT_INVALID (bug). */
  publish(event: OperatorEvent): Promise<void>;
  /** The handler only notes the nudge; returning acknowledges it. An error in a handler is reported, never spread. Returns the way out. */
  subscribe(name: EventName, handler: (event: OperatorEvent) => void): () => void;
  close(): Promise<void>;
}
