import { OperatorError } from '../base/errors.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import type { HealthCheck } from '../model/health-check.js';
import type { ApplicationMark, LedgerEntry, Pause, PauseScope, Spend, StoredMark, StoredSpend } from '../model/mark.js';
import type { AttemptId, ClosedAttempt, DegradationDetected, RollbackAttempt } from '../model/rollback-attempt.js';

export interface Versioned<T> {
  readonly value: T;
  /** Opaque: hand back to `save`. */
  readonly revision: string;
}
export type SaveResult =
  | { readonly kind: 'saved'; readonly stored: Versioned<RollbackAttempt> }
  | { readonly kind: 'conflict' };

/** What a transition leaves behind beside the attempt, written in the same transaction. */
export interface Residue {
  readonly marks?: readonly ApplicationMark[];
  readonly spends?: readonly Spend[];
}

/**
 * Scopes of a baseline: the installation, an environment, an application (semantics 3). Beside them, since when something
 * holds whose end will be a baseline: the kill file is there, an environment is off; 0 = it does not.
 */
export type BaselineScope =
  | 'installation'
  | `environment/${string}`
  | `application/${ApplicationKey}`
  | 'kill-file'
  | `off/${string}`;

/** The time during which a handle is the one writer. */
export interface WriterTerm {
  /** Aborts when this handle is fenced off. */
  readonly lost: AbortSignal;
  /** By the clock, now: a process that stood still knows at once that its time is over, before any timer tells it. */
  readonly isHeld: () => boolean;
}

/** What is thrown, and what `WriterTerm.lost` is aborted with; `why` is a clause that names cause and mend. */
export const notTheWriter = (why: string): OperatorError =>
  new OperatorError(
    'NOT_THE_WRITER',
    'cancelled',
    `Nothing more is written: this process is no longer the one writer of the state store, because ${why}. It ends; the next start goes on with what is open.`,
  );

/**
 * The truth. One handle is one writer: every write is fenced and throws NOT_THE_WRITER (cancelled) once another handle
 * has taken over; STORE_UNAVAILABLE (transient) when the store cannot be reached. An unknown answer is resolved inside.
 */
export interface StateStore {
  /** Becomes the one writer; resolves when no older writer can write any more. */
  takeOver(instance: string): Promise<WriterTerm>;

  /** Creates the attempt and `active/<app>` in one transaction; conflict = one is active already. */
  open(attempt: DegradationDetected): Promise<SaveResult>;
  load(id: AttemptId): Promise<Versioned<RollbackAttempt> | undefined>;
  /** Compare-and-set. An open attempt stays open; a closed one keeps its aftercare: with none owed, `owed/<id>` goes too. */
  save(next: RollbackAttempt, expected: string, residue?: Residue): Promise<SaveResult>;
  /** Noise: the attempt and `active/<app>` go in one transaction. */
  forget(attempt: DegradationDetected, expected: string): Promise<SaveResult>;
  /** The end: the closed record (kept 7 days), `active/<app>` gone, `owed/<id>` if something is owed, residue; one transaction. */
  close(closed: ClosedAttempt, expected: string, residue: Residue): Promise<SaveResult>;
  active(): Promise<readonly Versioned<RollbackAttempt>[]>;
  owed(): Promise<readonly Versioned<RollbackAttempt>[]>;
  /** Closed attempts, newest first, at most `limit`. */
  closed(limit: number): Promise<readonly RollbackAttempt[]>;

  /** The last checks of an application with an active attempt, oldest first. One writer: the health intake. */
  checks(app: ApplicationKey): Promise<readonly HealthCheck[]>;
  /** Keeps the last `keep` (8 unless told). Answers the list as it is now. Checks go when the attempt closes. */
  recordCheck(app: ApplicationKey, check: HealthCheck, keep?: number): Promise<readonly HealthCheck[]>;

  /** Unexpired marks, and those that cannot be read. */
  marks(app: ApplicationKey, now: EpochMs): Promise<readonly StoredMark[]>;
  allMarks(now: EpochMs): Promise<readonly StoredMark[]>;
  /** Creates or replaces `<kind>/<attempt>` of its application. */
  putMark(mark: ApplicationMark): Promise<void>;
  dropMark(mark: Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>): Promise<void>;
  /** What was spent since then, and every spend that cannot be read. */
  spends(since: EpochMs): Promise<readonly StoredSpend[]>;

  /** Newest last; at most 200 are kept. */
  ledger(app: ApplicationKey): Promise<readonly LedgerEntry[]>;
  appendLedger(app: ApplicationKey, entry: LedgerEntry): Promise<void>;
  baselines(): Promise<ReadonlyMap<BaselineScope, EpochMs>>;
  putBaseline(scope: BaselineScope, at: EpochMs): Promise<void>;
  /** A record that cannot be read, and may be of any application, is a kill of everything. */
  pauses(): Promise<readonly Pause[]>;
  putPause(pause: Pause): Promise<void>;
  dropPause(scope: PauseScope): Promise<void>;
  /** Lets go of connections. Nothing is written afterwards. */
  disconnect(): Promise<void>;
}
