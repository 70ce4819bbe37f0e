import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { daemonBundle } from './daemon-bundle.js';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Of the mask of signals that a process handles. Node itself catches SIGTERM as it starts, SIGHUP only the daemon does. */
const SIGHUP_AND_SIGTERM = (1n << 0n) | (1n << 14n);
/** Loads the bug that PLANTED names into a process. */
const PLANT = fileURLToPath(new URL('../plant.js', import.meta.url));

interface ChildOptions {
  readonly failpoint?: string;
  readonly planted?: string;
  readonly bundled: boolean;
}

/** The built daemon as a process of its own. */
export class OperatorChild {
  readonly startedAt = Date.now();
  /**
   * How long it took until it was the writer and looked at what is open, without the time in which it only waited for a
   * core: whatever else the machine does is not the daemon's doing. Undefined = it never came so far.
   */
  startMs: number | undefined;
  #printed = '';
  #ended: ChildEnd | undefined;
  readonly ended: Promise<ChildEnd>;
  private constructor(
    private readonly child: ChildProcess,
    readonly apiUrl: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => this.#take(bytes));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#ended = { code, signal };
        resolve(this.#ended);
      });
    });
  }

  /**
   * `failpoint` = `<place>@<where>:<nth>:<kill|stop>`; `planted` = a bug on purpose, put into the modules as they load;
   * `bundled` = from few files, which is quicker.
   */
  static async start(
    file: string,
    apiUrl: string,
    { failpoint, planted, bundled }: ChildOptions,
  ): Promise<OperatorChild> {
    const program = bundled ? await daemonBundle() : 'dist/main.js';
    const plant = planted === undefined ? [] : ['--import', PLANT];
    const child = spawn(process.execPath, [...plant, program, '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'test',
        ...(failpoint === undefined ? {} : { AI_OPERATOR_FAILPOINT: failpoint }),
        ...(planted === undefined ? {} : { PLANTED: planted }),
      },
    });
    return new OperatorChild(child, apiUrl);
  }
  /** Both streams: log lines and the checkpoints of the audit log. */
  get printed(): string {
    return this.#printed;
  }
  get end(): ChildEnd | undefined {
    return this.#ended;
  }
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
  /** It stands still, by its own hand or another's. */
  get isStopped(): boolean {
    return /^\d+ \(.*\) T/.test(this.#proc('stat'));
  }
  /** It has said what it does at a SIGTERM: until then the kernel ends it at once. */
  get hearsSigterm(): boolean {
    const [, caught = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(this.#proc('status')) ?? [];
    return (BigInt(`0x${caught}`) & SIGHUP_AND_SIGTERM) === SIGHUP_AND_SIGTERM;
  }
  #take(bytes: Buffer): void {
    this.#printed += bytes.toString();
    if (this.startMs === undefined && this.#printed.includes('"operator started"'))
      this.startMs = Date.now() - this.startedAt - this.#waitedMs();
  }
  /** How long its main thread was ready to run and no core was free. */
  #waitedMs(): number {
    const [, waitedNs = '0'] = this.#proc('schedstat').split(' ');
    return Number(waitedNs) / 1e6;
  }
  /** What the kernel says of it; empty when it has ended. */
  #proc(file: 'stat' | 'status' | 'schedstat'): string {
    if (this.child.pid === undefined || this.#ended !== undefined) return '';
    try {
      return readFileSync(`/proc/${this.child.pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  }
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
