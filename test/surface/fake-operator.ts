import type { AttemptView } from '../../src/model/attempt-view.js';
import { viewOf } from '../../src/model/attempt-view.js';
import type { ApplicationKey } from '../../src/model/application.js';
import type { Pause, PauseScope } from '../../src/model/mark.js';
import type { Explanation } from '../../src/surface/explanation.js';
import type {
  AbortResult,
  KillResult,
  LiftQuarantineResult,
  OperatorCommands,
  PauseResult,
  ResumeResult,
  RetryResult,
} from '../../src/surface/operator-commands.js';
import type {
  ApplicationView,
  OperatorQueries,
  QuarantineView,
  Readiness,
  Summary,
} from '../../src/surface/operator-queries.js';
import type { Who } from '../../src/surface/role.js';
import { attemptId, BAD, SHOP, T0 } from '../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../support/attempts.js';
import { shopExplained } from './explanations.js';

/** When the answers are put together. */
export const NOW = T0 + 200_000;

/** An operator with one application, one open and one ended attempt, that remembers what it was ordered. */
export class FakeOperator implements OperatorQueries, OperatorCommands {
  readonly orders: string[] = [];
  ready = true;
  /** What every query throws, if anything. */
  failure: Error | undefined;
  /** What the next command answers instead of success. */
  result: AbortResult | PauseResult | ResumeResult | KillResult | RetryResult | LiftQuarantineResult | undefined;
  views: readonly AttemptView[] = [
    viewOf(attemptAt('waiting-for-human')),
    viewOf(attemptIn('RollbackComplete', { id: attemptId(2), application: 'argocd/cart' })),
  ];

  readiness(): Readiness {
    return {
      ready: this.ready,
      dependencies: [
        { name: 'argocd', ok: true, required: true, detail: 'listed 12 applications', lastSuccessAt: NOW - 3_000 },
        {
          name: 'github',
          ok: this.ready,
          required: true,
          detail: 'the credential was not accepted (401)',
          lastSuccessAt: NOW - 60_000,
        },
        { name: 'prometheus', ok: false, required: false, detail: 'no answer (ECONNREFUSED)' },
      ],
    };
  }
  async summary(): Promise<Summary> {
    await this.#fail();
    return {
      version: 1,
      instance: 'ai-operator-0',
      build: '0.1.0',
      startedAt: T0,
      now: NOW,
      ready: this.ready,
      storeKind: 'memory',
      development: false,
      modes: { staging: 'auto' },
      lastListAt: NOW - 3_000,
      pollPeriodMs: 10_000,
      applications: [{ environment: 'staging', health: 'Degraded', count: 1 }],
      attempts: { AwaitingMergeApproval: 1 },
      pauses: [],
      braked: [],
    };
  }
  async applications(): Promise<readonly ApplicationView[]> {
    await this.#fail();
    return [
      {
        application: SHOP,
        project: 'staging',
        environment: 'staging',
        mode: 'auto',
        health: 'Degraded',
        healthSince: T0,
        seenAt: NOW - 4_000,
        activeAttempt: attemptId(),
        eligibility: 'active-attempt',
      },
      {
        application: 'argocd/cart',
        project: 'staging',
        environment: 'staging',
        mode: 'auto',
        health: 'Healthy',
        healthSince: T0 - 3_600_000,
        seenAt: NOW - 4_000,
        eligibility: 'not-degraded',
      },
      {
        application: 'team-b/cart',
        project: 'other',
        environment: 'unmanaged',
        mode: 'off',
        health: 'Unknown',
        eligibility: 'unmanaged',
      },
    ];
  }
  async explain(application: ApplicationKey): Promise<Explanation | undefined> {
    await this.#fail();
    return application === SHOP ? shopExplained(NOW) : undefined;
  }
  async attempts(): Promise<readonly AttemptView[]> {
    await this.#fail();
    return this.views;
  }
  async attempt(id: string): Promise<AttemptView | undefined> {
    await this.#fail();
    return this.views.find((v) => v.id === id);
  }
  async quarantine(): Promise<readonly QuarantineView[]> {
    await this.#fail();
    return [
      {
        kind: 'quarantine',
        application: 'argocd/cart',
        attempt: attemptId(2),
        reason: 'rolled back',
        revisions: [BAD],
        at: T0,
        until: T0 + 30 * 86_400_000,
        current: false,
      },
    ];
  }
  config(): string {
    return 'instance: ai-operator-0\n';
  }

  async abort(id: string, who: Who, why: string): Promise<AbortResult> {
    this.#note('abort', id, who, why);
    const view = this.views.find((v) => v.id === id);
    if (view === undefined) return { kind: 'not-found' };
    if (view.end !== undefined) return { kind: 'already-ended', attempt: view };
    return this.#answer<AbortResult>({ kind: 'stopping', attempt: view, settling: false });
  }
  async pause(scope: PauseScope, who: Who, why: string): Promise<PauseResult> {
    this.#note('pause', scope, who, why);
    return this.#answer<PauseResult>({ kind: 'paused', pause: pauseOf(scope, false, who, why) });
  }
  async resume(scope: PauseScope, who: Who, why: string): Promise<ResumeResult> {
    this.#note('resume', scope, who, why);
    return this.#answer<ResumeResult>({ kind: 'resumed', scope });
  }
  async kill(who: Who, why: string): Promise<KillResult> {
    this.#note('kill', 'operator', who, why);
    return this.#answer<KillResult>({ kind: 'killed', pause: pauseOf('operator', true, who, why) });
  }
  async retry(application: ApplicationKey, who: Who, why: string): Promise<RetryResult> {
    this.#note('retry', application, who, why);
    return this.#answer<RetryResult>({ kind: 'lifted', attempt: attemptId(2) });
  }
  async liftQuarantine(attempt: string, who: Who, why: string): Promise<LiftQuarantineResult> {
    this.#note('lift', attempt, who, why);
    return this.#answer<LiftQuarantineResult>({ kind: 'lifted', attempt });
  }

  #note(command: string, what: string, who: Who, why: string): void {
    this.orders.push(`${command} ${what} by ${who.name} (${who.role}) via ${who.via}: ${why}`);
  }
  async #answer<R>(success: R): Promise<R> {
    await this.#fail();
    return (this.result as R | undefined) ?? success;
  }
  async #fail(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }
}

const pauseOf = (scope: PauseScope, kill: boolean, who: Who, why: string): Pause => ({
  scope,
  kill,
  by: who.name,
  why,
  at: NOW,
});
