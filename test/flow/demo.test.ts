import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import type { AttemptView } from '../../src/model/attempt-view.js';
import { buildDist, DemoProcess } from '../support/demo-process.js';

const SCENARIO = 'src/sandbox/scenarios/bad-deploy.yaml';
const OVERLAY = 'apps/checkout/overlays/staging';
const STATES = [
  'DegradationDetected',
  'CandidateResolved',
  'PRCreated',
  'AwaitingMergeApproval',
  'RollbackMerged',
  'RollbackComplete',
];

/** The first group of a pattern that the demo must have printed. Wrapped lines are joined first. */
function printed(text: string, pattern: RegExp): string {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`${pattern.source} is not in:\n${text}`);
  return found;
}

describe('demo as a process', function demo() {
  this.timeout(150_000);
  const running: DemoProcess[] = [];
  const folders: string[] = [];
  /** A demo with a folder for temporary files of its own. */
  const start = async (...args: string[]): Promise<{ readonly demo: DemoProcess; readonly scratch: string }> => {
    const scratch = await mkdtemp(join(tmpdir(), 'demo-test-'));
    const started = new DemoProcess(args, { TMPDIR: scratch });
    folders.push(scratch);
    running.push(started);
    return { demo: started, scratch };
  };
  // these two take their time: they run beside each other, and beside the first test
  let plain: ReturnType<typeof start>;
  let falseHope: ReturnType<typeof start>;
  before(async () => {
    buildDist();
    plain = start('--speed', '40');
    falseHope = start('--scenario', await falseHopeScenario(folders), '--speed', '40');
    await Promise.all([plain, falseHope]);
  });
  after(async () => {
    for (const one of running) one.kill();
    await Promise.all(running.map((one) => one.finished));
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('rolls a bad deploy back, and what it prints is what git says; Ctrl-C leaves nothing behind', async () => {
    const { demo, scratch } = await start('--keep', '--speed', '40');
    await demo.says('Still up, until Ctrl-C');
    await demo.says('log --graph --stat\n');
    const text = demo.stdout;
    const repository = printed(text, /git -C (\S+) log/);
    const api = printed(text, /--server (http:\S+)/);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trimEnd();

    const log = git('log', '--oneline', '--graph', '-12', 'main')
      .split('\n')
      .map((line) => line.trimEnd());
    for (const line of log) expect(text).to.include(line.length > 78 ? line.slice(0, 75) : line);
    const good = printed(text, /git diff --stat ([0-9a-f]{10}) main --/);
    const [bad, merge] = [
      printed(text, /leo +pushes ([0-9a-f]{10}) to main/),
      printed(text, /#1 is merged into main by operator: ([0-9a-f]{10})/),
    ];
    expect(git('rev-parse', '--short=10', 'main'), 'the merge is the head of main').to.equal(merge);
    expect(git('rev-list', '--parents', '-n', '1', 'main').split(' '), 'a merge commit').to.have.length(3);
    expect(git('log', '-1', '--format=%s', good)).to.equal('Deploy checkout 2.3.1 to staging and production');
    expect(git('diff', '--stat', good, 'main', '--', OVERLAY), 'restored').to.equal('');
    expect(text).to.include('nothing differs');
    expect(git('diff', '--stat', bad, 'main', '--', OVERLAY)).to.include('2 files changed');
    expect(git('show', `main:${OVERLAY}/kustomization.yaml`)).to.include('newTag: 2.3.1');

    const { items } = (await (await fetch(`${api}/api/v1/attempts`)).json()) as {
      readonly items: readonly AttemptView[];
    };
    const [attempt] = items;
    expect(items).to.have.length(1);
    if (attempt?.end?.kind !== 'complete') throw new Error(`the attempt is ${attempt?.state}`);
    expect(text).to.include(`${(attempt.end.timeToRecoveryMs / 1000).toFixed(1)} s from Degraded to healthy`);
    expect(
      STATES.map((state) => text.indexOf(`* ${state}`)),
      'the states in their order',
    )
      .to.deep.equal(STATES.map((state) => text.indexOf(`* ${state}`)).toSorted((a, b) => a - b))
      .and.not.to.include(-1);
    expect(text).to.match(/16 of 16 rules hold on [0-9a-f]{10}/);

    const audit = printed(text, /audit show --directory (\S+)/);
    expect(
      spawnSync(process.execPath, ['dist/main.js', 'audit', 'verify', '--directory', audit]).status,
      'audit verify',
    ).to.equal(0);
    const configuration = parse(await readFile(join(scratch, await onlyEntry(scratch), 'operator.yaml'), 'utf8')) as {
      readonly timing: Record<string, string>;
    };
    expect(configuration.timing['HEALTH_CHECK_INTERVAL']).to.equal('250ms');
    expect(text).to.match(/HEALTH_CHECK_INTERVAL +250ms +was 10s/);

    expect(await demo.interrupt()).to.include({ code: 0, stderr: '' });
    expect(await readdir(scratch), 'what is left of it').to.deep.equal([]);
    expect(
      await fetch(api).then(
        () => 'answers',
        () => 'gone',
      ),
    ).to.equal('gone');
  });

  it('prints plain short lines without log JSON to something that is no terminal, and ends by itself with 0', async () => {
    const { demo, scratch } = await plain;
    const { code, stdout, stderr } = await demo.finished;
    expect({ code, stderr }, stdout).to.deep.equal({ code: 0, stderr: '' });
    // oxlint-disable-next-line no-control-regex -- escapes are what it is about
    expect(stdout).not.to.match(/\u001B|"level":/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    expect(stdout).to.include('Everything bad-deploy expects is so.').and.to.include('Waits were divided by 40');
    expect(stdout).not.to.include('from bad push');
    expect(await readdir(scratch), 'what is left of it').to.deep.equal([]);
  });

  it('ends with 1 and names what is unmet when the world is not as the scenario expects', async () => {
    const { code, stdout } = await (await falseHope).demo.finished;
    expect(code, stdout).to.equal(1);
    expect(stdout).to.include('false-hope did not end as expected:\n  - catalog-staging is Healthy, expected Degraded');
    expect(stdout, 'the last lines of the log').to.match(/"msg":"operator stopped"/);
  });

  it('ends at once and cleanly when it is interrupted halfway', async () => {
    const { demo, scratch } = await start();
    await demo.says('pushes');
    expect((await demo.interrupt()).code).to.equal(130);
    expect(await readdir(scratch), 'what is left of it').to.deep.equal([]);
  });

  it('lists its scenarios, and refuses a wrong name with those there are', async () => {
    const list = await (await start('--list')).demo.finished;
    expect(list.code).to.equal(0);
    expect(list.stdout).to.match(
      /^bad-deploy\n {2}A bad deploy in staging is rolled back by a merged pull request\n {2}Needs: /m,
    );
    const wrong = await (await start('--scenario', 'bad-deplyo')).demo.finished;
    expect(wrong.code).to.equal(2);
    expect(wrong.stderr).to.include('there is no scenario bad-deplyo; there are: ').and.to.include('bad-deploy');
  });
});

describe('scripts/demo', () => {
  /** A folder with programs that answer as older ones do. */
  const demoWith = async (
    programs: Readonly<Record<string, string>>,
  ): Promise<{ status: number | null; stderr: string }> => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-path-'));
    try {
      for (const [name, body] of Object.entries(programs))
        await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      const { status, stderr } = spawnSync('scripts/demo', ['--help'], {
        encoding: 'utf8',
        env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      });
      return { status, stderr };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  it('names the version it needs when Node or git is too old, before it changes anything', async () => {
    expect(existsSync('scripts/demo')).to.equal(true);
    const oldNode = await demoWith({ node: 'echo 20.18.3' });
    expect(oldNode.status).to.equal(2);
    expect(oldNode.stderr).to.equal('scripts/demo: Node is 20.18.3; 20.19 or newer is needed (https://nodejs.org).\n');
    const oldGit = await demoWith({ git: 'echo "git version 2.37.1 (Apple Git-137.1)"' });
    expect(oldGit.status).to.equal(2);
    expect(oldGit.stderr).to.include('git is 2.37; 2.38 or newer is needed');
  });
});

/** The default scenario with one expectation more, which does not come true. */
async function falseHopeScenario(folders: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-scenario-'));
  folders.push(folder);
  const document = parse(await readFile(SCENARIO, 'utf8')) as { expect: { applications: object[] } };
  document.expect.applications.push({ application: 'catalog-staging', health: 'Degraded' });
  const file = join(folder, 'false-hope.yaml');
  await writeFile(file, stringify({ ...document, name: 'false-hope' }));
  return file;
}
async function onlyEntry(folder: string): Promise<string> {
  const entries = await readdir(folder);
  const found = entries.find((entry) => entry.startsWith('ai-operator-demo-'));
  if (found === undefined) throw new Error(`no folder of the demo among ${entries.join(', ')}`);
  return found;
}
