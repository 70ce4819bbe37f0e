import type { AbortReason } from './abort-reason.js';
import type { ApplicationKey, EpochMs, Revision } from './application.js';
import type { AttemptId } from './rollback-attempt.js';

interface Mark {
  readonly application: ApplicationKey;
  readonly attempt: AttemptId;
  /** Undefined = the content never became known: the mark is for its revisions. */
  readonly content?: string;
  /** Every revision seen to carry the content, so that detection needs no git. */
  readonly revisions: readonly Revision[];
  readonly at: EpochMs;
  readonly until: EpochMs;
}
/** Why nothing new is opened for a content of an application (semantics 1). */
export interface Latch extends Mark {
  readonly kind: 'latch';
  readonly reason: AbortReason;
  /** When one automatic retry is allowed; absent = never. */
  readonly retryAt?: EpochMs;
  readonly onset: EpochMs;
}
/** Bad content of a merged rollback: if it comes back, the mode is at most `propose` and the alert is louder. */
export interface Quarantine extends Mark {
  readonly kind: 'quarantine';
}
/** For so long a restored content starts no attempt at all (semantics 3); afterwards it is proposed at most. */
export const RESTORATION_BAR_MS = 7 * 86_400_000;
/** Content that a rollback of this operator put there: never rolled back by itself again. */
export interface Restoration extends Mark {
  readonly kind: 'restoration';
}
/** What outlives an attempt, per application. The key is `<kind>/<attempt>`. */
export type ApplicationMark = Latch | Quarantine | Restoration;

/** A mark whose record cannot be read: what it bars is unknown, so it bars everything of its application (semantics 0.3). */
export interface UnreadableMark {
  readonly kind: 'unreadable';
  readonly application: ApplicationKey;
  /** A clause that names the record and the mend. */
  readonly why: string;
}
export type StoredMark = ApplicationMark | UnreadableMark;
export const isReadable = (mark: StoredMark): mark is ApplicationMark => mark.kind !== 'unreadable';

/** Whether a mark is about this version: by its content, or because every revision was seen to carry it. */
export const carries = (mark: ApplicationMark, revisions: readonly Revision[], content?: string): boolean =>
  (content !== undefined && mark.content === content) ||
  (revisions.length > 0 && revisions.every((r) => mark.revisions.includes(r)));

/** How long ended attempts and spends are kept (semantics 9): nothing counts back further. */
export const RETENTION_MS = 7 * 86_400_000;
export const SPEND_KINDS = ['pull-request', 'merge', 'failed-rollback'] as const;
/** One use of a budget. The key is `<kind>/<attempt>`, so that repeating it counts once. */
export interface Spend {
  readonly kind: (typeof SPEND_KINDS)[number];
  readonly attempt: AttemptId;
  readonly application: ApplicationKey;
  readonly environment: string;
  readonly at: EpochMs;
}
/** A spend whose record cannot be read: it counts as one of its kind, at any time, for every application and environment. */
export interface UnreadableSpend extends Pick<Spend, 'kind' | 'attempt'> {
  /** A clause that names the record and the mend. */
  readonly unreadable: string;
}
export type StoredSpend = Spend | UnreadableSpend;
export const isUnreadable = (spend: StoredSpend): spend is UnreadableSpend => 'unreadable' in spend;

/** One deployment of the operator's own ledger (semantics 5): Argo CD keeps ten and skips failed and partial syncs. */
export interface LedgerEntry {
  readonly revisions: readonly Revision[];
  readonly settings: string;
  readonly deployStartedAt?: EpochMs;
  readonly deployedAt: EpochMs;
}

/** `operator` = everything; else one application. */
export type PauseScope = 'operator' | ApplicationKey;
export interface Pause {
  readonly scope: PauseScope;
  /** A kill switch is a pause of everything that only an approver or admin lifts. */
  readonly kill: boolean;
  readonly by: string;
  readonly why: string;
  readonly at: EpochMs;
}
