import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { ApplicationKey } from '../model/application.js';
import type { NoticeKind } from '../model/notice-kind.js';
import type { Notice, Notifier } from '../ports/notifier.js';
import type { Announcer } from './health-intake.js';

const SEVERITY: Readonly<Partial<Record<NoticeKind, Notice['severity']>>> = {
  'brake-closed': 'critical',
  'bad-version-returned': 'critical',
  'rollback-of-rollback': 'critical',
};
const TITLE: Readonly<Partial<Record<NoticeKind, string>>> = {
  'brake-closed': 'The brake is closed: no new rollback is proposed',
  'stale-failure': 'Degraded for too long to be rolled back by the operator',
  'rollback-of-rollback': 'Degraded on the version that a rollback restored',
  'bad-version-returned': 'A version that was rolled back before is deployed again',
};
const PAUSES_MS = [0, 2_000, 10_000, 30_000];

/** Tells people, beside the path: logged at once, delivered to the receivers with some retries. */
export class Announcements implements Announcer {
  readonly #stop = new AbortController();
  constructor(
    private readonly clock: Clock,
    private readonly notifier: Notifier,
    private readonly logger: Logger,
  ) {}

  announce(kind: NoticeKind, application: ApplicationKey | undefined, text: string): void {
    const at = this.clock.now();
    this.post({
      id: `${kind}/${application ?? 'operator'}/${at}`,
      kind,
      severity: SEVERITY[kind] ?? 'warning',
      at,
      title: TITLE[kind] ?? kind,
      text,
      ...(application === undefined ? {} : { application }),
    });
  }
  /** Some time soon; given up after a few tries, loudly. */
  post(notice: Notice): void {
    void this.#retry(notice);
  }
  /** Awaited. Throws what the receivers throw. */
  async deliver(notice: Notice, signal: AbortSignal): Promise<void> {
    await this.notifier.notify(notice, signal);
  }
  stop(): void {
    this.#stop.abort();
  }
  async #retry(notice: Notice): Promise<void> {
    for (const pause of PAUSES_MS) {
      try {
        if (pause > 0) await this.clock.sleep(pause, this.#stop.signal);
        if (this.#stop.signal.aborted) return;
        return await this.notifier.notify(notice, this.#stop.signal);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.logger.warn('a notification was not delivered', { notice: notice.id, error: asOperatorError(error) });
      }
    }
    this.logger.error('a notification was given up', { notice: notice.id, title: notice.title });
  }
}
