import type { EpochMs } from '../../model/application.js';
import type { Spend, StoredSpend } from '../../model/mark.js';
import type { AttemptId, AwaitingMergeApproval } from '../../model/rollback-attempt.js';

/** Long enough for a decision to reach the store, or to have failed. */
const KEPT_MS = 60_000;

/** Merges that are decided and perhaps not stored yet: attempts are judged side by side, and none may spend what another did (G5). */
export class PromisedMerges {
  readonly #promised = new Map<AttemptId, Spend>();

  note(a: Pick<AwaitingMergeApproval, 'id' | 'application' | 'policy'>, at: EpochMs): void {
    for (const [id, spend] of this.#promised) if (Math.abs(at - spend.at) > KEPT_MS) this.#promised.delete(id);
    this.#promised.set(a.id, {
      kind: 'merge',
      attempt: a.id,
      application: a.application,
      environment: a.policy.environment,
      at,
    });
  }
  /** What is stored, and what is promised beside it. */
  with(stored: readonly StoredSpend[], now: EpochMs): readonly StoredSpend[] {
    const known = new Set(stored.filter((s) => s.kind === 'merge').map((s) => s.attempt));
    const fresh = [...this.#promised.values()].filter((s) => !known.has(s.attempt) && Math.abs(now - s.at) <= KEPT_MS);
    return [...stored, ...fresh];
  }
}
