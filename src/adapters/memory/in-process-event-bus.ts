import { EventEmitter } from 'node:events';
import { copyOf } from '../../base/copy-of.js';
import { OperatorError } from '../../base/errors.js';
import { checkEvent } from '../../model/check-event.js';
import type { EventName, OperatorEvent } from '../../model/events.js';
import type { EventBus } from '../../ports/event-bus.js';

type EventMap = { readonly [N in EventName]: [OperatorEvent] };
/** Stages, streams to browsers: more listeners than this on one name is a leak, and Node warns of it. */
const MOST_LISTENERS = 100;

/**
 * The bus of one process: a typed emitter. An event is delivered in a microtask after `publish`, so no handler runs
 * inside the publisher. What is not delivered when the process ends is lost, which costs time only: the store is the truth.
 */
export class InProcessEventBus implements EventBus {
  readonly #emitter = new EventEmitter<EventMap>().setMaxListeners(MOST_LISTENERS);
  readonly #onHandlerError: (error: unknown, event: OperatorEvent) => void;
  #closed = false;

  /** @param onHandlerError where an error in a handler is reported. */
  constructor(onHandlerError: (error: unknown, event: OperatorEvent) => void) {
    this.#onHandlerError = onHandlerError;
  }

  async publish(event: OperatorEvent): Promise<void> {
    if (this.#closed) {
      throw new OperatorError(
        'BUS_UNAVAILABLE',
        'transient',
        `The event bus is closed: ${event.type} was not published.`,
      );
    }
    const name = checkEvent(event);
    const sent = copyOf(event);
    queueMicrotask(() => this.#emitter.emit(name, sent));
  }

  subscribe(name: EventName, handler: (event: OperatorEvent) => void): () => void {
    const guarded = (event: OperatorEvent): void => {
      try {
        // An async handler fits the type too; its rejection must be reported like a throw.
        const answer: unknown = handler(event);
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#onHandlerError(error, event));
      } catch (error) {
        this.#onHandlerError(error, event);
      }
    };
    this.#emitter.on(name, guarded);
    return () => {
      this.#emitter.off(name, guarded);
    };
  }

  /** Resolves when everything published before has been delivered. */
  async close(): Promise<void> {
    this.#closed = true;
    // Microtasks run in the order they were queued: this one comes after every delivery.
    await new Promise<void>((resolve) => {
      queueMicrotask(resolve);
    });
    this.#emitter.removeAllListeners();
  }
}
