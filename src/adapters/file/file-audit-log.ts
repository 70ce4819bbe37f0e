import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { everyInterval, type Clock } from '../../base/clock.js';
import { asOperatorError, OperatorError } from '../../base/errors.js';
import type { AuditEntry, AuditLog } from '../../ports/audit-log.js';
import { auditDirectory, segmentName, segmentTime } from './audit-directory.js';
import { capEntry } from './audit-entry-cap.js';
import {
  GENESIS_HASH,
  referenceTo,
  type AuditRecord,
  type CheckpointBody,
  type CheckpointRecord,
  type EntryBody,
  type RecordBody,
  type SegmentBody,
  type SegmentReason,
  type SegmentReference,
} from './audit-record.js';
import { openSigningKey, type AuditSigner } from './audit-signing-key.js';
import { openEnds, surveySegments } from './audit-survey.js';
import { unanswered, unwritable } from './audit-trouble.js';
import { printCheckpoint, witnessOf } from './checkpoint-line.js';
import { inTime } from '../../base/in-time.js';
import { createSegmentFile, SegmentWriter, type CreateSegmentFile } from './segment-writer.js';

export interface FileAuditLogOptions {
  /** Created (0700) when absent. */
  readonly directory: string;
  /** Ed25519 private key in PEM, created (0600) when absent; keep it off the audit volume if you can. */
  readonly signingKeyFile: string;
  /** Default: beside the private key, `<name>.pub.pem`. */
  readonly publicKeyFile?: string;
  readonly clock: Clock;
  /** Takes each signed checkpoint as one line: the witness outside the log, on standard output. */
  readonly print: (line: string) => void;
  /** Told when a checkpoint on the timer could not be written; appends report their own errors. */
  readonly onTrouble: (error: OperatorError) => void;
  /** A segment longer than this is closed and the next begun. Default 64 MiB. */
  readonly maxSegmentBytes?: number;
  /** For tests: another file system. */
  readonly createFile?: CreateSegmentFile;
  /** How long the disk may take for a write before it counts as failed, in milliseconds. Default 10 s. */
  readonly longestWriteMs?: number;
}

interface Pending {
  /** `checkpoint` = sign what there is, if there is something new. */
  readonly body: EntryBody | 'checkpoint';
  readonly resolve: (witness: string) => void;
  readonly reject: (error: OperatorError) => void;
}
/** Where the next segment of this boot goes on. */
interface Succession {
  readonly reason: Exclude<SegmentReason, 'boot'>;
  readonly previous: SegmentReference;
  readonly why?: string;
}

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;
const LONGEST_WRITE_MS = 10_000;
const CHECKPOINT_RECORDS = 64;
const CHECKPOINT_INTERVAL_MS = 60_000;
/** Entries that share one write at most. */
const BATCH = 256;
/** More open ends than this at once are not the work of crashes. */
const MOST_OTHERS = 16;

/**
 * The audit log in a folder (semantics 13): hash-chained JSON lines, one segment per boot, signed checkpoints. `append`
 * resolves when the record is on disk; concurrent appends share one write and keep their order. A write that failed, or
 * that the disk does not answer, counts for nothing: the next append begins a fresh segment that says so. The first append
 * begins the first one: it must come after the take-over of the store, since lines of others count as late from then on.
 */
export class FileAuditLog implements AuditLog {
  readonly #options: FileAuditLogOptions;
  readonly #longestWriteMs: number;
  readonly #boot = randomBytes(4).toString('hex');
  readonly #closing = new AbortController();
  #signer: AuditSigner | undefined;
  #segment: SegmentWriter | undefined;
  #succession: Succession | undefined;
  #unsigned = 0;
  #queue: Pending[] = [];
  #drained: Promise<void> | undefined;
  #timer: Promise<void> | undefined;
  /** A write that has not come back from the disk: until it does, nothing else is tried there. */
  #hanging: OperatorError | undefined;

  constructor(options: FileAuditLogOptions) {
    this.#options = options;
    this.#longestWriteMs = options.longestWriteMs ?? LONGEST_WRITE_MS;
  }

  async append(entry: AuditEntry): Promise<string> {
    if (this.#closing.signal.aborted) {
      throw new OperatorError(
        'AUDIT_UNWRITABLE',
        'transient',
        'The audit log is closed: the operator is shutting down.',
      );
    }
    return this.#enqueue(capEntry(entry, this.#options.clock.now()));
  }

  /** Waits for what was appended, signs it and closes the segment: nothing may follow. Throws AUDIT_UNWRITABLE when that fails. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new OperatorError('CANCELLED', 'cancelled', 'the audit log is closed'));
    await this.#timer;
    await this.#drained;
    if (this.#hanging !== undefined) throw this.#hanging;
    if (this.#segment === undefined) return;
    try {
      await this.#finish(this.#segment);
    } catch (error) {
      const trouble = unwritable(this.#options.directory, error);
      await this.#abandon(trouble);
      throw trouble;
    }
  }

  #enqueue(body: Pending['body']): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ body, resolve, reject });
      this.#drained ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // Whoever appends in this very turn shares the first write.
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH);
      try {
        if (this.#hanging !== undefined) throw this.#hanging;
        acknowledge(batch, await inTime(this.#persist(batch), this.#longestWriteMs, (ended) => this.#hang(ended)));
      } catch (error) {
        const trouble = unwritable(this.#options.directory, error);
        for (const { reject } of batch) reject(trouble);
        if (this.#hanging === undefined) await this.#abandon(trouble);
      }
    }
    this.#drained = undefined;
  }

  async #persist(batch: readonly Pending[]): Promise<readonly AuditRecord[]> {
    const segment = await this.#open();
    return this.#write(segment, this.#bodiesOf(batch, segment));
  }
  /** A disk may hang in place of failing. Nobody knows then what the file will hold: when it answers, that file is done with. */
  #hang(ended: Promise<unknown>): OperatorError {
    const trouble = unanswered(this.#options.directory, this.#longestWriteMs);
    this.#hanging = trouble;
    void ended.then(async () => {
      await this.#abandon(trouble);
      this.#hanging = undefined;
    });
    return trouble;
  }

  #bodiesOf(batch: readonly Pending[], segment: SegmentWriter): readonly RecordBody[] {
    const bodies: RecordBody[] = [];
    let unsigned = this.#unsigned;
    for (const { body } of batch) {
      if (body !== 'checkpoint') {
        bodies.push(body);
        unsigned++;
      }
      if (body === 'checkpoint' ? unsigned > 0 : unsigned >= CHECKPOINT_RECORDS) {
        bodies.push(this.#checkpoint(segment.name));
        unsigned = 0;
      }
    }
    return bodies;
  }
  #checkpoint(segment: string, closing?: true): CheckpointBody {
    const [at, key] = [this.#options.clock.now(), this.#signer?.keyId ?? ''];
    return { kind: 'checkpoint', at, segment, key, ...(closing === undefined ? {} : { closing }) };
  }
  async #write(segment: SegmentWriter, bodies: readonly RecordBody[]): Promise<readonly AuditRecord[]> {
    if (bodies.length === 0) return [];
    const records = await segment.append(bodies);
    this.#note(records);
    return records;
  }
  #note(records: readonly AuditRecord[]): void {
    for (const record of records) {
      this.#unsigned = record.kind === 'checkpoint' ? 0 : this.#unsigned + 1;
      if (record.kind === 'checkpoint') this.#show(record);
    }
  }
  #show(record: CheckpointRecord): void {
    try {
      this.#options.print(printCheckpoint(record));
    } catch (error) {
      // The record is durable all the same.
      this.#options.onTrouble(asOperatorError(error));
    }
  }

  /** The segment to write to; a full one is closed first. */
  async #open(): Promise<SegmentWriter> {
    const { maxSegmentBytes = DEFAULT_SEGMENT_BYTES } = this.#options;
    const present = this.#segment;
    if (present !== undefined && present.bytes < maxSegmentBytes) return present;
    if (present !== undefined) {
      await this.#finish(present);
      this.#succession = { reason: 'rotated', previous: present.head };
    }
    this.#signer ??= await openSigningKey(this.#options.signingKeyFile, this.#options.publicKeyFile);
    const segment = await this.#begin(this.#signer);
    const { clock } = this.#options;
    this.#timer ??= everyInterval(
      clock,
      () => CHECKPOINT_INTERVAL_MS,
      () => this.#tick(),
      this.#closing.signal,
    );
    return segment;
  }
  async #tick(): Promise<void> {
    if (this.#unsigned === 0 || this.#segment === undefined) return;
    try {
      await this.#enqueue('checkpoint');
    } catch (error) {
      this.#options.onTrouble(asOperatorError(error));
    }
  }
  async #begin(signer: AuditSigner): Promise<SegmentWriter> {
    const { directory, clock, createFile = createSegmentFile } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { header, number } = await this.#header();
    // Names must sort in the order of the chain even when the clock was set back.
    const newest = (await auditDirectory(directory).list()).at(-1) ?? '';
    const name = segmentName(Math.max(clock.now(), (segmentTime(newest) ?? 0) + 1), this.#boot);
    if (segmentTime(name) === undefined) {
      const why = `${newest} in ${directory} is dated at the end of time: find out who put it there.`;
      throw new OperatorError('AUDIT_UNWRITABLE', 'transient', why);
    }
    const file = path.join(directory, name);
    const before = { number, hash: header.previous?.hash ?? GENESIS_HASH };
    const handle = await createFile(file);
    const segment = new SegmentWriter(name, handle, before, (text) => signer.sign(text));
    let signed: readonly AuditRecord[];
    try {
      // Signed at once: so nobody without the key can add a segment, and what a crash left unsigned is vouched for.
      signed = await segment.append([{ ...header, segment: name }, this.#checkpoint(name)]);
    } catch (error) {
      // It holds nothing that anybody was told of; left behind, a full disk would collect one with each try.
      await rm(file, { force: true });
      await handle.close();
      throw error;
    }
    this.#succession = undefined;
    this.#segment = segment;
    this.#note(signed);
    return segment;
  }
  async #header(): Promise<{ readonly header: SegmentBody; readonly number: number }> {
    const begun = { kind: 'segment', at: this.#options.clock.now(), segment: '', boot: this.#boot } as const;
    if (this.#succession !== undefined) {
      const { previous, reason, why } = this.#succession;
      return { header: { ...begun, reason, previous, ...(why === undefined ? {} : { why }) }, number: previous.number };
    }
    const files = auditDirectory(this.#options.directory);
    const [previous, ...rest] = await openEnds(files, await surveySegments(files));
    if (previous === undefined) return { header: { ...begun, reason: 'boot' }, number: 0 };
    const others = rest.slice(0, MOST_OTHERS);
    const number = Math.max(previous.number, ...others.map((other) => other.number));
    return { header: { ...begun, reason: 'boot', previous, ...(others.length === 0 ? {} : { others }) }, number };
  }

  async #finish(segment: SegmentWriter): Promise<void> {
    await this.#write(segment, [this.#checkpoint(segment.name, true)]);
    this.#segment = undefined;
    await segment.close();
  }
  /** After a failed write nobody knows what the file holds, and writing again would hide it: it is never written to again. */
  async #abandon(trouble: OperatorError): Promise<void> {
    const broken = this.#segment;
    if (broken === undefined) return;
    this.#segment = undefined;
    this.#succession = { reason: 'recovered', previous: broken.head, why: trouble.message };
    try {
      await broken.close();
    } catch (error) {
      this.#options.onTrouble(unwritable(this.#options.directory, error));
    }
  }
}

function acknowledge(batch: readonly Pending[], records: readonly AuditRecord[]): void {
  const entries = records.filter((record) => record.kind !== 'checkpoint');
  let next = 0;
  for (const { body, resolve } of batch) {
    const record = body === 'checkpoint' ? undefined : entries[next++];
    resolve(record === undefined ? '' : witnessOf(referenceTo(record)));
  }
}
