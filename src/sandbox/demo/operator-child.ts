import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { OperatorError } from '../../base/errors.js';

/** The program of this build, as production starts it. */
export const OPERATOR_PROGRAM = fileURLToPath(new URL('../../main.js', import.meta.url));
const PATIENCE_MS = 10_000;

/** What came of a process. */
export interface Exit {
  /** Undefined = a signal ended it. */
  readonly code: number | undefined;
  readonly output: string;
}

/** A process of this build's program: the operator itself, or one of its commands. */
export class OperatorChild {
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  #stopping = false;

  /** `hear` gets every line of standard error. */
  constructor(args: readonly string[], hear: (line: string) => void) {
    const child = spawn(process.execPath, [OPERATOR_PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const kill = (): void => this.kill();
    process.once('exit', kill);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    createInterface({ input: child.stderr }).on('line', hear);
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (cause) => {
        reject(new OperatorError('DEMO_NO_OPERATOR', 'config', `${OPERATOR_PROGRAM} cannot be started`, { cause }));
      });
      child.once('close', (code) => {
        process.off('exit', kill);
        resolve({ code: code ?? undefined, output });
      });
    });
    // looked at by whoever waits for it; until then it must not count as unhandled
    this.exited.catch(() => undefined);
  }

  get isStopping(): boolean {
    return this.#stopping;
  }
  /** Asks it to end as production does (SIGTERM), and insists after a while. */
  async stop(): Promise<Exit> {
    this.#stopping = true;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.kill(), PATIENCE_MS);
    try {
      return await this.exited;
    } finally {
      clearTimeout(insist);
    }
  }
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Runs a command of the program to its end; what it says on either channel is the output. */
export async function runCommand(args: readonly string[]): Promise<Exit> {
  const errors: string[] = [];
  const { code, output } = await new OperatorChild(args, (line) => errors.push(line)).exited;
  return { code, output: [output.trimEnd(), ...errors].filter((text) => text !== '').join('\n') };
}
