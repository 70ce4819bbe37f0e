import { OperatorError } from '../../base/errors.js';
import {
  isOpen,
  type AttemptId,
  type ClosedAttempt,
  type DegradationDetected,
  type RollbackAttempt,
} from '../../model/rollback-attempt.js';
import { RETENTION_MS } from '../../model/mark.js';
import type { Residue, SaveResult, Versioned } from '../../ports/state-store.js';
import { ABSENT, type Change, type Condition, type StoredText } from './etcd-connection.js';
import { LeaseBook } from './lease-book.js';
import { contradiction, type SideRecords, type StoreParts } from './side-records.js';
import { lastSegment } from './store-keys.js';
import { encodeRecord, type StoredRecord } from './stored-record.js';

const CONFLICT: SaveResult = { kind: 'conflict' };

/**
 * Attempts: one key each, moved by one transaction. `active/<app>` and `owed/<id>` hold the id; a closed attempt runs out by
 * its lease seven days after its end, and has no lease while something is owed.
 */
export class AttemptRecords {
  constructor(
    private readonly parts: StoreParts,
    private readonly side: SideRecords,
  ) {}

  async open(attempt: DegradationDetected): Promise<SaveResult> {
    const { keys, writer } = this.parts;
    const [key, active] = [keys.attempt(attempt.id), keys.active(attempt.application)];
    const text = encodeRecord(nameOf(attempt), attempt);
    const absent = [key, active].map((k) => ({ key: k, revision: ABSENT }));
    const result = await writer.write(absent, [
      { kind: 'put', key, text },
      { kind: 'put', key: active, text: attempt.id },
    ]);
    return result.kind === 'written' ? saved(attempt, result.revision) : CONFLICT;
  }
  async load(id: AttemptId): Promise<Versioned<RollbackAttempt> | undefined> {
    const record = await this.#record(id);
    return record !== undefined && this.#isKept(record) ? versioned(record) : undefined;
  }
  async save(next: RollbackAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    return isOpen(next) ? this.#saveOpen(next, expected, residue) : this.#saveClosed(next, expected, residue);
  }
  async forget(attempt: DegradationDetected, expected: string): Promise<SaveResult> {
    const { keys, writer } = this.parts;
    const key = keys.attempt(attempt.id);
    const active = { key: keys.active(attempt.application), text: attempt.id };
    const result = await writer.write(
      [{ key, revision: expected }, active],
      [
        { kind: 'delete', key },
        { kind: 'delete', key: active.key },
        { kind: 'delete', key: keys.checks(attempt.application) },
      ],
    );
    return result.kind === 'written' ? saved(attempt, expected) : this.#refused(attempt, expected, result.found);
  }
  async close(closed: ClosedAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    const { keys, clock } = this.parts;
    const active = { key: keys.active(closed.application), text: closed.id };
    const ended: readonly Change[] = [
      { kind: 'delete', key: active.key },
      { kind: 'delete', key: keys.checks(closed.application) },
    ];
    return this.#putClosed(closed, expected, residue, clock.now() + RETENTION_MS, {
      conditions: [active],
      changes: ended,
    });
  }

  async listed(kind: 'active' | 'owed'): Promise<readonly Versioned<RollbackAttempt>[]> {
    const { keys, reader } = this.parts;
    const listed = new Map<string, StoredText>();
    for await (const entry of reader.below(keys.all(kind))) listed.set(keys.attempt(entry.text), entry);
    const found = await reader.many([...listed.keys()]);
    for (const stored of found) listed.delete(stored.key);
    for (const entry of listed.values()) await this.#reportPointer(entry);
    return found.flatMap((stored) => {
      const record = this.#read(stored);
      return record === undefined ? [] : [versioned(record)];
    });
  }
  async closed(limit: number): Promise<readonly RollbackAttempt[]> {
    const { keys, reader } = this.parts;
    let newest: ClosedAttempt[] = [];
    for await (const stored of reader.below(keys.all('attempts'))) {
      const record = this.#read(stored);
      if (record === undefined || isOpen(record.value) || !this.#isKept(record)) continue;
      newest.push(record.value);
      // A week of a large fleet is not kept in memory for a short list.
      if (newest.length > 2 * limit + 100) newest = newestFirst(newest, limit);
    }
    return newestFirst(newest, limit);
  }

  async #saveOpen(next: RollbackAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    const { keys, writer } = this.parts;
    const key = keys.attempt(next.id);
    const text = encodeRecord(nameOf(next), next);
    const conditions = [
      { key, revision: expected },
      { key: keys.active(next.application), text: next.id },
    ];
    const result = await writer.write(conditions, [{ kind: 'put', key, text }, ...(await this.side.residue(residue))]);
    return result.kind === 'written' ? saved(next, result.revision) : this.#refused(next, expected, result.found);
  }
  /** Aftercare does not begin the seven days anew: the end of them stands in the record. */
  async #saveClosed(next: ClosedAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    const present = await this.#record(next.id);
    if (present?.revision === expected && isOpen(present.value)) throw misuse(next, present.value.state, 'use close');
    const keepUntil = present?.keepUntil ?? next.closedAt + RETENTION_MS;
    return this.#putClosed(next, expected, residue, keepUntil, { conditions: [], changes: [] });
  }
  async #putClosed(
    closed: ClosedAttempt,
    expected: string,
    residue: Residue,
    keepUntil: number,
    more: { readonly conditions: readonly Condition[]; readonly changes: readonly Change[] },
  ): Promise<SaveResult> {
    const { keys, writer, connection, clock, pausesMs } = this.parts;
    const key = keys.attempt(closed.id);
    const text = encodeRecord(nameOf(closed), closed, keepUntil);
    const owes = closed.aftercare.owed.length > 0;
    const owed = keys.owed(closed.id);
    const [lease, left] = await Promise.all([
      owes ? undefined : new LeaseBook(connection, clock, pausesMs).until(keepUntil),
      this.side.residue(residue),
    ]);
    const result = await writer.write(
      [{ key, revision: expected }, ...more.conditions],
      [
        { kind: 'put', key, text, ...(lease === undefined ? {} : { lease }) },
        owes ? { kind: 'put', key: owed, text: closed.id } : { kind: 'delete', key: owed },
        ...more.changes,
        ...left,
      ],
    );
    return result.kind === 'written' ? saved(closed, result.revision) : this.#refused(closed, expected, result.found);
  }
  /** Why a write was refused though this is still the writer: a stale revision is a conflict, anything else a fault. */
  #refused(attempt: RollbackAttempt, expected: string, found: ReadonlyMap<string, StoredText>): SaveResult {
    const { keys } = this.parts;
    const stored = found.get(keys.attempt(attempt.id));
    if (stored?.revision !== expected) return CONFLICT;
    const present = this.#read(stored);
    if (present !== undefined && !isOpen(present.value)) throw misuse(attempt, present.value.state, 'it has ended');
    const active = keys.active(attempt.application);
    const other = found.get(active);
    const instead = other === undefined ? 'does not exist' : `names ${other.text.slice(0, 80)}`;
    throw contradiction(`${active} should name the open attempt ${attempt.id} and ${instead}`);
  }
  /** An entry that names an attempt that is not there; unless it ended between the two reads. */
  async #reportPointer(entry: StoredText): Promise<void> {
    const { reader } = this.parts;
    if ((await reader.stored(entry.key))?.revision !== entry.revision) return;
    reader.report(entry, {
      because: 'corrupt',
      why: `it names the attempt ${entry.text.slice(0, 80)}, which does not exist`,
    });
  }
  async #record(id: AttemptId): Promise<StoredRecord<RollbackAttempt> | undefined> {
    const { keys, reader } = this.parts;
    const stored = await reader.stored(keys.attempt(id));
    return stored === undefined ? undefined : this.#read(stored);
  }
  #read(stored: StoredText): StoredRecord<RollbackAttempt> | undefined {
    return this.parts.reader.read('attempt', stored, (attempt) => attempt.id === lastSegment(stored.key));
  }
  #isKept({ value, keepUntil = Infinity }: StoredRecord<RollbackAttempt>): boolean {
    return keepUntil > this.parts.clock.now() || (!isOpen(value) && value.aftercare.owed.length > 0);
  }
}

const nameOf = (attempt: RollbackAttempt): string => `attempt ${attempt.id} (${attempt.application}, ${attempt.state})`;
const versioned = ({ value, revision }: StoredRecord<RollbackAttempt>): Versioned<RollbackAttempt> => ({
  value,
  revision,
});
/** The object given: attempts are never changed in place, and are what they were when they are read again. */
const saved = (value: RollbackAttempt, revision: string): SaveResult => ({
  kind: 'saved',
  stored: { value, revision },
});
const newestFirst = (closed: readonly ClosedAttempt[], limit: number): ClosedAttempt[] =>
  closed.toSorted((a, b) => b.closedAt - a.closedAt).slice(0, limit);
const misuse = (attempt: RollbackAttempt, from: string, why: string): OperatorError =>
  new OperatorError(
    'STORE_MISUSE',
    'bug',
    `attempt ${attempt.id} cannot be moved from ${from} to ${attempt.state}: ${why}.`,
  );
