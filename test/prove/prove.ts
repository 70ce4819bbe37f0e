import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.js';
import type { SchedulesReport } from './schedules.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const SCHEDULES = Number(process.env['PROVE_RUNS'] ?? 20_000);
const SCHEDULES_PER_BUG = Number(process.env['BUG_RUNS'] ?? 200);
const BUG_SEED = 20_260_101;
const lanes = Math.min(2, availableParallelism());
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Ended {
  readonly code: number | null;
  readonly out: string;
}
const run = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (out += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
/** Works through a list, as many at once as there are cores. */
async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function schedules(
  runs: number,
  seed: number,
  planted: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SchedulesReport | undefined> {
  const { out } = await run([...planted, path('run-schedules.js')], {
    FAULT_RUNS: String(runs),
    FAULT_SEED: String(seed),
    ...env,
  });
  try {
    return JSON.parse(out) as SchedulesReport;
  } catch {
    say(out);
    return undefined;
  }
}
interface Caught {
  readonly bug: PlantedBug;
  readonly by: string;
  readonly after: string;
  readonly what: string;
}
async function hunt(bug: PlantedBug): Promise<Caught> {
  const planted = ['--import', path('plant.js')];
  const env = { PLANTED: bug.name, FAULT_SHRINK: 'no' };
  const report = await schedules(SCHEDULES_PER_BUG, BUG_SEED, planted, env);
  if (report === undefined) return { bug, by: 'nothing: it could not be planted', after: '', what: '' };
  if (report.failure !== undefined) {
    const what = /Error: (S\d+|L\d+)/.exec(report.failure.message)?.[1] ?? 'an error';
    return {
      bug,
      by: 'fault schedules',
      after: `${report.failure.afterRuns} schedules, seed ${report.failure.seed}`,
      what,
    };
  }
  for (const test of bug.tests) {
    const { code, out } = await run(
      [...planted, path('run-tests.js'), path('../setup.js'), path(`../${test}.test.js`)],
      env,
    );
    const failing = /(\d+) failing/.exec(out)?.[1];
    if (code !== 0 && failing !== undefined)
      return { bug, by: `test/${test}.test.ts`, after: `${failing} failing`, what: '' };
    if (code !== 0) say(out);
  }
  return { bug, by: 'NOTHING', after: '', what: '' };
}

say(`${SCHEDULES} schedules in ${lanes} processes ...`);
const seeds = Array.from({ length: lanes }, (_, i) => Number(process.env['FAULT_SEED'] ?? 1_000) + i);
const sound =
  SCHEDULES === 0 ? [] : await inLanes(seeds, (seed) => schedules(Math.ceil(SCHEDULES / lanes), seed, [], {}));
for (const report of sound) say(JSON.stringify(report));
say(`${PLANTED_BUGS.length} planted bugs ...`);
const caught = await inLanes(PLANTED_BUGS, async (bug) => {
  const result = await hunt(bug);
  say(`${bug.name}: ${result.by} ${result.after} ${result.what}`);
  return result;
});
const table = [
  '# Planted bugs',
  '<!-- Written by `npm run prove`. Do not edit. -->',
  `Each of these bugs was planted into the compiled code, one at a time, and hunted with up to ${SCHEDULES_PER_BUG} fault schedules (seed ${BUG_SEED}), then with the unit tests that should know.`,
  [
    '| Bug | What it does | Caught by | After | Property |',
    '| --- | --- | --- | --- | --- |',
    ...caught.map(
      ({ bug, by, after, what }) => `| \`${bug.name}\` | ${bug.meaning} | ${by} | ${after} | ${what || '-'} |`,
    ),
  ].join('\n'),
];
await writeFile('docs/planted-bugs.md', `${table.join('\n\n')}\n`);
const missed = caught.filter((c) => /^nothing/i.test(c.by));
const violated = sound.filter((r) => r === undefined || r.failure !== undefined);
say(
  `${caught.length - missed.length} of ${caught.length} planted bugs caught; ${sound.reduce((n, r) => n + (r?.runs ?? 0), 0)} schedules, ${violated.length} violations`,
);
process.exit(missed.length + violated.length > 0 ? 1 : 0);
