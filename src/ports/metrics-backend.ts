import type { ApplicationKey, EpochMs, HealthStatus } from '../model/application.js';

export interface TimeWindow {
  readonly from: EpochMs;
  readonly to: EpochMs;
}
/** Health statuses seen at one instant (more than one = several series at once, e.g. while resharding). */
export interface HealthSample {
  readonly at: EpochMs;
  readonly statuses: readonly HealthStatus[];
}
export type HealthHistory =
  | { readonly kind: 'samples'; readonly stepMs: number; readonly samples: readonly HealthSample[] }
  | { readonly kind: 'unavailable'; readonly why: string };

/** Historical health of an application (Prometheus). Never throws for an upstream fault: unavailable is an answer here. */
export interface MetricsBackend {
  /** One sample per step where there was one; an instant without any is a gap. Warnings, NaN and partial answers make it unavailable. */
  healthHistory(app: ApplicationKey, window: TimeWindow, signal: AbortSignal): Promise<HealthHistory>;
  /** For `doctor`: throws what is wrong. */
  probe(signal: AbortSignal): Promise<string>;
}
