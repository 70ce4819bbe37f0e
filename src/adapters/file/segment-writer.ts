import { constants, open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import {
  lineOf,
  referenceTo,
  seal,
  type AuditRecord,
  type RecordBody,
  type RecordReference,
  type SegmentReference,
} from './audit-record.js';

/** A file that only grows. Each of its methods may throw what the file system throws. */
export interface AppendOnlyFile {
  /** Resolves when the bytes survive a loss of power. After an error nobody knows how many of them were written. */
  append(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}
/** Creates a segment's file; fails when it exists. Its name is durable when it resolves. */
export type CreateSegmentFile = (file: string) => Promise<AppendOnlyFile>;

/** On the local file system: exclusively, 0600. */
export const createSegmentFile: CreateSegmentFile = async (file) => {
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_DSYNC } = constants;
  // A write returns when data and length are on the disk: one call where fdatasync would be a second one. The time of
  // change, which fsync adds, proves nothing here.
  const handle = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_DSYNC, 0o600);
  try {
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await rm(file, { force: true });
    await handle.close();
    throw error;
  }
  return { append: (bytes) => writeAll(handle, bytes), close: () => handle.close() };
};

/** A full disk, and a signal, may cut a write short without an error; the next one has it. */
async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Chains records into one segment. After an error it takes no more: what the file holds then is not known. */
export class SegmentWriter {
  readonly name: string;
  readonly #file: AppendOnlyFile;
  readonly #sign: (text: string) => string;
  #head: RecordReference;
  #bytes = 0;

  constructor(name: string, file: AppendOnlyFile, before: RecordReference, sign: (text: string) => string) {
    this.name = name;
    this.#file = file;
    this.#head = before;
    this.#sign = sign;
  }
  /** The newest record that is durable. */
  get head(): SegmentReference {
    return { segment: this.name, ...this.#head };
  }
  get bytes(): number {
    return this.#bytes;
  }
  /** Brings all of them to the disk, or throws and counts none of them as written. */
  async append(bodies: readonly RecordBody[]): Promise<readonly AuditRecord[]> {
    const records: AuditRecord[] = [];
    let head = this.#head;
    for (const body of bodies) {
      const record = seal(body, head, this.#sign);
      head = referenceTo(record);
      records.push(record);
    }
    const bytes = Buffer.from(records.map(lineOf).join(''));
    await this.#file.append(bytes);
    this.#head = head;
    this.#bytes += bytes.length;
    return records;
  }
  close(): Promise<void> {
    return this.#file.close();
  }
}
