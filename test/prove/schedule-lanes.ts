import { spawn } from 'node:child_process';
import { availableParallelism, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SchedulesReport, SchedulesSettings } from './schedules.js';

const MOST_LANES = 8;
const CHILD = fileURLToPath(new URL('run-schedules.js', import.meta.url));
/** They work all the time and wait for nobody's clock: what runs beside them goes first. */
const NICENESS = 10;
/** They make a world for each schedule and throw it away: with more room for the young a tenth of their time is saved. */
const ROOM = '--max-semi-space-size=128';
/** As many processes as there are cores. */
export const LANES = Math.max(1, Math.min(MOST_LANES, availableParallelism()));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
}
/** Runs node with these arguments and collects what it says. A child that takes longer than that is killed, and `code` is null. */
export const runNode = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs = 0,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
    let out = '';
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (out += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });

/** Works through a list, as many at once as there are cores. Answers in the order of the list. */
export async function inLanes<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

export interface LaneSettings extends Pick<SchedulesSettings, 'runs' | 'shrink'> {
  readonly seed: number;
  /** Arguments of node before the script: a planted bug. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}
/** Schedules of one seed in a process of their own. Throws when it ended without a report. */
export async function schedulesInProcess({
  runs,
  seed,
  shrink = true,
  nodeArgs = [],
  env = {},
  timeoutMs = 0,
}: LaneSettings): Promise<SchedulesReport> {
  const settings = { FAULT_RUNS: String(runs), FAULT_SEED: String(seed), FAULT_SHRINK: shrink ? 'yes' : 'no' };
  const { code, out } = await runNode([ROOM, ...nodeArgs, CHILD], { ...settings, ...env }, timeoutMs);
  const report = out.split('\n').find((line) => line.startsWith('{"runs"'));
  if (report === undefined)
    throw new Error(
      `the schedules of seed ${seed} gave no report (exit code ${code ?? `none within ${timeoutMs} ms`}):\n${out}`,
    );
  return JSON.parse(report) as SchedulesReport;
}

/** So many schedules, spread over one process per core, each with a seed of its own; the sums of all. */
export async function schedulesInLanes({ runs, seed, ...rest }: LaneSettings): Promise<SchedulesReport> {
  const lanes = Array.from({ length: LANES }, (_, i) => ({ seed: seed + i, runs: Math.ceil((runs - i) / LANES) }));
  const busy = lanes.filter((lane) => lane.runs > 0);
  const reports = await inLanes(busy, (lane) => schedulesInProcess({ ...rest, ...lane }));
  return reports.reduce(added);
}
function added(a: SchedulesReport, b: SchedulesReport): SchedulesReport {
  const ends = { ...a.ends };
  for (const [end, many] of Object.entries(b.ends)) ends[end] = (ends[end] ?? 0) + many;
  const failure = a.failure ?? b.failure;
  return {
    runs: a.runs + b.runs,
    valid: a.valid + b.valid,
    succeeded: a.succeeded + b.succeeded,
    injected: a.injected + b.injected,
    effects: a.effects + b.effects,
    calls: a.calls + b.calls,
    ends,
    elapsedMs: Math.max(a.elapsedMs, b.elapsedMs),
    cpuMs: a.cpuMs + b.cpuMs,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Rule of three: with no violation in so many runs, the share of violating ones is below this, with 95 % certainty. */
export const upperBound = (runs: number): string => (3 / runs).toExponential(1);
