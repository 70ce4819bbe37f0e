import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpLink, type Direction, type TcpFault } from './tcp-link.js';

/**
 * A small proxy that spoils a TCP connection on purpose. `up` is towards the server, `down` towards the client: dropping
 * `down` loses answers to calls that are carried out; holding `up` lets calls arrive late.
 */
export class TcpProxy {
  readonly #links = new Set<TcpLink>();
  readonly #faults: { [D in Direction]: TcpFault | undefined } = { up: undefined, down: undefined };
  #trigger: { readonly fits: (request: Buffer) => boolean; readonly fire: () => void } | undefined;
  #swallowed: ((request: Buffer) => boolean) | undefined;
  #delayMs = 0;
  #refuse = false;
  #silenceNew = false;
  /** How many chunks or connections a fault has met: a test that spoiled nothing must fail. */
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
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  spoil(fault: TcpFault, ...directions: readonly Direction[]): void {
    for (const direction of directions) this.#faults[direction] = fault;
  }
  drop(...directions: readonly Direction[]): void {
    this.spoil('drop', ...directions);
  }
  hold(...directions: readonly Direction[]): void {
    this.spoil('hold', ...directions);
  }
  /** At the first request that `fits`, before it is passed on, `fire` is called once. */
  when(fits: (request: Buffer) => boolean, fire: () => void): void {
    this.#trigger = { fits, fire };
  }
  /** The first request that `fits` is lost, alone: its connection lives on, and the client believes that it arrived. */
  swallow(fits: (request: Buffer) => boolean): void {
    this.#swallowed = fits;
  }
  /** From the first request on that `fits`, answers are dropped: it is carried out, and nobody learns of it. */
  dropAnswersTo(fits: (request: Buffer) => boolean): void {
    this.when(fits, () => this.drop('down'));
  }
  /** From the first request on that `fits`, requests are held. */
  holdFrom(fits: (request: Buffer) => boolean): void {
    this.when(fits, () => this.hold('up'));
  }
  /** A black hole for the connections whose first bytes `fits` and for new ones; the others live on. Answers how many. */
  silenceLinks(fits: (firstBytes: Buffer) => boolean): number {
    this.#silenceNew = true;
    const chosen = [...this.#links].filter((link) => fits(link.firstBytes));
    for (const link of chosen) link.silence();
    return chosen.length;
  }
  delay(ms: number): void {
    this.#delayMs = ms;
  }
  /** New connections are reset at once, as if nobody listened. */
  refuse(): void {
    this.#refuse = true;
    this.spoiled += this.#links.size;
    this.reset();
  }
  /** Cuts every connection with RST. */
  reset(): void {
    for (const link of this.#links) link.reset();
    this.#links.clear();
  }
  /** No fault any more; what was held arrives now. Lost bytes are gone: their connections are cut. */
  heal(): void {
    const isLost = Object.values(this.#faults).some((f) => f === 'drop' || f === 'half' || f === 'cut');
    this.#faults.up = undefined;
    this.#faults.down = undefined;
    this.#trigger = undefined;
    this.#swallowed = undefined;
    this.#delayMs = 0;
    this.#refuse = false;
    if (this.#silenceNew) {
      this.#silenceNew = false;
      return this.reset();
    }
    if (isLost) return this.reset();
    for (const link of this.#links) {
      if (link.stranded) continue;
      for (const bytes of link.held.up.splice(0)) link.deliver('up', bytes);
      for (const bytes of link.held.down.splice(0)) link.deliver('down', bytes);
    }
  }
  /**
   * The connections of now stay cut off for good, with what they hold; new ones are whole. `releaseLate` then delivers
   * what was held: calls that arrive long after their caller gave up. `reset` tells the callers at once that they may.
   */
  strand({ reset = false }: { readonly reset?: boolean } = {}): void {
    for (const link of this.#links) {
      link.stranded = true;
      if (reset) link.client.resetAndDestroy();
    }
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
      this.spoiled++;
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const link = new TcpLink(client, connect(this.targetPort, '127.0.0.1'));
    if (this.#silenceNew) link.silence();
    this.#links.add(link);
    this.#pipe(link, 'up');
    this.#pipe(link, 'down');
  }
  #pipe(link: TcpLink, direction: Direction): void {
    const from = direction === 'up' ? link.client : link.server;
    from.on('data', (bytes: Buffer) => {
      if (link.stranded) return;
      if (direction === 'up') this.#look(link, bytes);
      if (direction === 'up' && this.#swallowed?.(bytes) === true) {
        this.#swallowed = undefined;
        this.spoiled++;
        return;
      }
      if (link.carry(direction, bytes, this.#faults[direction], this.#delayMs)) this.spoiled++;
    });
    from.on('error', () => {});
    from.on('close', () => {
      // What is held shall still arrive after its sender has given up.
      if (link.stranded || link.held[direction].length > 0 || this.#faults[direction] === 'hold') return;
      this.#links.delete(link);
      link.finish(direction);
    });
  }
  #look(link: TcpLink, bytes: Buffer): void {
    link.note(bytes);
    const trigger = this.#trigger;
    if (trigger?.fits(bytes) !== true) return;
    this.#trigger = undefined;
    trigger.fire();
  }
}
