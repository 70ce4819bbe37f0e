import type { CliIo } from './cli-io.js';
import type { ExitCode } from './exit-code.js';
import type { Output } from './options.js';

/** The commands that do not ask a running operator: what is behind them is put in by the composition. */
export interface CommandHandlers {
  readonly version: string;
  /** The daemon; resolves when it has stopped. With `once` it only looks, and prints in that form. */
  run(options: RunOptions, io: CliIo): Promise<ExitCode>;
  configCheck(options: { readonly config: string; readonly output: Output }, io: CliIo): Promise<ExitCode>;
  configPrint(options: { readonly config: string; readonly output: Output }, io: CliIo): Promise<ExitCode>;
  configSchema(io: CliIo): Promise<ExitCode>;
  auditVerify(options: AuditOptions & { readonly witness?: string }, io: CliIo): Promise<ExitCode>;
  auditShow(options: AuditOptions & { readonly attempt?: string }, io: CliIo): Promise<ExitCode>;
  auditExport(options: AuditOptions & { readonly attempt?: string }, io: CliIo): Promise<ExitCode>;
  doctor(options: { readonly config: string; readonly output: Output }, io: CliIo): Promise<ExitCode>;
  /** Where a local operator with this configuration listens: `http://127.0.0.1:8080`. */
  serverOf(config: string): Promise<string>;
}

export interface RunOptions {
  readonly config?: string;
  readonly dryRun?: true;
  readonly once?: Output;
}

/** At least one of `config` and `directory`. */
export interface AuditOptions {
  readonly config?: string;
  readonly directory?: string;
  readonly output: Output;
}
