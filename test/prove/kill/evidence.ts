import { auditDirectory } from '../../../src/adapters/file/audit-directory.js';
import { readAudit } from '../../../src/adapters/file/audit-read.js';
import type { EntryRecord } from '../../../src/adapters/file/audit-record.js';
import type { PullRequestView } from '../../../src/sandbox/github/github-sandbox.js';
import type { JournalEntry } from '../../../src/sandbox/journal.js';
import type { Course } from './course.js';
import type { KillWorld } from './kill-world.js';
import { StoredHistory } from './stored-history.js';

/** A record of the audit log, and which of the processes wrote it: 0 = the first. */
export interface Said {
  readonly record: EntryRecord;
  readonly boot: number;
}
/** Everything that a run left behind: with the servers, in etcd, in the audit log. */
export interface Evidence {
  readonly world: KillWorld;
  readonly course: Course;
  readonly stored: StoredHistory;
  readonly said: readonly Said[];
}

export async function evidenceOf(world: KillWorld, course: Course): Promise<Evidence> {
  const stored = await StoredHistory.read(world.lane.etcd.url, world.instance);
  return { world, course, said: await saidIn(world.auditFolder), stored };
}
/** Every record of an audit log, in order. */
export async function saidIn(auditFolder: string): Promise<readonly Said[]> {
  const bootOf = (segment: string): string => segment.replace(/^.*-/, '');
  const boots = [...new Set((await auditDirectory(auditFolder).list()).map(bootOf))];
  const said: Said[] = [];
  for await (const reading of readAudit(auditFolder)) {
    if (reading.kind === 'problem') continue;
    said.push({ record: reading.record, boot: boots.indexOf(bootOf(reading.segment)) });
  }
  return said;
}

/** Those of the attempts: a plot may begin with another one. */
export const ownPullRequests = ({ world }: Evidence): readonly PullRequestView[] =>
  world.sandbox.github.pullRequests().filter(({ head }) => head !== world.plot.sibling);
/** Requests that GitHub carried out. */
export const applied = ({ world }: Evidence, method: string, path: RegExp): readonly JournalEntry[] =>
  world.sandbox.journal.find({ server: 'github', method, path }).filter((entry) => entry.applied);
export const openings = (e: Evidence): readonly JournalEntry[] => [
  ...applied(e, 'POST', /\/git\/refs$/),
  ...applied(e, 'POST', /\/pulls$/),
  ...applied(e, 'PUT', /\/pulls\/\d+\/merge$/),
];
/** How often the operator has to have merged. */
export const mergesOf = ({ world }: Evidence): number => (world.plot.merged === 'by-operator' ? 1 : 0);
export const decisions = ({ said }: Evidence): readonly Said[] =>
  said.filter(({ record }) => record.kind === 'decision' && record.attempt !== undefined);
export const unless = (isSo: boolean, complaint: string): readonly string[] => (isSo ? [] : [complaint]);
