import type { CliIo } from './cli-io.js';
import type { CommandHandlers } from './command-handlers.js';
import type { DaemonClient } from './daemon-client.js';
import type { ExitCode } from './exit-code.js';
import type { OptionName, OptionValues, Output } from './options.js';
import type { Paint } from './paint.js';

/** What a command works with. */
export interface CommandContext {
  /** The positional arguments, as many as the row demands. */
  readonly arguments: readonly string[];
  readonly options: OptionValues;
  readonly output: Output;
  readonly io: CliIo;
  readonly paint: Paint;
  readonly now: number;
  readonly handlers: CommandHandlers;
  /** Made when asked for: not every command needs a running operator. */
  client(): Promise<DaemonClient>;
}

/** One command of the table. */
export interface Command {
  /** What is typed: `config check`. */
  readonly name: string;
  /** Names of the positional arguments; `[APP]` may be left out. */
  readonly arguments: readonly string[];
  readonly options: readonly OptionName[];
  /** Options without which it does nothing. */
  readonly needs?: readonly OptionName[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** What somebody who was just woken up needs to know. */
  readonly help: string;
  readonly examples: readonly string[];
  run(context: CommandContext): Promise<ExitCode>;
}
