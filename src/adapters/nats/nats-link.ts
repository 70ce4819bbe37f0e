import { connect, Events, type NatsConnection } from 'nats';
import type { Clock } from '../../base/clock.js';
import type { OperatorError } from '../../base/errors.js';
import { natsFailure } from './nats-failure.js';
import { natsOptions } from './nats-options.js';
import type { NatsSettings, NatsTiming } from './nats-settings.js';

/**
 * A connection that is made again for ever: by the library while it lasts, and anew when it gives up (the library ends for
 * good after some errors). Says once when it is down and once when it is up again.
 */
export class NatsLink {
  readonly #stop = new AbortController();
  #connection: NatsConnection | undefined;
  /** Aborts when the present connection ends, or is about to. */
  #ended = new AbortController();
  #up = false;
  #told = '';
  #settleFirst: () => void = () => {};
  /** Resolves when the first attempt has succeeded or failed: before that nobody knows whether NATS is there. */
  readonly firstAttempt = new Promise<void>((resolve) => {
    this.#settleFirst = resolve;
  });

  constructor(
    private readonly settings: NatsSettings,
    private readonly timing: NatsTiming,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly onUp: (connection: NatsConnection, ended: AbortSignal) => void,
    /** Each time it comes up or goes down. */
    private readonly onState: (up: boolean) => void,
    private readonly onTrouble: (error: OperatorError) => void,
  ) {}

  /** Connects in the background. */
  start(): void {
    void this.#run();
  }
  /** The connection, when it is up. */
  get current(): NatsConnection | undefined {
    return this.#up ? this.#connection : undefined;
  }
  /** Waits for `sending` and then until the server has all that was written, at most `closeMs` long, and closes. */
  async close(sending: Promise<unknown>): Promise<void> {
    this.#stop.abort();
    this.#ended.abort();
    const connection = this.#connection;
    if (connection === undefined) return;
    const cap = new AbortController();
    // Draining refuses requests and does not wait for the answers of JetStream: so it comes after them.
    const drained = this.#up ? sending.then(() => connection.drain()) : Promise.resolve();
    // Draining a connection that hangs never ends.
    await Promise.race([drained, this.clock.sleep(this.timing.closeMs, cap.signal)]).catch(() => undefined);
    cap.abort();
    await connection.close().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#live(await connect(natsOptions(this.settings, this.timing, (error) => this.#tell(error))));
      } catch (error) {
        this.#tell(natsFailure(error, `connect to ${this.settings.servers.join(', ')}`));
      }
      this.#turn(false);
      this.#settleFirst();
      await this.clock.sleep(this.timing.retryMs, signal).catch(() => undefined);
    }
  }
  /** As long as one connection of the library lasts. */
  async #live(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    if (this.#stop.signal.aborted) return connection.close();
    const ended = new AbortController();
    this.#ended = ended;
    this.#turn(true);
    this.#told = '';
    this.onUp(connection, ended.signal);
    this.#settleFirst();
    const watched = this.#watch(connection);
    const error = await connection.closed();
    ended.abort();
    await watched;
    if (error !== undefined && !this.#stop.signal.aborted) throw error;
  }
  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type, data } of connection.status()) {
      if (type === Events.Disconnect) {
        this.#turn(false);
        this.#tell(natsFailure(new Error(`the connection to ${JSON.stringify(data)} is lost`), 'waiting'));
      } else if (type === Events.Reconnect) {
        this.#turn(true);
        this.#told = '';
      } else if (type === Events.Error) {
        const code = typeof data === 'string' ? data : 'an error of the server';
        this.#tell(natsFailure(Object.assign(new Error(code), { code }), 'reconnecting'));
      }
    }
  }
  #turn(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.onState(up);
  }
  /** Each trouble once, until it is over. */
  #tell(error: OperatorError): void {
    if (this.#told === error.message || this.#stop.signal.aborted) return;
    this.#told = error.message;
    this.onTrouble(error);
  }
}
