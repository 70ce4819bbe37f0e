import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudit } from '../../../src/adapters/file/audit-read.js';
import { publicKeyFileOf } from '../../../src/adapters/file/audit-signing-key.js';
import { verifyAudit } from '../../../src/adapters/file/audit-verify.js';
import { findWitness } from '../../../src/adapters/file/checkpoint-line.js';
import type { JournalEntry } from '../../../src/sandbox/journal.js';
import type { KillWorld } from './kill-world.js';
import type { Course } from './run-schedule.js';

/** Everything that is wrong with a run that has come to its end; empty = nothing. */
export async function judge(world: KillWorld, course: Course): Promise<readonly string[]> {
  return [
    ...course.faults,
    ...world.intents.violations,
    ...didSomething(world, course),
    ...onceOnly(world),
    ...(await wholeHistory(world)),
    ...onlyWhileOpen(world),
    ...(await auditHolds(world)),
    ...(await nothingLost(world)),
  ];
}

const applied = ({ sandbox }: KillWorld, method: string, path: RegExp): readonly JournalEntry[] =>
  sandbox.journal.find({ server: 'github', method, path }).filter((entry) => entry.applied);
const openings = (world: KillWorld): readonly JournalEntry[] => [
  ...applied(world, 'POST', /\/git\/refs$/),
  ...applied(world, 'POST', /\/pulls$/),
  ...applied(world, 'PUT', /\/pulls\/\d+\/merge$/),
];
const merges = ({ schedule }: KillWorld): number => (schedule.scenario === 'bad-deploy' ? 1 : 0);
const unless = (isSo: boolean, complaint: string): readonly string[] => (isSo ? [] : [complaint]);

function didSomething(world: KillWorld, { injected }: Course): readonly string[] {
  return [
    ...unless(injected >= world.schedule.injuries.length, `only ${injected} injuries were inflicted`),
    ...unless(openings(world).length > 0 && world.intents.seen > 0, 'the operator did nothing'),
    ...unless(world.attempts.length > 0, 'no attempt was ever seen'),
  ];
}
/** S2, S3: never two pull requests, branches or merges. */
function onceOnly(world: KillWorld): readonly string[] {
  const counts: readonly (readonly [string, number, number])[] = [
    ['pull requests', world.sandbox.github.pullRequests().length, 1],
    ['opened pull requests', applied(world, 'POST', /\/pulls$/).length, 1],
    ['created branches', applied(world, 'POST', /\/git\/refs$/).length, 1],
    ['merges', applied(world, 'PUT', /\/pulls\/\d+\/merge$/).length, merges(world)],
  ];
  return counts.flatMap(([what, is, must]) => unless(is === must, `${is} ${what}, not ${must}`));
}
/** Read from git itself: what is reachable from the branches since the bad commit. */
async function wholeHistory(world: KillWorld): Promise<readonly string[]> {
  const { github, scenario } = world.sandbox;
  const { git } = github.repository;
  const count = async (...args: string[]): Promise<number> => Number(await git.run(['rev-list', '--count', ...args]));
  const bad = world.sandbox.commit('bad') ?? '';
  const main = scenario.repository.defaultBranch;
  const [onMain, byHead] = [
    await count('--first-parent', `${bad}..${main}`),
    await count(`${bad}..${github.pullRequests()[0]?.headSha ?? bad}`),
  ];
  return [
    ...unless(onMain === merges(world), `${onMain} commits on ${main} since the bad one`),
    ...unless(byHead === 1, `${byHead} commits in the pull request`),
  ];
}
/** S7: nothing is begun by an attempt that has ended. */
function onlyWhileOpen(world: KillWorld): readonly string[] {
  const isInTime = ({ at }: JournalEntry): boolean =>
    world.attempts.some((a) => a.openedAt <= at && at <= (a.closedAt ?? Number.POSITIVE_INFINITY));
  return openings(world).flatMap((e) => unless(isInTime(e), `${e.method} ${e.path} while no attempt was open`));
}
/** S20: as `audit verify` does it, with the newest checkpoint that any of the processes printed. */
async function auditHolds(world: KillWorld): Promise<readonly string[]> {
  const publicKey = await readFile(publicKeyFileOf(join(world.auditFolder, 'signing-key.pem')), 'utf8');
  const witness = findWitness(world.children.map((child) => child.printed).join('\n'));
  if (witness === undefined) return ['no checkpoint was ever printed'];
  const report = await verifyAudit(world.auditFolder, { publicKey, witness });
  return unless(report.ok, `the audit log does not hold: ${report.statement} ${JSON.stringify(report.problems)}`);
}
/** S9: an attempt that got beyond its opening was stored; it must be there in the end, closed, unless it was dismissed. */
async function nothingLost(world: KillWorld): Promise<readonly string[]> {
  const stored = new Set<string>();
  const dismissed = new Set<string>();
  for await (const reading of readAudit(world.auditFolder)) {
    if (reading.kind === 'problem') continue;
    const { kind, attempt, subject, text } = reading.record;
    if (kind !== 'decision' || attempt === undefined) continue;
    if (text.includes(' -> Idle: ')) dismissed.add(attempt);
    else if (!text.startsWith('Idle -> ') && subject.startsWith(`${attempt}/`)) stored.add(attempt);
  }
  const closed = new Set(world.attempts.filter((a) => a.end !== undefined).map((a) => a.id as string));
  const lost = [...stored].filter((id) => !closed.has(id) && !dismissed.has(id));
  return lost.map((id) => `the attempt ${id} was lost`);
}
