import type { Clock } from '../base/clock.js';
import type { OperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { ApplicationKey } from '../model/application.js';

interface Outage {
  readonly code: string;
  readonly since: number;
  readonly applications: Set<ApplicationKey>;
  missed: number;
}

/**
 * Checks that could not be written down, because store or audit log are away. An outage is told once, and once when it is
 * over, with what was missed; what is wrong with one application alone is told once for that one.
 */
export class IntakeTrouble {
  #outage: Outage | undefined;
  #present: string | undefined;
  readonly #single = new Map<ApplicationKey, string>();
  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly logger: Logger,
  ) {}

  /** Why the last check was not taken in; undefined = it was. */
  get present(): string | undefined {
    return this.#present;
  }
  failed(application: ApplicationKey, error: OperatorError): void {
    this.#present = `${error.code}: ${error.message}`;
    if (error.category !== 'transient' && error.category !== 'unknown') return this.#failedAlone(application, error);
    const told = this.#outage?.code === error.code;
    const { since = this.clock.monotonic(), missed = 0, applications = new Set<ApplicationKey>() } = this.#outage ?? {};
    this.#outage = { code: error.code, since, missed: missed + 1, applications: applications.add(application) };
    if (told) return;
    this.logger.error('health checks are not taken in, so nothing is begun; said once until they are', {
      application,
      error,
    });
  }
  /** Only an application whose checks were missed shows that the outage is over: others may need less. */
  taken(application: ApplicationKey): void {
    this.#present = undefined;
    if (this.#single.delete(application)) this.logger.info('health checks are taken in again', { application });
    if (this.#outage?.applications.has(application) !== true) return;
    const { missed, since, applications } = this.#outage;
    this.#outage = undefined;
    const seconds = Math.round((this.clock.monotonic() - since) / 1_000);
    this.logger.info('health checks are taken in again', { missed, applications: applications.size, seconds });
  }

  #failedAlone(application: ApplicationKey, error: OperatorError): void {
    if (this.#single.get(application) === error.code) return;
    this.#single.set(application, error.code);
    this.logger.error('health checks of an application are not taken in; said once until they are', {
      application,
      error,
    });
  }
}
