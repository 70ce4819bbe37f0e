import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';

const MAIN = fileURLToPath(new URL('../../../src/sandbox/main.js', import.meta.url));

describe('the sandbox as a process', () => {
  let directory: string;
  let child: ChildProcess | undefined;
  let printed: { out: string; err: string };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sandbox-main-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });
  function run(...args: readonly string[]): Promise<number | null> {
    printed = { out: '', err: '' };
    const started = (child = spawn(process.execPath, [MAIN, '--directory', directory, ...args]));
    started.stdout.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
    started.stderr.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
    return new Promise((settle) => started.on('close', settle));
  }

  it('prints addresses and a configuration, serves, and ends with 0 when it is told to', async () => {
    const ended = run('--port-base', '0', '--print-config');
    while (!printed.out.includes('sweepInterval')) await new Promise((r) => setTimeout(r, 20));
    const config = parse(printed.out) as Record<'argocd' | 'prometheus', { readonly url: string }>;
    expect(printed.err).to.contain(config.argocd.url).and.to.contain(directory);
    expect((await fetch(`${config.prometheus.url}/-/ready`)).status).to.equal(200);
    child?.kill('SIGTERM');
    expect(await ended).to.equal(0);
  }).timeout(20_000);
  it('names its scenarios', async () => {
    expect(await run('--list')).to.equal(0);
    expect(printed.out.split('\n')).to.include('bad-deploy');
  });
  it('ends with 2 and says what is wrong with its arguments', async () => {
    expect(await run('--speed', 'fast')).to.equal(2);
    expect(printed.err).to.contain('--speed fast is not a number');
    expect(await run('--nonsense')).to.equal(2);
    expect(await run('--scenario', 'no-such-thing')).to.equal(2);
    expect(printed.err).to.contain('no-such-thing.yaml cannot be read');
  });
});
