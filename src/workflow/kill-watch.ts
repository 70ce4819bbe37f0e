import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import { ENVIRONMENTS } from '../model/policy.js';
import type { KillSwitch } from '../ports/kill-switch.js';
import type { Baselines } from './baselines.js';

/** Notices that the kill file came or went. Taking it away is a resume: what was red meanwhile is not the operator's case (semantics 3). */
export class KillWatch {
  #engaged = false;
  constructor(
    private readonly clock: Clock,
    private readonly killSwitch: KillSwitch,
    private readonly baselines: Baselines,
    private readonly logger: Logger,
  ) {}
  async look(): Promise<void> {
    const pause = this.killSwitch.engaged();
    if (pause !== undefined && !this.#engaged)
      this.logger.warn('the kill file is there: nothing new is started', { by: pause.by, why: pause.why });
    if (pause === undefined && this.#engaged) {
      this.logger.warn('the kill file is gone: the operator goes on');
      for (const environment of ENVIRONMENTS) await this.baselines.set(`environment/${environment}`, this.clock.now());
    }
    this.#engaged = pause !== undefined;
  }
}
