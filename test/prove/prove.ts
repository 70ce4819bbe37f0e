import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './planted-bug.js';
import { PLANTED_BUGS } from './planted-bugs.js';
import { SERVER_BUGS } from './planted-server-bugs.js';
import { inLanes, LANES, runNode, schedulesInLanes, schedulesInProcess, upperBound } from './schedule-lanes.js';
import type { SchedulesReport } from './schedules.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const SCHEDULES = Number(process.env['PROVE_RUNS'] ?? 20_000);
const SCHEDULES_PER_BUG = Number(process.env['BUG_RUNS'] ?? 1_000);
const SEED = Number(process.env['FAULT_SEED'] ?? 1_000);
const BUG_SEED = 20_260_101;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Caught {
  readonly bug: PlantedBug;
  readonly by: string;
  readonly after: string;
  readonly what: string;
}
async function hunt(bug: PlantedBug): Promise<Caught> {
  const planted = ['--import', path('plant.js')];
  const env = { PLANTED: bug.name };
  const settings = { runs: SCHEDULES_PER_BUG, seed: BUG_SEED, shrink: false, nodeArgs: planted, env };
  const { failure } = SERVER_BUGS.includes(bug) ? { failure: undefined } : await schedulesInProcess(settings);
  if (failure !== undefined) {
    const what = /Error: ([SL]\d+)/.exec(failure.message)?.[1] ?? 'an error';
    return { bug, by: 'fault schedules', after: `${failure.afterRuns} schedules`, what };
  }
  for (const test of bug.tests) {
    const files = [path('run-tests.js'), path('../setup.js'), path(`../${test}.test.js`)];
    const { code, out } = await runNode([...planted, ...files], env);
    const failing = /(\d+) failing/.exec(out)?.[1];
    if (code !== 0 && failing !== undefined)
      return { bug, by: `test/${test}.test.ts`, after: `${failing} failing`, what: '-' };
    if (code !== 0) say(out);
  }
  return { bug, by: 'NOTHING', after: '', what: '-' };
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
function figures(r: SchedulesReport): string {
  const share = (n: number): string => `${((100 * n) / r.runs).toFixed(1)} %`;
  const changed = git('status', '--porcelain', '--', 'src', 'test') === '' ? '' : ', with changes';
  return table(
    ['Schedules', ''],
    [
      ['Schedules', `${r.runs} (seeds ${SEED} to ${SEED + LANES - 1})`],
      ['Violations', r.failure === undefined ? '0' : 'SOME'],
      ['Share of schedules that violate, with 95 % certainty', `below ${upperBound(r.runs)} (rule of three)`],
      ['Faults that struck', `${r.injected}`],
      ['Calls of the operator', `${r.calls}`],
      ['Calls that change GitHub', `${r.effects}`],
      ['Schedules with a fault and an effect', share(r.valid)],
      ['Schedules with a completed rollback', share(r.succeeded)],
      [
        'Time',
        `${Math.round(r.elapsedMs / 1_000)} s in ${LANES} processes, ${(r.cpuMs / r.runs).toFixed(1)} ms of the processor each`,
      ],
      ['Date, commit', `${new Date().toISOString().slice(0, 10)}, ${git('rev-parse', '--short', 'HEAD')}${changed}`],
      ['Machine', `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, Node.js ${process.version}`],
    ],
  );
}

say(`${SCHEDULES} schedules in ${LANES} processes ...`);
const sound = await schedulesInLanes({ runs: SCHEDULES, seed: SEED });
say(JSON.stringify(sound));
say(`${PLANTED_BUGS.length} planted bugs ...`);
const caught = await inLanes(PLANTED_BUGS, async (bug) => {
  const result = await hunt(bug);
  say(`${bug.name}: ${result.by} ${result.after} ${result.what}`);
  return result;
});
const bySchedules = caught.filter((c) => c.by === 'fault schedules').length;
const missed = caught.filter((c) => c.by === 'NOTHING').length;
const page = [
  '# Fault schedules and planted bugs',
  '<!-- Written by `npm run prove`. Do not edit. -->',
  'The operator in process, on a store, an audit log, a GitHub and an Argo CD in memory, under schedules of faults: crashes, lost answers, stale reads, stalls, take-overs, clock jumps, events that are lost, repeated and reordered, and people who push, close, merge, abort and pause. A judge holds the properties against what the world remembers.',
  figures(sound),
  `Each of these bugs was planted into the compiled code, one at a time, and hunted with up to ${SCHEDULES_PER_BUG} fault schedules (seed ${BUG_SEED}), then with the unit tests that should know: ${bySchedules} of ${caught.length} by schedules, ${caught.length - bySchedules - missed} by tests, ${missed} by nothing.`,
  table(
    ['Bug', 'What it does', 'Caught by', 'After', 'Property'],
    caught.map(({ bug, by, after, what }) => [`\`${bug.name}\``, bug.meaning, by, after, what]),
  ),
];
await writeFile('docs/planted-bugs.md', `${page.join('\n\n')}\n`);
say(`${caught.length - missed} of ${caught.length} planted bugs caught, ${bySchedules} by schedules`);
if (sound.failure !== undefined) say(sound.failure.message);
process.exit(missed > 0 || sound.failure !== undefined ? 1 : 0);
