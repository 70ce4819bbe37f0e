import type { AttemptView } from '../../src/model/attempt-view.js';
import type { Fault, FaultRule } from '../../src/sandbox/faults.js';
import type { JournalEntry } from '../../src/sandbox/journal.js';
import { startScenario, type ScenarioOptions, type ScenarioRun } from './scenario-run.js';

const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 60_000;

/** Runs a scenario with a test around it; everything is closed afterwards, however it ends. */
export async function withScenario(
  name: string,
  options: ScenarioOptions,
  body: (run: ScenarioRun) => Promise<void>,
): Promise<void> {
  const run = await startScenario(name, options);
  try {
    await body(run);
  } finally {
    await run.close();
  }
}

/** Looks until it is so. Throws, saying what is not so and what the attempts are, after a minute. */
export async function until(run: ScenarioRun, what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    await run.look();
    if (await isSo()) return;
    if (Date.now() > giveUpAt) {
      const attempts = run.attempts.map(
        (a) =>
          `${a.application} ${a.state} ${a.step ?? ''} ${a.end?.kind === 'aborted' ? `${a.end.reason}: ${a.end.why}` : ''}`,
      );
      const lines = run.logs.slice(-20).map((line) => JSON.stringify(line).slice(0, 600));
      throw new Error([`not so within ${PATIENCE_MS / 1000} s: ${what}`, ...attempts, ...lines].join('\n'));
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
/** Until the newest attempt of an application is in a state (and step); answers it. */
export async function untilState(
  run: ScenarioRun,
  application: string,
  state: AttemptView['state'],
  step?: string,
): Promise<AttemptView> {
  const isThere = (): boolean => {
    const newest = run.attempts.findLast((a) => a.application === `argocd/${application}`);
    return newest?.state === state && (step === undefined || newest.step === step);
  };
  await until(run, `${application} is in ${state} ${step ?? ''}`, isThere);
  return run.attemptOf(application);
}
/** The end of an attempt that was aborted: `reason: why`. */
export async function untilAborted(run: ScenarioRun, application: string): Promise<string> {
  const { end } = await untilState(run, application, 'Abort');
  return end?.kind === 'aborted' ? `${end.reason}: ${end.why}` : 'not aborted';
}

/** Plans faults on one server, one after the other for the same request. */
export function plan(
  run: ScenarioRun,
  server: FaultRule['server'],
  fault: Fault,
  ...requests: readonly (readonly [method: string, path: RegExp, times?: number])[]
): void {
  for (const [method, path, times = 1] of requests) run.sandbox.faults.add({ server, method, path, times, fault });
}
/** What of the given kind had its effect on GitHub. */
export const applied = (run: ScenarioRun, method: string, path: RegExp): readonly JournalEntry[] =>
  run.journal.find({ server: 'github', method, path }).filter((entry) => entry.applied);
/** Every request to GitHub that would change something, whatever became of it. */
export const writes = (run: ScenarioRun): readonly string[] =>
  run.journal
    .find({ server: 'github' })
    .filter((entry) => entry.method !== 'GET')
    .map((entry) => `${entry.method} ${entry.path}`);
/** `/readyz?verbose`: its status and lines. */
export async function readiness(run: ScenarioRun): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${run.daemon.apiUrl}/readyz?verbose`);
  return { status: response.status, text: await response.text() };
}
