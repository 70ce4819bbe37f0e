import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { AttemptId } from '../../model/rollback-attempt.js';
import type { AuditKind } from '../../ports/audit-log.js';
import { auditDirectory, type AuditDirectory } from './audit-directory.js';
import { planSegments, type AuditProblem } from './audit-plan.js';
import type { AuditRecord, EntryRecord } from './audit-record.js';
import { surveySegments } from './audit-survey.js';
import { SegmentCheck, type CheckedRecord } from './segment-check.js';

/** All given conditions must hold; none given = everything that was said. */
export interface AuditFilter {
  readonly attempt?: AttemptId;
  readonly application?: ApplicationKey;
  readonly subject?: string;
  readonly kinds?: readonly AuditKind[];
  /** Inclusive, by the entry's own time. */
  readonly since?: EpochMs;
  /** Exclusive. */
  readonly until?: EpochMs;
}

/** `repeated` = decided again after a crash, the later record stands; `late` = said by a process that had been replaced. */
export type Standing = 'stands' | 'repeated' | 'late';
export type AuditReading =
  | { readonly kind: 'record'; readonly segment: string; readonly record: EntryRecord; readonly standing: Standing }
  /** The chain is broken around here: `verifyAudit` says how much that means. */
  | { readonly kind: 'problem'; readonly problem: AuditProblem };

/** The entries in the order of the segments, for show and export; lines that were never acknowledged are left out. */
export async function* readAudit(
  directory: string | AuditDirectory,
  filter: AuditFilter = {},
): AsyncGenerator<AuditReading> {
  const files = typeof directory === 'string' ? auditDirectory(directory) : directory;
  const standing = new Map<string, AuditRecord>();
  for await (const found of checkedEntries(files, filter)) {
    if (found.kind === 'problem' || found.late || found.record.kind !== 'decision') continue;
    standing.set(found.record.subject, found.record);
  }
  for await (const found of checkedEntries(files, filter)) {
    if (found.kind === 'problem') {
      yield found;
      continue;
    }
    const { segment, record, late } = found;
    const last = standing.get(record.subject);
    const repeated = record.kind === 'decision' && last !== undefined && last.hash !== record.hash;
    yield { kind: 'record', segment, record, standing: late ? 'late' : repeated ? 'repeated' : 'stands' };
  }
}

interface CheckedEntry {
  readonly record: EntryRecord;
  readonly late: boolean;
}
type Found =
  | (CheckedEntry & { readonly kind: 'record'; readonly segment: string })
  | Extract<AuditReading, { kind: 'problem' }>;

async function* checkedEntries(files: AuditDirectory, filter: AuditFilter): AsyncGenerator<Found> {
  const { plans, problems } = planSegments(await surveySegments(files));
  yield* problems.map((problem) => ({ kind: 'problem', problem }) as const);
  for (const plan of plans) {
    const check = new SegmentCheck(plan, undefined);
    for await (const line of files.lines(plan.name)) {
      const entry = entryOf(check.take(line));
      if (entry !== undefined && matches(entry.record, filter)) yield { kind: 'record', segment: plan.name, ...entry };
    }
    check.end();
    yield* check.problems.map((problem) => ({ kind: 'problem', problem }) as const);
  }
}

function entryOf(checked: CheckedRecord | undefined): CheckedEntry | undefined {
  if (checked === undefined) return undefined;
  const { record, late } = checked;
  return record.kind === 'segment' || record.kind === 'checkpoint' ? undefined : { record, late };
}

function matches(record: EntryRecord, { attempt, application, subject, kinds, since, until }: AuditFilter): boolean {
  return (
    (attempt === undefined || record.attempt === attempt) &&
    (application === undefined || record.application === application) &&
    (subject === undefined || record.subject === subject) &&
    (kinds === undefined || kinds.includes(record.kind)) &&
    (since === undefined || record.at >= since) &&
    (until === undefined || record.at < until)
  );
}
