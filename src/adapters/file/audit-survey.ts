import type { AuditDirectory } from './audit-directory.js';
import {
  parseLine,
  referenceTo,
  SEGMENT_REASONS,
  type AuditRecord,
  type RecordReference,
  type SegmentRecord,
  type SegmentReference,
} from './audit-record.js';

/** One segment as its first record presents it. */
export interface SurveyedSegment {
  readonly name: string;
  /** Undefined = empty, torn or tampered with: nothing in it was ever acknowledged, or `verifyAudit` says what is wrong. */
  readonly header: SegmentRecord | undefined;
  /** The records of other segments that it follows. */
  readonly follows: readonly SegmentReference[];
}

/** Reads the first record of every segment, in the order they were begun. */
export async function surveySegments(directory: AuditDirectory): Promise<readonly SurveyedSegment[]> {
  const surveyed: SurveyedSegment[] = [];
  for (const name of await directory.list()) {
    const header = await headerOf(directory, name);
    const previous = header?.previous === undefined ? [] : [header.previous];
    const follows = [...previous, ...(header?.others ?? [])];
    surveyed.push({ name, header, follows });
  }
  return surveyed;
}

async function headerOf(directory: AuditDirectory, name: string): Promise<SegmentRecord | undefined> {
  for await (const line of directory.lines(name)) {
    if (!line.complete) return undefined;
    const parsed = parseLine(line.bytes);
    return parsed.kind === 'sound' && isHeader(parsed.record) ? parsed.record : undefined;
  }
  return undefined;
}

/** A record whose hash fits may still be anybody's work: its fields are looked at before they are used. */
function isHeader(record: AuditRecord): record is SegmentRecord {
  if (record.kind !== 'segment') return false;
  const { segment, boot, reason, previous, others = [] }: Readonly<Record<string, unknown>> = { ...record };
  const wellFormed =
    typeof segment === 'string' && typeof boot === 'string' && SEGMENT_REASONS.some((known) => known === reason);
  return (
    wellFormed &&
    (previous === undefined || isReference(previous)) &&
    Array.isArray(others) &&
    others.every(isReference)
  );
}
const isReference = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { segment, number, hash }: Readonly<Record<string, unknown>> = { ...value };
  return typeof segment === 'string' && Number.isSafeInteger(number) && typeof hash === 'string';
};

/** The newest sound record of every segment that no other follows, newest segment first. A new segment follows them all. */
export async function openEnds(
  directory: AuditDirectory,
  surveyed: readonly SurveyedSegment[],
): Promise<readonly SegmentReference[]> {
  const followed = new Set(surveyed.flatMap((s) => s.follows.map((reference) => reference.segment)));
  const ends: SegmentReference[] = [];
  for (const { name, header } of surveyed.toReversed()) {
    if (header === undefined || followed.has(name)) continue;
    ends.push({ segment: name, ...referenceTo(header), ...(await lastSound(directory, name)) });
  }
  return ends;
}

/** More lines than one batch of the log can leave broken behind it. */
const TAIL_LINES = 1_024;

async function lastSound(directory: AuditDirectory, name: string): Promise<RecordReference | undefined> {
  const tail: Buffer[] = [];
  for await (const line of directory.lines(name)) {
    if (!line.complete) continue;
    tail.push(line.bytes);
    if (tail.length > TAIL_LINES) tail.shift();
  }
  for (const bytes of tail.toReversed()) {
    const parsed = parseLine(bytes);
    if (parsed.kind === 'sound') return referenceTo(parsed.record);
  }
  return undefined;
}
