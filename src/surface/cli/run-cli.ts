import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { redactText } from '../../base/redact.js';
import type { CliIo } from './cli-io.js';
import type { CommandHandlers } from './command-handlers.js';
import { daemonClient } from './daemon-access.js';
import { EXIT, exitCodeOf, type ExitCode } from './exit-code.js';
import { commandHelp, generalHelp } from './help.js';
import { paintFor } from './paint.js';
import { parseCommandLine } from './parse-command-line.js';

/**
 * Runs what `argv` (without program and script) asks for and answers the exit code; never throws. Data goes to `io.out`,
 * faults and warnings to `io.err`.
 */
export async function runCli(
  argv: readonly string[],
  io: CliIo,
  handlers: CommandHandlers,
  clock: Pick<Clock, 'now'>,
): Promise<ExitCode> {
  const paint = paintFor(io);
  const parsed = parseCommandLine(argv);
  if (parsed.kind === 'usage') {
    io.err(`ai-operator: ${parsed.message}`);
    io.err('See `ai-operator help`.');
    return EXIT.usage;
  }
  if (parsed.kind === 'help') {
    io.out(parsed.command === undefined ? generalHelp(paint) : commandHelp(parsed.command, paint));
    return EXIT.ok;
  }
  const { command, options, output } = parsed;
  try {
    return await command.run({
      arguments: parsed.arguments,
      options,
      output,
      io,
      paint,
      now: clock.now(),
      handlers,
      client: () => daemonClient(options, io, handlers),
    });
  } catch (error) {
    const e = asOperatorError(error);
    io.err(`ai-operator: ${redactText(e.message)} [${e.code}]`);
    return exitCodeOf(e);
  }
}
