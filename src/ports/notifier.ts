import type { AttemptView } from '../model/attempt-view.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import type { NoticeKind } from '../model/notice-kind.js';

/** Something people should know. Reports are derived from what is stored and sent at least once. */
export interface Notice {
  /** The same for a repeat, so that a receiver can drop it. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly at: EpochMs;
  readonly title: string;
  readonly text: string;
  readonly application?: ApplicationKey;
  readonly attempt?: AttemptView;
}

export interface Notifier {
  /** Resolves when every receiver took it. Throws NOTIFICATION_FAILED (transient) naming those that did not. */
  notify(notice: Notice, signal: AbortSignal): Promise<void>;
}
