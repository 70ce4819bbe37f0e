import { expect } from 'chai';
import type { JournalEntry } from '../../src/sandbox/journal.js';
import type { LogLine, ScenarioRun } from './scenario-run.js';

/** What the operator does decisively on GitHub: each needs a decision in the audit log before it. */
const DECISIVE: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'POST', path: /\/git\/refs$/ },
  { method: 'POST', path: /\/pulls$/ },
  { method: 'PUT', path: /\/pulls\/\d+\/merge$/ },
];

/**
 * What must be true of every run, however it ends. Ends the daemon, so that its log is whole. `expectedErrors`: messages of
 * error-level log lines that belong to what was done to it.
 */
export async function expectSoundRun(run: ScenarioRun, expectedErrors: readonly string[] = []): Promise<void> {
  await run.stopDaemon();
  const report = await run.verifyAudit();
  expect(report.ok, report.statement).to.equal(true);
  const errors = run.logs.filter(
    (line) => line.level === 'error' && !isExpectedNotice(run, line) && !expectedErrors.includes(line.msg),
  );
  expect(
    errors.map((line) => JSON.stringify(line)),
    'error-level log lines',
  ).to.deep.equal([]);
  expectWholeJournal(run.journal.entries);
  await expectDecisionsFirst(run);
  expectPinnedMerges(run);
}

/** A critical notice is logged as an error: it belongs to the scenario when the scenario expects people to get it. */
function isExpectedNotice({ sandbox }: ScenarioRun, line: LogLine): boolean {
  return (
    line.msg === 'notice' &&
    sandbox.scenario.expect.notices.some(({ kind, count }) => kind === line['kind'] && count > 0)
  );
}

/** No request broke a handler of the sandbox, and whatever was answered had been asked and settled. */
function expectWholeJournal(entries: readonly JournalEntry[]): void {
  expect(
    entries.filter((entry) => entry.failure !== undefined),
    'requests that broke the sandbox',
  ).to.deep.equal([]);
  expect(
    entries.filter((entry) => entry.answered && entry.status === 0),
    'answers without a status',
  ).to.deep.equal([]);
}

async function expectDecisionsFirst(run: ScenarioRun): Promise<void> {
  const decisions = (await run.audit()).filter((record) => record.kind === 'decision');
  for (const { method, path } of DECISIVE) {
    for (const entry of run.journal.find({ server: 'github', method, path })) {
      const before = decisions.some((record) => record.written <= entry.at);
      expect(before, `a decision in the audit log before ${method} ${entry.path}`).to.equal(true);
    }
  }
}

/** The operator merges only the head it judged, and every merge under its name went over the API. */
function expectPinnedMerges(run: ScenarioRun): void {
  const { github, scenario } = run.sandbox;
  const pulls = github.pullRequests();
  const asked = run.journal
    .find({ server: 'github', method: 'PUT', path: /\/pulls\/\d+\/merge$/ })
    .filter((entry) => entry.applied);
  for (const entry of asked) {
    const number = Number(/\/pulls\/(\d+)\/merge$/.exec(entry.path)?.[1]);
    const { sha } = entry.body as { readonly sha?: string };
    const judged = run.attempts.filter((a) => a.pullRequest?.number === number).map((a) => a.evaluation?.headSha);
    expect(sha, `the head pinned by the merge of #${number}`).to.equal(pulls.find((p) => p.number === number)?.headSha);
    expect(judged, `heads judged for #${number}`).to.include(sha);
  }
  const merged = pulls.filter((p) => p.mergedBy === scenario.github.operatorLogin).length;
  expect(merged, 'pull requests merged by the operator').to.equal(asked.length);
}
