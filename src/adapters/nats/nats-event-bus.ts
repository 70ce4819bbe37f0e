import type { JsMsg, NatsConnection } from 'nats';
import type { Clock } from '../../base/clock.js';
import { asOperatorError, type OperatorError } from '../../base/errors.js';
import type { EventName, OperatorEvent } from '../../model/events.js';
import type { EventBus } from '../../ports/event-bus.js';
import { EventConsumption } from './event-consumption.js';
import { decodeEvent, encodeEvent, subjectOf, type EventMessage } from './event-message.js';
import { ensureStream } from './event-stream.js';
import { natsFailure, unavailable } from './nats-failure.js';
import { NatsLink } from './nats-link.js';
import { MOST_DELIVERIES, NATS_TIMING, type NatsSettings, type NatsTiming } from './nats-settings.js';

/** What a NATS bus needs beside its settings. */
export interface NatsSurroundings {
  readonly clock: Pick<Clock, 'sleep' | 'monotonic'>;
  /** Where an error in a handler is reported. */
  readonly onHandlerError: (error: unknown, event: OperatorEvent) => void;
  /** Where lost connections, restarts and foreign messages are reported. Must not throw. */
  readonly onTrouble: (error: OperatorError) => void;
  /** Counted: the connection came (true) or went. */
  readonly onConnected?: (up: boolean) => void;
  readonly onRedelivered?: () => void;
  /** For tests; the standard otherwise. */
  readonly timing?: Partial<NatsTiming>;
}
type Handler = (event: OperatorEvent) => void;
/** JetStream answers so when no stream takes the subject. */
const NO_STREAM = '503';

/**
 * The bus over NATS JetStream (semantics 12): at least once, dropped by event id when repeated, acknowledged when every
 * handler has noted it. Connects in the background, for ever; with NATS down a publish fails at once, and nothing waits.
 */
export class NatsEventBus implements EventBus {
  readonly #link: NatsLink;
  readonly #settings: NatsSettings;
  readonly #around: NatsSurroundings;
  readonly #timing: NatsTiming;
  readonly #handlers = new Map<EventName, Set<{ readonly handler: Handler }>>();
  readonly #publishing = new Set<Promise<void>>();
  #closed = false;
  #quietUntil = -Infinity;
  #wanted: () => void = () => {};
  /** Consumption begins with the first subscriber: before, events would be acknowledged that nobody noted. */
  readonly #firstSubscriber = new Promise<void>((resolve) => {
    this.#wanted = resolve;
  });
  #foreign = 0;

  constructor(settings: NatsSettings, around: NatsSurroundings) {
    this.#settings = settings;
    this.#around = around;
    this.#timing = { ...NATS_TIMING, ...around.timing };
    const onUp = (connection: NatsConnection, ended: AbortSignal): void => void this.#consume(connection, ended);
    const onState = around.onConnected ?? ((): void => undefined);
    this.#link = new NatsLink(settings, this.#timing, around.clock, onUp, onState, around.onTrouble);
    this.#link.start();
  }

  /** Messages of other programs that were dropped. */
  get foreignMessages(): number {
    return this.#foreign;
  }

  async publish(event: OperatorEvent): Promise<void> {
    if (this.#closed) throw unavailable(`the event bus is closed: ${event.type} was not published.`);
    // Written before anything is awaited: what the caller changes afterwards is not sent.
    const message = encodeEvent(event);
    const { clock } = this.#around;
    if (clock.monotonic() < this.#quietUntil)
      throw unavailable(`${event.type} was not published: the last one was not answered.`);
    const cap = new AbortController();
    const late = clock.sleep(this.#timing.publishMs, cap.signal).then(() => {
      this.#quietUntil = clock.monotonic() + this.#timing.quietMs;
      throw unavailable(`${event.type} was not published within ${this.#timing.publishMs} ms.`);
    });
    const sent = this.#send(event.id, message);
    const answered = Promise.race([sent, late]);
    this.#publishing.add(answered);
    try {
      await answered;
    } finally {
      this.#publishing.delete(answered);
      cap.abort();
      for (const loser of [sent, late]) loser.catch(() => undefined);
    }
  }

  subscribe(name: EventName, handler: Handler): () => void {
    const entry = { handler };
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(entry));
    this.#wanted();
    return () => {
      handlers.delete(entry);
    };
  }

  /** Finishes what is being published, at most 2 s long. What was stored and not delivered is delivered after the next start. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#link.close(Promise.allSettled(this.#publishing));
  }

  async #send(id: string, { name, text, headers }: EventMessage): Promise<void> {
    await this.#link.firstAttempt;
    const connection = this.#link.current;
    if (connection === undefined) throw unavailable(`${name} was not published: no connection.`);
    const stream = connection.jetstream({ timeout: this.#timing.publishMs });
    const subject = subjectOf(this.#settings.instance, name);
    // The same id again after a lost answer is dropped by the server.
    const publish = async (): Promise<void> => void (await stream.publish(subject, text, { msgID: id, headers }));
    try {
      await publish();
    } catch (error) {
      if ((error as { code?: string }).code !== NO_STREAM) throw this.#unanswered(error, name);
      try {
        await ensureStream(connection, this.#settings.instance, this.#timing);
        await publish();
      } catch (again) {
        throw this.#unanswered(again, name);
      }
    }
  }
  #unanswered(error: unknown, name: EventName): OperatorError {
    if ((error as { code?: string }).code === 'TIMEOUT')
      this.#quietUntil = this.#around.clock.monotonic() + this.#timing.quietMs;
    const failure = natsFailure(error, `publish ${name}`);
    return unavailable(failure.message.replace(/^NATS: /, ''), error);
  }

  async #consume(connection: NatsConnection, ended: AbortSignal): Promise<void> {
    await this.#firstSubscriber;
    const { clock, onTrouble } = this.#around;
    const isUp = (): boolean => this.#link.current === connection;
    const handle = (message: JsMsg): void => this.#receive(message);
    await new EventConsumption(connection, this.#settings.instance, this.#timing, clock, isUp, handle, onTrouble).run(
      ended,
    );
  }
  /** Must not throw: an error here would end the consumption for good, without a word. */
  #receive(message: JsMsg): void {
    if (message.redelivered) this.#around.onRedelivered?.();
    try {
      const { name, event } = decodeEvent(this.#settings.instance, message.subject, message.string());
      if (this.#deliver(name, event)) message.ack();
      else if (message.info.redeliveryCount >= MOST_DELIVERIES) message.term();
      else message.nak(this.#timing.nakDelayMs);
    } catch (error) {
      this.#foreign++;
      message.term();
      this.#around.onTrouble(asOperatorError(error));
    }
  }
  /** Answers whether every handler has noted it. */
  #deliver(name: EventName, event: OperatorEvent): boolean {
    let noted = true;
    const report = (error: unknown): void => this.#around.onHandlerError(error, event);
    for (const { handler } of this.#handlers.get(name) ?? []) {
      try {
        // An async handler fits the type too; its rejection must be reported like a throw.
        const answer: unknown = handler(structuredClone(event));
        if (answer instanceof Promise) answer.catch(report);
      } catch (error) {
        noted = false;
        report(error);
      }
    }
    return noted;
  }
}
