import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { EpochMs } from '../model/application.js';
import type { Effects } from '../model/effect.js';
import type { AttemptId, ClosedAttempt, Duty } from '../model/rollback-attempt.js';
import type { ClosedPullRequest } from './closed-pull-request.js';
import type { Reports } from './reports.js';
import type { Scorecard } from './scorecard.js';

export type Served =
  | { readonly kind: 'nothing-owed' }
  | { readonly kind: 'not-yet'; readonly lookAgainAt: EpochMs }
  /** The attempt with one duty less. */
  | { readonly kind: 'done'; readonly next: ClosedAttempt };
const RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 300_000;

/** Serves what a closed attempt owes (semantics 2, 7): driven by the same sweep, so a crash right after the end loses nothing. */
export class Aftercare {
  /** How often the present duty has failed in a row. */
  readonly #failures = new Map<AttemptId, number>();
  constructor(
    private readonly clock: Clock,
    private readonly pullRequest: ClosedPullRequest,
    private readonly reports: Reports,
    private readonly scorecard: Scorecard,
    private readonly effects: Effects,
    private readonly logger: Logger,
  ) {}

  async serve(a: ClosedAttempt, signal: AbortSignal): Promise<Served> {
    const [duty] = a.aftercare.owed;
    if (duty === undefined) return { kind: 'nothing-owed' };
    const now = this.clock.now();
    if (now >= a.aftercare.until + RETRY_MS * 60) {
      this.#failures.delete(a.id);
      this.logger.error('a duty after the end was given up', { correlationId: a.id, application: a.application, duty });
      return { kind: 'done', next: without(a, duty) };
    }
    try {
      const served = await this.#serve(a, duty, signal);
      this.#failures.delete(a.id);
      return served;
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled' || e.code.startsWith('AUDIT_') || e.code.startsWith('STORE_')) throw e;
      this.logger.warn('a duty after the end failed; it is tried again', {
        correlationId: a.id,
        application: a.application,
        duty,
        error: e,
      });
      return { kind: 'not-yet', lookAgainAt: now + Math.max(this.#pause(a.id), e.retryAfterMs ?? 0) };
    }
  }
  /** A duty may fail for a day: 5, 10, ... 300 s between two tries. */
  #pause(id: AttemptId): number {
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, failures + 1);
    return Math.min(LONGEST_RETRY_MS, RETRY_MS * 2 ** failures);
  }

  async #serve(a: ClosedAttempt, duty: Duty, signal: AbortSignal): Promise<Served> {
    const later = (ms: number): Served => ({ kind: 'not-yet', lookAgainAt: this.clock.now() + ms });
    const done: Served = { kind: 'done', next: without(a, duty) };
    switch (duty) {
      case 'pull-request':
        return (await this.pullRequest.close(a, this.effects, signal)) ? done : later(RETRY_MS);
      case 'reports':
        await this.reports.finish(a, signal);
        return done;
      case 'watch-open-pr': {
        const over = this.clock.now() >= a.aftercare.until || (await this.pullRequest.isOver(a, signal));
        if (!over) return later(a.policy.timing.refreshInterval);
        return (await this.pullRequest.close(a, this.effects, signal)) ? done : later(RETRY_MS);
      }
      case 'scorecard': {
        const text = await this.scorecard.of(a, signal);
        if (text === undefined) return later(a.policy.timing.refreshInterval);
        const next = without(a, duty);
        return { kind: 'done', next: { ...next, aftercare: { ...next.aftercare, scorecard: text } } };
      }
    }
  }
}
const without = (a: ClosedAttempt, duty: Duty): ClosedAttempt => ({
  ...a,
  aftercare: { ...a.aftercare, owed: a.aftercare.owed.filter((d) => d !== duty) },
});
