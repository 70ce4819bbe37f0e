import type { Clock } from '../base/clock.js';
import { asOperatorError, OperatorError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import type { Logger } from '../base/logger.js';
import { viewOf } from '../model/attempt-view.js';
import type { Effects } from '../model/effect.js';
import { pullRequestOf, resolvedOf, type AttemptId, type RollbackAttempt } from '../model/rollback-attempt.js';
import type { OperatorMetrics } from '../ports/operator-metrics.js';
import type { SourceControl } from '../ports/source-control.js';
import type { RenderProposal } from '../stages/4-proposal/pr-generator.js';
import type { Announcements } from './announcements.js';
import { noticeOf } from './attempt-notice.js';

export const ROLLBACK_LABEL = 'rollback';
interface Pending {
  attempt: RollbackAttempt;
  done: Promise<void>;
}

/**
 * What people see in the pull request, kept in step with the stored attempt: derived, repeatable, beside the path, never
 * awaited by a step (semantics 0.2). A failed one is a metric and a log line; the next transition or the end repeats it.
 */
export class Reports {
  readonly #pending = new Map<AttemptId, Pending>();
  /** Hash of the text that was last written, so that equal ones cost no call. */
  readonly #written = new Map<AttemptId, string>();
  readonly #labelled = new Set<AttemptId>();
  readonly #stop = new AbortController();
  constructor(
    private readonly clock: Clock,
    private readonly sourceControl: Pick<SourceControl, 'updatePullRequest' | 'addLabels'>,
    private readonly render: RenderProposal,
    private readonly announcements: Announcements,
    private readonly metrics: OperatorMetrics,
    private readonly logger: Logger,
    private readonly effects: Pick<Effects, 'refusal'>,
  ) {}

  /** The attempt moved: bring its pull request up to date, some time soon. */
  changed(attempt: RollbackAttempt): void {
    if (pullRequestOf(attempt) === undefined || this.#stop.signal.aborted) return;
    const pending = this.#pending.get(attempt.id);
    if (pending !== undefined) {
      pending.attempt = attempt;
      return;
    }
    const entry: Pending = { attempt, done: Promise.resolve() };
    this.#pending.set(attempt.id, entry);
    entry.done = this.#run(entry);
  }
  /** The end: the last report and the notification, awaited. Throws what GitHub or the receivers throw. */
  async finish(attempt: RollbackAttempt, signal: AbortSignal): Promise<void> {
    // An older text still under way must not land on top of the last one.
    await this.#pending.get(attempt.id)?.done;
    await this.#write(attempt, signal);
    const notice = noticeOf(attempt, this.clock.now());
    if (notice !== undefined) await this.announcements.deliver(notice, signal);
    this.#written.delete(attempt.id);
    this.#labelled.delete(attempt.id);
  }
  stop(): void {
    this.#stop.abort();
  }

  /** One write at a time for an attempt; what came meanwhile is written once, as it stands then. */
  async #run(pending: Pending): Promise<void> {
    let written: RollbackAttempt;
    do {
      written = pending.attempt;
      await this.#try(written);
    } while (pending.attempt !== written);
    this.#pending.delete(written.id);
  }
  async #try(attempt: RollbackAttempt): Promise<void> {
    try {
      await this.#write(attempt, this.#stop.signal);
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled') return;
      this.metrics.reportFailed('pull-request');
      this.logger.warn('the pull request could not be brought up to date', {
        correlationId: attempt.id,
        application: attempt.application,
        error: e,
      });
    }
  }
  async #write(attempt: RollbackAttempt, signal: AbortSignal): Promise<void> {
    const pr = pullRequestOf(attempt);
    const target = resolvedOf(attempt)?.target;
    if (pr === undefined || target === undefined || attempt.policy.mode === 'observe') return;
    const repo = { owner: target.owner, name: target.repository };
    if (!this.#labelled.has(attempt.id)) {
      this.#expectWriter(attempt);
      await this.sourceControl.addLabels(repo, pr.number, [ROLLBACK_LABEL], signal);
      this.#labelled.add(attempt.id);
    }
    const { body } = this.render(viewOf(attempt));
    const hash = sha256(body);
    if (this.#written.get(attempt.id) === hash) return;
    this.#expectWriter(attempt);
    await this.sourceControl.updatePullRequest(repo, pr.number, { body }, signal);
    this.#written.set(attempt.id, hash);
  }
  /** Whoever is no longer the writer has nothing to report either: the text would be older than that of its successor. */
  #expectWriter(attempt: RollbackAttempt): void {
    if (this.effects.refusal(attempt, 'closing') === 'not-the-writer')
      throw new OperatorError(
        'NOT_THE_WRITER',
        'cancelled',
        `${attempt.id} is not reported: another process took over`,
      );
  }
}
