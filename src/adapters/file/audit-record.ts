import { canonicalJson, sha256 } from '../../base/hash.js';
import type { EpochMs } from '../../model/application.js';
import type { AuditEntry } from '../../ports/audit-log.js';

/** Version of the line format; a record of another version is not understood, hence not accepted. */
export const RECORD_VERSION = 1;
/** What the very first record names as its predecessor's hash. */
export const GENESIS_HASH = '0'.repeat(64);

/** Points at one record: `hash` makes everything before it unchangeable. */
export interface RecordReference {
  readonly number: number;
  readonly hash: string;
}
export interface SegmentReference extends RecordReference {
  readonly segment: string;
}

/** What somebody said. `cut` names the fields that were too long; `written` is when the log took it. */
export type EntryBody = AuditEntry & { readonly written: EpochMs; readonly cut?: readonly string[] };

export const SEGMENT_REASONS = ['boot', 'rotated', 'recovered'] as const;
/** Why a segment was begun: a process started, the one before was full, or writing to the one before failed. */
export type SegmentReason = (typeof SEGMENT_REASONS)[number];

/** The first record of every segment. */
export interface SegmentBody {
  readonly kind: 'segment';
  readonly at: EpochMs;
  /** Its own file name, so that a renamed file is noticed. */
  readonly segment: string;
  readonly boot: string;
  readonly reason: SegmentReason;
  /** What went wrong with the one before, when something did. */
  readonly why?: string;
  /** The segment that this one follows; absent in the very first. */
  readonly previous?: SegmentReference;
  /** Further segments without a successor, left by processes that started at the same moment. */
  readonly others?: readonly SegmentReference[];
}

/** Signed: vouches for everything up to and including itself. `signature` is over `checkpointText`, and not hashed. */
export interface CheckpointBody {
  readonly kind: 'checkpoint';
  readonly at: EpochMs;
  readonly segment: string;
  /** Id of the public key. */
  readonly key: string;
  /** The segment is complete: nothing may follow. */
  readonly closing?: true;
}
export type RecordBody = EntryBody | SegmentBody | CheckpointBody;

interface Seal {
  readonly v: typeof RECORD_VERSION;
  readonly n: number;
  /** Hash of the record before. */
  readonly prev: string;
  /** SHA-256 of `prev` and the canonical JSON of everything but `hash` and a checkpoint's `signature`. */
  readonly hash: string;
}
export type EntryRecord = EntryBody & Seal;
export type SegmentRecord = SegmentBody & Seal;
export type CheckpointRecord = CheckpointBody & Seal & { readonly signature: string };
/** One line of an audit segment. */
export type AuditRecord = EntryRecord | SegmentRecord | CheckpointRecord;

export const referenceTo = (record: Seal): RecordReference => ({ number: record.n, hash: record.hash });

/** The text a checkpoint signs; the hash covers number, segment, time and everything before. */
export const checkpointText = (segment: string, { number, hash }: RecordReference): string =>
  `ai-operator audit checkpoint\n${segment}\n${number}\n${hash}\n`;

/** Chains a body to the record before it. Checkpoints are signed with the function given. */
export function seal(body: RecordBody, before: RecordReference, sign: (text: string) => string): AuditRecord {
  const unsealed = { ...body, v: RECORD_VERSION, n: before.number + 1, prev: before.hash } as const;
  const sealed = { ...unsealed, hash: sha256(before.hash + canonicalJson(unsealed)) };
  if (sealed.kind !== 'checkpoint') return sealed;
  return { ...sealed, signature: sign(checkpointText(sealed.segment, referenceTo(sealed))) };
}
export const lineOf = (record: AuditRecord): string => `${canonicalJson(record)}\n`;

export type ParsedLine =
  | { readonly kind: 'sound'; readonly record: AuditRecord }
  /** It was a record; bytes of it are not what they were. */
  | { readonly kind: 'edited'; readonly claims: Partial<RecordReference> }
  | { readonly kind: 'unreadable' };

const HASH = /^[0-9a-f]{64}$/;
/**
 * Reads one line (without its newline) and proves that it is, byte for byte, what was written: any other spelling of
 * the same JSON counts as edited. Whether it stands in the right place is for the caller to judge.
 */
export function parseLine(line: Buffer): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return { kind: 'unreadable' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'unreadable' };
  const fields = value as Readonly<Record<string, unknown>>;
  const { v, n, prev, hash, kind } = fields;
  const claims = {
    ...(typeof n === 'number' && Number.isSafeInteger(n) ? { number: n } : {}),
    ...(typeof hash === 'string' ? { hash } : {}),
  };
  const known = v === RECORD_VERSION && claims.number !== undefined && typeof kind === 'string';
  if (!known || typeof prev !== 'string' || !HASH.test(prev) || !isAsWritten(fields, prev, line))
    return { kind: 'edited', claims };
  return { kind: 'sound', record: value as AuditRecord };
}

function isAsWritten(record: Readonly<Record<string, unknown>>, prev: string, line: Buffer): boolean {
  try {
    // One pass for both the hashed body and the whole line: this is most of the time that verifying takes.
    const fields = Object.entries(record)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, text: `${JSON.stringify(key)}:${canonicalJson(value)}` }));
    const unhashed: readonly string[] = record['kind'] === 'checkpoint' ? ['hash', 'signature'] : ['hash'];
    const textOf = (some: typeof fields): string => `{${some.map((field) => field.text).join(',')}}`;
    const body = textOf(fields.filter((field) => !unhashed.includes(field.key)));
    return record['hash'] === sha256(prev + body) && Buffer.from(textOf(fields)).equals(line);
  } catch (error) {
    // Nested deeper than the stack: nothing that was written here is.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
