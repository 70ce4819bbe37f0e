import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

type Direction = 'up' | 'down';
/** `drop` = bytes are thrown away (a black hole); `hold` = kept until released. */
type Fault = 'drop' | 'hold';
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly held: { readonly [D in Direction]: Buffer[] };
}

/**
 * A small proxy that spoils a TCP connection on purpose. `up` is towards the server, `down` towards the client: dropping
 * `down` loses answers to calls that are carried out; holding `up` lets calls arrive late.
 */
export class TcpProxy {
  readonly #links = new Set<Link>();
  readonly #faults: { [D in Direction]?: Fault } = {};
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
    delete this.#faults.up;
    delete this.#faults.down;
    this.#delayMs = 0;
    this.#refuse = false;
    if (dropped) return this.reset();
    for (const link of this.#links) {
      for (const bytes of link.held.up.splice(0)) link.server.write(bytes);
      for (const bytes of link.held.down.splice(0)) link.client.write(bytes);
    }
  }
  /** What is held arrives at the server, though answers stay lost and the client may be gone. */
  releaseUp(): void {
    delete this.#faults.up;
    for (const { held, server } of this.#links) for (const bytes of held.up.splice(0)) server.write(bytes);
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
    const link: Link = { client, server, held: { up: [], down: [] } };
    this.#links.add(link);
    this.#pipe(link, 'up', client, server);
    this.#pipe(link, 'down', server, client);
  }
  #pipe(link: Link, direction: Direction, from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
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
      if (link.held[direction].length > 0 || this.#faults[direction] === 'hold') return;
      this.#links.delete(link);
      to.destroy();
    });
  }
}
