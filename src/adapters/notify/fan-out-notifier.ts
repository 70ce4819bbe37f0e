import { asOperatorError, OperatorError } from '../../base/errors.js';
import type { Notice, Notifier } from '../../ports/notifier.js';
import type { OperatorMetrics } from '../../ports/operator-metrics.js';

/** One receiver, by the name of the configuration. */
export interface NamedNotifier {
  readonly name: string;
  readonly notifier: Notifier;
}

/** So many deliveries are remembered, to spare receivers a repeat that another one needs. */
const REMEMBERED = 2_000;

/** Sends a notice to every receiver at once; a repeat goes only to those that have not taken it yet. */
export class FanOutNotifier implements Notifier {
  readonly #delivered = new Set<string>();
  constructor(
    private readonly receivers: readonly NamedNotifier[],
    private readonly metrics: Pick<OperatorMetrics, 'notification'>,
  ) {}

  async notify(notice: Notice, signal: AbortSignal): Promise<void> {
    const failures = (await Promise.all(this.receivers.map((r) => this.#deliver(r, notice, signal)))).filter(
      (f) => f !== undefined,
    );
    if (failures.length === 0) return;
    throw new OperatorError(
      'NOTIFICATION_FAILED',
      'transient',
      `notice ${notice.id} was not taken by ${failures.map((f) => `${f.name} (${f.error.message})`).join('; ')}`,
      { cause: new AggregateError(failures.map((f) => f.error)) },
    );
  }

  async #deliver(
    { name, notifier }: NamedNotifier,
    notice: Notice,
    signal: AbortSignal,
  ): Promise<{ readonly name: string; readonly error: OperatorError } | undefined> {
    const delivery = JSON.stringify([name, notice.id]);
    if (this.#delivered.has(delivery)) return undefined;
    try {
      await notifier.notify(notice, signal);
    } catch (error) {
      this.metrics.notification(name, 'failed');
      return { name, error: asOperatorError(error) };
    }
    this.metrics.notification(name, 'sent');
    this.#remember(delivery);
    return undefined;
  }

  #remember(delivery: string): void {
    this.#delivered.add(delivery);
    const [oldest] = this.#delivered;
    if (this.#delivered.size > REMEMBERED && oldest !== undefined) this.#delivered.delete(oldest);
  }
}
