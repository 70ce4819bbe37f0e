import { auditDirectory, type AuditDirectory } from './audit-directory.js';
import { planSegments, type AuditProblem } from './audit-plan.js';
import type { AuditRecord, RecordReference } from './audit-record.js';
import { signatureCheck } from './audit-signing-key.js';
import { surveySegments } from './audit-survey.js';
import { SegmentCheck } from './segment-check.js';

export interface VerifyOptions {
  /** PEM. Without it signatures prove nothing. */
  readonly publicKey?: string;
  /** Number and hash of a record as known from outside the log: a stored attempt, or a printed checkpoint. */
  readonly witness?: RecordReference;
}

/** What `audit verify` finds. */
export interface AuditReport {
  /** No problem was found. How much that proves is `verifiedUpTo`. */
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  /** Checkpoints in order. */
  readonly checkpoints: number;
  /** At most the first thousand, in the order of the log. */
  readonly problems: readonly AuditProblem[];
  /** Lines that a replaced process appended after its successor had taken over: not tampering. */
  readonly late: number;
  /** Lines of a write that was cut off or failed: never acknowledged, so nothing was done on their strength. */
  readonly torn: number;
  /** Decisions decided again after a crash (`<attempt>/<version>`): the later one stands. */
  readonly repeated: number;
  /** Nothing up to this record can have been changed; 0 = nothing is proved. */
  readonly verifiedUpTo: number;
  /** The newest record. */
  readonly newest?: RecordReference;
  /** All of it in one sentence. */
  readonly statement: string;
}

const MOST_PROBLEMS = 1_000;
const NO_SEGMENT = '(no segment)';
/** A decision is repeated right after a crash, so a window suffices; it bounds the memory. */
const REMEMBERED_SUBJECTS = 20_000;

/**
 * Reads the whole log and finds every edit, insertion, deletion, reorder and truncation that the signatures and the
 * witness can prove. Pure over the directory reader. Throws only what reading throws.
 */
export async function verifyAudit(
  directory: string | AuditDirectory,
  options: VerifyOptions = {},
): Promise<AuditReport> {
  const files = typeof directory === 'string' ? auditDirectory(directory) : directory;
  const signature = options.publicKey === undefined ? undefined : signatureCheck(options.publicKey);
  const { plans, problems } = planSegments(await surveySegments(files));
  const tally = new Tally(options.witness);
  const found = [...problems];
  for (const plan of plans) {
    const check = new SegmentCheck(plan, signature);
    for await (const line of files.lines(plan.name)) {
      const checked = check.take(line);
      if (checked !== undefined) tally.count(checked.record, checked.late);
    }
    check.end();
    tally.add(check);
    found.push(...check.problems);
  }
  found.push(...tally.witnessProblems(plans.at(-1)?.name ?? NO_SEGMENT));
  if (tally.segments === 0)
    found.push({ code: 'empty', segment: NO_SEGMENT, number: 0, text: 'there is no audit log here' });
  return reportOf(tally, found, options);
}

class Tally {
  segments = 0;
  records = 0;
  late = 0;
  torn = 0;
  repeated = 0;
  readonly checkpoints: number[] = [];
  newest: RecordReference | undefined;
  readonly #witness: RecordReference | undefined;
  #witnessSeen: 'no' | 'other' | 'yes' = 'no';
  readonly #subjects = new Set<string>();

  constructor(witness: RecordReference | undefined) {
    this.#witness = witness;
  }
  count(record: AuditRecord, late: boolean): void {
    if (record.n === this.#witness?.number && this.#witnessSeen !== 'yes') {
      this.#witnessSeen = record.hash === this.#witness.hash ? 'yes' : 'other';
    }
    if (late) return;
    if (record.n > (this.newest?.number ?? 0)) this.newest = { number: record.n, hash: record.hash };
    if (record.kind !== 'decision') return;
    if (this.#subjects.delete(record.subject)) this.repeated++;
    this.#subjects.add(record.subject);
    const [oldest] = this.#subjects;
    if (this.#subjects.size > REMEMBERED_SUBJECTS && oldest !== undefined) this.#subjects.delete(oldest);
  }
  add(check: SegmentCheck): void {
    if (check.records > 0 || check.problems.length > 0) this.segments++;
    this.records += check.records;
    this.late += check.late;
    this.torn += check.torn;
    for (const number of check.checkpoints) this.checkpoints.push(number);
  }
  witnessProblems(segment: string): readonly AuditProblem[] {
    const witness = this.#witness;
    if (witness === undefined || this.#witnessSeen === 'yes') return [];
    const { number } = witness;
    if (this.#witnessSeen === 'other') {
      return [{ code: 'witness-differs', segment, number, text: `record ${number} is not the one the witness saw` }];
    }
    const end = this.newest === undefined ? 'is empty' : `ends at record ${this.newest.number}`;
    return [{ code: 'witness-missing', segment, number, text: `the log ${end}, the witness saw record ${number}` }];
  }
}

function reportOf(tally: Tally, found: readonly AuditProblem[], options: VerifyOptions): AuditReport {
  const problems = found.slice(0, MOST_PROBLEMS);
  const sound = Math.min(Infinity, ...problems.map((problem) => problem.number));
  const signed = options.publicKey === undefined ? 0 : Math.max(0, ...lastBefore(tally.checkpoints, sound));
  const witnessed = problems.length === 0 ? (options.witness?.number ?? 0) : 0;
  const { records, segments, late, torn, repeated, newest } = tally;
  return {
    ok: problems.length === 0,
    records,
    segments,
    checkpoints: tally.checkpoints.length,
    problems,
    late,
    torn,
    repeated,
    verifiedUpTo: Math.max(signed, witnessed),
    ...(newest === undefined ? {} : { newest }),
    statement: [statementOf(problems, { signed, witnessed }, newest), ...asides(late, torn)].join('; '),
  };
}

/** The greatest number below the limit, if any. */
function lastBefore(numbers: readonly number[], limit: number): readonly number[] {
  let last = 0;
  for (const number of numbers) if (number < limit && number > last) last = number;
  return [last];
}

interface Proof {
  readonly signed: number;
  readonly witnessed: number;
}
function statementOf(problems: readonly AuditProblem[], proof: Proof, newest: RecordReference | undefined): string {
  const { signed, witnessed } = proof;
  const [first] = problems.toSorted((a, b) => a.number - b.number);
  if (first !== undefined) {
    const until = signed === 0 ? 'nothing before it is proved' : `verified up to checkpoint ${signed}`;
    const where = `the first at record ${first.number} in ${first.segment} (${first.code}: ${first.text})`;
    return `NOT verified: ${problems.length} problem(s), ${where}; ${until}`;
  }
  if (signed === 0 && witnessed === 0) {
    return 'the chain is whole, but nothing is proved: there is neither a public key with a checkpoint nor a witness';
  }
  const upTo = Math.max(signed, witnessed);
  const unsigned = (newest?.number ?? upTo) - upTo;
  const rest = unsigned > 0 ? ` (the ${unsigned} record(s) after it are chained, not signed yet)` : '';
  if (witnessed >= signed)
    return `verified up to record ${witnessed}, the witness; a cut after it cannot be excluded${rest}`;
  return `verified up to checkpoint ${signed}; a cut after it cannot be excluded${rest}`;
}

const asides = (late: number, torn: number): readonly string[] => [
  ...(late === 0 ? [] : [`${late} late line(s) of a process that had been replaced`]),
  ...(torn === 0 ? [] : [`${torn} torn line(s), never acknowledged`]),
];
