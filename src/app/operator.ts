import type { Container } from 'inversify';
import { everyInterval } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { isOff, type OperatorConfig } from '../config/operator-config.js';
import { PolicyBook } from '../governance/policy-book.js';
import { EVENT_NAMES } from '../model/events.js';
import { ENVIRONMENTS } from '../model/policy.js';
import type { WriterTerm } from '../ports/state-store.js';
import { BrakeWatch } from '../workflow/brake-watch.js';
import { Announcements } from '../workflow/announcements.js';
import { Baselines } from '../workflow/baselines.js';
import { EffectGate } from '../workflow/effect-gate.js';
import { FsmController } from '../workflow/fsm-controller.js';
import { FsmService } from '../workflow/fsm-service.js';
import { KillWatch } from '../workflow/kill-watch.js';
import { Pauses } from '../workflow/pauses.js';
import { Reports } from '../workflow/reports.js';
import { SuspectWatch } from '../workflow/suspect-watch.js';
import { Sweep } from '../workflow/sweep.js';
import type { BuildFacts } from './build-facts.js';
import type { Outside } from './outside.js';

interface Closing {
  readonly name: string;
  close(): Promise<void>;
}
/** A store that is away at the start is tried again after this. */
const STORE_RETRY_MS = 5_000;
/** Each step of the shutdown gets this long; all of it stays well under the 15 s of a pod's grace. */
const STEP_TIMEOUT_MS = 4_000;

/**
 * The running operator: start order, the loops, and the stop in reverse. It stops by itself when another process has
 * taken over: `ended` resolves with the reason.
 */
export class Operator {
  readonly #closings: Closing[] = [];
  readonly #stop = new AbortController();
  readonly #logger: Logger;
  #resolveEnded: (why: string) => void = () => {};
  /** Resolves when the operator can not go on (fenced off): the process must exit and let itself be restarted. */
  readonly ended = new Promise<string>((resolve) => {
    this.#resolveEnded = resolve;
  });
  /** Undefined until the loops run. */
  #loopBeat: number | undefined;

  constructor(
    private readonly config: OperatorConfig,
    private readonly outside: Outside,
    private readonly container: Container,
    private readonly build: BuildFacts,
  ) {
    this.#logger = outside.logger;
  }

  /** Becomes the writer, resumes what is open and owed, and lets the loops run. Throws when store or audit log are not to be had. */
  async start(): Promise<void> {
    const { clock, audit, bus } = this.outside;
    const { lost, isHeld } = await this.#becomeWriter();
    this.container.get(EffectGate).writesWhile(isHeld);
    this.outside.metrics.writer(true);
    lost.addEventListener('abort', () => this.#fenced(asOperatorError(lost.reason).message));
    await audit.append({
      subject: `operator/${this.config.instance}`,
      kind: 'configuration',
      at: clock.now(),
      actor: 'operator',
      text: `started, version ${this.build.version} (${this.build.commit})`,
      facts: this.#startFacts(),
    });
    const service = this.container.get(FsmService);
    const baselines = this.container.get(Baselines);
    await Promise.all([this.container.get(Pauses).load(), baselines.load(clock.now())]);
    const letLoose = ENVIRONMENTS.filter((name) => baselines.wasOff(name) && !isOff(this.config, name));
    await baselines.beginAnew(letLoose, clock.now());
    const ids = await service.load();
    const controller = this.container.get(FsmController);
    for (const name of EVENT_NAMES) bus.subscribe(name, (event) => controller.hear(event));
    this.#closing('controller', () => controller.halt());
    for (const id of ids) controller.nudge(id);
    this.#startLoops();
    this.#logger.info('operator started', {
      version: this.build.version,
      instance: this.config.instance,
      resumed: ids.length,
      ...this.#startFacts(),
    });
  }

  /** Ends a start that waits for the store; afterwards `start` throws, and `stop` remains to be called. */
  async interruptStart(): Promise<void> {
    this.#stop.abort();
    await this.outside.store.disconnect();
  }
  /** Something to close at the stop, before everything that was started earlier. */
  onStop(name: string, close: () => Promise<void>): void {
    this.#closing(name, close);
  }
  /** The sweep has run lately: false only when the loop itself stands still. A start that waits for the store is no reason. */
  isAlive(): boolean {
    return this.#loopBeat === undefined || this.outside.clock.monotonic() - this.#loopBeat < 60_000;
  }
  /** Started and not stopping: questions and orders make sense. */
  get isServing(): boolean {
    return this.#loopBeat !== undefined && !this.#stop.signal.aborted;
  }

  /** Stops intake, ends the steps in progress, saves, closes in reverse. Within 15 s whatever hangs. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.container.get(Reports).stop();
    this.container.get(Announcements).stop();
    for (const closing of this.#closings.toReversed()) await this.#closeOne(closing.name, () => closing.close());
    await this.#closeOne('event bus', () => this.outside.bus.close());
    await this.#closeOne('audit log', () => this.outside.audit.close());
    await this.#closeOne('state store', () => this.outside.store.disconnect());
    this.outside.metrics.writer(false);
    await this.#closeOne('upstreams', () => this.outside.close());
    this.#logger.info('operator stopped');
  }

  #startLoops(): void {
    const { clock } = this.outside;
    const { signal } = this.#stop;
    const brake = this.container.get(BrakeWatch);
    const watch = this.container.get(SuspectWatch);
    const sweep = this.container.get(Sweep);
    const policies = this.container.get(PolicyBook);
    const timing = (): OperatorConfig['timing'] => policies.config.timing;
    this.#loopBeat = clock.monotonic();
    const loops = [
      watch.run(signal),
      everyInterval(
        clock,
        () => timing().sweepInterval,
        async () => {
          this.#loopBeat = clock.monotonic();
          sweep.run();
        },
        signal,
      ),
      everyInterval(
        clock,
        () => timing().HEALTH_CHECK_INTERVAL,
        async () => this.#lookAround(brake),
        signal,
      ),
    ];
    const running = Promise.all(loops).then(
      () => undefined,
      (error: unknown) => {
        this.#logger.error('a loop of the operator died', { error });
        this.#resolveEnded('a loop of the operator died');
      },
    );
    this.#closing('loops', () => running);
  }
  async #lookAround(brake: BrakeWatch): Promise<void> {
    brake.look();
    try {
      await this.container.get(KillWatch).look();
    } catch (error) {
      // The store is away: the next look makes up for it.
      this.#logger.warn('that the kill file came or went could not be stored yet; it holds', {
        error: asOperatorError(error),
      });
    }
    await this.#noteModes();
    const remaining = this.outside.sourceControl.rateLimitRemaining();
    if (remaining !== undefined) this.outside.metrics.githubRateLimitRemaining(remaining);
  }
  /** Which environments are off: a restart may be what lets one of them loose. */
  async #noteModes(): Promise<void> {
    const { config } = this.container.get(PolicyBook);
    try {
      await this.container.get(Baselines).noteModes((name) => isOff(config, name), this.outside.clock.now());
    } catch (error) {
      this.#logger.warn('which environments are off could not be stored yet', { error: asOperatorError(error) });
    }
  }
  /** Waits aloud as long as the store is away: without it nothing may be done, and a restart would not bring it back. */
  async #becomeWriter(): Promise<WriterTerm> {
    const { clock, store } = this.outside;
    for (;;) {
      // It may be there now and gone when the store comes.
      this.container.get(KillWatch).engaged();
      try {
        return await store.takeOver(this.config.instance);
      } catch (thrown) {
        const error = asOperatorError(thrown);
        if (error.category !== 'transient' || this.#stop.signal.aborted) throw error;
        this.#logger.error('the state store is not to be had; nothing is done until it is', { error });
        await clock.sleep(STORE_RETRY_MS, this.#stop.signal);
      }
    }
  }
  #fenced(why: string): void {
    this.outside.metrics.writer(false);
    if (this.#stop.signal.aborted) return;
    this.container.get(EffectGate).shut('not-the-writer');
    this.#logger.error('no longer the writer of the state store; nothing is done any more', { why });
    void this.container.get(FsmController).halt();
    this.#resolveEnded(why);
  }
  #startFacts(): Readonly<Record<string, unknown>> {
    return {
      store: this.config.store.kind,
      bus: this.config.bus.kind,
      development: this.config.development,
      modes: Object.fromEntries(Object.entries(this.config.environments).map(([name, e]) => [name, e?.mode])),
    };
  }
  #closing(name: string, close: () => Promise<void>): void {
    this.#closings.push({ name, close });
  }
  async #closeOne(name: string, close: () => Promise<void>): Promise<void> {
    const timeout = new AbortController();
    try {
      await Promise.race([
        close(),
        this.outside.clock
          .sleep(STEP_TIMEOUT_MS, timeout.signal)
          .then(() => this.#logger.warn('a step of the shutdown took too long and was left', { step: name })),
      ]);
    } catch (error) {
      this.#logger.warn('a step of the shutdown failed', { step: name, error: asOperatorError(error) });
    } finally {
      timeout.abort();
    }
  }
}
