import { constants, open, rm } from 'node:fs/promises';
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
  append(bytes: Buffer): Promise<void>;
  /** Resolves when everything appended survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
/** Creates a segment's file; fails when it exists. Its name is durable when it resolves. */
export type CreateSegmentFile = (file: string) => Promise<AppendOnlyFile>;

/** On the local file system: exclusively, 0600. */
export const createSegmentFile: CreateSegmentFile = async (file) => {
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
  const handle = await open(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
  try {
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await rm(file, { force: true });
    await handle.close();
    throw error;
  }
  return {
    append: (bytes) => handle.appendFile(bytes),
    // Data and length; the time of change, which fsync adds, proves nothing here.
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
};

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
  /** Writes and syncs all of them, or throws and counts none of them as written. */
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
    await this.#file.sync();
    this.#head = head;
    this.#bytes += bytes.length;
    return records;
  }
  close(): Promise<void> {
    return this.#file.close();
  }
}
