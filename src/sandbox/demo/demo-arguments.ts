import { parseArgs } from 'node:util';
import { asOperatorError, OperatorError } from '../../base/errors.js';

export const DEMO_USAGE = `Shows the operator at work on this machine: no cluster, no token, no network.

  scripts/demo [--scenario NAME] [--speed N] [--keep] [--log]

  --scenario NAME  what happens (default bad-deploy); also the path of a scenario file
  --speed N        divides every wait of the operator and of the world (default 20);
                   windows over the past are never divided
  --keep           stay up after the end, until Ctrl-C, to look around
  --log            the operator's own log lines too
  --list           the scenarios, what each shows and needs
  --help           this text

Exit code 0: everything the scenario expects is so. 1: it is not. 2: wrong usage.
NO_COLOR=1 takes the colours away.
`;

/** What the demo was asked for. */
export interface DemoArguments {
  readonly command: 'run' | 'list' | 'help';
  readonly scenario: string;
  readonly speed: number;
  readonly keep: boolean;
  readonly log: boolean;
}

const OPTIONS = {
  scenario: { type: 'string', default: 'bad-deploy' },
  speed: { type: 'string', default: '20' },
  keep: { type: 'boolean', default: false },
  log: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function readFlags(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS });
  } catch (error) {
    throw usageFault(asOperatorError(error).message);
  }
}
const usageFault = (what: string): OperatorError =>
  new OperatorError('DEMO_USAGE', 'config', `${what}\n\n${DEMO_USAGE}`);

/** Throws `DEMO_USAGE` (config) with the usage. */
export function parseDemoArguments(argv: readonly string[]): DemoArguments {
  const { scenario, speed, keep, log, list, help } = readFlags(argv).values;
  const divisor = Number(speed);
  if (!(divisor > 0) || !Number.isFinite(divisor)) throw usageFault(`--speed ${speed} is not a number above 0`);
  return { command: help ? 'help' : list ? 'list' : 'run', scenario, speed: divisor, keep, log };
}
