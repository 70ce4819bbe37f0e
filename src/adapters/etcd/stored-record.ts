import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { StoredText } from './etcd-connection.js';
import { RECORD_SHAPES, type RecordKind, type RecordValues } from './record-shapes.js';

/** The schema version of every record. A record of a later one is left alone: that operator is newer than this one. */
const SCHEMA_VERSION = 1;
/** etcd refuses 1.5 MiB; well below it, a whole transaction fits. */
export const LARGEST_RECORD_BYTES = 256 * 1024;

const envelope = z.looseObject({
  v: z.number(),
  nonce: z.string(),
  value: z.unknown(),
  keepUntil: z.number().optional(),
});

/** A record as it was read. */
export interface StoredRecord<T> {
  readonly value: T;
  readonly revision: string;
  /** Closed attempts only: when the record may go. */
  readonly keepUntil?: number;
}
/** `newer` = of a later schema version; `corrupt` = not what this operator writes. */
export interface Unreadable {
  readonly because: 'newer' | 'corrupt';
  readonly why: string;
}
export type Decoded<T> =
  | { readonly kind: 'read'; readonly record: StoredRecord<T> }
  | ({ readonly kind: 'unreadable' } & Unreadable);

/**
 * A value as it is stored: with the schema version and a nonce of this write, so that a write whose answer was lost is
 * recognised. Throws STORE_RECORD_TOO_LARGE (terminal), naming `what`.
 */
export function encodeRecord(what: string, value: unknown, keepUntil?: number): string {
  const text = JSON.stringify({
    v: SCHEMA_VERSION,
    nonce: randomUUID(),
    ...(keepUntil === undefined ? {} : { keepUntil }),
    value,
  });
  const bytes = Buffer.byteLength(text);
  if (bytes <= LARGEST_RECORD_BYTES) return text;
  throw new OperatorError(
    'STORE_RECORD_TOO_LARGE',
    'terminal',
    `${what} is too large to be stored: ${Math.ceil(bytes / 1024)} KiB, at most ${LARGEST_RECORD_BYTES / 1024} KiB fit. Nothing was written.`,
  );
}

/** Reads a record; never throws. `fits` compares the value with its key. */
export function decodeRecord<K extends RecordKind>(
  kind: K,
  stored: StoredText,
  fits: (value: RecordValues[K]) => boolean = () => true,
): Decoded<RecordValues[K]> {
  const corrupt = (why: string): Decoded<RecordValues[K]> => ({ kind: 'unreadable', because: 'corrupt', why });
  const wrapped = envelope.safeParse(parse(stored.text));
  if (!wrapped.success) return corrupt('it is not a record of this operator');
  const { v, value, keepUntil } = wrapped.data;
  if (v > SCHEMA_VERSION) {
    return {
      kind: 'unreadable',
      because: 'newer',
      why: `its schema version is ${v}, this operator knows ${SCHEMA_VERSION}`,
    };
  }
  if (v !== SCHEMA_VERSION) return corrupt(`its schema version is ${v}`);
  const checked = RECORD_SHAPES[kind].safeParse(value);
  if (!checked.success) return corrupt(faultOf(checked.error));
  // The schema looks; what it checked is passed on untouched.
  const trusted = value as RecordValues[K];
  if (!fits(trusted)) return corrupt('its value belongs to another key');
  return {
    kind: 'read',
    record: { value: trusted, revision: stored.revision, ...(keepUntil === undefined ? {} : { keepUntil }) },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'it has the wrong shape' : `${issue.path.join('.') || 'value'}: ${issue.message}`;
}
