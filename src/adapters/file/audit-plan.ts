import { GENESIS_HASH, type SegmentRecord, type SegmentReference } from './audit-record.js';
import type { SurveyedSegment } from './audit-survey.js';

export const AUDIT_PROBLEM_CODES = [
  'empty',
  'unreadable',
  'edited',
  'missing',
  'out-of-order',
  'chain-broken',
  'misplaced',
  'renamed',
  'unsigned-segment',
  'bad-signature',
  'foreign-key',
  'after-close',
  'missing-segment',
  'link-broken',
  'cut',
  'witness-missing',
  'witness-differs',
] as const;
export type AuditProblemCode = (typeof AUDIT_PROBLEM_CODES)[number];

/** Something that an untouched log cannot contain. */
export interface AuditProblem {
  readonly code: AuditProblemCode;
  readonly segment: string;
  /** The record it is about, or the first one that is missing; 0 = could not be told. */
  readonly number: number;
  readonly text: string;
}

/** What the rest of the log says about one segment: how to read it. */
export interface SegmentPlan {
  readonly name: string;
  readonly header: SegmentRecord | undefined;
  /** Records that later segments build on: they must be there, with this hash. */
  readonly needed: readonly (SegmentReference & { readonly by: string })[];
  /** Lines after this number were appended by a process that had been replaced; 0 = all of them. */
  readonly lateAfter?: number;
  /** Lines after this number belong to a write that failed: nobody was told that they exist. */
  readonly tornAfter?: number;
}

export interface AuditPlan {
  readonly plans: readonly SegmentPlan[];
  readonly problems: readonly AuditProblem[];
}

/** Pure: from the first records to a plan for each segment, and whatever is wrong between segments. */
export function planSegments(surveyed: readonly SurveyedSegment[]): AuditPlan {
  const known = new Map(surveyed.map((s) => [s.name, s]));
  const problems: AuditProblem[] = [];
  const plans = new Map<string, SegmentPlan>();
  for (const { name, header, follows } of surveyed) {
    problems.push(...placeProblems(name, header, follows, known));
    const wholly = header !== undefined && isWhollyLate(name, header, surveyed, plans);
    plans.set(name, { name, header, ...boundsOf(name, header, surveyed), ...(wholly ? { lateAfter: 0 } : {}) });
  }
  return { plans: [...plans.values()], problems };
}

function placeProblems(
  segment: string,
  header: SegmentRecord | undefined,
  follows: readonly SegmentReference[],
  known: ReadonlyMap<string, SurveyedSegment>,
): readonly AuditProblem[] {
  if (header === undefined) return [];
  const problems: AuditProblem[] = [];
  for (const reference of follows) {
    if (!known.has(reference.segment)) {
      const text = `the segment is gone; ${segment} follows it`;
      problems.push({ code: 'missing-segment', segment: reference.segment, number: reference.number, text });
    } else if (reference.segment >= segment) {
      const text = `it says that it follows ${reference.segment}, which is not older`;
      problems.push({ code: 'out-of-order', segment, number: header.n, text });
    }
  }
  const number = Math.max(0, ...follows.map((reference) => reference.number)) + 1;
  if (header.n !== number || header.prev !== (header.previous?.hash ?? GENESIS_HASH)) {
    const text = 'its first record does not continue the segment it names';
    problems.push({ code: 'chain-broken', segment, number: header.n, text });
  }
  return problems;
}

function boundsOf(
  name: string,
  own: SegmentRecord | undefined,
  surveyed: readonly SurveyedSegment[],
): Pick<SegmentPlan, 'needed' | 'lateAfter' | 'tornAfter'> {
  const needed: (SegmentReference & { readonly by: string })[] = [];
  const late: number[] = [];
  const torn: number[] = [];
  for (const { name: by, header, follows } of surveyed) {
    const reference = follows.find((r) => r.segment === name);
    if (header === undefined || reference === undefined) continue;
    needed.push({ ...reference, by });
    if (header.boot !== own?.boot) late.push(reference.number);
    else if (header.reason === 'recovered') torn.push(reference.number);
  }
  return {
    needed,
    ...(late.length === 0 ? {} : { lateAfter: Math.min(...late) }),
    ...(torn.length === 0 ? {} : { tornAfter: Math.min(...torn) }),
  };
}

/** A replaced process that went on into a further segment of its own. */
function isWhollyLate(
  name: string,
  header: SegmentRecord,
  surveyed: readonly SurveyedSegment[],
  plans: ReadonlyMap<string, SegmentPlan>,
): boolean {
  const { previous, reason, boot } = header;
  if (previous === undefined || reason === 'boot') return false;
  if (plans.get(previous.segment)?.lateAfter === 0) return true;
  return surveyed.some(
    (s) =>
      s.name < name &&
      s.header !== undefined &&
      s.header.boot !== boot &&
      s.follows.some((r) => r.segment === previous.segment),
  );
}
