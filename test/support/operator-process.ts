import { createContainer } from '../../src/app/container.js';
import { everyInterval } from '../../src/base/clock.js';
import { asOperatorError, OperatorError } from '../../src/base/errors.js';
import { EVENT_NAMES, type OperatorEvent } from '../../src/model/events.js';
import type { AttemptId, StopRequest } from '../../src/model/rollback-attempt.js';
import { pullRequestBody, pullRequestTitle } from '../../src/stages/4-proposal/pull-request-body.js';
import { isOff } from '../../src/config/operator-config.js';
import { ENVIRONMENTS, type Environment } from '../../src/model/policy.js';
import { Baselines } from '../../src/workflow/baselines.js';
import { EffectGate } from '../../src/workflow/effect-gate.js';
import { FsmController } from '../../src/workflow/fsm-controller.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { HealthIntake } from '../../src/workflow/health-intake.js';
import { KillWatch } from '../../src/workflow/kill-watch.js';
import { Pauses } from '../../src/workflow/pauses.js';
import { SuspectWatch } from '../../src/workflow/suspect-watch.js';
import { Sweep } from '../../src/workflow/sweep.js';
import { Admission } from '../../src/workflow/admission.js';
import { CallHooks, never } from './fakes/call-hooks.js';
import { FakeSourceControl } from './fakes/fake-source-control.js';
import type { OperatorWorld } from './operator-world.js';

/** How an event gets from the bus to the controller: the test may lose, repeat or keep it. */
export type Deliver = (event: OperatorEvent, send: () => void) => void;

/** Sees each call when it is carried out; what it answers is told what came of it for the caller (undefined = no answer). */
export type CallWatch = (
  call: string,
  args: readonly unknown[],
) => (answer: { readonly value: unknown } | undefined) => void;
/** One life of the operator: everything it does outside itself passes here, and nothing does once it is dead. */
export class Life extends CallHooks {
  dead = false;
  watch: CallWatch = () => () => {};
  override async run<T>(call: string, act: () => T | Promise<T>, args: readonly unknown[] = []): Promise<T> {
    if (this.dead) return never();
    this.calls.push(call);
    await this.before(call, args);
    if (this.dead) return never();
    const ended = this.watch(call, args);
    let answer: { readonly value: T } | undefined;
    try {
      const value = await act();
      await this.after(call);
      answer = { value };
    } finally {
      ended(this.dead ? undefined : answer);
    }
    return this.dead ? never() : answer.value;
  }
  /** The same port, as this life sees it: `store.save`, `github.createBranch`, ... */
  port<P extends object>(name: string, port: P): P {
    return new Proxy(port, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          const signal = args.at(-1);
          // As every client of ours does: what was cancelled before it was sent is not sent.
          if (signal instanceof AbortSignal && signal.aborted && !this.dead)
            throw new OperatorError(
              'CANCELLED',
              'cancelled',
              `${name}.${String(key)} was cancelled before it was sent`,
            );
          return this.run(
            `${name}.${String(key)}`,
            () => (member as (...a: unknown[]) => unknown).apply(target, args),
            args,
          );
        };
      },
    });
  }
}

/** A running operator on a world, wired by the production container. */
export class OperatorProcess {
  readonly life = new Life();
  readonly sourceControl: FakeSourceControl;
  readonly container;
  readonly outside;
  readonly controller: FsmController;
  readonly service: FsmService;
  readonly gate: EffectGate;
  readonly intake: HealthIntake;
  readonly pauses: Pauses;
  readonly admission: Admission;
  readonly watch: SuspectWatch;
  /** When another process took over, by the world's clock; undefined = none has. */
  fencedAt: number | undefined;
  readonly #stop = new AbortController();

  constructor(
    private readonly world: OperatorWorld,
    private readonly deliver: Deliver = (_event, send) => send(),
  ) {
    this.sourceControl = new FakeSourceControl(world.github);
    const { life } = this;
    const outside = {
      clock: world.operatorClock(),
      logger: world.logger,
      argocd: life.port('argocd', world.argocd),
      sourceControl: life.port('github', this.sourceControl),
      kubernetes: life.port('kubernetes', world.kubernetes),
      metricsBackend: life.port('prometheus', world.prometheus),
      store: life.port('store', world.store()),
      bus: world.bus(),
      audit: life.port('audit', world.audit),
      notifier: life.port('notifier', world.notifier),
      killSwitch: world.killSwitch,
      metrics: world.metrics,
      renderMetrics: async () => ({ contentType: '', text: '' }),
      pulse: () => undefined,
      close: async () => {},
    };
    this.container = createContainer(world.config, outside, (view) => ({
      title: pullRequestTitle(view),
      body: pullRequestBody(view, {
        now: world.clock.now(),
        version: '0.1.0',
        instance: 'test',
        development: true,
        storeKind: 'memory',
      }),
    }));
    this.outside = outside;
    this.controller = this.container.get(FsmController);
    this.service = this.container.get(FsmService);
    this.gate = this.container.get(EffectGate);
    this.intake = this.container.get(HealthIntake);
    this.pauses = this.container.get(Pauses);
    this.admission = this.container.get(Admission);
    this.watch = this.container.get(SuspectWatch);
  }

  /** Takes over the store, reads what is open and owed, and runs both rhythms until it is killed. */
  async start(): Promise<this> {
    const { store, bus } = this.outside;
    const { lost } = await store.takeOver('test');
    lost.addEventListener('abort', () => this.#fenced());
    const baselines = this.container.get(Baselines);
    const startedAt = this.world.operatorClock().now() - 1;
    await baselines.load(startedAt);
    const off = (name: Environment): boolean => isOff(this.world.config, name);
    await baselines.beginAnew(
      ENVIRONMENTS.filter((name) => baselines.wasOff(name) && !off(name)),
      startedAt,
    );
    await baselines.noteModes(off, startedAt);
    await this.pauses.load();
    for (const name of EVENT_NAMES)
      bus.subscribe(name, (event) => this.deliver(event, () => this.controller.hear(event)));
    for (const id of await this.service.load()) this.controller.nudge(id);
    const { signal } = this.#stop;
    const sweep = this.container.get(Sweep);
    const killWatch = this.container.get(KillWatch);
    void this.watch.run(signal);
    void everyInterval(
      this.world.operatorClock(),
      () => this.world.config.timing.HEALTH_CHECK_INTERVAL,
      async () => killWatch.look().catch(() => undefined),
      signal,
    );
    void everyInterval(
      this.world.operatorClock(),
      () => this.world.config.timing.sweepInterval,
      async () => sweep.run(),
      signal,
    );
    return this;
  }
  /** As the daemon does: nothing is begun any more, and the process is about to exit. */
  #fenced(): void {
    this.fencedAt = this.world.clock.now();
    this.gate.shut('not-the-writer');
    void this.controller.halt();
  }
  /** As if the power went out: no call of this life is answered any more. */
  kill(): void {
    this.life.dead = true;
    this.#stop.abort(asOperatorError('killed'));
    void this.controller.halt();
  }
  /** A person's abort: stop flag, compare-and-set, nudge (semantics 10). */
  async abort(id: AttemptId, stop: Partial<StopRequest> = {}): Promise<void> {
    this.gate.stop(id);
    const at = await this.service.find(id);
    if (at === undefined) return;
    await this.service.amend(at, (a) => ({
      ...a,
      stop: { by: 'ada', via: 'cli', why: 'no', at: this.world.clock.now(), ...stop },
    }));
    this.controller.nudge(id);
  }
}
export const startOperator = (world: OperatorWorld, deliver?: Deliver): Promise<OperatorProcess> =>
  new OperatorProcess(world, deliver).start();
