import { hash } from 'node:crypto';

/** A run of items of a list as it was written. */
export interface ItemRun {
  readonly byteLength: number;
  /** SHA-256: nobody can write another run that has it. */
  readonly digest: string;
  /** So many items, from this place of the list on. */
  readonly count: number;
  readonly from: number;
}

/** The run that is written as `bytes`. */
export const runOf = (bytes: Buffer, from: number, count: number): ItemRun => ({
  byteLength: bytes.length,
  digest: digestOf(bytes),
  count,
  from,
});
/** Are these bytes, to the last, those the run was written with? */
export const isWritten = (run: ItemRun, bytes: Buffer): boolean =>
  bytes.length === run.byteLength && digestOf(bytes) === run.digest;

const digestOf = (bytes: Buffer): string => hash('sha256', bytes, 'base64');
