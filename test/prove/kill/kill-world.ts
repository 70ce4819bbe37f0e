import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sha256 } from '../../../src/base/hash.js';
import type { AttemptView } from '../../../src/model/attempt-view.js';
import { writeCredentialFiles, type CredentialFiles } from '../../../src/sandbox/credential-files.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { operatorConfiguration } from '../../../src/sandbox/operator-configuration.js';
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.js';
import type { Scenario } from '../../../src/sandbox/scenario.js';
import { AttemptNotes } from '../../../src/sandbox/scenario/attempt-notes.js';
import { mergeDocuments } from '../../../src/sandbox/scenario/merge-documents.js';
import { loadScenario } from '../../../src/sandbox/scenario/scenario-files.js';
import type { RealEtcd } from '../../support/real-etcd.js';
import type { RealNats } from '../../support/real-nats.js';
import { freePort } from '../../support/free-port.js';
import { AbortOrder } from './abort-order.js';
import { IntentWatch } from './intent-watch.js';
import { OperatorChild } from './operator-child.js';
import { PLOTS, type Plot } from './plots.js';
import type { Schedule } from './schedule.js';

/** The servers that one schedule after the other runs on. */
export interface Lane {
  readonly etcd: RealEtcd;
  readonly nats: RealNats;
}
export const SPEED = 100;
const SECOND_MS = 1_000;
const ABORT_TOKEN = 'of-somebody-who-may-abort';
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
  #pausedBefore: 'never' | 'now' | 'over' = 'never';
  /** Some daemon has told of an attempt, whatever became of it. */
  hasSeenAttempts = false;
  /** Everything on the timeline has happened. */
  isTimelineOver = false;
  readonly #notes: AttemptNotes;
  readonly abort: AbortOrder;
  private constructor(
    readonly schedule: Schedule,
    readonly lane: Lane,
    readonly sandbox: Sandbox,
    readonly directory: string,
    private readonly planted: string | undefined,
    private readonly files: CredentialFiles,
  ) {
    this.auditFolder = join(directory, 'audit');
    this.intents = new IntentWatch(sandbox.journal, this.auditFolder);
    this.abort = new AbortOrder(ABORT_TOKEN, this.intents);
    this.#notes = new AttemptNotes((attempt) => sandbox.noteAttempt(attempt));
    void sandbox.timeline.finished.then(
      () => (this.isTimelineOver = true),
      () => undefined,
    );
  }

  /** `planted` = a bug on purpose in every daemon. */
  static async start(schedule: Schedule, lane: Lane, planted?: string): Promise<KillWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'kill-'));
    const sandbox = await startSandbox(await scenarioOf(PLOTS[schedule.plot]), { directory, speed: SPEED });
    const tokens = [{ name: 'maria', role: 'operator', sha256: sha256(ABORT_TOKEN) }];
    await writeFile(join(directory, 'tokens.yaml'), stringify(tokens), { mode: 0o600 });
    const files = await writeCredentialFiles(sandbox, directory);
    return new KillWorld(schedule, lane, sandbox, directory, planted, files);
  }
  get plot(): Plot {
    return PLOTS[this.schedule.plot];
  }
  /** Under which the operator keeps its records in etcd. */
  get instance(): string {
    return this.directory.slice(this.directory.lastIndexOf('/') + 1).toLowerCase();
  }
  /** Starts a daemon, on ports of its own; `githubUrl` leads it to GitHub by another way, `over` is laid over its configuration. */
  async startChild({
    failpoint,
    githubUrl,
    over = {},
  }: {
    readonly failpoint?: string;
    readonly githubUrl?: string;
    readonly over?: JsonObject;
  } = {}): Promise<OperatorChild> {
    const { lane, sandbox, directory, schedule } = this;
    const [api, health] = [await freePort(), await freePort()];
    const ordinary = mergeDocuments(operatorConfiguration(sandbox, this.files, directory), {
      instance: this.instance,
      store: { kind: 'etcd', endpoints: [lane.etcd.url] },
      bus: schedule.bus === 'nats' ? { kind: 'nats', servers: [lane.nats.url] } : { kind: 'in-process' },
      http: { host: '127.0.0.1', port: api, tokensFile: join(directory, 'tokens.yaml') },
      httpMetrics: { host: '127.0.0.1', port: health },
      // Time enough for a pause to come before it is confirmed.
      timing: this.plot.isPaused ? { ...PATIENT, DEGRADATION_PERSISTENCE_CHECKS: 8 } : PATIENT,
      ...(githubUrl === undefined ? {} : { github: { apiUrl: githubUrl } }),
    });
    const file = join(directory, `operator-${this.children.length}.yaml`);
    await writeFile(file, stringify(mergeDocuments(ordinary, over)));
    const child = await OperatorChild.start(file, `http://127.0.0.1:${api}`, {
      ...(failpoint === undefined ? {} : { failpoint }),
      ...(this.planted === undefined ? {} : { planted: this.planted }),
      // As people start it, where everything is killed in turn; a bug can only be planted into single files.
      bundled: this.planted === undefined && !schedule.injuries.some(({ kind }) => kind === 'in-turn'),
    });
    this.children.push(child);
    return child;
  }
  /** The newest view of every attempt there ever was. */
  get attempts(): readonly AttemptView[] {
    return [...this.#views.values()];
  }
  /** Looks at the attempts as a daemon tells them; one that is starting, hanging or gone tells nothing. */
  async look(child: OperatorChild): Promise<void> {
    if (child.end !== undefined || child.isStopped) return;
    try {
      const response = await fetch(`${child.apiUrl}/api/v1/attempts`, {
        headers: this.abort.headers,
        signal: AbortSignal.timeout(1_000),
      });
      if (!response.ok) return;
      const { items } = (await response.json()) as { readonly items: readonly AttemptView[] };
      this.#take(items);
      if (this.plot.aborts) await this.abort.give(child.apiUrl, items);
      if (this.plot.isPaused) await this.#pause(items);
    } catch {
      // Not being answered is the everyday state of this test.
    }
  }
  /** Once: a kill file in time to hold the attempt, and away with it when it does. */
  async #pause(items: readonly AttemptView[]): Promise<void> {
    const killFile = join(this.directory, 'kill');
    const isIn = (name: string): boolean => items.some(({ step }) => step === name);
    if (this.#pausedBefore === 'never' && isIn('confirming')) {
      await writeFile(killFile, 'not yet\n');
      this.#pausedBefore = 'now';
    }
    if (this.#pausedBefore !== 'now' || !isIn('held') || !this.isTimelineOver) return;
    await rm(killFile);
    this.#pausedBefore = 'over';
  }
  /** An open attempt that is not told of any more was dismissed: whether that was right is for the judges. */
  #take(items: readonly AttemptView[]): void {
    this.hasSeenAttempts ||= items.length > 0;
    for (const [id, { end }] of this.#views)
      if (end === undefined && items.every((view) => view.id !== id)) this.#views.delete(id);
    for (const view of items) this.#views.set(view.id, view);
    this.#notes.take(items);
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

/**
 * Only what is so in the end counts: requests that were lost may be asked again, and steps pass while nobody looks.
 * Nothing happens in the second of the first start: Argo CD tells times in whole seconds, and by them what degrades in it
 * was degraded before, unless a daemon saw it turn.
 */
async function scenarioOf({ scenario, overrides }: Plot): Promise<Scenario> {
  const told = await loadScenario(scenario, overrides);
  const { expect, timeline } = told;
  return {
    ...told,
    timeline: timeline.with(0, { ...timeline[0]!, after: SECOND_MS * SPEED }),
    expect: { ...expect, hold: 20_000, requests: [], notices: [], attempts: expect.attempts.slice(-1) },
  };
}
