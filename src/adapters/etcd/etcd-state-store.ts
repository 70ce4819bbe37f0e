import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import type { ApplicationMark, LedgerEntry, Pause, PauseScope, StoredMark, StoredSpend } from '../../model/mark.js';
import type { AttemptId, ClosedAttempt, DegradationDetected, RollbackAttempt } from '../../model/rollback-attempt.js';
import type { BaselineScope, Residue, SaveResult, StateStore, Versioned, WriterTerm } from '../../ports/state-store.js';
import { AttemptRecords } from './attempt-records.js';
import { EtcdConnection } from './etcd-connection.js';
import { ETCD_TIMING, type EtcdSettings, type EtcdTiming } from './etcd-settings.js';
import { FencedWriter } from './fenced-writer.js';
import { Leadership } from './leadership.js';
import { RecordReader } from './record-reader.js';
import { SideRecords } from './side-records.js';
import { StoreKeys } from './store-keys.js';

/** What an etcd store needs beside its settings. */
export interface EtcdSurroundings {
  readonly clock: Clock;
  /** Where waits, unreachable servers and records that are skipped are reported. Called from timers; must not throw. */
  readonly onTrouble: (error: OperatorError) => void;
  /** For tests; the standard otherwise. */
  readonly timing?: Partial<EtcdTiming>;
}

/**
 * The state store in etcd (semantics 11). Every write is one transaction guarded by the mod revision of `leader` and by
 * that of the record; every call has a deadline; answers that were lost are resolved by looking; records that cannot be
 * read are reported, kept, and never taken for a yes. Nothing is called before the first method is.
 */
export class EtcdStateStore implements StateStore {
  readonly #connection: EtcdConnection;
  readonly #leadership: Leadership;
  readonly #writer: FencedWriter;
  readonly #attempts: AttemptRecords;
  readonly #side: SideRecords;
  readonly #clock: Clock;
  readonly #timing: EtcdTiming;
  readonly #disconnected = new AbortController();

  constructor(settings: EtcdSettings, { clock, onTrouble, timing = {} }: EtcdSurroundings) {
    this.#clock = clock;
    this.#timing = { ...ETCD_TIMING, ...timing };
    const { pausesMs } = this.#timing;
    const keys = new StoreKeys(settings.instance);
    this.#connection = new EtcdConnection(settings, this.#timing);
    this.#leadership = new Leadership(this.#connection, keys.leader, clock, this.#timing, onTrouble);
    this.#writer = new FencedWriter(this.#connection, this.#leadership, clock, pausesMs);
    const reader = new RecordReader(this.#connection, clock, pausesMs, onTrouble);
    const parts = { keys, reader, writer: this.#writer, connection: this.#connection, clock, pausesMs };
    this.#side = new SideRecords(parts);
    this.#attempts = new AttemptRecords(parts, this.#side);
  }

  /** Waits while another instance is the writer. Throws STORE_UNAVAILABLE (transient), STORE_REFUSED or STORE_TLS (config). */
  takeOver(instance: string): Promise<WriterTerm> {
    return this.#leadership.acquire(instance, this.#disconnected.signal);
  }

  open(attempt: DegradationDetected): Promise<SaveResult> {
    return this.#attempts.open(attempt);
  }
  load(id: AttemptId): Promise<Versioned<RollbackAttempt> | undefined> {
    return this.#attempts.load(id);
  }
  save(next: RollbackAttempt, expected: string, residue: Residue = {}): Promise<SaveResult> {
    return this.#attempts.save(next, expected, residue);
  }
  forget(attempt: DegradationDetected, expected: string): Promise<SaveResult> {
    return this.#attempts.forget(attempt, expected);
  }
  close(closed: ClosedAttempt, expected: string, residue: Residue): Promise<SaveResult> {
    return this.#attempts.close(closed, expected, residue);
  }
  active(): Promise<readonly Versioned<RollbackAttempt>[]> {
    return this.#attempts.listed('active');
  }
  owed(): Promise<readonly Versioned<RollbackAttempt>[]> {
    return this.#attempts.listed('owed');
  }
  closed(limit: number): Promise<readonly RollbackAttempt[]> {
    return this.#attempts.closed(limit);
  }

  checks(app: ApplicationKey): Promise<readonly HealthCheck[]> {
    return this.#side.checks(app);
  }
  recordCheck(app: ApplicationKey, check: HealthCheck, keep?: number): Promise<readonly HealthCheck[]> {
    return this.#side.recordCheck(app, check, keep);
  }
  marks(app: ApplicationKey, now: EpochMs): Promise<readonly StoredMark[]> {
    return this.#side.marks(now, app);
  }
  allMarks(now: EpochMs): Promise<readonly StoredMark[]> {
    return this.#side.marks(now);
  }
  putMark(mark: ApplicationMark): Promise<void> {
    return this.#side.putMark(mark);
  }
  dropMark(mark: Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>): Promise<void> {
    return this.#side.dropMark(mark);
  }
  spends(since: EpochMs): Promise<readonly StoredSpend[]> {
    return this.#side.spends(since);
  }
  ledger(app: ApplicationKey): Promise<readonly LedgerEntry[]> {
    return this.#side.ledger(app);
  }
  appendLedger(app: ApplicationKey, entry: LedgerEntry): Promise<void> {
    return this.#side.appendLedger(app, entry);
  }
  baselines(): Promise<ReadonlyMap<BaselineScope, EpochMs>> {
    return this.#side.baselines();
  }
  putBaseline(scope: BaselineScope, at: EpochMs): Promise<void> {
    return this.#side.putBaseline(scope, at);
  }
  pauses(): Promise<readonly Pause[]> {
    return this.#side.pauses();
  }
  putPause(pause: Pause): Promise<void> {
    return this.#side.putPause(pause);
  }
  dropPause(scope: PauseScope): Promise<void> {
    return this.#side.dropPause(scope);
  }

  /** Lets writes under way end, gives the place up last, and closes. Takes at most `disconnectMs`, whatever hangs. */
  async disconnect(): Promise<void> {
    if (this.#disconnected.signal.aborted) return;
    this.#disconnected.abort(new OperatorError('STORE_UNAVAILABLE', 'cancelled', 'the state store is disconnected'));
    const timeout = new AbortController();
    const leave = this.#leadership.resign();
    const parting = this.#writer.idle().then(leave);
    const cap = this.#clock.sleep(this.#timing.disconnectMs, timeout.signal);
    // A place that cannot be given up is given up by its lease.
    await Promise.race([parting, cap]).catch(() => undefined);
    timeout.abort();
    cap.catch(() => undefined);
    parting.catch(() => undefined);
    this.#connection.close();
  }
}
