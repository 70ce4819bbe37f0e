import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import type { ApplicationMark, LedgerEntry, Pause, PauseScope, Spend } from '../../model/mark.js';
import type { AttemptId, RollbackAttempt } from '../../model/rollback-attempt.js';
import type { BaselineScope } from '../../ports/state-store.js';

export interface ShelvedAttempt {
  readonly value: RollbackAttempt;
  readonly revision: number;
  /** Closed attempts only: when the record may go. */
  readonly keepUntil?: EpochMs;
}

/**
 * What the handles of one memory store share and what outlives each of them: a test restarts the operator by opening
 * a new handle on the same shelf. In production it is gone with the process.
 */
export class MemoryShelf {
  readonly attempts = new Map<AttemptId, ShelvedAttempt>();
  readonly active = new Map<ApplicationKey, AttemptId>();
  readonly owed = new Set<AttemptId>();
  readonly checks = new Map<ApplicationKey, readonly HealthCheck[]>();
  /** By `<application>|<kind>/<attempt>`. */
  readonly marks = new Map<string, ApplicationMark>();
  /** By `<kind>/<attempt>`. */
  readonly spends = new Map<string, Spend>();
  readonly ledger = new Map<ApplicationKey, readonly LedgerEntry[]>();
  readonly baselines = new Map<BaselineScope, EpochMs>();
  readonly pauses = new Map<PauseScope, Pause>();
  /** Counts every write; an attempt's revision is its value at that write, so that a revision is never used twice. */
  revision = 0;
  #writer: AbortController | undefined;

  /** Makes a new writer; the one before learns of it and is fenced off from here on. */
  changeWriter(successor: AbortController, reason: Error): void {
    const before = this.#writer;
    this.#writer = successor;
    before?.abort(reason);
  }
  isWriter(token: AbortController | undefined): boolean {
    return token !== undefined && token === this.#writer;
  }
}
