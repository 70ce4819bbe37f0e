import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileAuditLog } from '../src/adapters/file/file-audit-log.js';
import type { ApplicationKey } from '../src/model/application.js';
import { operatorConfig } from '../test/support/operator-config.js';
import { OperatorProcess } from '../test/support/operator-process.js';
import { OperatorWorld } from '../test/support/operator-world.js';

const HOUR_MS = 3_600_000;
/** Small, so that a day has many of them. */
const SEGMENT_BYTES = 64 * 1024;

/** A world without an end of budgets, with a real audit log, and with an operator that can be let go of. */
export class SoakWorld extends OperatorWorld {
  #operator: OperatorProcess | undefined;
  #audit: FileAuditLog | undefined;
  #writing = 0;
  private readonly applications: readonly ApplicationKey[];
  private constructor(
    private readonly folder: string,
    count: number,
  ) {
    super();
    this.applications = Array.from({ length: count }, (_, i) => this.install(`shop-${i}`));
    const { limits, guards } = operatorConfig();
    this.config = operatorConfig({
      limits: { ...limits, pullRequestsPerHour: 60 },
      guards: { ...guards, fleet: { count: 60, windowMs: HOUR_MS } },
    });
  }
  static async open(applications: number): Promise<SoakWorld> {
    return new SoakWorld(await mkdtemp(path.join(tmpdir(), 'bench-soak-')), applications);
  }
  /** Something is on its way to the disk. */
  get writing(): boolean {
    return this.#writing > 0;
  }
  /** Starts the operator with the real audit log. */
  async start(): Promise<void> {
    const audit = new FileAuditLog({
      directory: this.folder,
      signingKeyFile: path.join(this.folder, 'key.pem'),
      clock: this.clock,
      maxSegmentBytes: SEGMENT_BYTES,
      print: () => {},
      onTrouble: (error) => {
        throw error;
      },
    });
    this.#audit = audit;
    this.audit.append = async (entry) => {
      this.#writing += 1;
      try {
        return await audit.append(entry);
      } finally {
        this.#writing -= 1;
      }
    };
    this.#operator = await new OperatorProcess(this).start();
  }
  /** The application at this place breaks down. */
  break(at: number): void {
    const app = this.applications[at];
    if (app !== undefined) this.breakDown(app);
  }
  /** What the fakes keep for tests to look at is no part of the operator. */
  forget(): void {
    this.logger.lines.length = 0;
    this.metrics.counted.length = 0;
    this.notifier.notices.length = 0;
    const operator = this.#operator;
    if (operator === undefined) return;
    for (const calls of [
      operator.life.calls,
      operator.sourceControl.hooks.calls,
      this.argocd.hooks.calls,
      this.kubernetes.hooks.calls,
    ])
      calls.length = 0;
  }
  /** Ends the operator and keeps nothing of it: what is left is the world's, and the records of the store. */
  async kill(): Promise<void> {
    this.#operator?.kill();
    this.#operator = undefined;
    await this.#audit?.close();
    this.#audit = undefined;
    this.audit.append = async () => '';
    // Else the store knows its last writer.
    await this.store().takeOver('nobody');
  }
  /** Leaves nothing behind. */
  async close(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
