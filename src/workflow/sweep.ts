import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Agenda } from './agenda.js';
import type { FsmController } from './fsm-controller.js';
import type { FsmService } from './fsm-service.js';
import type { HealthIntake } from './health-intake.js';

/** So much has to come together, at once or in steps, before it is told. */
const LEAP_MS = 5_000;
const LOOK_FOR_LOST_MS = 5_000;

/**
 * Makes up for whatever no event tells: attempts that are due, openings whose answer was lost, and a clock that was set,
 * by which everything that waits would wait for its time to come round again.
 */
export class Sweep {
  #offsetMs: number | undefined;
  #looking = false;
  #lookedAt = -Infinity;
  constructor(
    private readonly clock: Clock,
    private readonly service: FsmService,
    private readonly agenda: Agenda,
    private readonly controller: FsmController,
    private readonly intake: HealthIntake,
    private readonly logger: Logger,
  ) {}

  run(): void {
    this.#noticeLeap();
    void this.#lookForLost();
    this.controller.sweep();
  }

  #noticeLeap(): void {
    const offsetMs = this.clock.now() - this.clock.monotonic();
    this.#offsetMs ??= offsetMs;
    const leapMs = Math.round(offsetMs - this.#offsetMs);
    if (Math.abs(leapMs) < LEAP_MS) return;
    this.#offsetMs = offsetMs;
    this.logger.warn(
      leapMs > 0
        ? 'the clock was set forward: deadlines that lie between have passed; everything is looked at now'
        : 'the clock was set back: open deadlines come later by as much, and checks made before it count as later ones; everything is looked at now',
      { seconds: Math.round(leapMs / 1_000) },
    );
    this.agenda.bringForward(this.clock.now());
    this.intake.reconsider();
    this.service.doubtSpends();
  }
  async #lookForLost(): Promise<void> {
    const now = this.clock.monotonic();
    if (this.#looking || !this.service.missesOpenings || now - this.#lookedAt < LOOK_FOR_LOST_MS) return;
    this.#looking = true;
    this.#lookedAt = now;
    try {
      for (const id of await this.service.adoptLost()) {
        this.logger.warn('an attempt was found whose opening had not been answered', { correlationId: id });
        this.controller.nudge(id);
      }
    } catch (error) {
      // The next sweep looks again: it is told why by whoever writes.
      this.logger.debug('openings that were not answered cannot be looked for yet', { error: asOperatorError(error) });
    } finally {
      this.#looking = false;
    }
  }
}
