import { expect } from 'chai';
import { OperatorError, type ErrorCategory } from '../../src/base/errors.js';
import type { ApplicationKey } from '../../src/model/application.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { OpenAttempt, RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { FsmController, type Modules } from '../../src/workflow/fsm-controller.js';
import { Agenda } from '../../src/workflow/agenda.js';
import { CurrentPolicy } from '../../src/workflow/current-policy.js';
import { FleetView } from '../../src/workflow/fleet-view.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { put } from '../contract/store-under-test.js';
import { attemptAt, attemptId, attemptIn, SHOP, T0 } from '../support/attempts.js';
import { never } from '../support/fakes/call-hooks.js';
import { flush } from '../support/manual-clock.js';
import { checkOf, eventOf } from '../support/observations.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';
import { Life } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

const MINUTE = 60_000;
const WAIT: Outcome = { kind: 'wait', lookAgainAt: T0 + MINUTE, why: 'not yet' };
const ABORT: Outcome = { kind: 'abort', reason: 'no-candidate', why: 'none' };

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

describe('the controller', () => {
  let world: OperatorWorld;
  let life: Life;
  let store: ReturnType<OperatorWorld['store']>;
  let service: FsmService;
  let agenda: Agenda;
  let modules: ScriptedModules;
  let controller: FsmController;
  let policies: PolicyBook;
  let moves: string[];
  let served: (a: RollbackAttempt) => { kind: 'nothing-owed' } | { kind: 'not-yet'; lookAgainAt: number };
  beforeEach(async () => {
    world = new OperatorWorld();
    life = new Life();
    store = world.store();
    await store.takeOver('test');
    service = new FsmService(world.clock, life.port('store', store), life.port('audit', world.audit));
    agenda = new Agenda();
    modules = new ScriptedModules();
    policies = new PolicyBook(operatorConfig(), sameRepositoryUrl);
    moves = [];
    served = () => ({ kind: 'nothing-owed' });
    controller = new FsmController(
      world.clock,
      life.port('store', store),
      service,
      agenda,
      modules,
      { before: () => undefined, after: (_a: OpenAttempt, o: Outcome) => o } as never,
      new CurrentPolicy(policies, new FleetView(policies)),
      { serve: async (a: RollbackAttempt) => served(a) } as never,
      { moved: (m) => void moves.push(m.kind === 'moved' ? m.to.state : m.kind) },
      world.logger,
    );
  });
  afterEach(async () => {
    life.dead = true;
    void controller.halt();
    await flush(1);
  });
  const stored = async (a: RollbackAttempt = attemptAt('waiting-for-ci')): Promise<void> => {
    await put(store, a);
    await service.load();
    life.calls.length = 0;
  };
  const nudge = async (): Promise<void> => {
    controller.nudge(attemptId());
    await flush(3);
  };
  const tick = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      await world.clock.advance(1_000, 2);
      controller.sweep();
      await flush(2);
    }
  };
  const throwing = (category: ErrorCategory, code = 'UPSTREAM', more: object = {}) => () => {
    throw new OperatorError(code, category, 'because', more);
  };

  it('asks the module of an attempt once per nudge, and stores nothing for a wait', async () => {
    await stored();
    await nudge();
    expect([modules.asked, life.calls, agenda.dueAt(attemptId())]).to.deep.equal([['PRCreated/waiting-for-ci'], ['store.checks'], T0 + MINUTE]);
  });
  it('moves as long as there is something to do, telling of each transition, then rests', async () => {
    await stored(attemptAt('resolving'));
    modules.answer = (_a, n) => (n < 3 ? { kind: 'step', step: attemptAt('resolving').step, why: 'again' } : ABORT);
    await nudge();
    expect([modules.asked.length, moves, world.standing()]).to.deep.equal([3, ['DegradationDetected', 'DegradationDetected', 'Abort'], 'Abort/no-candidate']);
  });
  it('takes one step at a time: nudges during a step are one more look after it', async () => {
    await stored();
    let release = (): void => {};
    modules.answer = (_a, n) => (n === 1 ? new Promise((resolve) => (release = () => resolve(WAIT))) : WAIT);
    await nudge();
    for (let i = 0; i < 5; i++) controller.nudge(attemptId());
    await flush(2);
    expect(modules.asked).to.have.length(1);
    release();
    await flush(3);
    expect(modules.asked).to.have.length(2);
  });
  it('a sweep during a long step does not ask for another look', async () => {
    await stored();
    modules.answer = async (_a, n) => {
      if (n === 1) await world.clock.sleep(10_000);
      return { ...WAIT, lookAgainAt: world.clock.now() + 5 * MINUTE };
    };
    agenda.set(attemptId(), T0);
    controller.sweep();
    await tick(60);
    expect(modules.asked).to.have.length(1);
  });
  it('attempts do not wait for each other', async () => {
    await put(store, attemptAt('waiting-for-ci'));
    await put(store, attemptAt('waiting-for-ci', { id: attemptId(2), application: 'argocd/cart' as ApplicationKey }));
    await service.load();
    modules.answer = (a) => (a.id === attemptId() ? never() : WAIT);
    controller.nudge(attemptId());
    controller.nudge(attemptId(2));
    await flush(3);
    expect(agenda.dueAt(attemptId(2))).to.equal(T0 + MINUTE);
  });
  it('sweeps what is due, and only that', async () => {
    await stored();
    modules.answer = () => ({ ...WAIT, lookAgainAt: world.clock.now() + 30_000 });
    agenda.set(attemptId(), T0 + 2_000);
    await tick(1);
    expect(modules.asked).to.have.length(0);
    await tick(30);
    expect(modules.asked).to.have.length(1);
    await tick(2);
    expect(modules.asked).to.have.length(2);
  });
  it('events wake an attempt only in the states that list them', async () => {
    await stored();
    controller.hear(eventOf('pr.created'));
    await flush(2);
    expect(modules.asked).to.have.length(0);
    controller.hear(eventOf('degradation.cleared'));
    await flush(2);
    expect(modules.asked).to.have.length(1);
  });
  it('an event about an attempt that nobody knows costs one read', async () => {
    await service.load();
    life.calls.length = 0;
    controller.hear(eventOf('degradation.detected'));
    await flush(2);
    expect([life.calls, modules.asked]).to.deep.equal([['store.load'], []]);
  });
  it('interruptions are asked before the module', async () => {
    await stored(attemptAt('waiting-for-ci', { stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
    await nudge();
    expect([modules.asked, world.standing()]).to.deep.equal([[], 'Abort/aborted-by-user']);
  });
  it('the module sees the policy as the configuration narrows it today; the stored one stays', async () => {
    await stored();
    policies.replace(operatorConfig({ environments: { staging: { ...STAGING, mode: 'propose' }, production: PRODUCTION } }));
    await nudge();
    expect([modules.seen[0]?.policy.mode, world.only().policy.mode]).to.deep.equal(['propose', 'auto']);
  });

  describe('when a look fails', () => {
    for (const category of ['transient', 'unknown', 'conflict', 'config'] as const) {
      it(`because of something ${category}, it looks again after 4, 8, ... s`, async () => {
        await stored();
        modules.answer = throwing(category);
        const at: number[] = [];
        for (let i = 0; i < 6; i++) {
          const before = world.clock.now();
          await nudge();
          at.push((agenda.dueAt(attemptId()) ?? 0) - before);
        }
        expect(at).to.deep.equal([4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        expect(world.standing()).to.equal('PRCreated/waiting-for-ci');
      });
    }
    it('obeys an upstream that asks for a longer pause', async () => {
      await stored();
      modules.answer = throwing('transient', 'UPSTREAM', { retryAfterMs: 90_000 });
      await nudge();
      expect(agenda.dueAt(attemptId())).to.equal(T0 + 90_000);
    });
    it('a look that succeeds starts the pauses anew', async () => {
      await stored();
      modules.answer = (_a, n) => (n === 3 ? WAIT : throwing('transient')());
      for (let i = 0; i < 4; i++) await nudge();
      expect(agenda.dueAt(attemptId())).to.equal(T0 + 4_000);
    });
    for (const [category, code, reason] of [['denied', 'FORBIDDEN', 'denied'], ['terminal', 'BROKEN', 'internal'], ['bug', 'OOPS', 'internal'], ['terminal', 'ARGOCD_NOT_FOUND', 'application-gone']] as const) {
      it(`${code} (${category}) ends it as ${reason}`, async () => {
        await stored();
        modules.answer = throwing(category, code);
        await nudge();
        expect(world.standing()).to.equal(`Abort/${reason}`);
      });
    }
    it('an error that nobody classified ends it as internal', async () => {
      await stored();
      modules.answer = () => {
        throw new TypeError('x is not a function');
      };
      await nudge();
      expect(world.standing()).to.equal('Abort/internal');
    });
    it('a cancelled look changes nothing, and is repeated', async () => {
      await stored();
      modules.answer = (_a, n) => (n === 1 ? throwing('cancelled')() : WAIT);
      await nudge();
      expect(world.standing()).to.equal('PRCreated/waiting-for-ci');
      await tick(2);
      expect(modules.asked).to.have.length(2);
    });
  });

  describe('when the store or the audit log fails', () => {
    for (const [what, code] of [['store.checks', 'STORE_UNAVAILABLE'], ['store.close', 'STORE_UNAVAILABLE'], ['audit.append', 'AUDIT_UNWRITABLE']] as const) {
      it(`in ${what}, the attempt is held, nothing is aborted, and it goes on when that is over`, async () => {
        await stored();
        modules.answer = () => ABORT;
        life.before = (call) => {
          if (call === what) throw new OperatorError(code, 'transient', 'away');
        };
        await nudge();
        await tick(10 * 60);
        expect([world.standing(), controller.trouble]).to.deep.equal(['PRCreated/waiting-for-ci', `${code}: away`]);
        life.before = () => {};
        await tick(2);
        expect([world.standing(), controller.trouble, moves]).to.deep.equal(['Abort/no-candidate', undefined, ['Abort']]);
      });
    }
    it('a module that meets it does not end the attempt either', async () => {
      await stored();
      modules.answer = throwing('transient', 'STORE_UNAVAILABLE');
      await nudge();
      expect([world.standing(), controller.trouble]).to.deep.equal(['PRCreated/waiting-for-ci', 'STORE_UNAVAILABLE: because']);
    });
    it('a deadline that passes meanwhile is judged by one fresh look afterwards: what has come true counts', async () => {
      await stored();
      life.before = (call) => {
        if (call === 'store.checks') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'away');
      };
      await nudge();
      await tick(20 * 60);
      life.before = () => {};
      modules.answer = (a) => (a.state === 'PRCreated' ? { kind: 'advance', to: 'AwaitingMergeApproval', with: { step: { name: 'deciding' } }, why: 'CI succeeded' } : WAIT);
      await tick(2);
      expect(world.standing()).to.equal('AwaitingMergeApproval/deciding');
    });
  });

  it('reads the store again after a conflict, and decides anew', async () => {
    await stored();
    let once = true;
    modules.answer = () => ABORT;
    life.before = async (call) => {
      if (call !== 'store.close' || !once) return;
      once = false;
      const at = await store.load(attemptId());
      if (at !== undefined) await store.save({ ...at.value, version: at.value.version + 1, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } } as RollbackAttempt, at.revision);
    };
    await nudge();
    expect(world.standing()).to.equal('Abort/aborted-by-user');
    expect(moves).to.deep.equal(['Abort']);
  });
  it('a closed attempt is served until nothing is owed, and then forgotten by the agenda', async () => {
    await stored(attemptIn('Abort', { aftercare: { owed: ['reports'], until: T0 + MINUTE } }));
    served = () => ({ kind: 'not-yet', lookAgainAt: T0 + 5_000 });
    await nudge();
    expect(agenda.dueAt(attemptId())).to.equal(T0 + 5_000);
    served = () => ({ kind: 'nothing-owed' });
    await nudge();
    expect([agenda.dueAt(attemptId()), modules.asked]).to.deep.equal([undefined, []]);
  });
  it('halts: starts nothing new, and resolves when the step in progress has ended', async () => {
    await stored();
    let release = (): void => {};
    modules.answer = () => new Promise((resolve) => (release = () => resolve(ABORT)));
    await nudge();
    const halted = controller.halt();
    controller.nudge(attemptId());
    release();
    await halted;
    expect([modules.asked.length, world.standing()]).to.deep.equal([1, 'PRCreated/waiting-for-ci']);
  });
  it('a stop during a step is obeyed by the next look, before the module is asked again', async () => {
    await stored();
    modules.answer = async () => {
      const at = await service.find(attemptId());
      if (at !== undefined) await service.amend(at, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
      controller.nudge(attemptId());
      return WAIT;
    };
    await nudge();
    expect([modules.asked.length, world.standing()]).to.deep.equal([1, 'Abort/aborted-by-user']);
  });
  it('health for a minute ends any attempt as recovered without asking its module', async () => {
    await stored();
    for (let i = 0; i < 7; i++) await store.recordCheck(SHOP, checkOf('Healthy', { at: T0 + i * 10_000 }));
    await nudge();
    expect([modules.asked, world.standing()]).to.deep.equal([[], 'Abort/recovered']);
  });
});
