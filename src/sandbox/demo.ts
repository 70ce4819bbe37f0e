import { rmSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asOperatorError } from '../base/errors.js';
import { DEMO_USAGE, parseDemoArguments } from './demo/demo-arguments.js';
import { listText } from './demo/heading-text.js';
import { runDemo } from './demo/run-demo.js';
import { terminalOf } from './demo/terminal.js';
import { loadScenario, scenarioNames } from './scenario/scenario-files.js';

const terminal = terminalOf(process.stdout, process.env);
const write = (text: string): void => void process.stdout.write(text);
// whoever reads has gone away
process.stdout.on('error', () => process.exit(1));

async function main(argv: readonly string[]): Promise<number> {
  const options = parseDemoArguments(argv);
  if (options.command === 'help') write(DEMO_USAGE);
  if (options.command === 'list') write(`${listText(await allScenarios(), terminal)}\n`);
  if (options.command !== 'run') return 0;
  const directory = await mkdtemp(join(await realpath(tmpdir()), 'ai-operator-demo-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  return runDemo(options, { directory, terminal, write, interrupted: interruption() });
}

const allScenarios = async (): Promise<Awaited<ReturnType<typeof loadScenario>>[]> =>
  Promise.all((await scenarioNames()).map((name) => loadScenario(name)));

/** The first signal asks for an orderly end, the second does not wait for it. */
function interruption(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort();
    });
  }
  return interrupted.signal;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${asOperatorError(error).message}\n`);
    process.exitCode = asOperatorError(error).category === 'config' ? 2 : 1;
  },
);
