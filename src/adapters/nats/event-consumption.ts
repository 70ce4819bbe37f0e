import { ConsumerEvents, type ConsumerMessages, type JetStreamManager, type JsMsg, type NatsConnection } from 'nats';
import type { Clock } from '../../base/clock.js';
import type { OperatorError } from '../../base/errors.js';
import { CONSUMER, ensureConsumer } from './event-stream.js';
import { streamOf } from './event-message.js';
import { natsFailure, unavailable } from './nats-failure.js';
import type { NatsTiming } from './nats-settings.js';

/** Words of the library after which its consumption never delivers again by itself. */
const DEAD: readonly string[] = [
  ConsumerEvents.ConsumerDeleted,
  ConsumerEvents.ConsumerNotFound,
  ConsumerEvents.StreamNotFound,
];

/**
 * Consumes over one connection until it ends. A consumption that stops is noticed, whether the library says so, ends
 * silently or hangs, and begins anew: every few seconds the server is asked whether a pull of ours waits there.
 */
export class EventConsumption {
  /** How often it had to begin anew. */
  restarts = 0;
  constructor(
    private readonly connection: NatsConnection,
    private readonly instance: string,
    private readonly timing: NatsTiming,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly isUp: () => boolean,
    private readonly handle: (message: JsMsg) => void,
    private readonly onTrouble: (error: OperatorError) => void,
  ) {}

  /** Never throws; resolves some time after `ended` aborts. */
  async run(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      try {
        const why = await this.#consume(ended);
        if (ended.aborted) return;
        this.onTrouble(unavailable(`the consumer stopped (${why}) and begins anew`));
      } catch (error) {
        if (ended.aborted) return;
        // While the connection is down, the link has said so.
        if (this.isUp()) this.onTrouble(natsFailure(error, 'consume'));
      }
      this.restarts++;
      await this.clock.sleep(this.timing.retryMs, ended).catch(() => undefined);
    }
  }

  async #consume(ended: AbortSignal): Promise<string> {
    const manager = await ensureConsumer(this.connection, this.instance, this.timing);
    const consumer = await this.connection
      .jetstream({ timeout: this.timing.callMs })
      .consumers.get(streamOf(this.instance), CONSUMER);
    const messages = await consumer.consume({ callback: this.handle, max_messages: 100, idle_heartbeat: 5_000 });
    const stop = new AbortController();
    const onEnd = (): void => stop.abort();
    ended.addEventListener('abort', onEnd, { once: true });
    try {
      return await Promise.race([
        this.#closed(messages),
        this.#declared(messages),
        this.#watched(manager, messages, stop.signal),
      ]);
    } finally {
      ended.removeEventListener('abort', onEnd);
      stop.abort();
      messages.close().catch(() => undefined);
    }
  }
  async #closed(messages: ConsumerMessages): Promise<string> {
    const error = await messages.closed();
    return error === undefined ? 'it was closed' : error.message;
  }
  async #declared(messages: ConsumerMessages): Promise<string> {
    for await (const { type } of await messages.status()) if (DEAD.includes(type)) return type;
    return this.#closed(messages);
  }
  /** The dead man's switch: two looks in a row at which no pull of ours waits on the server, and nothing has come since the last. */
  async #watched(manager: JetStreamManager, messages: ConsumerMessages, stop: AbortSignal): Promise<string> {
    for (let missing = 0, received = 0; missing < 2; ) {
      try {
        await this.clock.sleep(this.timing.deadManMs, stop);
      } catch {
        return 'asked to';
      }
      const before = received;
      received = messages.getReceived();
      const lives = !this.isUp() || received > before || (await this.#waits(manager));
      missing = lives ? 0 : missing + 1;
    }
    return 'no pull waits on the server';
  }
  /** What is not acknowledged yet is no sign of life: it stays so for ever when nobody pulls. */
  async #waits(manager: JetStreamManager): Promise<boolean> {
    try {
      return (await manager.consumers.info(streamOf(this.instance), CONSUMER)).num_waiting > 0;
    } catch {
      return false;
    }
  }
}
