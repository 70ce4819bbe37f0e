import type { AuditLine } from './audit-directory.js';
import type { AuditProblem, AuditProblemCode, SegmentPlan } from './audit-plan.js';
import {
  checkpointText,
  parseLine,
  referenceTo,
  type AuditRecord,
  type CheckpointRecord,
  type RecordReference,
} from './audit-record.js';
import type { AuditSignatureCheck } from './audit-signing-key.js';

/** A record that stands in the log; `late` = appended by a process that had been replaced. */
export interface CheckedRecord {
  readonly record: AuditRecord;
  readonly late: boolean;
}

/** Of a file full of rubbish the first problems say enough. */
const MOST_PROBLEMS = 1_000;

/** Reads one segment line by line against its plan. Pure: it is fed. */
export class SegmentCheck {
  readonly problems: AuditProblem[] = [];
  /** Numbers of the checkpoints that are in order; those of late ones are left out. */
  readonly checkpoints: number[] = [];
  records = 0;
  late = 0;
  torn = 0;
  readonly #plan: SegmentPlan;
  readonly #signature: AuditSignatureCheck | undefined;
  readonly #needed: Set<SegmentPlan['needed'][number]>;
  #lines = 0;
  /** The record before; its hash is unknown after an unreadable line. */
  #before: Partial<RecordReference> = {};
  #closed = false;

  constructor(plan: SegmentPlan, signature: AuditSignatureCheck | undefined) {
    this.#plan = plan;
    this.#signature = signature;
    this.#needed = new Set(plan.needed);
  }

  /** Takes the next line; answers the record in it if it is one. */
  take(line: AuditLine): CheckedRecord | undefined {
    const expected = (this.#before.number ?? (this.#plan.header?.n ?? 1) - 1) + 1;
    const { lateAfter = Infinity, tornAfter = Infinity } = this.#plan;
    if (!line.complete || expected > tornAfter) {
      this.torn++;
      return undefined;
    }
    const parsed = parseLine(line.bytes);
    this.#lines++;
    if (parsed.kind === 'sound') return this.#sound(parsed.record, expected);
    // What a loss of power left at the end of a file was never acknowledged.
    if (parsed.kind === 'unreadable' && expected > lateAfter) this.torn++;
    else if (parsed.kind === 'unreadable') this.#blame('unreadable', expected, 'the line is not a record');
    else this.#blame('edited', parsed.claims.number ?? expected, 'the line is not what was written');
    this.#before = { number: expected, ...(parsed.kind === 'edited' ? parsed.claims : {}) };
    return undefined;
  }

  /** To be called after the last line. */
  end(): void {
    for (const { number, by } of this.#needed) {
      this.#blame('cut', number, `record ${number} is gone, on which ${by} builds`);
    }
  }

  #sound(record: AuditRecord, expected: number): CheckedRecord {
    this.records++;
    const late = record.n > (this.#plan.lateAfter ?? Infinity);
    if (late) this.late++;
    this.#place(record, expected);
    if (this.#closed) this.#blame('after-close', record.n, 'the segment was complete before this line');
    if (record.kind === 'checkpoint') this.#checkpoint(record, late);
    for (const needed of this.#needed) {
      if (needed.number !== record.n) continue;
      this.#needed.delete(needed);
      if (needed.hash === record.hash) continue;
      this.#blame('link-broken', record.n, `it is not the record on which ${needed.by} builds`);
    }
    this.#before = referenceTo(record);
    return { record, late };
  }

  #place(record: AuditRecord, expected: number): void {
    const { n, prev } = record;
    const { number, hash } = this.#before;
    if (this.#lines === 1) {
      const begins = record.kind === 'segment' && this.#plan.header !== undefined;
      if (!begins) this.#blame('misplaced', n, 'the segment does not begin with its own first record');
      else if (record.segment !== this.#plan.name) this.#blame('renamed', n, `the file was called ${record.segment}`);
      return;
    }
    const numbered = number !== undefined;
    if (numbered && n > expected) this.#blame('missing', expected, `records ${expected} to ${n - 1} are missing`);
    else if (numbered && n < expected) this.#blame('out-of-order', n, `it stands after record ${number}`);
    else if (hash !== undefined && prev !== hash)
      this.#blame('chain-broken', n, 'it does not continue the record before it');
    if (record.kind === 'segment') this.#blame('misplaced', n, 'a first record in the middle of a segment');
    if (this.#lines === 2 && record.kind !== 'checkpoint') {
      this.#blame('unsigned-segment', n, 'the beginning of the segment is not signed');
    }
  }

  #checkpoint(record: CheckpointRecord, late: boolean): void {
    const { n, key, segment, signature } = record;
    const check = this.#signature;
    if (record.closing === true) this.#closed = true;
    if (segment !== this.#plan.name) {
      this.#blame('renamed', n, `the checkpoint belongs to ${segment}`);
    } else if (check !== undefined && key !== check.keyId) {
      this.#blame('foreign-key', n, `the checkpoint is signed with key ${key}, not with ${check.keyId}`);
    } else if (check !== undefined && !check.isSigned(checkpointText(segment, referenceTo(record)), signature)) {
      this.#blame('bad-signature', n, 'the signature of the checkpoint does not fit');
    } else if (!late) {
      this.checkpoints.push(record.n);
    }
  }

  #blame(code: AuditProblemCode, number: number, text: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ code, segment: this.#plan.name, number, text });
  }
}
