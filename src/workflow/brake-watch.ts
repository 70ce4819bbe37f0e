import type { Logger } from '../base/logger.js';
import type { Environment } from '../model/policy.js';
import type { OperatorMetrics } from '../ports/operator-metrics.js';
import type { Admission } from './admission.js';
import type { Announcements } from './announcements.js';

/** Raises one incident alert when a brake closes, whatever the number of attempts it catches (semantics 3). */
export class BrakeWatch {
  readonly #closed = new Map<Environment, string>();
  constructor(
    private readonly admission: Admission,
    private readonly announcements: Announcements,
    private readonly metrics: OperatorMetrics,
    private readonly logger: Logger,
  ) {}
  closed(): readonly Environment[] {
    return [...this.#closed.keys()];
  }
  look(): void {
    for (const { environment, because } of this.admission.brakes()) {
      const was = this.#closed.get(environment);
      this.metrics.brake(environment, because !== undefined);
      if (because === undefined) {
        if (was !== undefined) this.logger.warn('the brake is open again', { environment });
        this.#closed.delete(environment);
        continue;
      }
      this.#closed.set(environment, because);
      if (was === undefined)
        this.announcements.announce(
          'brake-closed',
          undefined,
          `${because}. Held attempts are released when this is over, or by \`ai-operator resume --all --reason ...\`.`,
        );
    }
  }
}
