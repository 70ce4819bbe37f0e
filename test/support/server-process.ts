import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Where `scripts/test` unpacks servers that are not installed. */
const UNPACKED = ['.tools/usr/bin', '.tools/usr/sbin'].map((folder) => path.resolve(folder));

/** The program on the path, else the one that `scripts/test` unpacked; undefined = neither. */
export function findProgram(name: string): string | undefined {
  return [name, ...UNPACKED.map((folder) => path.join(folder, name))].find(
    (file) => (file === name || existsSync(file)) && spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}
/** True when the program is there. Says aloud when not; on CI (`CI=true`) that is a failure. */
export function hasProgram(name: string, debianPackage: string): boolean {
  if (findProgram(name) !== undefined) return true;
  const message = `${name} not found: the tests against a real one need Debian's package ${debianPackage}; scripts/test fetches it`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`SKIPPED: ${message}`);
  return false;
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Whether every thread stands still; where the system does not say (no /proc), it is believed. */
function isStopped(pid: number | undefined): boolean {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return true;
  const states = readdirSync(tasks).map((id) => /\) (\w) /.exec(readFileSync(`${tasks}/${id}/stat`, 'utf8'))?.[1]);
  return states.every((state) => state === 'T');
}

/** So much of what a server says is kept, for when it does not start. */
const MOST_SAID = 2_000;

/** A server of its own, in a folder of its own, that can be killed, frozen and started again over the same files. */
export class ServerProcess {
  #child: ChildProcess | undefined;
  private constructor(
    readonly folder: string,
    private readonly program: string,
    private readonly args: (folder: string) => readonly string[],
    private readonly ready: () => Promise<boolean>,
  ) {}

  static async start(
    program: string,
    args: (folder: string) => readonly string[],
    ready: () => Promise<boolean>,
  ): Promise<ServerProcess> {
    const found = findProgram(program);
    if (found === undefined) throw new Error(`${program} is not installed`);
    const server = new ServerProcess(await mkdtemp(path.join(tmpdir(), `${program}-`)), found, args, ready);
    try {
      await server.start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  /** Starts it (again) and waits until it answers. */
  async start(): Promise<void> {
    const child = spawn(this.program, this.args(this.folder), { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-MOST_SAID)));
    for (let tried = 0; tried < 400; tried++) {
      if (child.exitCode !== null)
        throw new Error(`${this.program} ended with ${child.exitCode} at its start: ${said}`);
      if (await this.ready().catch(() => false)) return;
      await pause(25);
    }
    throw new Error(`${this.program} was not ready within 10 s`);
  }
  /** As if the machine lost power: no goodbye. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }
  /** It keeps its connections and answers nothing. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
    // On a busy machine the other threads run on for a moment, and may still answer.
    const until = performance.now() + 1_000;
    while (!isStopped(this.#child?.pid) && performance.now() < until);
  }
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }
  /** Ends it and removes its files. */
  async close(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        resolve();
      });
    });
    child.kill('SIGCONT');
    child.kill(signal);
    await ended;
  }
}
