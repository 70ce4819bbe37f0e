import { OperatorError } from '../../../src/base/errors.js';
import { sha256 } from '../../../src/base/hash.js';
import type { AuditEntry, AuditLog } from '../../../src/ports/audit-log.js';

/** The audit log as a list. Outlives the operator's processes, as a disk does. */
export class MemoryAuditLog implements AuditLog {
  readonly entries: AuditEntry[] = [];
  /** What was answered for each entry. */
  readonly witnesses: string[] = [];
  /** Throws, or never answers, when a test says so. */
  before: (entry: AuditEntry) => Promise<void> | void = () => {};
  after: (entry: AuditEntry) => Promise<void> | void = () => {};

  async append(entry: AuditEntry): Promise<string> {
    await this.before(entry);
    const witness = `${this.entries.push(entry)}:${sha256(JSON.stringify(entry))}`;
    this.witnesses.push(witness);
    await this.after(entry);
    return witness;
  }
  async close(): Promise<void> {}

  breakDown(): void {
    this.before = () => {
      throw new OperatorError('AUDIT_UNWRITABLE', 'transient', 'the disk is full');
    };
  }
  mend(): void {
    this.before = () => {};
    this.after = () => {};
  }
  /** `decision Idle -> DegradationDetected/confirming`: what was recorded, without the reasons. */
  texts(kind?: AuditEntry['kind']): readonly string[] {
    return this.entries.filter((e) => kind === undefined || e.kind === kind).map((e) => e.text.split(':')[0] ?? '');
  }
}
