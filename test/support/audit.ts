import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditRecord } from '../../src/adapters/file/audit-record.js';
import { publicKeyFileOf } from '../../src/adapters/file/audit-signing-key.js';
import { verifyAudit, type AuditReport, type VerifyOptions } from '../../src/adapters/file/audit-verify.js';
import { FileAuditLog, type FileAuditLogOptions } from '../../src/adapters/file/file-audit-log.js';
import type { OperatorError } from '../../src/base/errors.js';
import type { AuditEntry } from '../../src/ports/audit-log.js';
import { attemptId, rule, SHOP, T0 } from './attempt-parts.js';
import { ManualClock } from './manual-clock.js';

/** The n-th decision about attempt 1, as the workflow writes them. */
export const entryOf = (n = 1, overrides: Partial<AuditEntry> = {}): AuditEntry => ({
  subject: `${attemptId()}/${n}`,
  kind: 'decision',
  at: T0 + n,
  attempt: attemptId(),
  application: SHOP,
  actor: 'operator',
  text: `decision ${n}: the third Degraded check in a row – „confirmed“`,
  rules: [rule('I2_health_degraded')],
  facts: { health: 'Degraded', checks: 3 },
  ...overrides,
});

/** A folder for one audit log, with its key beside it; opens logs in it and looks at what they left. */
export class AuditWorld {
  readonly root: string;
  readonly directory: string;
  readonly keyFile: string;
  readonly clock = new ManualClock(T0);
  readonly printed: string[] = [];
  readonly troubles: OperatorError[] = [];
  readonly #opened: FileAuditLog[] = [];

  private constructor(root: string) {
    this.root = root;
    this.directory = path.join(root, 'audit');
    this.keyFile = path.join(root, 'keys', 'audit-signing-key.pem');
  }
  static async create(): Promise<AuditWorld> {
    return new AuditWorld(await mkdtemp(path.join(tmpdir(), 'audit-')));
  }
  /** A log as a process would open it at its start. */
  open(overrides: Partial<FileAuditLogOptions> = {}): FileAuditLog {
    const log = new FileAuditLog({
      directory: this.directory,
      signingKeyFile: this.keyFile,
      clock: this.clock,
      print: (line) => this.printed.push(line),
      onTrouble: (error) => this.troubles.push(error),
      ...overrides,
    });
    this.#opened.push(log);
    return log;
  }
  /** Appends this many entries to a log and closes it. Answers the witness of the last. */
  async boot(count: number, from = 1): Promise<string> {
    const log = this.open();
    let witness = '';
    for (let n = from; n < from + count; n++) witness = await log.append(entryOf(n));
    await log.close();
    return witness;
  }
  async segments(): Promise<readonly string[]> {
    return (await readdir(this.directory)).toSorted();
  }
  file(segment: string): string {
    return path.join(this.directory, segment);
  }
  /** Every complete line of every segment that can be parsed. */
  async records(): Promise<readonly AuditRecord[]> {
    const records: AuditRecord[] = [];
    for (const segment of await this.segments()) {
      for (const line of (await readFile(this.file(segment), 'utf8')).split('\n').slice(0, -1))
        records.push(JSON.parse(line) as AuditRecord);
    }
    return records;
  }
  async publicKey(): Promise<string> {
    return readFile(publicKeyFileOf(this.keyFile), 'utf8');
  }
  async verify(options: VerifyOptions = {}): Promise<AuditReport> {
    return verifyAudit(this.directory, { publicKey: await this.publicKey(), ...options });
  }
  async remove(): Promise<void> {
    // A log that a test has broken on purpose cannot always be closed.
    await Promise.allSettled(this.#opened.map((log) => log.close()));
    await rm(this.root, { recursive: true, force: true });
  }
}
