import type { EpochMs } from '../model/application.js';
import type { StateName } from '../model/rollback-attempt.js';
import type { RuleId, Verdict } from '../model/rule-result.js';

export const STAGE_NAMES = ['detect', 'resolve', 'pr', 'ci', 'approval', 'merge', 'sync', 'verify'] as const;
export type StageName = (typeof STAGE_NAMES)[number];
export type UpstreamName = 'argocd' | 'github' | 'kubernetes' | 'prometheus';
/** Whose calls are counted and timed: upstreams, and the house's own store and bus. */
export type SourceName = UpstreamName | 'store' | 'bus';

/** What is counted (performance facts B2, prefix `ai_operator_`). No label ever holds an application, commit, number or error text. */
export interface OperatorMetrics {
  applications(
    counts: readonly { readonly environment: string; readonly health: string; readonly count: number }[],
  ): void;
  attemptsOpen(counts: Readonly<Partial<Record<StateName, number>>>): void;
  pollPeriod(seconds: number): void;
  sourceSucceeded(source: SourceName, at: EpochMs): void;
  upstreamCall(source: SourceName, operation: string, code: string, seconds: number): void;
  degradation(environment: string, outcome: 'confirmed' | 'recovered'): void;
  attemptEnded(environment: string, result: 'complete' | 'aborted', reason: string): void;
  stageDuration(stage: StageName, seconds: number): void;
  timeToRecovery(environment: string, seconds: number): void;
  ruleEvaluated(rule: RuleId, verdict: Verdict): void;
  transition(from: StateName, to: StateName): void;
  githubRateLimitRemaining(remaining: number): void;
  auditWriteFailed(): void;
  notification(service: string, result: 'sent' | 'failed'): void;
  reportFailed(report: string): void;
  brake(environment: string, closed: boolean): void;
  /** Whether this process is the one writer of the state store. */
  writer(held: boolean): void;
  /** The connection of an event bus that needs one came or went. */
  busConnected(up: boolean): void;
  /** An event was delivered again: a handler failed, or its acknowledgement was lost. */
  eventRedelivered(): void;
}
