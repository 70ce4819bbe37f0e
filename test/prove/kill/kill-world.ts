import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AttemptView } from '../../../src/model/attempt-view.js';
import { writeCredentialFiles, type CredentialFiles } from '../../../src/sandbox/credential-files.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { operatorConfiguration } from '../../../src/sandbox/operator-configuration.js';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js';
import { AttemptNotes } from '../../../src/sandbox/scenario/attempt-notes.js';
import { mergeDocuments } from '../../../src/sandbox/scenario/merge-documents.js';
import { loadScenario } from '../../../src/sandbox/scenario/scenario-files.js';
import type { RealEtcd } from '../../support/real-etcd.js';
import type { RealNats } from '../../support/real-nats.js';
import { freePort } from '../../support/server-process.js';
import { IntentWatch } from './intent-watch.js';
import { OperatorChild } from './operator-child.js';
import type { Schedule } from './schedule.js';

/** The servers that one schedule after the other runs on. */
export interface Lane {
  readonly etcd: RealEtcd;
  readonly nats: RealNats;
}
const SPEED = 100;
/** Waits for people and machines outlast every injury: what ends a run early would be the test, not the fault. */
const PATIENT: JsonObject = Object.fromEntries(
  [
    'confirmTimeout',
    'CANDIDATE_SEARCH_TIMEOUT',
    'proposalTimeout',
    'CI_WAIT_TIMEOUT',
    'syncTimeout',
    'recoveryTimeout',
  ].map((name) => [name, '90s']),
);

/** The sandbox of one schedule in this process, and the daemons that are started on it as processes. */
export class KillWorld {
  readonly auditFolder: string;
  readonly intents: IntentWatch;
  /** Every daemon there ever was, oldest first. */
  readonly children: OperatorChild[] = [];
  readonly #views = new Map<string, AttemptView>();
  readonly #notes: AttemptNotes;
  private constructor(
    readonly schedule: Schedule,
    readonly lane: Lane,
    readonly sandbox: Sandbox,
    readonly directory: string,
    private readonly files: CredentialFiles,
  ) {
    this.auditFolder = join(directory, 'audit');
    this.intents = new IntentWatch(sandbox.journal, this.auditFolder);
    this.#notes = new AttemptNotes((attempt) => sandbox.noteAttempt(attempt));
  }

  static async start(schedule: Schedule, lane: Lane): Promise<KillWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'kill-'));
    // Requests that were lost may be asked again: the judge counts what was carried out.
    const scenario = await loadScenario(schedule.scenario, { expect: { hold: '20s', requests: [] } });
    const sandbox = await startSandbox(scenario, { directory, speed: SPEED });
    return new KillWorld(schedule, lane, sandbox, directory, await writeCredentialFiles(sandbox, directory));
  }
  /** Starts a daemon, on ports of its own; `githubUrl` leads it to GitHub by another way. */
  async startChild({
    failpoint,
    githubUrl,
  }: {
    readonly failpoint?: string;
    readonly githubUrl?: string;
  } = {}): Promise<OperatorChild> {
    const { lane, sandbox, directory, schedule } = this;
    const [api, health] = [await freePort(), await freePort()];
    const instance = directory.slice(directory.lastIndexOf('/') + 1).toLowerCase();
    const document = mergeDocuments(operatorConfiguration(sandbox, this.files, directory), {
      instance,
      store: { kind: 'etcd', endpoints: [lane.etcd.url] },
      bus: schedule.bus === 'nats' ? { kind: 'nats', servers: [lane.nats.url] } : { kind: 'in-process' },
      http: { host: '127.0.0.1', port: api },
      httpMetrics: { host: '127.0.0.1', port: health },
      timing: PATIENT,
      ...(githubUrl === undefined ? {} : { github: { apiUrl: githubUrl } }),
    });
    const file = join(directory, `operator-${this.children.length}.yaml`);
    await writeFile(file, stringify(document));
    const child = OperatorChild.start(file, `http://127.0.0.1:${api}`, failpoint);
    this.children.push(child);
    return child;
  }
  /** The newest view of every attempt there ever was. */
  get attempts(): readonly AttemptView[] {
    return [...this.#views.values()];
  }
  /** Looks at the attempts as a daemon tells them; one that is starting, hanging or gone tells nothing. */
  async look(child: OperatorChild): Promise<void> {
    if (child.end !== undefined) return;
    try {
      const response = await fetch(`${child.apiUrl}/api/v1/attempts`, { signal: AbortSignal.timeout(1_000) });
      if (!response.ok) return;
      const { items } = (await response.json()) as { readonly items: readonly AttemptView[] };
      for (const view of items) this.#views.set(view.id, view);
      this.#notes.take(items);
    } catch {
      // Not being answered is the everyday state of this test.
    }
  }
  /** Kills what still runs and removes everything. */
  async close(): Promise<void> {
    for (const child of this.children) if (child.end === undefined) await child.kill();
    try {
      await this.sandbox.close();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}
