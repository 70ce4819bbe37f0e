import { expect } from 'chai';
import type { ApplicationKey } from '../../src/model/application.js';
import type { RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { put } from '../contract/store-under-test.js';
import { attemptId, SHOP, T0 } from '../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../support/attempts.js';
import { never } from '../support/fakes/call-hooks.js';
import { ABORT, Hallway, WAIT } from '../support/hallway.js';
import { flush } from '../support/manual-clock.js';
import { checkOf, eventOf } from '../support/observations.js';
import { operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';

const MINUTE = 60_000;

describe('the controller', () => {
  let h: Hallway;
  beforeEach(async () => {
    h = await Hallway.create();
  });
  afterEach(() => h.close());

  it('asks the module of an attempt once per nudge, and stores nothing for a wait', async () => {
    await h.stored();
    await h.nudge();
    expect([h.modules.asked, h.life.calls, h.agenda.dueAt(attemptId())]).to.deep.equal([
      ['PRCreated/waiting-for-ci'],
      ['store.checks'],
      T0 + MINUTE,
    ]);
  });
  it('moves as long as there is something to do, telling of each transition, then rests', async () => {
    await h.stored(attemptAt('resolving'));
    h.modules.answer = (_a, n) => (n < 3 ? { kind: 'step', step: attemptAt('resolving').step, why: 'again' } : ABORT);
    await h.nudge();
    expect([h.modules.asked.length, h.moves, h.world.standing()]).to.deep.equal([
      3,
      ['DegradationDetected', 'DegradationDetected', 'Abort'],
      'Abort/no-candidate',
    ]);
  });
  it('takes one step at a time: nudges during a step are one more look after it', async () => {
    await h.stored();
    let release = (): void => {};
    h.modules.answer = (_a, n) => (n === 1 ? new Promise((resolve) => (release = () => resolve(WAIT))) : WAIT);
    await h.nudge();
    for (let i = 0; i < 5; i++) h.controller.nudge(attemptId());
    await flush(2);
    expect(h.modules.asked).to.have.length(1);
    release();
    await flush(3);
    expect(h.modules.asked).to.have.length(2);
  });
  it('a sweep during a long step does not ask for another look', async () => {
    await h.stored();
    h.modules.answer = async (_a, n) => {
      if (n === 1) await h.world.clock.sleep(10_000);
      return { ...WAIT, lookAgainAt: h.world.clock.now() + 5 * MINUTE };
    };
    h.agenda.set(attemptId(), T0);
    h.controller.sweep();
    await h.tick(60);
    expect(h.modules.asked).to.have.length(1);
  });
  it('a step that does not end is told of, once', async () => {
    await h.stored();
    h.modules.answer = () => never();
    h.agenda.set(attemptId(), T0);
    const told = (): number =>
      h.world.logger.lines.filter((line) => line.message.startsWith('a step does not end')).length;
    h.controller.sweep();
    await h.tick(299);
    expect(told()).to.equal(0);
    await h.tick(120);
    expect(told()).to.equal(1);
  });
  it('attempts do not wait for each other', async () => {
    await put(h.store, attemptAt('waiting-for-ci'));
    await put(h.store, attemptAt('waiting-for-ci', { id: attemptId(2), application: 'argocd/cart' as ApplicationKey }));
    await h.service.load();
    h.modules.answer = (a) => (a.id === attemptId() ? never() : WAIT);
    h.controller.nudge(attemptId());
    h.controller.nudge(attemptId(2));
    await flush(3);
    expect(h.agenda.dueAt(attemptId(2))).to.equal(T0 + MINUTE);
  });
  it('sweeps what is due, and only that', async () => {
    await h.stored();
    h.modules.answer = () => ({ ...WAIT, lookAgainAt: h.world.clock.now() + 30_000 });
    h.agenda.set(attemptId(), T0 + 2_000);
    await h.tick(1);
    expect(h.modules.asked).to.have.length(0);
    await h.tick(30);
    expect(h.modules.asked).to.have.length(1);
    await h.tick(2);
    expect(h.modules.asked).to.have.length(2);
  });
  it('events wake an attempt only in the states that list them', async () => {
    await h.stored();
    h.controller.hear(eventOf('pr.created'));
    await flush(2);
    expect(h.modules.asked).to.have.length(0);
    h.controller.hear(eventOf('degradation.cleared'));
    await flush(2);
    expect(h.modules.asked).to.have.length(1);
  });
  it('an event about an attempt that nobody knows costs one read', async () => {
    await h.service.load();
    h.life.calls.length = 0;
    h.controller.hear(eventOf('degradation.detected'));
    await flush(2);
    expect([h.life.calls, h.modules.asked]).to.deep.equal([['store.load'], []]);
  });
  it('interruptions are asked before the module', async () => {
    await h.stored(attemptAt('waiting-for-ci', { stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
    await h.nudge();
    expect([h.modules.asked, h.world.standing()]).to.deep.equal([[], 'Abort/aborted-by-user']);
  });
  it('the module sees the policy as the configuration narrows it today; the stored one stays', async () => {
    await h.stored();
    h.policies.replace(
      operatorConfig({ environments: { staging: { ...STAGING, mode: 'propose' }, production: PRODUCTION } }),
    );
    await h.nudge();
    expect([h.modules.seen[0]?.policy.mode, h.world.only().policy.mode]).to.deep.equal(['propose', 'auto']);
  });

  it('reads the store again after a conflict, and decides anew', async () => {
    await h.stored();
    let once = true;
    h.modules.answer = () => ABORT;
    h.life.before = async (call) => {
      if (call !== 'store.close' || !once) return;
      once = false;
      const at = await h.store.load(attemptId());
      if (at !== undefined)
        await h.store.save(
          {
            ...at.value,
            version: at.value.version + 1,
            stop: { by: 'ada', via: 'cli', why: 'no', at: T0 },
          } as RollbackAttempt,
          at.revision,
        );
    };
    await h.nudge();
    expect(h.world.standing()).to.equal('Abort/aborted-by-user');
    expect(h.moves).to.deep.equal(['Abort']);
  });
  it('a closed attempt is served until nothing is owed, and then forgotten by the agenda', async () => {
    await h.stored(attemptIn('Abort', { aftercare: { owed: ['reports'], until: T0 + MINUTE } }));
    h.served = () => ({ kind: 'not-yet', lookAgainAt: T0 + 5_000 });
    await h.nudge();
    expect(h.agenda.dueAt(attemptId())).to.equal(T0 + 5_000);
    h.served = () => ({ kind: 'nothing-owed' });
    await h.nudge();
    expect([h.agenda.dueAt(attemptId()), h.modules.asked]).to.deep.equal([undefined, []]);
  });
  it('halts: starts nothing new, and resolves when the step in progress has ended', async () => {
    await h.stored();
    let release = (): void => {};
    h.modules.answer = () => new Promise((resolve) => (release = () => resolve(ABORT)));
    await h.nudge();
    const halted = h.controller.halt();
    h.controller.nudge(attemptId());
    release();
    await halted;
    expect([h.modules.asked.length, h.world.standing()]).to.deep.equal([1, 'PRCreated/waiting-for-ci']);
  });
  it('a stop during a step is obeyed by the next look, before the module is asked again', async () => {
    await h.stored();
    h.modules.answer = async () => {
      const at = await h.service.find(attemptId());
      if (at !== undefined)
        await h.service.amend(at, (a) => ({ ...a, stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }));
      h.controller.nudge(attemptId());
      return WAIT;
    };
    await h.nudge();
    expect([h.modules.asked.length, h.world.standing()]).to.deep.equal([1, 'Abort/aborted-by-user']);
  });
  it('health for a minute ends any attempt as recovered without asking its module', async () => {
    await h.stored();
    for (let i = 0; i < 7; i++) await h.store.recordCheck(SHOP, checkOf('Healthy', { at: T0 + i * 10_000 }));
    await h.nudge();
    expect([h.modules.asked, h.world.standing()]).to.deep.equal([[], 'Abort/recovered']);
  });
});
