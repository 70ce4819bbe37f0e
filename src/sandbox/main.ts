import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { asOperatorError, OperatorError } from '../base/errors.js';
import { writeCredentialFiles } from './credential-files.js';
import { operatorConfiguration } from './operator-configuration.js';
import { loadScenario, scenarioNames } from './scenario/scenario-files.js';
import { startSandbox } from './sandbox.js';
import type { Sandbox } from './sandbox.js';

const USAGE = `Runs the sandbox's servers (Argo CD, GitHub, Kubernetes, Prometheus, a receiver of notices) until it is interrupted.

  node dist/sandbox/main.js [--scenario NAME|FILE] [--speed N] [--port-base P] [--directory D] [--print-config] [--list]

  --scenario      a scenario of the project or a file (default bad-deploy)
  --speed         divides every wait of the world (default: the scenario's)
  --port-base     P = Argo CD, P+1 = GitHub, P+2 = Kubernetes, P+3 = Prometheus, P+4 = notices (default 18080; 0 = free ports)
  --directory     where credentials and what the operator writes go (default .sandbox)
  --print-config  print an operator configuration for this sandbox on stdout
  --list          print the names of the scenarios and end
`;

interface Arguments {
  readonly scenario: string;
  readonly speed: number | undefined;
  readonly portBase: number;
  readonly directory: string;
  readonly printConfig: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

const OPTIONS = {
  scenario: { type: 'string', default: 'bad-deploy' },
  speed: { type: 'string' },
  'port-base': { type: 'string', default: '18080' },
  directory: { type: 'string', default: '.sandbox' },
  'print-config': { type: 'boolean', default: false },
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

function parseArguments(argv: readonly string[]): Arguments {
  const { values } = readFlags(argv);
  const speed = values.speed === undefined ? undefined : Number(values.speed);
  const portBase = Number(values['port-base']);
  if (speed !== undefined && !(speed > 0)) throw usageFault(`--speed ${values.speed} is not a number above 0`);
  if (!Number.isInteger(portBase) || portBase < 0 || portBase > 65_531) {
    throw usageFault(`--port-base ${values['port-base']} is not a port`);
  }
  const { scenario, directory, list, help } = values;
  return { scenario, speed, portBase, directory: resolve(directory), printConfig: values['print-config'], list, help };
}

const usageFault = (what: string): OperatorError => new OperatorError('SANDBOX_USAGE', 'config', `${what}\n\n${USAGE}`);

function addresses(sandbox: Sandbox, directory: string): string {
  const { scenario, urls, speed } = sandbox;
  return [
    `sandbox ${scenario.name} (${scenario.title}), waits divided by ${speed}`,
    ...Object.entries(urls).map(([server, url]) => `  ${server.padEnd(11)}${url}`),
    `  credentials ${directory}`,
    '',
  ].join('\n');
}

async function main(argv: readonly string[]): Promise<void> {
  const { scenario: name, speed, portBase, directory, printConfig, list, help } = parseArguments(argv);
  if (help) return void process.stdout.write(USAGE);
  if (list) return void process.stdout.write((await scenarioNames()).map((one) => `${one}\n`).join(''));
  const scenario = await loadScenario(name);
  const work = await mkdtemp(join(tmpdir(), 'sandbox-'));
  try {
    const ports = {
      argocd: portBase,
      github: portBase + 1,
      kubernetes: portBase + 2,
      prometheus: portBase + 3,
      notices: portBase + 4,
    };
    const sandbox = await startSandbox(scenario, {
      directory: work,
      ...(speed === undefined ? {} : { speed }),
      ...(portBase === 0 ? {} : { ports }),
    });
    const files = await writeCredentialFiles(sandbox, directory);
    process.stderr.write(addresses(sandbox, directory));
    if (printConfig) process.stdout.write(stringify(operatorConfiguration(sandbox, files, directory)));
    await Promise.race([interrupted(), sandbox.broken()]);
    await sandbox.close();
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function interrupted(): Promise<void> {
  return new Promise((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle());
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${asOperatorError(error).message}\n`);
  process.exitCode = asOperatorError(error).category === 'config' ? 2 : 1;
});
