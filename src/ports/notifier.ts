import type { AttemptView } from '../model/attempt-view.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';

export const NOTICE_KINDS = [
  'rollback-proposed',
  'approval-needed',
  'rollback-merged',
  'rollback-completed',
  'rollback-aborted',
  'brake-closed',
  'stale-failure',
  'rollback-of-rollback',
  'already-tried',
  'not-eligible',
  'bad-version-returned',
  'aborted-too-late',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

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
