import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { writeCredentialFiles } from '../src/sandbox/credential-files.js';
import { operatorConfiguration } from '../src/sandbox/operator-configuration.js';
import { startSandbox } from '../src/sandbox/sandbox.js';
import { loadScenario } from '../src/sandbox/scenario/scenario-files.js';
import { freePort } from '../test/support/free-port.js';
import { interleaved, type Row } from './measure.js';

const ROUNDS = 5;
/** What the operator loads with store and bus in memory. */
const PACKAGES = [
  'reflect-metadata',
  'inversify',
  'winston',
  'convict',
  'yaml',
  'zod',
  'undici',
  'prom-client',
  'javascript-state-machine',
  '@octokit/rest',
  '@octokit/auth-app',
  '@kubernetes/client-node',
];

/** P17: from the start of the process until `/readyz` says yes, beside a bare node that imports the same packages. */
export async function startUp(): Promise<readonly Row[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'bench-start-'));
  const sandbox = await startSandbox(await loadScenario('bad-deploy', {}), { directory, speed: 1 });
  try {
    const document = operatorConfiguration(sandbox, await writeCredentialFiles(sandbox, directory), directory);
    const port = await freePort();
    const doors = { http: { port: await freePort(), host: '127.0.0.1' }, httpMetrics: { port, host: '127.0.0.1' } };
    const file = path.join(directory, 'operator.yaml');
    await writeFile(file, stringify({ ...document, ...doors }));
    const both = await interleaved(() => untilReady(file, port), importsOnly, ROUNDS);
    return [
      {
        id: 'P17',
        what: 'process start to ready, store and bus in memory',
        baseline: `node that imports the same ${PACKAGES.length} packages`,
        unit: 'ms',
        ours: both.ours.ms,
        bare: both.bare.ms,
        goal: 3,
      },
    ];
  } finally {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  }
}
async function untilReady(file: string, port: number): Promise<void> {
  const child = spawn(process.execPath, [path.resolve('dist/main.js'), '--config', file], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    for (let tried = 0; !(await isReady(port)); tried++) {
      if (child.exitCode !== null || tried > 3_000) throw new Error('the operator did not become ready');
      await new Promise<void>((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
const isReady = async (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
async function importsOnly(): Promise<void> {
  const script = `await Promise.all(${JSON.stringify(PACKAGES)}.map((name) => import(name)))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`the bare node ended with ${code}`);
}
