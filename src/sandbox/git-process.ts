import { spawn } from 'node:child_process';
import { OperatorError } from '../base/errors.js';
import { Memo } from './memo.js';

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitCall {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /**
   * The only objects the answer depends on. When all of them are named by full ids (or ranges of such), the answer can
   * never change, and git is not started a second time for it.
   */
  readonly about?: readonly string[];
}

const BY_ID = /^[0-9a-f]{40}(?:\.\.[0-9a-f]{40})?$/;
const REMEMBERED = 2_000;

/** Runs the git program on one bare repository: no shell, and no configuration of the machine or of its user. */
export class GitProcess {
  readonly directory: string;
  // Status 1 without a complaint is a plain "no"; anything else may be different once the object is there.
  readonly #known = new Memo<GitResult>(REMEMBERED, ({ code, stderr }) => code === 0 || (code === 1 && stderr === ''));
  constructor(directory: string) {
    this.directory = directory;
  }

  /** Any exit status is an answer. */
  try(args: readonly string[], call: GitCall = {}): Promise<GitResult> {
    const { about } = call;
    const isTimeless = about !== undefined && about.every((object) => BY_ID.test(object));
    return isTimeless ? this.#known.of(args.join('\0'), () => this.#start(args, call)) : this.#start(args, call);
  }
  #start(args: readonly string[], call: GitCall): Promise<GitResult> {
    return new Promise((resolve, reject) => {
      const child = spawn('git', [...args], { env: { ...this.#environment(), ...call.env }, stdio: 'pipe' });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
      child.once('error', reject);
      child.once('close', (code) => {
        resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8').trim() });
      });
      // git may leave without reading its input: its exit status tells, the broken pipe does not matter.
      child.stdin.on('error', () => undefined);
      child.stdin.end(call.input);
    });
  }

  /** Throws `SANDBOX_GIT_FAILED` unless the exit status is 0. */
  async run(args: readonly string[], call: GitCall = {}): Promise<Buffer> {
    const result = await this.try(args, call);
    if (result.code === 0) return result.stdout;
    const what = `git ${args.join(' ')} failed with ${result.code}: ${result.stderr}`;
    throw new OperatorError('SANDBOX_GIT_FAILED', 'bug', what);
  }

  /** Standard output without the newline at its end. */
  async text(args: readonly string[], call: GitCall = {}): Promise<string> {
    return (await this.run(args, call)).toString('utf8').replace(/\n$/, '');
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      GIT_DIR: this.directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      LC_ALL: 'C',
    };
  }
}
