import type { InMemoryStateStore } from '../../src/adapters/memory/in-memory-state-store.js';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { OpenAttempt, RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { Agenda } from '../../src/workflow/agenda.js';
import { CurrentPolicy } from '../../src/workflow/current-policy.js';
import { FleetView } from '../../src/workflow/fleet-view.js';
import { FsmController, type Modules } from '../../src/workflow/fsm-controller.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { put } from '../contract/store-under-test.js';
import { attemptId, T0 } from './attempt-parts.js';
import { attemptAt } from './attempts.js';
import { flush } from './manual-clock.js';
import { operatorConfig } from './operator-config.js';
import { Life } from './operator-process.js';
import { OperatorWorld } from './operator-world.js';

export const WAIT: Outcome = { kind: 'wait', lookAgainAt: T0 + 60_000, why: 'not yet' };
export const ABORT: Outcome = { kind: 'abort', reason: 'no-candidate', why: 'none' };

/** The modules as the test has them answer; remembers what they were asked about. */
class ScriptedModules implements Modules {
  readonly asked: string[] = [];
  readonly seen: OpenAttempt[] = [];
  answer: (a: OpenAttempt, n: number) => Outcome | Promise<Outcome> = () => WAIT;
  wakes(_attempt: OpenAttempt, name: string): boolean {
    return name !== 'pr.created';
  }
  async handle(a: OpenAttempt): Promise<Outcome> {
    this.asked.push(`${a.state}/${a.step.name}`);
    this.seen.push(a);
    return this.answer(a, this.asked.length);
  }
}

/** The controller alone: real store, service and agenda, scripted modules, an admission that holds nothing. */
export class Hallway {
  readonly world = new OperatorWorld();
  readonly life = new Life();
  readonly store: InMemoryStateStore = this.world.store();
  readonly agenda = new Agenda();
  readonly modules = new ScriptedModules();
  readonly policies = new PolicyBook(operatorConfig(), sameRepositoryUrl);
  /** States that were entered, as the listener was told. */
  readonly moves: string[] = [];
  readonly service: FsmService;
  readonly controller: FsmController;
  served: (a: RollbackAttempt) => { kind: 'nothing-owed' } | { kind: 'not-yet'; lookAgainAt: number } = () => ({
    kind: 'nothing-owed',
  });

  private constructor() {
    const { world, life, store, policies } = this;
    this.service = new FsmService(world.clock, life.port('store', store), life.port('audit', world.audit));
    this.controller = new FsmController(
      world.clock,
      life.port('store', store),
      this.service,
      this.agenda,
      this.modules,
      { before: () => undefined, after: (_a: OpenAttempt, o: Outcome) => o } as never,
      new CurrentPolicy(policies, new FleetView(policies)),
      { serve: async (a: RollbackAttempt) => this.served(a) } as never,
      { moved: (m) => void this.moves.push(m.kind === 'moved' ? m.to.state : m.kind) },
      world.logger,
    );
  }
  static async create(): Promise<Hallway> {
    const hallway = new Hallway();
    await hallway.store.takeOver('test');
    return hallway;
  }
  async close(): Promise<void> {
    this.life.dead = true;
    void this.controller.halt();
    await flush(1);
  }
  async stored(a: RollbackAttempt = attemptAt('waiting-for-ci')): Promise<void> {
    await put(this.store, a);
    await this.service.load();
    this.life.calls.length = 0;
  }
  async nudge(): Promise<void> {
    this.controller.nudge(attemptId());
    await flush(3);
  }
  /** Seconds that pass, each with its sweep. */
  async tick(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.world.clock.advance(1_000, 2);
      this.controller.sweep();
      await flush(2);
    }
  }
}
