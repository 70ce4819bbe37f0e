import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

const DEMO = 'dist/sandbox/demo.js';

/** Builds `dist` as scripts/demo does. Throws what the compiler says. */
export function buildDist(): void {
  const { status, stdout } = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`dist could not be built:\n${stdout}`);
}

/** Everything a finished process said, and its exit code. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built demo as a process of its own, on pipes. */
export class DemoProcess {
  readonly finished: Promise<Finished>;
  stdout = '';
  #stderr = '';
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, [DEMO, ...args], {
      env: { ...process.env, LC_ALL: 'C', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.finished = new Promise((resolve) => {
      child.once('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.#stderr }));
    });
  }
  get pid(): number {
    return this.#child.pid ?? 0;
  }
  /** Until the output holds this; throws when the process ends without it. */
  async says(words: string): Promise<void> {
    let ended: Finished | undefined;
    void this.finished.then((finished) => (ended = finished));
    while (!this.stdout.includes(words)) {
      if (ended !== undefined)
        throw new Error(
          `the demo ended with ${ended.code} and never said "${words}":\n${ended.stdout}\n${ended.stderr}`,
        );
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  interrupt(): Promise<Finished> {
    this.#child.kill('SIGINT');
    return this.finished;
  }
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
