import type { EntryRecord } from '../../../src/adapters/file/audit-record.js';
import { barsApprovedMerge, barsAutoMerge } from '../../../src/governance/governance-engine.js';
import { DEFAULT_TIMING } from '../../../src/model/timing.js';
import { INVARIANT_IDS, type Evaluation, type RuleId, type RuleResult } from '../../../src/model/rule-result.js';
import type { JournalEntry } from '../../../src/sandbox/journal.js';
import { replayed } from '../replay.js';
import { applied, decisions, mergesOf, openings, ownPullRequests, unless, type Evidence } from './evidence.js';
import { SPEED } from './kill-world.js';

const EVIDENCE_MAX_AGE_MS = 30_000;
/** A check that persistence rests on may be as old as one may be late. */
const OLDEST_CHECK_MS = (2.5 * DEFAULT_TIMING.HEALTH_CHECK_INTERVAL) / SPEED;
const MOST_CALLS = 60;

/** Nothing is proved by a run in which nothing happened. */
export function didSomething(e: Evidence): readonly string[] {
  const { world, course } = e;
  return [
    ...unless(course.injected >= world.schedule.injuries.length, `only ${course.injected} injuries were inflicted`),
    ...unless(!world.plot.proposes || (openings(e).length > 0 && world.intents.seen > 0), 'the operator did nothing'),
    ...unless(world.hasSeenAttempts && e.stored.versions.length > 0, 'no attempt was ever seen'),
  ];
}

/** The merge was of the head that was judged, onto the base that was judged, on evidence that passed, read after the head was pinned. */
export async function pinnedMerge(e: Evidence): Promise<readonly string[]> {
  const found = await Promise.all(applied(e, 'PUT', /\/pulls\/\d+\/merge$/).map((merge) => judgeMerge(e, merge)));
  return found.flat();
}
async function judgeMerge(e: Evidence, merge: JournalEntry): Promise<readonly string[]> {
  const { github } = e.world.sandbox;
  const [pr] = ownPullRequests(e);
  const { sha } = merge.body as { readonly sha?: string };
  const commit = pr?.mergeCommit === undefined ? undefined : await github.repository.readCommit(pr.mergeCommit);
  if (pr === undefined || commit === undefined) return ['a merge was applied and no pull request is merged'];
  const intent = e.stored.versions.findLast(
    ({ value }) => value?.state === 'AwaitingMergeApproval' && value.step.name === 'intent-merge',
  )?.value;
  if (intent?.state !== 'AwaitingMergeApproval' || intent.step.name !== 'intent-merge')
    return ['a merge, and etcd never held its intent'];
  const { evaluation } = intent.step;
  const recorded = intentOf(e, 'merge', merge.at);
  const old = evaluation.invariants.filter((r) => r.readAt < evaluation.pinnedAt - oldest(r.id));
  const age = merge.at - evaluation.pinnedAt;
  const bars = intent.policy.environment === 'production' ? barsApprovedMerge(evaluation) : barsAutoMerge(evaluation);
  return [
    ...unless(sha === pr.headSha && sha === evaluation.headSha, `${sha} was merged, ${evaluation.headSha} was judged`),
    ...unless(commit.parents[0] === intent.pullRequest.plan.baseSha, 'merged onto another base than the one judged'),
    ...unless(commit.parents[1] === sha, 'the merge commit is not of the judged head'),
    ...unless(recorded?.facts?.['head'] === sha, 'the audit log names another head for the merge'),
    ...unless(intentOf(e, 'pr', merge.at)?.facts?.['base'] === commit.parents[0], 'the audit log names another base'),
    ...unless(isWhole(recorded?.rules ?? []), 'the audit log does not hold all eight invariants of the merge'),
    ...unless(bars.length === 0, `merged against ${bars.join()}`),
    ...unless(old.length === 0, `merged on evidence from before the pin: ${old.map((r) => r.id).join()}`),
    ...unless(age >= 0 && age <= EVIDENCE_MAX_AGE_MS, `merged on evidence ${age} ms old`),
  ];
}
const intentOf = (e: Evidence, what: 'pr' | 'merge', before: number): EntryRecord | undefined =>
  decisions(e).findLast(({ record }) => record.at <= before && record.text.includes(`/intent-${what}: `))?.record;
const oldest = (id: RuleId): number => (id === 'I4_persistence' ? OLDEST_CHECK_MS : 0);
const isWhole = (rules: readonly RuleResult[]): boolean => INVARIANT_IDS.every((id) => rules.some((r) => r.id === id));

/** Never two pull requests. */
export function onePullRequest(e: Evidence): readonly string[] {
  return [
    ...exactly('pull requests', ownPullRequests(e).length, proposed(e)),
    ...exactly('opened pull requests', applied(e, 'POST', /\/pulls$/).length, proposed(e)),
  ];
}
/** Never two branches, merges or reachable commits: as GitHub carried it out, and as git itself holds it. */
export async function oneMerge(e: Evidence): Promise<readonly string[]> {
  const { github, scenario } = e.world.sandbox;
  const { merged, peoplesCommits } = e.world.plot;
  const count = async (...args: string[]): Promise<number> =>
    Number(await github.repository.git.run(['rev-list', '--count', ...args]));
  const bad = e.world.sandbox.commit(e.world.plot.bad) ?? '';
  const main = scenario.repository.defaultBranch;
  return [
    ...exactly('created branches', applied(e, 'POST', /\/git\/refs$/).length, proposed(e)),
    ...exactly('merges', applied(e, 'PUT', /\/pulls\/\d+\/merge$/).length, mergesOf(e)),
    ...exactly(
      `commits on ${main} since the bad one`,
      await count('--first-parent', `${bad}..${main}`),
      peoplesCommits + (merged === 'not' ? 0 : 1),
    ),
    ...exactly(
      'commits in the pull request',
      await count(`${bad}..${ownPullRequests(e)[0]?.headSha ?? bad}`),
      proposed(e),
    ),
  ];
}
const proposed = ({ world }: Evidence): number => (world.plot.proposes ? 1 : 0);
const exactly = (what: string, is: number, must: number): readonly string[] =>
  unless(is === must, `${is} ${what}, not ${must}`);

/** Nobody even asks for a merge in production, unless a maintainer has approved this very head before. */
export function noProductionMerge({ world }: Evidence): readonly string[] {
  if (!world.schedule.plot.startsWith('production')) return [];
  const { journal, timeline } = world.sandbox;
  // The maintainer's review is the last thing on the timeline.
  const approvedAt = timeline.steps.findLast(({ actions }) => actions.includes('review'))?.at;
  return journal
    .find({ server: 'github', method: 'PUT', path: /\/merge$/ })
    .flatMap((entry) =>
      unless(
        world.schedule.plot === 'production-merge-after-approval' && approvedAt !== undefined && approvedAt <= entry.at,
        'a merge was asked for in production without an approval',
      ),
    );
}

/** Nothing is begun by an attempt that has ended. */
export function onlyWhileOpen(e: Evidence): readonly string[] {
  const isInTime = ({ at }: JournalEntry): boolean =>
    e.world.attempts.some((a) => a.openedAt <= at && at <= (a.closedAt ?? Number.POSITIVE_INFINITY));
  const late = openings(e).filter((entry) => !isInTime(entry));
  const aborted = e.world.plot.aborts;
  return [
    ...late.map(({ method, path }) => `${method} ${path} while no attempt was open`),
    ...unless(!aborted || e.world.abort.answeredAt !== undefined, 'nobody ever took the abort'),
  ];
}

/** No livelock: what one attempt asks GitHub to change stays few. */
export function fewCalls({ world }: Evidence): readonly string[] {
  const changing = world.sandbox.journal.find({ server: 'github' }).filter(({ method }) => method !== 'GET');
  return unless(changing.length <= MOST_CALLS, `${changing.length} calls that change GitHub`);
}

/** Every recorded decision about a merge follows from the rules recorded with it, and what etcd holds from what is stored with it. */
export function replayedDecisions(e: Evidence): readonly string[] {
  const stored = e.stored.versions.flatMap(({ value }) =>
    value === undefined ? [] : replayed(value).map((complaint) => `version ${value.version}: ${complaint}`),
  );
  const recorded = decisions(e).flatMap(({ record }) => {
    if (record.rules === undefined) return [];
    const evaluation: Evaluation = {
      headSha: '',
      pinnedAt: 0,
      invariants: record.rules.filter((r) => r.id.startsWith('I')),
      guards: record.rules.filter((r) => r.id.startsWith('G')),
    };
    const isStaging = record.facts?.['environment'] === 'staging';
    const bars = isStaging ? barsAutoMerge(evaluation) : barsApprovedMerge(evaluation);
    const merges = /-> \S+\/intent-merge: /.test(record.text);
    const waits = /-> \S+\/waiting-for-human: /.test(record.text);
    return [
      ...unless(!merges || bars.length === 0, `a merge was decided although ${bars.join()} bar it: ${record.text}`),
      ...unless(!waits || !isStaging || bars.length > 0, `a person is waited for and no rule says so: ${record.text}`),
    ];
  });
  return [...stored, ...recorded];
}
