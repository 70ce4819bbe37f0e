import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Direction = 'up' | 'down';
/** `drop` = bytes are thrown away (a black hole); `hold` = kept until released. */
type Fault = 'drop' | 'hold';
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly held: { readonly [D in Direction]: Buffer[] };
  stranded: boolean;
}

/**
 * A small proxy that spoils a TCP connection on purpose. `up` is towards the server, `down` towards the client: dropping
 * `down` loses answers to calls that are carried out; holding `up` lets calls arrive late.
 */
export class TcpProxy {
  readonly #links = new Set<Link>();
  readonly #faults: { [D in Direction]: Fault | undefined } = { up: undefined, down: undefined };
  #trigger: { readonly fits: (request: Buffer) => boolean; readonly fire: () => void } | undefined;
  #delayMs = 0;
  #refuse = false;
  /** How many chunks a fault has met: a test that spoiled nothing must fail. */
  spoiled = 0;
  private constructor(
    private readonly listener: Server,
    private readonly targetPort: number,
  ) {
    listener.on('connection', (client: Socket) => this.#link(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const listener = createServer();
    await new Promise<void>((resolve) => {
      listener.listen(0, '127.0.0.1', resolve);
    });
    return new TcpProxy(listener, targetPort);
  }
  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  drop(...directions: readonly Direction[]): void {
    for (const direction of directions) this.#faults[direction] = 'drop';
  }
  hold(...directions: readonly Direction[]): void {
    for (const direction of directions) this.#faults[direction] = 'hold';
  }
  /** From the first request on that `fits`, answers are dropped: it is carried out, and nobody learns of it. */
  dropAnswersTo(fits: (request: Buffer) => boolean): void {
    this.#trigger = { fits, fire: () => this.drop('down') };
  }
  /** From the first request on that `fits`, requests are held. */
  holdFrom(fits: (request: Buffer) => boolean): void {
    this.#trigger = { fits, fire: () => this.hold('up') };
  }
  delay(ms: number): void {
    this.#delayMs = ms;
  }
  /** New connections are reset at once, as if nobody listened. */
  refuse(): void {
    this.#refuse = true;
    this.reset();
  }
  /** Cuts every connection with RST. */
  reset(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
    this.#links.clear();
  }
  /** No fault any more; what was held arrives now. Dropped bytes are gone: their connections are cut. */
  heal(): void {
    const dropped = Object.values(this.#faults).includes('drop');
    this.#faults.up = undefined;
    this.#faults.down = undefined;
    this.#trigger = undefined;
    this.#delayMs = 0;
    this.#refuse = false;
    if (dropped) return this.reset();
    for (const link of this.#links) {
      for (const bytes of link.held.up.splice(0)) link.server.write(bytes);
      for (const bytes of link.held.down.splice(0)) link.client.write(bytes);
    }
  }
  /**
   * The connections of now stay cut off for good, with what they hold; new ones are whole. `releaseLate` then delivers
   * what was held: calls that arrive long after their caller gave up.
   */
  strand(): void {
    for (const link of this.#links) link.stranded = true;
    this.#trigger = undefined;
    this.#faults.up = undefined;
    this.#faults.down = undefined;
  }
  /** Answers how many bytes arrive late at the server. */
  releaseLate(): number {
    let count = 0;
    for (const { held, server, stranded } of this.#links) {
      if (!stranded) continue;
      for (const bytes of held.up.splice(0)) {
        count += bytes.length;
        server.write(bytes);
      }
    }
    return count;
  }
  async close(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => {
      this.listener.close(() => {
        resolve();
      });
    });
  }

  #link(client: Socket): void {
    if (this.#refuse) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.targetPort, '127.0.0.1');
    const link: Link = { client, server, held: { up: [], down: [] }, stranded: false };
    this.#links.add(link);
    this.#pipe(link, 'up', client, server);
    this.#pipe(link, 'down', server, client);
  }
  #pipe(link: Link, direction: Direction, from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      if (link.stranded) return;
      if (direction === 'up' && this.#trigger?.fits(bytes) === true) this.#trigger.fire();
      const fault = this.#faults[direction];
      if (fault !== undefined) this.spoiled++;
      if (fault === 'drop') return;
      if (fault === 'hold') link.held[direction].push(bytes);
      else if (this.#delayMs > 0) setTimeout(() => !to.destroyed && to.write(bytes), this.#delayMs);
      else to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      // What is held shall still arrive after its sender has given up.
      if (link.stranded || link.held[direction].length > 0 || this.#faults[direction] === 'hold') return;
      this.#links.delete(link);
      to.destroy();
    });
  }
}
