import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { SystemClock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { AttemptView } from '../../model/attempt-view.js';
import { writeCredentialFiles } from '../credential-files.js';
import type { CredentialFiles } from '../credential-files.js';
import type { JsonObject } from '../json-path.js';
import { operatorConfiguration } from '../operator-configuration.js';
import type { Sandbox } from '../sandbox.js';
import { AttemptNotes } from '../scenario/attempt-notes.js';
import { mergeDocuments } from '../scenario/merge-documents.js';
import type { DemoArguments } from './demo-arguments.js';
import { gatherEnding } from './ending.js';
import type { Ending } from './ending.js';
import { endingText, keptText } from './ending-text.js';
import { headingText } from './heading-text.js';
import { OPERATOR_PROGRAM, OperatorChild } from './operator-child.js';
import { OperatorFollower } from './operator-follower.js';
import { LATECOMER_MS, Rail } from './rail.js';
import type { RailEntry } from './rail-entry.js';
import type { Terminal } from './terminal.js';
import { WorldWatch } from './world-watch.js';

const LOOK_EVERY_MS = 50;
/** However fast the waits go, processes, git and HTTP take their time on a busy machine. */
const LEAST_PATIENCE_MS = 45_000;
/** Once everything is over and so long (divided by the speed) nothing happened, nothing more will. */
const SETTLED_MS = 300_000;
const LEAST_SETTLED_MS = 8_000;
const GONE_WITHIN_MS = 300;
/** With more applications than this what happens is told less promptly, and more of it together. */
const CROWD = 10;
const KEPT_IN_A_CROWD_MS = 1_000;

/** What the demo lives on. */
export interface DemoSurroundings {
  /** An empty folder for everything that is written; whoever gives it removes it. */
  readonly directory: string;
  readonly terminal: Terminal;
  readonly write: (text: string) => void;
  /** Aborts when somebody wants it to end. */
  readonly interrupted: AbortSignal;
}

/** A sandbox with the operator at work on it, told on a rail from its start to its end. Whoever makes it closes it. */
export class RunningDemo {
  readonly #rail: Rail;
  readonly #watch: WorldWatch;
  readonly #follower: OperatorFollower;
  readonly #notes: AttemptNotes;
  /** As listed last: what was dropped before its confirmation is not among them. */
  #views: readonly AttemptView[] = [];
  readonly #clock = new SystemClock();
  #operator: OperatorChild | undefined;
  #toldAt = Date.now();
  #files: CredentialFiles | undefined;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly options: DemoArguments,
    private readonly around: DemoSurroundings,
  ) {
    const isCrowd = sandbox.world.applications.length > CROWD;
    this.#rail = new Rail(around.terminal, around.write, isCrowd ? KEPT_IN_A_CROWD_MS : LATECOMER_MS);
    this.#watch = new WorldWatch(sandbox, (entry) => this.#tell(entry));
    this.#follower = new OperatorFollower((entry) => this.#tell(entry));
    this.#notes = new AttemptNotes((attempt) => sandbox.noteAttempt(attempt));
  }
  get #auditDirectory(): string {
    return join(this.around.directory, 'audit');
  }

  /** Writes the configuration, shows it, and starts the operator as production does. */
  async start(): Promise<void> {
    const { sandbox, around } = this;
    // what the user's own git prints later is then what the demo prints
    await sandbox.github.repository.git.run(['config', 'core.abbrev', '10']);
    this.#files = await writeCredentialFiles(sandbox, join(around.directory, 'credentials'));
    const doors: JsonObject = {
      http: { host: '127.0.0.1', port: 0 },
      httpMetrics: { host: '127.0.0.1', port: 0 },
      log: { level: 'info', format: 'json' },
    };
    const configuration = mergeDocuments(doors, operatorConfiguration(sandbox, this.#files, around.directory));
    const configurationFile = join(around.directory, 'operator.yaml');
    await writeFile(configurationFile, stringify(configuration));
    const command = `${program()} --config ${configurationFile}`;
    const { scenario, speed } = sandbox;
    around.write(
      `${headingText({ scenario, speed, askedSpeed: this.options.speed, configuration, command }, around.terminal)}\n`,
    );
    this.#watch.tellStart();
    this.#operator = new OperatorChild(['--config', configurationFile], (line) => {
      if (this.options.log) this.#rail.interrupt(around.terminal.paint('dim', line));
      this.#follower.hear(line);
    });
  }

  /** Until everything expected has been so for a while, or cannot become so any more. Answers what is unmet. */
  async untilOver(): Promise<readonly string[]> {
    const { scenario, speed } = this.sandbox;
    const { within, hold } = scenario.expect;
    const giveUpAt = Date.now() + Math.max(LEAST_PATIENCE_MS, (within * scenario.speed) / speed);
    const settledAfterMs = Math.max(LEAST_SETTLED_MS, SETTLED_MS / speed);
    const broken = Promise.race([this.sandbox.broken(), this.#operatorGone()]);
    let isTimelineOver = false;
    void this.sandbox.timeline.finished.then(
      () => (isTimelineOver = true),
      () => undefined,
    );
    for (let metAt: number | undefined; ; ) {
      await this.#look();
      const unmet = isTimelineOver ? await this.sandbox.unmetExpectations() : ['the timeline has come to its end'];
      metAt = unmet.length > 0 ? undefined : (metAt ?? Date.now());
      const isMet = metAt !== undefined && Date.now() - metAt >= hold / speed && !this.#isOwed();
      const isSettled = isTimelineOver && !this.#isUnderWay() && Date.now() - this.#toldAt > settledAfterMs;
      if (isMet || isSettled || Date.now() > giveUpAt || this.around.interrupted.aborted) return unmet;
      await Promise.race([broken, this.#clock.sleep(LOOK_EVERY_MS)]);
    }
  }

  /** Tells the end. Unless everything stays up, the operator is stopped first, as production stops it. */
  async end(unmet: readonly string[]): Promise<Ending> {
    const stopped = this.options.keep ? undefined : await this.#operator?.stop();
    await this.#follower.settled();
    this.#rail.flush();
    const wrongExit =
      stopped !== undefined && stopped.code !== 0
        ? [`the operator ends with exit code 0, not ${stopped.code ?? 'by a signal'}`]
        : [];
    const ending = await gatherEnding(this.sandbox, {
      attempts: this.#views.toSorted((a, b) => a.openedAt - b.openedAt),
      unmet: [...unmet, ...wrongExit],
      lastLines: this.#follower.lastLines,
      auditDirectory: this.#auditDirectory,
      printed: stopped?.output ?? '',
    });
    this.around.write(`${endingText(ending, this.around.terminal)}\n`);
    return ending;
  }

  /** Stays up and goes on telling until somebody wants it to end. */
  async keepUp({ repositoryDirectory, attempts }: Ending): Promise<void> {
    const addresses = this.#follower.addresses;
    const [app] = this.sandbox.world.applications;
    const kept = {
      api: addresses?.api ?? '',
      health: addresses?.health ?? '',
      github: this.sandbox.github.url,
      githubTokenFile: this.#files?.githubToken ?? '',
      repository: repositoryDirectory,
      auditDirectory: this.#auditDirectory,
      program: program(),
      application: attempts[0]?.view.application ?? app?.key ?? '',
    };
    this.around.write(`${keptText(kept, this.around.terminal)}\n`);
    const broken = Promise.race([this.sandbox.broken(), this.#operatorGone()]);
    while (!this.around.interrupted.aborted) {
      await this.#look();
      await Promise.race([broken, this.#clock.sleep(LOOK_EVERY_MS)]);
    }
  }

  async close(): Promise<void> {
    this.#watch.stop();
    try {
      await this.#operator?.stop();
    } finally {
      this.#rail.flush();
      await this.sandbox.close();
    }
  }

  #tell(entry: RailEntry): void {
    this.#toldAt = Date.now();
    this.#rail.add(entry);
  }
  async #look(): Promise<void> {
    await this.#watch.look();
    if (this.#watch.degradedAt !== undefined) this.#rail.degraded(this.#watch.degradedAt);
    if (this.#follower.addresses !== undefined && !this.around.interrupted.aborted) {
      const views = await this.#attempts();
      this.#views = views;
      this.#notes.take(views);
    }
    this.#rail.flush(Date.now());
  }
  async #attempts(): Promise<readonly AttemptView[]> {
    try {
      return await this.#follower.attempts();
    } catch (error) {
      if (this.around.interrupted.aborted) return this.#views;
      // an operator that has ended says more than its silence
      await Promise.race([this.#operatorGone(), this.#clock.sleep(GONE_WITHIN_MS)]);
      throw error;
    }
  }
  #isUnderWay(): boolean {
    return this.#views.some((view) => view.end === undefined) || this.#isOwed();
  }
  /** Reports of ended attempts are still being written. */
  #isOwed(): boolean {
    return this.#views.some((view) => view.owed.includes('reports') || view.owed.includes('pull-request'));
  }
  /** Rejects when the operator ends though nobody asked it to. */
  async #operatorGone(): Promise<never> {
    const exit = await this.#operator?.exited;
    if (this.#operator?.isStopping !== true && !this.around.interrupted.aborted) {
      throw new OperatorError(
        'DEMO_OPERATOR_ENDED',
        'bug',
        `the operator ended with ${exit?.code ?? 'a signal'}:\n${this.#follower.lastLines.join('\n')}`,
      );
    }
    return new Promise(() => undefined);
  }
}

function program(): string {
  return `node ${relative(process.cwd(), OPERATOR_PROGRAM)}`;
}
