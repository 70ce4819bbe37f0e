import { asOperatorError, OperatorError } from '../../base/errors.js';
import { perform } from './actions.js';
import { holds } from './conditions.js';
import type { ScenarioStage } from './stage.js';
import type { TimelineEntry } from './timeline-schema.js';

const LOOK_EVERY_MS = 20;

/** What has happened on the timeline so far. */
export interface TimelineStep {
  readonly at: number;
  readonly actions: readonly string[];
}

/** Lets the timeline of a scenario happen, entry after entry, until its end or `stop`. */
export class TimelineRunner {
  readonly steps: TimelineStep[] = [];
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  constructor(private readonly stage: ScenarioStage) {}

  start(): void {
    this.#running ??= this.#run();
    // looked at in `stop` and `finished`; until then it must not count as unhandled
    this.#running.catch(() => undefined);
  }
  /** Resolves when everything has happened; rejects with what could not be done. */
  get finished(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }
  /** Ends it early; rejects when it had failed before. */
  async stop(): Promise<void> {
    this.#stopping.abort(new OperatorError('SANDBOX_STOPPED', 'cancelled', 'the sandbox is closing'));
    try {
      await this.#running;
    } catch (error) {
      if (asOperatorError(error).code !== 'SANDBOX_STOPPED') throw error;
    }
  }

  async #run(): Promise<void> {
    for (const entry of this.stage.scenario.timeline) await this.#happen(entry);
  }

  async #happen(entry: TimelineEntry): Promise<void> {
    const { clock, speed } = this.stage;
    const { signal } = this.#stopping;
    signal.throwIfAborted();
    while (entry.when && !holds(entry.when, this.stage)) await clock.sleep(LOOK_EVERY_MS, signal);
    if (entry.after !== undefined) await clock.sleep(entry.after / speed, signal);
    for (const action of entry.do) await perform(action, this.stage);
    this.steps.push({ at: clock.now(), actions: entry.do.map((action) => action.action) });
  }
}
