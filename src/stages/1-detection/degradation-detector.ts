import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { settingsHash } from '../../gitops/content.js';
import type { ApplicationKey, ApplicationSnapshot, FleetEntry } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import type { HealthFinding } from '../../model/health-finding.js';
import { staleBecause } from '../../model/freshness.js';
import type { ArgoCd } from '../../ports/argocd.js';
import { causeOf } from './cause.js';
import type { StalledProgress } from './stalled-progress.js';

export interface Suspect {
  readonly application: ApplicationKey;
  readonly project: string;
}

/**
 * Module 1, the source: one list finds suspects, one live GET per suspect is a health check. It answers with what it saw;
 * whoever opens attempts is somebody else.
 */
export class DegradationDetector {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: ArgoCd,
    private readonly stalledProgress: StalledProgress,
  ) {}

  /** One list call for the whole fleet. Throws what the port throws. */
  listFleet(signal: AbortSignal): Promise<readonly FleetEntry[]> {
    return this.argocd.listFleet(signal);
  }

  /** A health check. What could not be asked, or is stale, is Unknown; only a cancellation is thrown. */
  async check(suspect: Suspect, intervalMs: number, signal: AbortSignal): Promise<HealthFinding> {
    try {
      const snapshot = await this.argocd.getApplicationHealth(suspect.application, suspect.project, signal);
      return await this.#seen(snapshot, intervalMs, signal);
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled' || e.category === 'bug') throw e;
      const check: HealthCheck = {
        at: this.clock.now(),
        intervalMs,
        health: 'Unknown',
        unknownBecause: e.message,
        ...(e.code === 'ARGOCD_NOT_FOUND' ? { gone: true } : {}),
      };
      return { application: suspect.application, check, cause: 'unknown' };
    }
  }

  async #seen(snapshot: ApplicationSnapshot, intervalMs: number, signal: AbortSignal): Promise<HealthFinding> {
    const at = this.clock.now();
    const stale = staleBecause(snapshot, at);
    const stalled = stale === undefined ? await this.stalledProgress.of(snapshot, at, signal) : undefined;
    const { deployed } = snapshot;
    const check: HealthCheck = {
      at,
      intervalMs,
      health: stale !== undefined ? 'Unknown' : stalled === undefined ? snapshot.health : 'Degraded',
      ...(stalled === undefined ? {} : { stalled }),
      ...(deployed === undefined
        ? {}
        : { running: { revisions: deployed.revisions, settings: settingsHash(deployed.sources) } }),
      ...(stale === undefined ? {} : { unknownBecause: stale }),
    };
    return {
      application: snapshot.application,
      check,
      snapshot,
      ...(snapshot.healthChangedAt === undefined ? {} : { onset: snapshot.healthChangedAt }),
      cause: stalled === undefined ? causeOf(snapshot) : 'workload',
    };
  }
}
