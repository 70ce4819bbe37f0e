import { everyInterval, type Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { ApplicationKey } from '../model/application.js';
import type { Timing } from '../model/timing.js';
import type { OperatorMetrics } from '../ports/operator-metrics.js';
import type { DegradationDetector, Suspect } from '../stages/1-detection/degradation-detector.js';
import type { DeploymentLedger } from './deployment-ledger.js';
import type { FleetView } from './fleet-view.js';
import type { FsmService } from './fsm-service.js';
import type { HealthIntake } from './health-intake.js';
import { IntakeTrouble } from './intake-trouble.js';

const MAX_IN_FLIGHT = 20;
interface Watched {
  readonly suspect: Suspect;
  /** By the monotonic clock. */
  dueAt: number;
  inFlight: boolean;
}

/**
 * The two rhythms of detection (semantics 3): one list per period for the fleet, and a live check of each suspect every
 * HEALTH_CHECK_INTERVAL, counted from its own first check. A healthy application costs nothing but its line in the list.
 */
export class SuspectWatch {
  readonly #watched = new Map<ApplicationKey, Watched>();
  #lastListMs = 0;
  #inFlight = 0;
  #listError: string | undefined;
  readonly #trouble: IntakeTrouble;
  constructor(
    private readonly clock: Clock,
    private readonly timing: () => Timing,
    private readonly detector: DegradationDetector,
    private readonly intake: HealthIntake,
    private readonly service: FsmService,
    private readonly fleet: FleetView,
    private readonly ledger: DeploymentLedger,
    private readonly metrics: OperatorMetrics,
    private readonly logger: Logger,
  ) {
    this.#trouble = new IntakeTrouble(clock, logger);
  }

  /** Why the last list failed; undefined = it did not. */
  get listError(): string | undefined {
    return this.#listError;
  }
  /** Why the last check could not be written down (store or audit log); undefined = it could. */
  get writeError(): string | undefined {
    return this.#trouble.present;
  }
  /** The present period of the list: stretched for a slow Argo CD. */
  periodMs(): number {
    return Math.max(this.timing().HEALTH_CHECK_INTERVAL, 3 * this.#lastListMs);
  }
  /** Runs both rhythms until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      everyInterval(
        this.clock,
        () => this.periodMs(),
        () => this.list(signal),
        signal,
      ),
      everyInterval(
        this.clock,
        () => this.timing().sweepInterval,
        async () => this.checkDue(signal),
        signal,
      ),
    ]);
  }

  /** One list; a failed one is a gap, and the next tick is its retry. */
  async list(signal: AbortSignal): Promise<void> {
    const started = this.clock.monotonic();
    const askedAt = this.clock.now();
    try {
      const entries = await this.detector.listFleet(signal);
      this.#lastListMs = this.clock.monotonic() - started;
      this.#listError = undefined;
      this.metrics.pollPeriod(this.periodMs() / 1000);
      this.metrics.sourceSucceeded('argocd', this.clock.now());
      for (const record of this.fleet.take(entries, askedAt))
        if (this.intake.isSuspect(record)) this.#watch(record.entry);
      this.metrics.applications(this.fleet.counts());
      this.checkDue(signal);
      await this.ledger.note(entries, signal);
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled') return;
      this.#listError = `${e.code}: ${e.message}`;
      this.logger.warn('the fleet could not be listed; nothing is known to be healthy or degraded until it can', {
        error: e,
      });
    }
  }

  /** Starts the checks that are due, at most 20 in flight. */
  checkDue(signal: AbortSignal): void {
    for (const a of this.service.open()) this.#watch({ application: a.application, project: a.project });
    const now = this.clock.monotonic();
    for (const watched of this.#watched.values()) {
      if (this.#inFlight >= MAX_IN_FLIGHT) return;
      if (watched.inFlight || watched.dueAt > now) continue;
      const intervalMs = this.timing().HEALTH_CHECK_INTERVAL;
      watched.dueAt = now - watched.dueAt < intervalMs / 2 ? watched.dueAt + intervalMs : now + intervalMs;
      void this.#check(watched, intervalMs, signal);
    }
  }
  #watch({ application, project }: Suspect): void {
    if (this.#watched.has(application)) return;
    this.#watched.set(application, {
      suspect: { application, project },
      dueAt: this.clock.monotonic(),
      inFlight: false,
    });
  }
  async #check(watched: Watched, intervalMs: number, signal: AbortSignal): Promise<void> {
    watched.inFlight = true;
    this.#inFlight += 1;
    try {
      const goOn = await this.intake.take(await this.detector.check(watched.suspect, intervalMs, signal));
      this.#trouble.taken(watched.suspect.application);
      if (!goOn) this.#watched.delete(watched.suspect.application);
    } catch (error) {
      const e = asOperatorError(error);
      if (e.category === 'cancelled') return;
      this.#trouble.failed(watched.suspect.application, e);
    } finally {
      watched.inFlight = false;
      this.#inFlight -= 1;
    }
  }
}
