// Runs a Dockerfile's instructions in folders: one per stage, instead of an image.
import { spawnSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** `[{ name, rest }]`, comments and line ends resolved. */
export function instructionsOf(text) {
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', ...rest] = line.split(/\s+/);
      return { name: name.toUpperCase(), rest: rest.join(' ') };
    });
}

/**
 * Runs them; `say` hears each. Answers the last stage: `{ root, workdir, base, env, user, command }`. Knows what our Dockerfile
 * uses and throws on anything else, so that nothing is skipped unseen.
 */
export async function runDockerfile(text, { context, into, args, say }) {
  const stages = new Map();
  let stage;
  for (const { name, rest } of instructionsOf(text)) {
    if (name === 'FROM') {
      const [base, , as] = rest.split(' ');
      stage = {
        root: join(into, `stage-${stages.size}`),
        base,
        workdir: '/',
        env: {},
        args: {},
        user: '',
        command: [],
        arguments: [],
      };
      stages.set(as ?? String(stages.size), stage);
      await mkdir(stage.root, { recursive: true });
      say(`FROM ${rest} (not fetched: Node ${process.version} of this machine)`);
      continue;
    }
    say(`${name} ${rest}`);
    (await HANDLERS[name]?.(stage, rest, { context, stages, args })) ?? unknown(name);
  }
  return stage;
}
const unknown = (name) => {
  throw new Error(`the Dockerfile uses ${name}, which scripts/dockerfile.mjs does not know`);
};
const done = true;
const inside = (stage, path) => join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path));
const expand = (stage, text) => text.replaceAll(/\$\{?(\w+)\}?/g, (_, key) => stage.env[key] ?? stage.args[key] ?? '');
const pairs = (text) =>
  [...text.matchAll(/([\w.]+)=("[^"]*"|\S+)/g)].map(([, key, value]) => [key, value.replaceAll('"', '')]);

const HANDLERS = {
  WORKDIR: async (stage, path) => {
    stage.workdir = path;
    await mkdir(inside(stage, '.'), { recursive: true });
    return done;
  },
  ARG: async (stage, text, { args }) => {
    const [key, standard = ''] = text.split('=');
    stage.args[key] = args[key] ?? standard;
    return done;
  },
  ENV: async (stage, text) => {
    for (const [key, value] of pairs(text)) stage.env[key] = expand(stage, value);
    return done;
  },
  COPY: async (stage, text, { context, stages }) => {
    const words = text.split(' ');
    const from = words[0].startsWith('--from=') ? stages.get(words.shift().slice('--from='.length)) : undefined;
    const target = words.pop();
    for (const source of words) {
      const file = from === undefined ? join(context, source) : inside(from, source);
      const to = target.endsWith('/') ? join(inside(stage, target), basename(source)) : inside(stage, target);
      await cp(file, to, { recursive: true });
    }
    return done;
  },
  RUN: async (stage, command) => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...stage.args, ...stage.env };
    // A registry or proxy of this machine's own, which a build would get as well.
    for (const [key, value] of Object.entries(process.env))
      if (/^npm_config_|_proxy$|^NODE_EXTRA_CA_CERTS$/i.test(key)) env[key] = value;
    const { status, stdout, stderr } = spawnSync('sh', ['-ec', command], {
      cwd: inside(stage, '.'),
      env,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`RUN ${command} ended with ${status}\n${stdout}${stderr}`);
    return done;
  },
  USER: async (stage, user) => {
    stage.user = user;
    return done;
  },
  ENTRYPOINT: async (stage, list) => {
    stage.command = JSON.parse(list);
    return done;
  },
  CMD: async (stage, list) => {
    stage.arguments = JSON.parse(list);
    return done;
  },
  LABEL: async () => done,
  EXPOSE: async () => done,
};
