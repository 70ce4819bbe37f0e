import type { AttemptExpectation, Expectation, GitExpectation } from './expectation-schema.js';
import { pullRequestsOf } from './choose-pull-request.js';
import { isSame, stateOf } from './conditions.js';
import type { NotedAttempt, ScenarioStage } from './stage.js';
import { withCommits } from './commit-references.js';
import { noticeFaults, requestFaults } from './unmet-requests.js';

/**
 * What of a scenario's `expect` is not so, in words; empty = all of it is. Attempts are those that were noted
 * (`noteAttempt`).
 */
export async function unmetExpectations(stage: ScenarioStage): Promise<readonly string[]> {
  const { expect } = stage.scenario;
  const git = await Promise.all(expect.git.map((one) => gitFault(one, stage)));
  return [
    ...attemptFaults(expect, stage),
    ...git.filter((fault) => fault !== undefined),
    ...pullRequestFaults(expect, stage),
    ...applicationFaults(expect, stage),
    ...requestFaults(expect, stage),
    ...noticeFaults(expect, stage),
  ];
}

function attemptFaults(expect: Expectation, stage: ScenarioStage): readonly string[] {
  const faults = expect.attempts.flatMap((wanted) => {
    const seen = stage.attempts.filter((attempt) => isSame(attempt.application, wanted.application));
    const { state, reason, barredBy } = wanted;
    const why = wanted.why.map((part) => withCommits(part, stage));
    if (seen.some((attempt) => fits(attempt, { ...wanted, why }))) return [];
    const was = seen.map(inWords).join(', ') || 'none';
    return [
      `attempt of ${wanted.application}: ${inWords({ state, reason, why: why.join(' ... '), barredBy })} expected, noted: ${was}`,
    ];
  });
  const count = new Set(stage.attempts.filter(isConfirmed).map((a) => a.id ?? a.application)).size;
  if (expect.attemptCount === undefined || expect.attemptCount === count) return faults;
  return [...faults, `${expect.attemptCount} attempts expected, ${count} noted`];
}
const isConfirmed = (attempt: NotedAttempt): boolean =>
  attempt.state !== 'DegradationDetected' || attempt.reason !== 'confirming';
const fits = (attempt: NotedAttempt, { state, reason, why, barredBy }: AttemptExpectation): boolean =>
  attempt.state === state &&
  (reason === undefined || attempt.reason === reason) &&
  why.every((part) => attempt.why?.includes(part)) &&
  barredBy.every((rule) => attempt.barredBy?.includes(rule));

function inWords(
  a: Pick<NotedAttempt, 'state' | 'barredBy'> & { reason?: string | undefined; why?: string | undefined },
): string {
  const reason = a.reason === undefined ? '' : ` (${a.reason}${a.why ? `: ${a.why}` : ''})`;
  return `${a.state}${reason}${a.barredBy?.length ? ` barred by ${a.barredBy.join(', ')}` : ''}`;
}

async function gitFault(expected: GitExpectation, stage: ScenarioStage): Promise<string | undefined> {
  const { repository } = stage.github;
  const { path, equalsCommit, contains, lacks, absent } = expected;
  const branch = withCommits(expected.branch, stage);
  const text = await repository.readFile(`refs/heads/${branch}`, path);
  const where = `${path} on ${branch}`;
  if (equalsCommit !== undefined) {
    const sha = stage.commits.get(equalsCommit);
    const then = sha === undefined ? undefined : await repository.readFile(sha, path);
    if (sha === undefined || then !== text) return `${where} is not what it was at ${equalsCommit}`;
  }
  if (absent && text !== undefined) return `${where} is still there`;
  if (contains !== undefined && text?.includes(contains) !== true) return `${where} does not contain ${contains}`;
  if (lacks !== undefined && text?.includes(lacks) !== false) return `${where} contains ${lacks}, or is not there`;
  return undefined;
}

function pullRequestFaults(expect: Expectation, stage: ScenarioStage): readonly string[] {
  return expect.pullRequests.flatMap(({ by, application, state, mergedBy, closedBy, says, count }) => {
    const found = pullRequestsOf(stage, { by, application }).filter(
      (pull) =>
        stateOf(pull) === state &&
        (mergedBy === undefined || pull.mergedBy === mergedBy) &&
        (closedBy === undefined || pull.closedBy === closedBy) &&
        says.every((part) => pull.body?.includes(part)),
    );
    if (found.length === count) return [];
    const whose = `of ${by ?? 'the operator'}${application === undefined ? '' : ` for ${application}`}`;
    const all = stage.github
      .pullRequests()
      .map((p) => `#${p.number} ${p.author} ${stateOf(p)} by ${p.mergedBy ?? p.closedBy ?? '-'}`);
    return [
      `${count} ${state} pull request(s) ${whose} expected, ${found.length} found among: ${all.join('; ') || 'none'}`,
    ];
  });
}

function applicationFaults(expect: Expectation, stage: ScenarioStage): readonly string[] {
  return expect.applications.flatMap(({ application, health, sync }) => {
    const app = stage.world.get(application);
    const faults = app.health.status === health ? [] : [`${application} is ${app.health.status}, expected ${health}`];
    return sync === undefined || app.sync.status === sync
      ? faults
      : [...faults, `${application} is ${app.sync.status}, expected ${sync}`];
  });
}
