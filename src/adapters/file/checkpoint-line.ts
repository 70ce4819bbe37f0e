import { checkpointText, type CheckpointRecord, type RecordReference, type SegmentReference } from './audit-record.js';
import type { AuditSignatureCheck } from './audit-signing-key.js';

/** A checkpoint as it was printed: proof outside the log of how far the log had come. */
export interface PrintedCheckpoint extends SegmentReference {
  readonly key: string;
  readonly signature: string;
}

const PRINTED =
  /audit-checkpoint (audit-[0-9TZ]+-[0-9a-f]{8}\.jsonl) (\d+):([0-9a-f]{64}) key=([0-9a-f]{16}) signature=([0-9a-f]{128})/;
const WITNESS = /\b(\d+):([0-9a-f]{64})\b/;

/** The line for standard output: `audit-checkpoint <segment> <number>:<hash> key=<id> signature=<hex>`. */
export const printCheckpoint = (record: CheckpointRecord): string =>
  `audit-checkpoint ${record.segment} ${record.n}:${record.hash} key=${record.key} signature=${record.signature}`;

/** Finds a printed checkpoint anywhere in a line of output; undefined = there is none. */
export function findCheckpoint(line: string): PrintedCheckpoint | undefined {
  const match = PRINTED.exec(line);
  if (match === null) return undefined;
  const [, segment = '', number = '', hash = '', key = '', signature = ''] = match;
  return { segment, number: Number(number), hash, key, signature };
}

/** A printed checkpoint proves itself: it needs the public key, not the log. */
export const isGenuine = (printed: PrintedCheckpoint, check: AuditSignatureCheck): boolean =>
  printed.key === check.keyId && check.isSigned(checkpointText(printed.segment, printed), printed.signature);

/** `<number>:<hash>`, as `append` answers it and every attempt stores it. */
export const witnessOf = ({ number, hash }: RecordReference): string => `${number}:${hash}`;

/** The witness with the highest number in a text: one witness, or the output of a whole process; undefined = there is none. */
export function findWitness(text: string): RecordReference | undefined {
  let newest: RecordReference | undefined;
  for (const line of text.split('\n')) {
    const [, number, hash] = WITNESS.exec(line) ?? [];
    if (number === undefined || hash === undefined || Number(number) <= (newest?.number ?? 0)) continue;
    newest = { number: Number(number), hash };
  }
  return newest;
}
