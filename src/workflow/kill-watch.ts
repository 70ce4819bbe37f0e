import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Pause } from '../model/mark.js';
import { ENVIRONMENTS } from '../model/policy.js';
import type { KillSwitch } from '../ports/kill-switch.js';
import type { Baselines } from './baselines.js';

/**
 * The kill file as it counts. Taking it away is a resume: what was red meanwhile is not the operator's case (semantics 3).
 * So it holds until that is stored, and that it was there is stored as well: it may be taken away while nobody looks.
 */
export class KillWatch implements KillSwitch {
  /** Since the last resume, whatever could be stored of it. */
  #seen: Pause | undefined;
  #isTold = false;
  constructor(
    private readonly clock: Clock,
    private readonly file: KillSwitch,
    private readonly baselines: Baselines,
    private readonly logger: Logger,
  ) {}

  engaged(): Pause | undefined {
    const present = this.file.engaged();
    if (present !== undefined) return (this.#seen = present);
    const at = this.#seen?.at ?? this.baselines.since('kill-file');
    if (at === undefined) return undefined;
    const why = 'it is gone, and the operator goes on as soon as that is stored';
    return { scope: 'operator', kill: true, by: 'the kill file', why, at };
  }
  /** Stores that the file came or went. Throws what the store throws: then nothing has changed, and the next look tries again. */
  async look(): Promise<void> {
    const present = this.file.engaged();
    if (present !== undefined) await this.#noteFile(present);
    else if (this.engaged() !== undefined) await this.#resume();
  }
  async #noteFile(pause: Pause): Promise<void> {
    this.#seen = pause;
    if (!this.#isTold)
      this.logger.warn('the kill file is there: nothing new is started', { by: pause.by, why: pause.why });
    this.#isTold = true;
    if (this.baselines.since('kill-file') === undefined) await this.baselines.begin('kill-file', this.clock.now());
  }
  async #resume(): Promise<void> {
    await this.baselines.end('kill-file', ENVIRONMENTS, this.clock.now());
    this.#seen = undefined;
    this.#isTold = false;
    this.logger.warn('the kill file is gone: the operator goes on');
  }
}
