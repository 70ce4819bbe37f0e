import type { Clock } from '../../base/clock.js';
import { copyOf } from '../../base/copy-of.js';
import { OperatorError } from '../../base/errors.js';
import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import {
  RETENTION_MS,
  type ApplicationMark,
  type LedgerEntry,
  type Pause,
  type PauseScope,
  type StoredMark,
  type StoredSpend,
} from '../../model/mark.js';
import {
  isOpen,
  type AttemptId,
  type ClosedAttempt,
  type DegradationDetected,
  type RollbackAttempt,
} from '../../model/rollback-attempt.js';
import {
  notTheWriter,
  type BaselineScope,
  type Residue,
  type SaveResult,
  type StateStore,
  type Versioned,
  type WriterTerm,
} from '../../ports/state-store.js';
import type { MemoryShelf, ShelvedAttempt } from './memory-shelf.js';

const KEPT_CHECKS = 8;
const KEPT_LEDGER = 200;
const CONFLICT: SaveResult = { kind: 'conflict' };

type MarkKey = Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>;
const markKey = (mark: MarkKey): string => `${mark.application}|${mark.kind}/${mark.attempt}`;

/**
 * The state store in memory: same contract, handles and fence as the durable one, and gone with the process.
 * Values are cloned on the way in and on the way out, so nobody shares an object with the store.
 */
export class InMemoryStateStore implements StateStore {
  readonly #shelf: MemoryShelf;
  readonly #clock: Pick<Clock, 'now'>;
  #token: AbortController | undefined;

  constructor(shelf: MemoryShelf, clock: Pick<Clock, 'now'>) {
    this.#shelf = shelf;
    this.#clock = clock;
  }

  /** At once, whoever writes at present: nothing in one process can write behind the fence. */
  async takeOver(instance: string): Promise<WriterTerm> {
    const token = new AbortController();
    this.#token = token;
    this.#shelf.changeWriter(token, notTheWriter(`${instance} took over`));
    return { lost: token.signal, isHeld: () => !token.signal.aborted };
  }

  async open(attempt: DegradationDetected): Promise<SaveResult> {
    this.#beginWrite();
    if (this.#shelf.active.has(attempt.application) || this.#shelf.attempts.has(attempt.id)) return CONFLICT;
    this.#shelf.active.set(attempt.application, attempt.id);
    return this.#put(attempt);
  }
  async load(id: AttemptId): Promise<Versioned<RollbackAttempt> | undefined> {
    const found = this.#shelf.attempts.get(id);
    return found !== undefined && this.#isKept(found) ? versioned(found) : undefined;
  }
  async save(next: RollbackAttempt, expected: string, residue: Residue = {}): Promise<SaveResult> {
    this.#beginWrite();
    const present = this.#find(next.id, expected);
    if (present === undefined) return CONFLICT;
    if (isOpen(present.value) !== isOpen(next)) {
      const why = `save cannot move attempt ${next.id} from ${present.value.state} to ${next.state}: use close.`;
      throw new OperatorError('STORE_MISUSE', 'bug', why);
    }
    this.#leave(residue);
    this.#noteOwed(next);
    return this.#put(next, present.keepUntil);
  }
  async forget(attempt: DegradationDetected, expected: string): Promise<SaveResult> {
    this.#beginWrite();
    const present = this.#find(attempt.id, expected);
    if (present === undefined) return CONFLICT;
    this.#shelf.attempts.delete(attempt.id);
    this.#release(attempt);
    return { kind: 'saved', stored: versioned(present) };
  }
  async close(closed: ClosedAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    this.#beginWrite();
    if (this.#find(closed.id, expected) === undefined) return CONFLICT;
    this.#release(closed);
    this.#leave(residue);
    this.#noteOwed(closed);
    this.#dropExpired();
    return this.#put(closed, this.#clock.now() + RETENTION_MS);
  }

  async active(): Promise<readonly Versioned<RollbackAttempt>[]> {
    return this.#all([...this.#shelf.active.values()]);
  }
  async owed(): Promise<readonly Versioned<RollbackAttempt>[]> {
    return this.#all([...this.#shelf.owed]);
  }
  async closed(limit: number): Promise<readonly RollbackAttempt[]> {
    const closed: ClosedAttempt[] = [];
    for (const shelved of this.#shelf.attempts.values()) {
      if (!isOpen(shelved.value) && this.#isKept(shelved)) closed.push(shelved.value);
    }
    return copyOf(closed.toSorted((a, b) => b.closedAt - a.closedAt).slice(0, limit));
  }

  async checks(app: ApplicationKey): Promise<readonly HealthCheck[]> {
    return copyOf(this.#shelf.checks.get(app) ?? []);
  }
  async recordCheck(app: ApplicationKey, check: HealthCheck, keep = KEPT_CHECKS): Promise<readonly HealthCheck[]> {
    this.#beginWrite();
    const checks = [...(this.#shelf.checks.get(app) ?? []), copyOf(check)].slice(-keep);
    this.#shelf.checks.set(app, checks);
    return copyOf(checks);
  }

  async marks(app: ApplicationKey, now: EpochMs): Promise<readonly StoredMark[]> {
    return (await this.allMarks(now)).filter((m) => m.application === app);
  }
  async allMarks(now: EpochMs): Promise<readonly ApplicationMark[]> {
    return copyOf([...this.#shelf.marks.values()].filter((m) => m.until > now));
  }
  async putMark(mark: ApplicationMark): Promise<void> {
    this.#beginWrite();
    this.#leave({ marks: [mark] });
  }
  async dropMark(mark: MarkKey): Promise<void> {
    this.#beginWrite();
    this.#shelf.marks.delete(markKey(mark));
  }
  async spends(since: EpochMs): Promise<readonly StoredSpend[]> {
    const oldest = Math.max(since, this.#clock.now() - RETENTION_MS);
    return copyOf([...this.#shelf.spends.values()].filter((s) => s.at >= oldest));
  }

  async ledger(app: ApplicationKey): Promise<readonly LedgerEntry[]> {
    return copyOf(this.#shelf.ledger.get(app) ?? []);
  }
  async appendLedger(app: ApplicationKey, entry: LedgerEntry): Promise<void> {
    this.#beginWrite();
    this.#shelf.ledger.set(app, [...(this.#shelf.ledger.get(app) ?? []), copyOf(entry)].slice(-KEPT_LEDGER));
  }
  async baselines(): Promise<ReadonlyMap<BaselineScope, EpochMs>> {
    return new Map(this.#shelf.baselines);
  }
  async putBaseline(scope: BaselineScope, at: EpochMs): Promise<void> {
    this.#beginWrite();
    this.#shelf.baselines.set(scope, at);
  }
  async pauses(): Promise<readonly Pause[]> {
    return copyOf([...this.#shelf.pauses.values()]);
  }
  async putPause(pause: Pause): Promise<void> {
    this.#beginWrite();
    this.#shelf.pauses.set(pause.scope, copyOf(pause));
  }
  async dropPause(scope: PauseScope): Promise<void> {
    this.#beginWrite();
    this.#shelf.pauses.delete(scope);
  }
  async disconnect(): Promise<void> {
    this.#token = undefined;
  }

  /** Everything after it runs without an await: that is the transaction. */
  #beginWrite(): void {
    if (this.#token === undefined) throw notTheWriter('this handle has not taken over, or has disconnected');
    if (!this.#shelf.isWriter(this.#token)) throw notTheWriter('another handle has taken over');
    this.#shelf.revision++;
  }
  #find(id: AttemptId, expected: string): ShelvedAttempt | undefined {
    const present = this.#shelf.attempts.get(id);
    return present !== undefined && String(present.revision) === expected ? present : undefined;
  }
  #put(value: RollbackAttempt, keepUntil?: EpochMs): SaveResult {
    const shelved: ShelvedAttempt = {
      value: copyOf(value),
      revision: this.#shelf.revision,
      ...(keepUntil === undefined ? {} : { keepUntil }),
    };
    this.#shelf.attempts.set(value.id, shelved);
    return { kind: 'saved', stored: versioned(shelved) };
  }
  #release(attempt: RollbackAttempt): void {
    if (this.#shelf.active.get(attempt.application) !== attempt.id) return;
    this.#shelf.active.delete(attempt.application);
    this.#shelf.checks.delete(attempt.application);
  }
  #noteOwed(attempt: RollbackAttempt): void {
    if (isOpen(attempt) || attempt.aftercare.owed.length === 0) this.#shelf.owed.delete(attempt.id);
    else this.#shelf.owed.add(attempt.id);
  }
  #leave(residue: Residue): void {
    for (const mark of residue.marks ?? []) this.#shelf.marks.set(markKey(mark), copyOf(mark));
    for (const spend of residue.spends ?? []) {
      this.#shelf.spends.set(`${spend.kind}/${spend.attempt}`, copyOf(spend));
    }
  }
  #all(ids: readonly AttemptId[]): readonly Versioned<RollbackAttempt>[] {
    return ids.flatMap((id) => {
      const shelved = this.#shelf.attempts.get(id);
      return shelved === undefined ? [] : [versioned(shelved)];
    });
  }
  #isKept(shelved: ShelvedAttempt): boolean {
    const { keepUntil = Infinity, value } = shelved;
    return keepUntil > this.#clock.now() || this.#shelf.owed.has(value.id);
  }
  #dropExpired(): void {
    const now = this.#clock.now();
    for (const [id, shelved] of this.#shelf.attempts) if (!this.#isKept(shelved)) this.#shelf.attempts.delete(id);
    for (const [key, spend] of this.#shelf.spends) if (spend.at < now - RETENTION_MS) this.#shelf.spends.delete(key);
    for (const [key, mark] of this.#shelf.marks) if (mark.until <= now) this.#shelf.marks.delete(key);
  }
}

const versioned = (shelved: ShelvedAttempt): Versioned<RollbackAttempt> => ({
  value: copyOf(shelved.value),
  revision: String(shelved.revision),
});
