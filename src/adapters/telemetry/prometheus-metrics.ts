import { monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { EpochMs } from '../../model/application.js';
import type { StateName } from '../../model/rollback-attempt.js';
import type { RuleId, Verdict } from '../../model/rule-result.js';
import type { OperatorMetrics, SourceName, StageName } from '../../ports/operator-metrics.js';
import { BoundedLabels } from './bounded-labels.js';
import { createInstruments, type Instruments } from './instruments.js';
import { createZeroSeries } from './zero-series.js';

/** What `ai_operator_build_info` says. */
export interface BuildFacts {
  readonly version: string;
  readonly commit: string;
}

const OPEN_STATES: readonly StateName[] = [
  'DegradationDetected',
  'CandidateResolved',
  'PRCreated',
  'AwaitingMergeApproval',
  'RollbackMerged',
];
/** Resolution of the event loop's histogram, in milliseconds. */
const LOOP_RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;

/**
 * Counts with prom-client in a registry of its own: two instances never share a number. Names are documented in
 * `instruments.ts`. No label grows without bound, whatever is handed in.
 */
export class PrometheusMetrics implements OperatorMetrics {
  readonly #registry = new Registry();
  readonly #labels = new BoundedLabels();
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  readonly #instruments: Instruments;

  constructor(build: BuildFacts) {
    this.#instruments = createInstruments(this.#registry, (gauge) => {
      const seconds = (ns: number): number =>
        Number.isFinite(ns) ? Math.max(0, ns / NANOSECONDS - LOOP_RESOLUTION_MS / 1000) : 0;
      gauge.set({ quantile: '0.5' }, seconds(this.#loopDelay.percentile(50)));
      gauge.set({ quantile: '0.99' }, seconds(this.#loopDelay.percentile(99)));
      gauge.set({ quantile: '1' }, seconds(this.#loopDelay.max));
      this.#loopDelay.reset();
    });
    this.#loopDelay.enable();
    collectDefaultMetrics({ register: this.#registry });
    this.#instruments.build.set({ version: build.version, commit: build.commit, node: process.version }, 1);
    this.attemptsOpen({});
    createZeroSeries(this.#instruments);
  }

  /** The exposition, and the content type it must be served with. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
  /** Stops measuring the event loop. */
  close(): void {
    this.#loopDelay.disable();
    this.#registry.clear();
  }

  applications(
    counts: readonly { readonly environment: string; readonly health: string; readonly count: number }[],
  ): void {
    const { applications, watched } = this.#instruments;
    applications.reset();
    for (const { environment, health, count } of counts) {
      applications.inc(
        { environment: this.#labels.of('environment', environment), health: this.#labels.of('health', health) },
        count,
      );
    }
    watched.set(counts.reduce((sum, c) => sum + c.count, 0));
  }
  attemptsOpen(counts: Readonly<Partial<Record<StateName, number>>>): void {
    for (const state of OPEN_STATES) this.#instruments.attemptsOpen.set({ state }, counts[state] ?? 0);
  }
  pollPeriod(seconds: number): void {
    this.#instruments.pollPeriod.set(seconds);
  }
  sourceSucceeded(source: SourceName, at: EpochMs): void {
    this.#instruments.sourceSucceeded.set({ source }, at / 1000);
  }
  upstreamCall(source: SourceName, operation: string, code: string, seconds: number): void {
    const labels = { source, operation: this.#labels.of('operation', operation) };
    this.#instruments.callDuration.observe(labels, seconds);
    this.#instruments.calls.inc({ ...labels, code: this.#labels.of('code', code) });
  }
  degradation(environment: string, outcome: 'confirmed' | 'recovered'): void {
    this.#instruments.degradations.inc({ environment: this.#labels.of('environment', environment), outcome });
  }
  attemptEnded(environment: string, result: 'complete' | 'aborted', reason: string): void {
    this.#instruments.attemptsEnded.inc({
      environment: this.#labels.of('environment', environment),
      result,
      reason: this.#labels.of('reason', reason),
    });
  }
  stageDuration(stage: StageName, seconds: number): void {
    this.#instruments.stageDuration.observe({ stage }, seconds);
  }
  timeToRecovery(environment: string, seconds: number): void {
    this.#instruments.timeToRecovery.observe({ environment: this.#labels.of('environment', environment) }, seconds);
  }
  ruleEvaluated(rule: RuleId, verdict: Verdict): void {
    this.#instruments.ruleEvaluations.inc({ invariant: rule, result: verdict });
  }
  transition(from: StateName, to: StateName): void {
    this.#instruments.transitions.inc({ from, to });
  }
  githubRateLimitRemaining(remaining: number): void {
    this.#instruments.rateLimitRemaining.set(remaining);
  }
  auditWriteFailed(): void {
    this.#instruments.auditFailures.inc();
  }
  notification(service: string, result: 'sent' | 'failed'): void {
    this.#instruments.notifications.inc({ service: this.#labels.of('service', service), result });
  }
  reportFailed(report: string): void {
    this.#instruments.reportFailures.inc({ report: this.#labels.of('report', report) });
  }
  /** Spans that will not arrive. */
  spansDropped(count: number): void {
    this.#instruments.spansDropped.inc(count);
  }
  brake(environment: string, closed: boolean): void {
    this.#instruments.brake.set({ environment: this.#labels.of('environment', environment) }, closed ? 1 : 0);
  }
  writer(held: boolean): void {
    this.#instruments.writer.set(held ? 1 : 0);
  }
  busConnected(up: boolean): void {
    this.#instruments.busConnected.set(up ? 1 : 0);
    if (up) this.#instruments.busConnects.inc();
  }
  eventRedelivered(): void {
    this.#instruments.redeliveries.inc();
  }
}
