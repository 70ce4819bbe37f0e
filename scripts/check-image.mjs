// Makes the image's tree by the Dockerfile and tries it: node scripts/check-image.mjs [--sandbox FILE] [--keep]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runDockerfile } from './dockerfile.mjs';

const { values: options } = parseArgs({
  options: { sandbox: { type: 'string', default: 'dist/sandbox/main.js' }, keep: { type: 'boolean', default: false } },
});
const say = (line) => process.stdout.write(`${line}\n`);
const faults = [];
/** One line of the result; a fault lets the script fail at its end. */
const check = (claim, holds, seen = '') => {
  say(`${holds ? 'ok  ' : 'BAD '} ${claim}${seen === '' ? '' : `: ${seen}`}`);
  if (!holds) faults.push(claim);
};

const work = await mkdtemp(join(tmpdir(), 'check-image-'));
await chmod(work, 0o755); // mkdtemp keeps others out, and the image's user is another
const children = [];
try {
  say('Steps');
  const commit = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).stdout.trim() || 'unknown';
  const image = await runDockerfile(await readFile('Dockerfile', 'utf8'), {
    context: process.cwd(),
    into: work,
    args: { COMMIT: commit },
    say: (line) => say(`  ${line.replaceAll(/\s+/g, ' ')}`),
  });
  const tree = filesBelow(image.root);
  const before = new Map(tree.map((file) => [file, stamp(file)]));
  for (const file of tree) if (lstatSync(file).isFile()) await chmod(file, lstatSync(file).mode & ~0o222);
  for (const folder of new Set(tree.map((file) => dirname(file)))) await chmod(folder, 0o555);
  lookAt(image, tree);

  say('\nRuns');
  const run = runner(image);
  const version = run.once(['version']);
  check(
    'says its version and commit',
    version.status === 0 && version.stdout.includes(commit.slice(0, 7)),
    oneLine(version.stdout + version.stderr),
  );
  await checkConfiguration(run);
  await tryDaemon(run);
  const changed = filesBelow(image.root).filter((file) => before.get(file) !== stamp(file));
  check('nothing in the tree was written', changed.length === 0, changed.slice(0, 3).join(' '));
} finally {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  spawnSync('chmod', ['-R', 'u+w', work]);
  if (options.keep) say(`kept: ${work}`);
  else await rm(work, { recursive: true, force: true });
}
say(faults.length === 0 ? '\nThe image is as it should be.' : `\n${faults.length} fault(s): ${faults.join('; ')}`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** What is in it, and what must not be. */
function lookAt(image, tree) {
  say('\nContent');
  const inTree = (part) => tree.filter((file) => file.slice(image.root.length).startsWith(part));
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { packages: locked } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const has = (name) => inTree(`/app/node_modules/${name}/`).length > 0;
  check('base image is the current LTS of Node, slim', /^node:24-\w+-slim$/.test(image.base), image.base);
  check('has every dependency', Object.keys(dependencies).every(has));
  // By the lock file: a development dependency may also be one of a dependency.
  const development = Object.keys(locked).filter(
    (folder) => locked[folder].dev === true && inTree(`/app/${folder}/`).length > 0,
  );
  check('has no development dependency', development.length === 0, development.join(' '));
  const unwanted = inTree('/app/dist/')
    .filter((file) => /\/sandbox\/|\.ts$|tsbuildinfo/.test(file))
    .concat(inTree('/app/src'), inTree('/app/test'));
  check('has no sandbox, no sources, no tests', unwanted.length === 0, unwanted.slice(0, 3).join(' '));
  const licences = inTree('/app/node_modules/').filter((file) => /licen[cs]e/i.test(file)).length;
  check('keeps the licences of what it ships', licences > 50, `${licences} files`);
  const writable = tree.filter((file) => lstatSync(file).isFile() && (lstatSync(file).mode & 0o022) !== 0);
  check('nothing is writable for the user', writable.length === 0);
  check('runs as a number that is not root', /^[1-9]\d*:[1-9]\d*$/.test(image.user), image.user);
  const packages = inTree('/app/node_modules/').filter((file) =>
    /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file),
  ).length;
  const size = (part) =>
    `${(inTree(part).reduce((sum, file) => sum + lstatSync(file).size, 0) / 2 ** 20).toFixed(1)} MiB`;
  say(
    `     size: ${size('/')} on top of the base image; node_modules ${size('/app/node_modules')} in ${packages} packages, dist ${size('/app/dist')}`,
  );
}

/** Starts what the image starts, as its user, with its environment and nothing of ours. */
function runner(image) {
  const [uid, gid] = image.user.split(':');
  const isRoot = process.getuid?.() === 0;
  const drop = isRoot
    ? [
        'setpriv',
        `--reuid=${uid}`,
        `--regid=${gid}`,
        '--clear-groups',
        '--no-new-privs',
        '--bounding-set=-all',
        '--inh-caps=-all',
      ]
    : [];
  if (!isRoot) say(`     (not root: it runs as this user instead of ${uid})`);
  const [node, ...flags] = image.command;
  check('starts by node itself', node === 'node', image.command.join(' '));
  const surroundings = {
    cwd: join(image.root, image.workdir),
    env: { PATH: process.env.PATH, HOME: '/', ...image.env },
    encoding: 'utf8',
  };
  const words = (args) => [...drop, process.execPath, ...flags, ...args];
  return {
    image,
    owner: isRoot ? [Number(uid), Number(gid)] : undefined,
    once: (args) => spawnSync(words(args)[0], words(args).slice(1), surroundings),
    start: (args) =>
      spawn(words(args)[0], words(args).slice(1), { ...surroundings, stdio: ['ignore', 'pipe', 'pipe'] }),
  };
}

/** A folder only the image's user may enter. */
async function ownFolder(run, name) {
  const folder = join(work, name);
  await mkdir(folder, { mode: 0o700 });
  if (run.owner !== undefined) await chown(folder, ...run.owner);
  return folder;
}
async function handOver(run, folder) {
  if (run.owner === undefined) return;
  for (const file of filesBelow(folder)) await chown(file, ...run.owner);
}

/** config/production.yaml, with its secrets in a folder of ours. */
async function checkConfiguration(run) {
  const folder = await ownFolder(run, 'production');
  const text = (await readFile('config/production.yaml', 'utf8')).replaceAll('/run/secrets/', `${folder}/secrets/`);
  for (const [, file] of text.matchAll(/File: (\/[^\s,}]+\/secrets\/[^\s,}]+)/g)) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, placeholder(file), { mode: 0o400 });
  }
  await writeFile(join(folder, 'config.yaml'), text);
  await handOver(run, folder);
  if (run.owner !== undefined) await chown(join(folder, 'secrets'), ...run.owner);
  const { status, stdout, stderr } = run.once(['config', 'check', '--config', join(folder, 'config.yaml')]);
  check('takes config/production.yaml', status === 0, oneLine(stdout + stderr));
}
function placeholder(file) {
  if (file.endsWith('.crt')) return '-----BEGIN CERTIFICATE-----\n';
  if (/\.(?:pem|key)$/.test(file)) return '-----BEGIN PRIVATE KEY-----\n';
  return file.endsWith('url') ? 'https://hooks.example.org/x\n' : 'placeholder\n';
}

/** A whole rollback against the sandbox, then a graceful end and a verified audit log. */
async function tryDaemon(run) {
  const folder = await ownFolder(run, 'sandbox');
  const sandbox = spawn(
    process.execPath,
    [options.sandbox, '--scenario', 'bad-deploy', '--port-base', '0', '--directory', folder, '--print-config'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  children.push(sandbox);
  let printed = '';
  sandbox.stdout.on('data', (chunk) => (printed += chunk));
  await until(
    'the sandbox to print its configuration',
    60,
    () => printed.includes('\nnotify:') || printed.includes('\nkillFile:'),
  );
  await sleep(300);
  const [api, health] = [await freePort(), await freePort()];
  const config = join(folder, 'config.yaml');
  await writeFile(config, `${printed}http: { port: ${api} }\nhttpMetrics: { port: ${health}, host: 127.0.0.1 }\n`);
  await handOver(run, folder);

  const started = performance.now();
  const daemon = run.start(['--config', config]);
  children.push(daemon);
  let log = '';
  for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', (chunk) => (log += chunk));
  const answers = (path) =>
    fetch(`http://127.0.0.1:${health}${path}`).then(
      (r) => r.status === 200,
      () => false,
    );
  try {
    await until('/livez', 60, () => answers('/livez'));
    const alive = performance.now() - started;
    await until('/readyz', 60, () => answers('/readyz'));
    check(
      'the daemon is alive and ready',
      true,
      `${(alive / 1000).toFixed(1)} s and ${((performance.now() - started) / 1000).toFixed(1)} s after its start`,
    );
    const status = readFileSync(`/proc/${daemon.pid}/status`, 'utf8');
    if (run.owner !== undefined)
      check(
        'it is that user, without a capability',
        new RegExp(`^Uid:\\s+${run.owner[0]}\\s`, 'm').test(status) &&
          /^CapEff:\s+0+$/m.test(status) &&
          /^NoNewPrivs:\s+1$/m.test(status),
      );
    const attempts = () =>
      fetch(`http://127.0.0.1:${api}/api/v1/attempts`)
        .then((r) => r.json())
        .then(
          (r) => r.items ?? [],
          () => [],
        );
    await until('RollbackComplete', 180, async () => (await attempts()).some((a) => a.state === 'RollbackComplete'));
    const peak = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1]) / 1024;
    check('it rolls back a bad deploy of the sandbox within its 512 MiB', peak < 512, `${peak.toFixed(0)} MiB at most`);
    daemon.kill('SIGTERM');
    const ending = performance.now();
    await Promise.race([once(daemon, 'exit'), sleep(20_000)]);
    check(
      'it ends gracefully within 15 s',
      daemon.exitCode === 0 && performance.now() - ending < 15_000,
      `exit code ${daemon.exitCode} after ${((performance.now() - ending) / 1000).toFixed(1)} s`,
    );
    const verified = run.once(['audit', 'verify', '--config', config]);
    check('its audit log is verified', verified.status === 0, oneLine(verified.stdout + verified.stderr));
  } catch (error) {
    check('the daemon runs', false, `${error.message}\n${log.split('\n').slice(-15).join('\n')}`);
  } finally {
    sandbox.kill('SIGTERM');
    await Promise.race([once(sandbox, 'exit'), sleep(5_000)]);
  }
}

async function until(what, seconds, holds) {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`no ${what} within ${seconds} s`);
    await sleep(200);
  }
}
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
function filesBelow(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((e) => !e.isDirectory())
    .map((e) => join(e.parentPath, e.name));
}
function stamp(file) {
  const { size, mtimeMs } = lstatSync(file);
  return `${size}/${mtimeMs}`;
}
function oneLine(text) {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .join(' | ')
    .slice(0, 300);
}
