import type { BadVersion, OpenAttempt, StepName } from '../../src/model/rollback-attempt.js';
import { Itinerary } from '../../src/stages/itinerary.js';
import { settle } from '../../src/workflow/settle.js';
import { SHOP } from './attempt-parts.js';
import { attemptAt, type AttemptAt } from './attempts.js';
import { OperatorProcess } from './operator-process.js';
import { OperatorWorld } from './operator-world.js';
import { SHOP_SETTINGS } from './snapshots.js';

/**
 * One broken application, and attempts about it whose revisions, contents and plans are real. No workflow runs: a module is
 * handed an attempt and answers.
 */
export class ShopCase {
  readonly world = new OperatorWorld();
  readonly process: OperatorProcess;
  readonly signal = new AbortController().signal;
  bad = '';
  good = '';
  constructor(prepare: (world: OperatorWorld) => void = () => {}) {
    prepare(this.world);
    this.process = new OperatorProcess(this.world);
  }
  /** Takes over the store, breaks the application, and has seen it Degraded three times. */
  async degrade(): Promise<this> {
    const { world } = this;
    await this.process.outside.store.takeOver('test');
    world.install();
    this.good = world.github.git.head();
    await world.clock.advance(60_000, 1);
    this.bad = world.breakDown();
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(10_000, 1);
      await this.check('Degraded');
    }
    return this;
  }
  async check(health: 'Degraded' | 'Healthy', revision = this.bad): Promise<void> {
    const at = this.world.clock.now();
    await this.process.outside.store.recordCheck(SHOP, {
      at,
      intervalMs: 10_000,
      health,
      running: { revisions: [revision], settings: SHOP_SETTINGS },
    });
  }
  /** The attempt as it is confirmed. */
  confirmed(overrides: Partial<AttemptAt<'resolving'>> = {}): AttemptAt<'resolving'> {
    const now = this.world.clock.now();
    const bad: BadVersion = { revisions: [this.bad], settings: SHOP_SETTINGS, deployedAt: now - 30_000 };
    return attemptAt('resolving', {
      bad,
      onset: now - 30_000,
      openedAt: now - 20_000,
      enteredAt: now - 20_000,
      ...overrides,
    });
  }
  /** Leads the confirmed attempt through the modules until it stands at a step; effects on the way are real. */
  async at<N extends StepName>(step: N, start: OpenAttempt = this.confirmed()): Promise<AttemptAt<N>> {
    let a = start;
    for (let i = 0; i < 12 && a.step.name !== step; i++) {
      const outcome = await this.process.container.get(Itinerary).handle(a, this.signal);
      const settled = settle(a, outcome, this.world.clock.now());
      if (settled.kind !== 'move' || !('step' in settled.next))
        throw new Error(`stuck at ${a.step.name}: ${JSON.stringify(outcome).slice(0, 500)}`);
      a = settled.next;
    }
    if (a.step.name !== step) throw new Error(`stands at ${a.step.name}, not at ${step}`);
    return a as AttemptAt<N>;
  }
}
