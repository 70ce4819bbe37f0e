import type { ApplicationKey, EpochMs } from '../model/application.js';
import type { AttemptId } from '../model/rollback-attempt.js';
import type { RuleResult } from '../model/rule-result.js';

export const AUDIT_KINDS = ['decision', 'outcome', 'command', 'configuration', 'alert'] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** What is said in one record; number, time of writing, chain and signature are the log's. */
export interface AuditEntry {
  /** Which decision (`<attempt>/<version>`), effect (`<attempt>:<name>`) or command it belongs to. A second try has the same subject. */
  readonly subject: string;
  readonly kind: AuditKind;
  readonly at: EpochMs;
  readonly attempt?: AttemptId;
  readonly application?: ApplicationKey;
  /** Who: `operator`, or a person. */
  readonly actor: string;
  /** One sentence: what, and why. */
  readonly text: string;
  /** All rules that were evaluated for it. */
  readonly rules?: readonly RuleResult[];
  /** What it was decided from, small and free of secrets. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** Append-only and durable: the entry is on disk when `append` resolves. */
export interface AuditLog {
  /** Resolves with the witness `<number>:<hash>` of the record. Throws AUDIT_UNWRITABLE (transient): nothing may be done then. */
  append(entry: AuditEntry): Promise<string>;
  close(): Promise<void>;
}
