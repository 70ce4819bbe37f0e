import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
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
  /** How often the file was found there. */
  #sightings = 0;
  #isTold = false;
  /** Why the last look could not store what it saw. */
  #unstored = '';
  #looking: Promise<void> = Promise.resolve();
  constructor(
    private readonly clock: Clock,
    private readonly file: KillSwitch,
    private readonly baselines: Baselines,
    private readonly logger: Logger,
  ) {}

  engaged(): Pause | undefined {
    const isNews = this.#seen === undefined;
    const present = this.#find();
    // Who is the first to see it lets it be stored: the next look may be too late.
    if (present !== undefined && isNews) this.look().catch(() => undefined);
    const at = this.#heldSince;
    if (present !== undefined || at === undefined) return present;
    const why = `it is gone, and the operator goes on as soon as that is stored${this.#unstored}`;
    return { scope: 'operator', kill: true, by: 'the kill file', why, at };
  }
  /** Stores that the file came or went, one look after the other. Throws what the store throws: the next look tries again. */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  get #heldSince(): number | undefined {
    return this.#seen?.at ?? this.baselines.since('kill-file');
  }
  #find(): Pause | undefined {
    const present = this.file.engaged();
    if (present === undefined) return undefined;
    this.#sightings += 1;
    return (this.#seen = present);
  }
  async #look(): Promise<void> {
    try {
      const present = this.#find();
      if (present !== undefined) await this.#noteFile(present);
      else if (this.#heldSince !== undefined) await this.#resume(this.#heldSince);
      this.#unstored = '';
    } catch (error) {
      const { code, message } = asOperatorError(error);
      this.#unstored = `; the last try: ${code}: ${message}`;
      throw error;
    }
  }
  async #noteFile(pause: Pause): Promise<void> {
    if (!this.#isTold)
      this.logger.warn('the kill file is there: nothing new is started', { by: pause.by, why: pause.why });
    this.#isTold = true;
    if (this.baselines.since('kill-file') === undefined) await this.baselines.begin('kill-file', this.clock.now());
  }
  async #resume(heldSince: number): Promise<void> {
    // Whatever becomes of the writes: it holds until all of them are answered.
    this.#seen ??= { scope: 'operator', kill: true, by: 'the kill file', why: 'it was there', at: heldSince };
    const seenBefore = this.#sightings;
    await this.baselines.end('kill-file', ENVIRONMENTS, this.clock.now());
    // It came back while that was stored, and may be gone again: then it ends later.
    if (this.#sightings !== seenBefore) return this.#look();
    this.#seen = undefined;
    this.#isTold = false;
    this.logger.warn('the kill file is gone: the operator goes on');
  }
}
