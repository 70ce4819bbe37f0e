import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built daemon as a process of its own. */
export class OperatorChild {
  readonly startedAt = Date.now();
  #printed = '';
  #ended: ChildEnd | undefined;
  readonly ended: Promise<ChildEnd>;
  private constructor(
    private readonly child: ChildProcess,
    readonly apiUrl: string,
  ) {
    child.stdout?.on('data', (bytes: Buffer) => (this.#printed += bytes.toString()));
    child.stderr?.on('data', (bytes: Buffer) => (this.#printed += bytes.toString()));
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#ended = { code, signal };
        resolve(this.#ended);
      });
    });
  }

  /** `failpoint` = `<name>:<nth>:<kill|stop>`. */
  static start(file: string, apiUrl: string, failpoint?: string): OperatorChild {
    const main = process.env['KILL_TEST_MAIN'] ?? 'dist/main.js';
    const child = spawn(process.execPath, [main, '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        NODE_ENV: 'test',
        ...(failpoint === undefined ? {} : { AI_OPERATOR_FAILPOINT: failpoint }),
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
    const { pid } = this.child;
    if (pid === undefined || this.#ended !== undefined) return false;
    return /^\d+ \(.*\) T/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  }
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }
}
