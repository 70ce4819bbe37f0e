import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stringify } from 'yaml';
import { InMemoryStateStore } from '../../src/adapters/memory/in-memory-state-store.js';
import { MemoryShelf } from '../../src/adapters/memory/memory-shelf.js';
import { startDaemon, type Daemon } from '../../src/app/daemon.js';
import { createOutside } from '../../src/app/outside.js';
import { SystemClock } from '../../src/base/clock.js';
import { createLogger } from '../../src/base/logger.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { AttemptView } from '../../src/model/attempt-view.js';
import { EVENT_NAMES, type OperatorEvent } from '../../src/model/events.js';
import { writeCredentialFiles } from '../../src/sandbox/credential-files.js';
import type { JsonObject } from '../../src/sandbox/json-path.js';
import { operatorConfiguration } from '../../src/sandbox/operator-configuration.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { mergeDocuments } from '../../src/sandbox/scenario/merge-documents.js';
import { loadScenario } from '../../src/sandbox/scenario/scenario-files.js';
import type { LogLine } from './scenario-run.js';

const BUILD = { version: '0.0.0-test', commit: 'test' };

/** The bad deploy of the sandbox, and daemons on it that follow each other on one shelf, or on the store they are told. */
export class TracedDaemon {
  readonly logs: LogLine[] = [];
  readonly events: OperatorEvent[] = [];
  /** Every state an attempt was seen in. */
  readonly states = new Set<string>();
  readonly #shelf = new MemoryShelf();
  readonly #clock = new SystemClock();
  #daemon: Daemon | undefined;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly directory: string,
    private readonly more: JsonObject,
  ) {}

  /** `more` = what the configuration says beside the sandbox: `tracing`, `store`, `bus`. */
  static async onBadDeploy(more: JsonObject): Promise<TracedDaemon> {
    const directory = await mkdtemp(join(tmpdir(), 'traced-'));
    const sandbox = await startSandbox(await loadScenario('bad-deploy', {}), { directory, speed: 40 });
    return new TracedDaemon(sandbox, directory, more);
  }
  async start(): Promise<void> {
    const { sandbox, directory } = this;
    const document = operatorConfiguration(sandbox, await writeCredentialFiles(sandbox, directory), directory);
    const file = join(directory, 'operator.yaml');
    const ports = { http: { host: '127.0.0.1', port: 0 }, httpMetrics: { host: '127.0.0.1', port: 0 } };
    await writeFile(file, stringify(mergeDocuments(mergeDocuments(document, ports), this.more)));
    const loaded = loadConfig({ file, env: {} });
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of chunk.toString().split('\n')) if (line !== '') this.logs.push(JSON.parse(line) as LogLine);
        done();
      },
    });
    const logger = createLogger({ level: 'debug', format: 'json' }, sink);
    const outside = await createOutside(loaded.config, this.#clock, logger, BUILD, () => {});
    for (const name of EVENT_NAMES) outside.bus.subscribe(name, (event) => void this.events.push(event));
    const inMemory = loaded.config.store.kind === 'memory';
    const store = inMemory ? new InMemoryStateStore(this.#shelf, this.#clock) : outside.store;
    this.#daemon = await startDaemon(loaded, { ...outside, store }, BUILD);
  }
  /** Answers how long it took, in milliseconds. */
  async stop(): Promise<number> {
    const began = performance.now();
    await this.#daemon?.stop();
    this.#daemon = undefined;
    return performance.now() - began;
  }
  async attempts(): Promise<readonly AttemptView[]> {
    const response = await fetch(`${this.#daemon?.apiUrl ?? ''}/api/v1/attempts`);
    return ((await response.json()) as { readonly items: readonly AttemptView[] }).items;
  }
  /** Waits until an attempt is in the state; throws after a minute. */
  async untilIn(state: AttemptView['state']): Promise<AttemptView> {
    for (const giveUpAt = Date.now() + 60_000; ; ) {
      const all = await this.attempts();
      for (const a of all) this.states.add(a.state);
      const found = all.find((a) => a.state === state);
      if (found !== undefined) return found;
      if (Date.now() > giveUpAt) throw new Error(`no attempt in ${state}: ${JSON.stringify(this.logs.slice(-10))}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  async metrics(): Promise<string> {
    return (await fetch(`${this.#daemon?.healthUrl ?? ''}/metrics`)).text();
  }
  async close(): Promise<void> {
    await this.stop();
    await this.sandbox.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}
