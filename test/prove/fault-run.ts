import { OperatorError } from '../../src/base/errors.js';
import { human } from '../support/fakes/fake-github.js';
import { pauseOf } from '../support/observations.js';
import { OperatorProcess, type Deliver } from '../support/operator-process.js';
import { manifestPath } from '../support/operator-world.js';
import { SHOP } from '../support/attempt-parts.js';
import type { Fault, FaultPlan } from './fault-plan.js';
import { FaultWorld } from './fault-world.js';
import { Judge, MOST_CALLS } from './judge.js';

const STEP_MS = 10_000;
const MOST_STEPS = 400;
const QUIET_STEPS = 2;
const CALLS_OF_A_STALL = 25;
/** A daemon that was fenced off is gone by then, whatever hangs. */
const SHUTDOWN_MS = 15_000;
const UPSTREAM = /^(?:github|argocd|kubernetes|prometheus)\./;
const CHECK = { name: 'validate', kind: 'check-run' } as const;

export interface RunReport {
  readonly violations: readonly string[];
  /** Faults that struck something. */
  readonly injected: number;
  readonly calls: number;
  readonly effects: number;
  readonly succeeded: boolean;
  readonly states: readonly string[];
}

/** One degradation under one schedule, to its end. */
export class FaultRun {
  readonly world: FaultWorld;
  readonly judge: Judge;
  readonly #due: Map<number, Fault>;
  readonly #processes: OperatorProcess[] = [];
  readonly #wake: { readonly process: OperatorProcess; readonly atCall: number; readonly go: () => void }[] = [];
  readonly #lastDue: number;
  readonly #started = new WeakSet<OperatorProcess>();
  #injected = 0;
  #pushes = 0;
  constructor(private readonly plan: FaultPlan) {
    this.world = new FaultWorld(plan);
    this.judge = new Judge(this.world);
    let at = 0;
    const scale = plan.counted === 'writes' ? 10 : 1;
    this.#due = new Map(plan.faults.map(([gap, fault]) => [(at += Math.ceil(gap / scale)), fault]));
    this.#lastDue = at;
  }
  get #process(): OperatorProcess | undefined {
    return this.#processes.at(-1);
  }

  get #counted(): number {
    return this.plan.counted === 'writes' ? this.judge.writes : this.judge.calls;
  }

  async run(): Promise<RunReport> {
    const { world, judge } = this;
    await this.#start();
    await world.clock.advance(5_000, 1);
    world.breakDown();
    await this.#untilQuiet();
    for (const { go } of this.#wake.splice(0)) go();
    await world.clock.advance(STEP_MS, 1);
    // What arrived so late, or began at the last moment, comes to its end as well.
    if (!judge.ended()) await this.#untilQuiet();
    for (const process of this.#processes) process.kill();
    judge.judgeEnd();
    return {
      violations: judge.violations,
      injected: this.#injected,
      calls: judge.calls,
      effects: judge.effects,
      succeeded: world.attempts().some((a) => a.state === 'RollbackComplete'),
      states: world.attempts().map((a) => (a.state === 'Abort' ? a.reason : a.state)),
    };
  }
  async #untilQuiet(): Promise<void> {
    const { world, judge } = this;
    let quiet = 0;
    for (let i = 0; i < MOST_STEPS && quiet < QUIET_STEPS && judge.violations.length === 0; i++) {
      await world.clock.advance(STEP_MS, 1);
      this.#endFenced();
      if (this.#process?.life.dead !== false) await this.#start();
      const spent = this.#counted > this.#lastDue || i > 60;
      if (spent) await this.#mend();
      const still = judge.ended();
      quiet = still && world.attempts().length > 0 && (!this.plan.long || i > 60) ? quiet + 1 : 0;
      if (i > 90 && still) break;
    }
  }
  /** One that stands still cannot exit: it is given the same time after it goes on. */
  #endFenced(): void {
    const now = this.world.clock.now();
    for (const process of this.#processes) {
      if (process.fencedAt === undefined || process.life.dead) continue;
      if (this.#wake.some((w) => w.process === process)) process.fencedAt = now;
      else if (now - process.fencedAt >= SHUTDOWN_MS) process.kill();
    }
  }
  /** The faults are over: what people and machines hold back by themselves is given free. */
  async #mend(): Promise<void> {
    const { world } = this;
    this.#due.clear();
    world.killSwitch.pause = undefined;
    world.skewMs = 0;
    world.syncs = true;
    world.github.ci = [{ ...CHECK, state: 'success', conclusion: 'success' }];
    if (world.shelf.pauses.size > 0) await this.#process?.pauses.lift('operator').catch(() => undefined);
  }

  async #start(): Promise<void> {
    const process = new OperatorProcess(this.world, deliveryOf(this.plan.events));
    this.world.observe(process);
    const started = (): boolean => this.#started.has(process);
    let lost = '';
    process.life.watch = this.judge.watch(process);
    process.life.before = (call, args) => {
      this.judge.judgeCall(call, args, process);
      if (this.judge.calls >= MOST_CALLS) process.life.dead = true;
      for (const w of this.#wake.splice(0)) {
        if (w.atCall > this.judge.calls) this.#wake.push(w);
        else w.go();
      }
      const fault = this.#due.get(this.#counted);
      if (fault === undefined) return undefined;
      this.#due.delete(this.#counted);
      this.#injected += 1;
      if (fault === 'lost') lost = call;
      else if (fault === 'crash-after') process.life.after = () => void (process.life.dead = true);
      else if (fault === 'stall') return started() ? this.#stall(process) : undefined;
      else this.#strike(fault, call, process);
      return undefined;
    };
    process.life.after = (call) => {
      if (call !== lost) return;
      lost = '';
      const what = call.startsWith('store.') ? 'STORE' : call.startsWith('audit.') ? 'AUDIT' : 'UPSTREAM';
      throw new OperatorError(`${what}_ANSWER_LOST`, 'unknown', 'the answer was lost');
    };
    this.#processes.push(process);
    // A fault may strike the start itself: then it is started again, as a supervisor would.
    const start = async (): Promise<void> => {
      try {
        await process.start();
        this.#started.add(process);
      } catch {
        process.kill();
      }
    };
    await Promise.race([start(), this.#untilDead(process)]);
  }
  /** Starting takes a few turns; a start whose calls are never answered is given up. */
  async #untilDead(process: OperatorProcess): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    if (process.life.dead) process.kill();
  }
  /** The process stands still before this call; another one takes over; later the call goes out all the same. */
  #stall(process: OperatorProcess): Promise<void> {
    const { promise, resolve } = withResolvers();
    this.#wake.push({
      process,
      atCall: this.judge.calls + CALLS_OF_A_STALL,
      go: () => {
        this.judge.arrivesLate();
        resolve();
      },
    });
    this.#succeed(process);
    return promise;
  }
  #succeed(process: OperatorProcess): void {
    if (process === this.#process) void this.#start();
  }

  #strike(fault: Exclude<Fault, 'lost' | 'crash-after' | 'stall'>, call: string, process: OperatorProcess): void {
    const { world } = this;
    const { github } = world;
    const [pr] = github.open();
    switch (fault) {
      case 'refused':
        if (UPSTREAM.test(call)) throw new OperatorError('UPSTREAM_DOWN', 'transient', '503');
        return;
      case 'limited':
        if (UPSTREAM.test(call))
          throw new OperatorError('UPSTREAM_LIMITED', 'transient', '429', { retryAfterMs: 20_000 });
        return;
      case 'store-away':
        if (call.startsWith('store.')) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no route');
        return;
      case 'audit-away':
        if (call.startsWith('audit.')) throw new OperatorError('AUDIT_UNWRITABLE', 'transient', 'disk full');
        return;
      case 'crash-before':
        process.life.dead = true;
        return;
      case 'take-over':
        if (this.#started.has(process)) this.#succeed(process);
        return;
      case 'stale':
        world.stale = true;
        return;
      case 'clock-forward':
        this.judge.clockJumps();
        world.skewMs += 45_000;
        return;
      case 'clock-back':
        this.judge.clockJumps();
        world.skewMs -= 45_000;
        return;
      case 'abort':
        for (const a of process.service.open()) process.abort(a.id).catch(() => undefined);
        return;
      case 'close':
        if (pr !== undefined) github.close(pr.number, human('dev'));
        return;
      case 'merge':
        if (pr !== undefined) github.merge(pr.number, human('dev'));
        return;
      case 'push-base':
        github.git.push('main', { [manifestPath('shop')]: `shop: bad v${++this.#pushes}\n` });
        return;
      case 'push-elsewhere':
        github.git.push('main', { 'docs/readme.md': `${++this.#pushes}\n` });
        return;
      case 'push-branch':
        if (pr !== undefined) github.git.push(pr.headBranch, { [manifestPath('shop')]: `shop: v${++this.#pushes}\n` });
        return;
      case 'kill-switch':
        world.killSwitch.pause = world.killSwitch.pause === undefined ? pauseOf({ kill: true }) : undefined;
        return;
      case 'pause':
        process.pauses.set(pauseOf({ scope: 'operator' })).catch(() => undefined);
        return;
      case 'healthy':
        world.health(SHOP, 'Healthy');
        return;
      case 'unknown':
        world.health(SHOP, world.argocd.get(SHOP).health === 'Degraded' ? 'Unknown' : 'Degraded');
        return;
      case 'ci-red':
        github.ci = [{ ...CHECK, state: 'failure', conclusion: 'failure' }];
        return;
      case 'ci-pending':
        github.ci = [{ ...CHECK, state: 'pending', conclusion: 'pending' }];
        return;
      case 'ci-none':
        github.ci = [];
        return;
      case 'ci-green':
        github.ci = [{ ...CHECK, state: 'success', conclusion: 'success' }];
        return;
      case 'not-synced':
        world.syncs = false;
    }
  }
}

const withResolvers = (): { readonly promise: Promise<void>; readonly resolve: () => void } => {
  let resolve = (): void => {};
  const promise = new Promise<void>((r) => {
    resolve = r;
  });
  return { promise, resolve };
};
function deliveryOf(events: FaultPlan['events']): Deliver {
  switch (events) {
    case 'all':
      return (_event, send) => send();
    case 'none':
      return () => {};
    case 'scrambled': {
      // Keeps each until six are there, then sends each three times, newest first.
      const held: (() => void)[] = [];
      return (_event, send) => {
        held.unshift(send, send, send);
        if (held.length >= 18) for (const late of held.splice(0)) late();
      };
    }
  }
}
