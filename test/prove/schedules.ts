import fc from 'fast-check';
import { faultPlans } from './fault-plan.js';
import { FaultRun } from './fault-run.js';

/** What came of some schedules, in one process or several. */
export interface SchedulesReport {
  readonly runs: number;
  /** Runs in which something was injected and something was asked of GitHub. */
  readonly valid: number;
  readonly succeeded: number;
  readonly injected: number;
  readonly effects: number;
  readonly calls: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly elapsedMs: number;
  /** Of the processor, all processes together. */
  readonly cpuMs: number;
  readonly failure?: {
    readonly seed: number;
    readonly path: string;
    readonly message: string;
    readonly afterRuns: number;
  };
}

export interface SchedulesSettings {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly shrink?: boolean;
}

/** So many schedules, one after the other; the first violation ends it, shrunk, with all that is needed to see it again. */
export async function runSchedules({ runs, seed, path, shrink = true }: SchedulesSettings): Promise<SchedulesReport> {
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  // Thousands of errors are made on purpose: their stacks would cost more than the runs.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const count = { runs: 0, valid: 0, succeeded: 0, injected: 0, effects: 0, calls: 0 };
  const ends: Record<string, number> = {};
  let failed = false;
  let afterRuns = 0;
  const property = fc.asyncProperty(faultPlans, async (plan) => {
    const report = await new FaultRun(plan).run();
    if (!failed) {
      count.runs += 1;
      count.injected += report.injected;
      count.effects += report.effects;
      count.calls += report.calls;
      if (report.injected > 0 && report.effects > 0) count.valid += 1;
      if (report.succeeded) count.succeeded += 1;
      for (const end of report.states) ends[end] = (ends[end] ?? 0) + 1;
    }
    if (report.violations.length > 0) {
      if (!failed) afterRuns = count.runs;
      failed = true;
      throw new Error(report.violations.join('; '));
    }
  });
  const details = await fc.check(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(shrink ? {} : { endOnFailure: true }),
  });
  Error.stackTraceLimit = stackTraceLimit;
  const elapsedMs = performance.now() - started;
  const cpu = process.cpuUsage(startedCpu);
  const cpuMs = (cpu.user + cpu.system) / 1_000;
  if (!details.failed || details.counterexample === null || details.counterexample === undefined)
    return { ...count, ends, elapsedMs, cpuMs };
  const message = [
    String(details.errorInstance),
    JSON.stringify(details.counterexample),
    `again: FAULT_SEED=${details.seed} FAULT_PATH=${details.counterexamplePath} npx mocha --no-config --require build/test/setup.js build/test/prove/fault-schedules.test.js`,
  ].join('\n');
  const failure = { seed: details.seed, path: details.counterexamplePath ?? '', message, afterRuns };
  return { ...count, ends, elapsedMs, cpuMs, failure };
}
