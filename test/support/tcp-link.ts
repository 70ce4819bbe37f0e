import type { Socket } from 'node:net';

/** `up` is towards the server, `down` towards the client. */
export type Direction = 'up' | 'down';
/**
 * What happens to bytes. `drop`: thrown away (a black hole); `hold`: kept until released; `half`: the first half of what
 * comes next passes, then nothing more; `cut`: the same, then both sides are reset; `slice`: pieces of 1 to 3 bytes.
 */
export type TcpFault = 'drop' | 'hold' | 'half' | 'cut' | 'slice';

/** So much of each chunk goes in small pieces: all headers and every boundary, without a syscall for each byte of a megabyte. */
const SLICED_BYTES = 600;
const PIECE_BYTES = [1, 2, 3] as const;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** One connection through the proxy. Bytes arrive in the order they were sent, whatever else is done to them. */
export class TcpLink {
  readonly held: { readonly [D in Direction]: Buffer[] } = { up: [], down: [] };
  /** Nothing passes any more; what is held is kept. */
  stranded = false;
  readonly #silent: { [D in Direction]: boolean } = { up: false, down: false };
  readonly #queues: { readonly [D in Direction]: (() => Promise<void>)[] } = { up: [], down: [] };
  readonly #busy: { [D in Direction]: boolean } = { up: false, down: false };
  #firstBytes = Buffer.alloc(0);

  constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    client.setNoDelay(true);
    server.setNoDelay(true);
  }

  /** The first bytes that the client sent: tells which of several connections this is. */
  get firstBytes(): Buffer {
    return this.#firstBytes;
  }
  note(bytes: Buffer): void {
    if (this.#firstBytes.length < 4_096) this.#firstBytes = Buffer.concat([this.#firstBytes, bytes]);
  }
  /** Black hole in both directions. */
  silence(): void {
    this.#silent.up = true;
    this.#silent.down = true;
  }
  /** Lets bytes take their way; answers whether they were spoiled. */
  carry(direction: Direction, bytes: Buffer, fault: TcpFault | undefined, delayMs: number): boolean {
    if (this.#silent[direction]) return true;
    switch (fault) {
      case undefined:
        this.deliver(direction, bytes, delayMs);
        return delayMs > 0;
      case 'drop':
        return true;
      case 'hold':
        this.held[direction].push(bytes);
        return true;
      case 'half':
        this.#silent[direction] = true;
        this.deliver(direction, firstHalf(bytes));
        return true;
      case 'cut':
        this.#silent[direction] = true;
        this.deliver(direction, firstHalf(bytes));
        this.#enqueue(direction, async () => this.reset());
        return true;
      case 'slice':
        this.#enqueue(direction, () => this.#inPieces(direction, bytes));
        return true;
    }
  }
  deliver(direction: Direction, bytes: Buffer, delayMs = 0): void {
    const due = Date.now() + delayMs;
    this.#enqueue(direction, async () => {
      if (delayMs > 0) await pause(Math.max(0, due - Date.now()));
      this.#write(direction, bytes);
    });
  }
  /** The sender has gone: so does the receiver, once everything sent has arrived. */
  finish(direction: Direction): void {
    this.#enqueue(direction, async () => {
      (direction === 'up' ? this.server : this.client).destroy();
    });
  }
  /** RST to both sides. */
  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }

  #write(direction: Direction, bytes: Buffer): void {
    const to = direction === 'up' ? this.server : this.client;
    if (to.writable) to.write(bytes);
  }
  async #inPieces(direction: Direction, bytes: Buffer): Promise<void> {
    let at = 0;
    for (let n = 0; at < Math.min(bytes.length, SLICED_BYTES); n++) {
      const size = PIECE_BYTES[n % PIECE_BYTES.length] ?? 1;
      this.#write(direction, bytes.subarray(at, at + size));
      at += size;
      await nextTurn();
    }
    if (at < bytes.length) this.#write(direction, bytes.subarray(at));
  }
  #enqueue(direction: Direction, work: () => Promise<void>): void {
    this.#queues[direction].push(work);
    if (!this.#busy[direction]) void this.#drain(direction);
  }
  async #drain(direction: Direction): Promise<void> {
    this.#busy[direction] = true;
    for (let work = this.#queues[direction].shift(); work !== undefined; work = this.#queues[direction].shift())
      await work();
    this.#busy[direction] = false;
  }
}

const firstHalf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));
