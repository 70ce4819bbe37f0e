import { runCli } from '../../../src/surface/cli/run-cli.js';
import type { CliIo } from '../../../src/surface/cli/cli-io.js';
import type { CommandHandlers } from '../../../src/surface/cli/command-handlers.js';
import { EXIT, type ExitCode } from '../../../src/surface/cli/exit-code.js';
import { NOW } from '../fake-operator.js';

/** What a run of the command line printed and answered. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** Handlers that were called, with their options. */
  readonly handled: readonly string[];
}
export interface RunOptions {
  readonly env?: CliIo['env'];
  readonly isTerminal?: boolean;
  readonly serverOf?: string;
}

/** Runs a command line as a process would, with handlers that only note what they were asked. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const handled: string[] = [];
  const note =
    (name: string) =>
    (asked?: unknown): Promise<ExitCode> => {
      handled.push(asked === undefined || isIo(asked) ? name : `${name} ${JSON.stringify(asked)}`);
      return Promise.resolve(EXIT.ok);
    };
  const handlers: CommandHandlers = {
    version: '0.1.0',
    run: note('run'),
    configCheck: note('configCheck'),
    configPrint: note('configPrint'),
    configSchema: note('configSchema'),
    auditVerify: note('auditVerify'),
    auditShow: note('auditShow'),
    auditExport: note('auditExport'),
    doctor: note('doctor'),
    serverOf: () => Promise.resolve(options.serverOf ?? 'http://127.0.0.1:1'),
  };
  const io: CliIo = {
    out: (t) => out.push(t),
    err: (t) => err.push(t),
    isTerminal: options.isTerminal ?? false,
    env: options.env ?? {},
  };
  const code = await runCli(argv, io, handlers, { now: () => NOW });
  return { code, out: out.join('\n'), err: err.join('\n'), handled };
}
const isIo = (value: unknown): boolean => typeof value === 'object' && value !== null && 'out' in value;
