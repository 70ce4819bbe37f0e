import { OperatorError } from '../../base/errors.js';
import { startSandbox } from '../sandbox.js';
import type { Scenario } from '../scenario.js';
import { loadScenario, scenarioNames } from '../scenario/scenario-files.js';
import type { DemoArguments } from './demo-arguments.js';
import { RunningDemo } from './running-demo.js';
import type { DemoSurroundings } from './running-demo.js';

/** Runs a scenario with the operator as a process of its own and shows it. Answers the exit code; 130 when interrupted. */
export async function runDemo(options: DemoArguments, around: DemoSurroundings): Promise<number> {
  const sandbox = await startSandbox(await knownScenario(options.scenario), {
    directory: around.directory,
    speed: options.speed,
  });
  const demo = new RunningDemo(sandbox, options, around);
  try {
    await demo.start();
    const unmet = await demo.untilOver();
    if (around.interrupted.aborted) return 130;
    const ending = await demo.end(unmet);
    if (options.keep) await demo.keepUp(ending);
    else
      around.write(
        `${around.terminal.paint('dim', 'The files named above go now; --keep leaves them until Ctrl-C.')}\n`,
      );
    return ending.unmet.length === 0 ? 0 : 1;
  } finally {
    await demo.close();
  }
}

async function knownScenario(name: string): Promise<Scenario> {
  const names = await scenarioNames();
  if (names.includes(name) || /[/.]/.test(name)) return loadScenario(name);
  throw new OperatorError(
    'DEMO_NO_SUCH_SCENARIO',
    'config',
    `there is no scenario ${name}; there are: ${names.join(', ')}`,
  );
}
