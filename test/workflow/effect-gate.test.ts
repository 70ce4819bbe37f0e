import { expect } from 'chai';
import { OperatorError, type ErrorCategory } from '../../src/base/errors.js';
import type { Effect } from '../../src/model/effect.js';
import type { Pause } from '../../src/model/mark.js';
import type { Mode } from '../../src/model/policy.js';
import type { RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { EffectGate } from '../../src/workflow/effect-gate.js';
import { Pauses } from '../../src/workflow/pauses.js';
import { attemptId, POLICY, SHOP, T0 } from '../support/attempt-parts.js';
import { abortedFrom, attemptAt } from '../support/attempts.js';
import { failureOf } from '../support/failure.js';
import { FakeKillSwitch } from '../support/fakes/fake-outside.js';
import { MemoryAuditLog } from '../support/fakes/memory-audit-log.js';
import { ManualClock } from '../support/manual-clock.js';
import { pauseOf } from '../support/observations.js';
import { OperatorWorld } from '../support/operator-world.js';

const SIGNAL = new AbortController().signal;

/** A thing in the outside world, and how the gate looks for it and makes it. */
class Thing {
  readonly told: string[] = [];
  there = false;
  onLook: (n: number) => void = () => {};
  onAct: () => void | Promise<void> = () => {
    this.there = true;
  };
  #looks = 0;
  effect(kind: Effect<string>['kind'] = 'opening'): Effect<string> {
    return {
      id: `${attemptId()}:thing`,
      kind,
      text: 'make the thing',
      look: async () => {
        this.told.push('look');
        this.onLook(++this.#looks);
        return this.there ? 'the thing' : undefined;
      },
      act: async () => {
        this.told.push('act');
        await this.onAct();
      },
    };
  }
}

describe('the effect gate', () => {
  let audit: MemoryAuditLog;
  let pauses: Pauses;
  let killSwitch: FakeKillSwitch;
  let gate: EffectGate;
  let thing: Thing;
  const intent: RollbackAttempt = attemptAt('intent-pr');
  beforeEach(async () => {
    audit = new MemoryAuditLog();
    killSwitch = new FakeKillSwitch();
    const store = new OperatorWorld().store();
    await store.takeOver('test');
    pauses = new Pauses(store, killSwitch);
    gate = new EffectGate(new ManualClock(T0), audit, pauses);
    thing = new Thing();
  });
  const fail = (category: ErrorCategory, done: boolean) => (): void => {
    thing.there = done;
    throw new OperatorError('GITHUB_SAID', category, 'no');
  };

  it('looks, acts, looks again, and records the outcome', async () => {
    expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.deep.equal({
      kind: 'done',
      value: 'the thing',
      how: 'acted',
    });
    expect(thing.told).to.deep.equal(['look', 'act', 'look']);
    expect(audit.entries).to.deep.equal([
      {
        subject: `${attemptId()}:thing`,
        kind: 'outcome',
        at: T0,
        attempt: attemptId(),
        application: SHOP,
        actor: 'operator',
        text: 'done: make the thing',
      },
    ]);
  });
  it('adopts what is there already, and does not act', async () => {
    thing.there = true;
    expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.deep.equal({
      kind: 'done',
      value: 'the thing',
      how: 'found',
    });
    expect(thing.told).to.deep.equal(['look']);
    expect(audit.texts()).to.deep.equal(['found in place']);
  });
  for (const category of ['unknown', 'transient', 'conflict'] as const) {
    it(`does not believe an answer that is ${category}: what is seen afterwards counts`, async () => {
      thing.onAct = fail(category, true);
      expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.include({ kind: 'done', how: 'acted' });
      thing = new Thing();
      thing.onAct = fail(category, false);
      expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.deep.equal({
        kind: 'unseen',
        why: 'GITHUB_SAID: no',
      });
    });
  }
  it('does nothing once its time as the writer is over, though nobody has told it yet, and never again', async () => {
    let isHeld = true;
    gate.writesWhile(() => isHeld);
    thing.onLook = () => (isHeld = false); // it stood still between the look and the act
    const refused = { kind: 'refused', code: 'not-the-writer' };
    expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.deep.equal(refused);
    isHeld = true;
    thing.onLook = () => {};
    expect(await gate.perform(intent, thing.effect('closing'), SIGNAL)).to.deep.equal(refused);
    expect(thing.told).to.deep.equal(['look', 'look']);
  });
  it('does not believe a success either, when nothing is to be seen', async () => {
    thing.onAct = () => {};
    expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.deep.equal({
      kind: 'unseen',
      why: 'asked for, and not visible yet',
    });
  });
  for (const category of ['denied', 'terminal', 'config', 'bug'] as const) {
    it(`passes on a refusal that is ${category}, after recording it`, async () => {
      thing.onAct = fail(category, false);
      expect(await failureOf(gate.perform(intent, thing.effect(), SIGNAL))).to.equal(`GITHUB_SAID ${category}`);
      expect(audit.texts()).to.deep.equal(['refused by the upstream (GITHUB_SAID']);
      expect(thing.told).to.deep.equal(['look', 'act']);
    });
  }

  const refusedBy = async (a: RollbackAttempt = intent, kind: Effect<string>['kind'] = 'opening'): Promise<string> => {
    const result = await gate.perform(a, thing.effect(kind), SIGNAL);
    return result.kind === 'refused' ? result.code : result.kind;
  };
  const inMode = (mode: Mode): RollbackAttempt => attemptAt('intent-pr', { policy: { ...POLICY, mode } });
  it('refuses opening effects of a stopped attempt, from the flag on and from the stored request', async () => {
    gate.stop(attemptId());
    expect(await refusedBy()).to.equal('aborted');
    gate.forget(attemptId());
    expect(await refusedBy(attemptAt('intent-pr', { stop: { by: 'ada', via: 'cli', why: 'no', at: T0 } }))).to.equal(
      'aborted',
    );
    expect(thing.told).to.deep.equal(['look', 'look']);
  });
  it('refuses opening effects of one stopped attempt only', async () => {
    gate.stop(attemptId(2));
    expect(await refusedBy()).to.equal('done');
  });
  it('refuses opening effects under a pause and a kill switch, and does them when it is lifted', async () => {
    await pauses.set(pauseOf({ scope: SHOP }));
    expect(await refusedBy()).to.equal('paused');
    killSwitch.pause = pauseOf({ kill: true });
    expect(await refusedBy()).to.equal('killed');
    killSwitch.pause = undefined;
    await pauses.lift(SHOP);
    expect(await refusedBy()).to.equal('done');
  });
  it('refuses everything when the mode is off or observe', async () => {
    for (const mode of ['off', 'observe'] as const)
      for (const kind of ['opening', 'closing'] as const)
        expect(await refusedBy(inMode(mode), kind), `${mode} ${kind}`).to.equal('observing');
    expect(await refusedBy(inMode('propose'))).to.equal('done');
  });
  it('goes on with closing effects after an abort and under a kill switch', async () => {
    killSwitch.pause = pauseOf({ kill: true });
    gate.stop(attemptId());
    expect(await refusedBy(abortedFrom(attemptAt('waiting-for-ci'), 'aborted-by-user'), 'closing')).to.equal('done');
  });
  it('lets nothing out once it is shut, and never opens again for a process that is no longer the writer', async () => {
    gate.shut('store-unreachable');
    expect([await refusedBy(), await refusedBy(intent, 'closing')]).to.deep.equal([
      'store-unreachable',
      'store-unreachable',
    ]);
    gate.shut(undefined);
    gate.shut('not-the-writer');
    gate.shut(undefined);
    expect(await refusedBy()).to.equal('not-the-writer');
    expect(thing.told).to.deep.equal(['look', 'look', 'look']);
  });
  it('hears a stop that comes between the look and the act', async () => {
    thing.onLook = (n) => {
      if (n === 1) gate.stop(attemptId());
    };
    expect(await refusedBy()).to.equal('aborted');
    expect(thing.told).to.deep.equal(['look']);
  });
  it('hears a kill switch that is engaged between the look and the act', async () => {
    thing.onLook = () => {
      killSwitch.pause = pauseOf({ kill: true }) satisfies Pause;
    };
    expect(await refusedBy()).to.equal('killed');
    expect(thing.told).to.deep.equal(['look']);
  });
  it('announces a closing effect in the audit log before it happens; when that cannot be written, nothing happens', async () => {
    const closed = abortedFrom(attemptAt('waiting-for-ci'), 'ci-failed');
    audit.breakDown();
    expect(await failureOf(gate.perform(closed, thing.effect('closing'), SIGNAL))).to.equal(
      'AUDIT_UNWRITABLE transient',
    );
    expect(thing.told).to.deep.equal(['look']);
    audit.mend();
    expect(await refusedBy(closed, 'closing')).to.equal('done');
    expect(audit.entries.map((e) => [e.kind, e.text])).to.deep.equal([
      ['decision', 'about to: make the thing'],
      ['outcome', 'done: make the thing'],
    ]);
  });
  it('an outcome that cannot be recorded holds the attempt: the effect is found the next time, not repeated', async () => {
    audit.breakDown();
    expect(await failureOf(gate.perform(intent, thing.effect(), SIGNAL))).to.equal('AUDIT_UNWRITABLE transient');
    audit.mend();
    expect(await gate.perform(intent, thing.effect(), SIGNAL)).to.include({ kind: 'done', how: 'found' });
    expect(thing.told.filter((t) => t === 'act')).to.have.length(1);
  });
});
