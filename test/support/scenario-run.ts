import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stringify } from 'yaml';
import { readAudit } from '../../src/adapters/file/audit-read.js';
import type { EntryRecord } from '../../src/adapters/file/audit-record.js';
import { publicKeyFileOf } from '../../src/adapters/file/audit-signing-key.js';
import { verifyAudit, type AuditReport } from '../../src/adapters/file/audit-verify.js';
import { findWitness } from '../../src/adapters/file/checkpoint-line.js';
import { startDaemon, type Daemon } from '../../src/app/daemon.js';
import { createOutside } from '../../src/app/outside.js';
import { SystemClock } from '../../src/base/clock.js';
import { createLogger } from '../../src/base/logger.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { AttemptView } from '../../src/model/attempt-view.js';
import { writeCredentialFiles } from '../../src/sandbox/credential-files.js';
import type { Journal } from '../../src/sandbox/journal.js';
import type { JsonObject } from '../../src/sandbox/json-path.js';
import { operatorConfiguration } from '../../src/sandbox/operator-configuration.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { AttemptNotes } from '../../src/sandbox/scenario/attempt-notes.js';
import { mergeDocuments } from '../../src/sandbox/scenario/merge-documents.js';
import { loadScenario } from '../../src/sandbox/scenario/scenario-files.js';

const LOOK_EVERY_MS = 50;
/** However fast the waits go, git and HTTP take their time on a busy machine. */
const LEAST_PATIENCE_MS = 120_000;
const DEFAULT_SPEED = 40;
const BUILD = { version: '0.0.0-test', commit: 'test' };

export interface ScenarioOptions {
  /** Laid over the scenario's document: objects merge, lists are replaced, `null` takes a key away. */
  readonly overrides?: JsonObject;
  /** Divides the waits of world and operator. */
  readonly speed?: number;
}
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A scenario on its way: the sandbox, and the daemon working against it in this process by its production adapters. */
export class ScenarioRun {
  /** The newest view of every attempt there ever was, those that were dismissed included. */
  readonly #views = new Map<string, AttemptView>();
  readonly #notes: AttemptNotes;
  #stopped: Promise<void> | undefined;

  constructor(
    readonly sandbox: Sandbox,
    readonly daemon: Daemon,
    readonly directory: string,
    readonly logs: readonly LogLine[],
    /** What the daemon would have printed: the checkpoints of its audit log. */
    readonly printed: readonly string[],
  ) {
    this.#notes = new AttemptNotes((attempt) => sandbox.noteAttempt(attempt));
  }
  get journal(): Journal {
    return this.sandbox.journal;
  }
  /** Oldest first. */
  get attempts(): readonly AttemptView[] {
    return [...this.#views.values()].toSorted((a, b) => a.openedAt - b.openedAt);
  }
  /** The newest attempt of an application (`checkout` is short for `argocd/checkout`). Throws when there is none. */
  attemptOf(application: string): AttemptView {
    const key = application.includes('/') ? application : `argocd/${application}`;
    const found = this.attempts.findLast((a) => a.application === key);
    if (found === undefined)
      throw new Error(`no attempt of ${key} among ${this.attempts.map((a) => a.application).join(', ') || 'none'}`);
    return found;
  }
  /** A file at a commit id of the scenario or a ref; undefined = it is not there. */
  file(at: string, path: string): Promise<string | undefined> {
    return this.sandbox.github.repository.readFile(this.sandbox.commit(at) ?? at, path);
  }
  /** What the daemon's API answers. */
  async ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.daemon.apiUrl}${path}`);
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
  /** Looks at the daemon's attempts once and tells the sandbox. */
  async look(): Promise<void> {
    const { items } = await this.ask<{ readonly items: readonly AttemptView[] }>('/api/v1/attempts');
    for (const view of items) this.#views.set(view.id, view);
    this.#notes.take(items);
  }

  /** Until the timeline is over and everything expected has been so for `expect.hold`; throws what is not, and why. */
  async untilMet(): Promise<void> {
    const { scenario, speed, timeline } = this.sandbox;
    const { within, hold } = scenario.expect;
    const giveUpAt = Date.now() + Math.max(LEAST_PATIENCE_MS, (within * scenario.speed) / speed);
    let over = false;
    void timeline.finished.then(
      () => (over = true),
      () => undefined,
    );
    const broken = this.sandbox.broken();
    for (let metAt: number | undefined; ; ) {
      await this.look();
      const unmet = [
        ...(over ? [] : ['the timeline has not come to its end']),
        ...(await this.sandbox.unmetExpectations()),
      ];
      metAt = unmet.length > 0 ? undefined : (metAt ?? Date.now());
      if (metAt !== undefined && Date.now() - metAt >= hold / speed) return;
      if (Date.now() > giveUpAt) throw new Error(this.#complaint(unmet));
      await Promise.race([broken, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
    }
  }
  #complaint(unmet: readonly string[]): string {
    const attempts = this.attempts.map(
      (a) =>
        `${a.application} ${a.state} ${a.step ?? ''} ${a.end?.kind === 'aborted' ? `${a.end.reason}: ${a.end.why}` : ''} ${a.barredBy.join(', ')}`,
    );
    const failing = this.attempts
      .flatMap((a) => (a.evaluation === undefined ? [] : [...a.evaluation.invariants, ...a.evaluation.guards]))
      .filter((r) => r.verdict !== 'pass')
      .map((r) => `${r.id} ${r.verdict}: ${r.value} (${r.reason})`);
    const lines = this.logs.slice(-25).map((line) => JSON.stringify(line).slice(0, 700));
    return [
      `${this.sandbox.scenario.name} did not end as expected:`,
      ...unmet.map((u) => `  - ${u}`),
      'attempts:',
      ...attempts,
      ...failing,
      'last log lines:',
      ...lines,
    ].join('\n');
  }

  /** Everything the audit log says, in its order. */
  async audit(): Promise<readonly EntryRecord[]> {
    const records: EntryRecord[] = [];
    for await (const reading of readAudit(join(this.directory, 'audit'))) {
      if (reading.kind === 'problem') throw new Error(`the audit log is not whole: ${reading.problem.text}`);
      records.push(reading.record);
    }
    return records;
  }
  /** As `audit verify` does it, with the public key and the newest printed checkpoint as the witness. */
  async verifyAudit(): Promise<AuditReport> {
    const directory = join(this.directory, 'audit');
    const publicKey = await readFile(publicKeyFileOf(join(directory, 'signing-key.pem')), 'utf8');
    const witness = findWitness(this.printed.join('\n'));
    return verifyAudit(directory, { publicKey, ...(witness === undefined ? {} : { witness }) });
  }
  /** Ends the daemon; sandbox and files stay. */
  stopDaemon(): Promise<void> {
    this.#stopped ??= this.daemon.stop();
    return this.#stopped;
  }
  /** Ends everything and removes the folder. */
  async close(): Promise<void> {
    try {
      await this.stopDaemon();
      await this.sandbox.close();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Starts the sandbox of a scenario on free ports and a daemon on it. Whoever calls closes it. */
export async function startScenario(name: string, options: ScenarioOptions = {}): Promise<ScenarioRun> {
  const scenario = await loadScenario(name, options.overrides ?? {});
  const directory = await mkdtemp(join(tmpdir(), 'scenario-'));
  const closings: (() => Promise<void>)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const sandbox = await startSandbox(scenario, { directory, speed: options.speed ?? DEFAULT_SPEED });
    closings.unshift(() => sandbox.close());
    const document = operatorConfiguration(sandbox, await writeCredentialFiles(sandbox, directory), directory);
    const doors: JsonObject = { http: { host: '127.0.0.1', port: 0 }, httpMetrics: { host: '127.0.0.1', port: 0 } };
    const file = join(directory, 'operator.yaml');
    await writeFile(file, stringify(mergeDocuments(document, doors)));
    const loaded = loadConfig({ file, env: {} });
    const logs: LogLine[] = [];
    const printed: string[] = [];
    const logger = createLogger({ level: 'debug', format: 'json' }, linesInto(logs));
    const outside = await createOutside(
      loaded.config,
      new SystemClock(),
      logger,
      BUILD,
      (line) => void printed.push(line),
    );
    return new ScenarioRun(sandbox, await startDaemon(loaded, outside, BUILD), directory, logs, printed);
  } catch (error) {
    for (const close of closings) await close();
    throw error;
  }
}

/** A scenario from its start to its expected end. Throws, with everything closed, when it does not come to that. */
export async function runScenario(name: string, options: ScenarioOptions = {}): Promise<ScenarioRun> {
  const run = await startScenario(name, options);
  try {
    await run.untilMet();
    return run;
  } catch (error) {
    await run.close();
    throw error;
  }
}

function linesInto(logs: LogLine[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      for (const line of chunk.toString().split('\n')) if (line !== '') logs.push(JSON.parse(line) as LogLine);
      done();
    },
  });
}
