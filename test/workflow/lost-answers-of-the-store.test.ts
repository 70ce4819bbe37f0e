import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { StateStore } from '../../src/ports/state-store.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { attemptId, SHOP } from '../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../support/attempts.js';
import { failureOf } from '../support/failure.js';
import { spendOf } from '../support/observations.js';
import { OperatorWorld } from '../support/operator-world.js';

/** A store that does what it is told and whose answers get lost, as long as the test says so. */
function deaf(store: StateStore, losing: () => boolean): StateStore {
  const lose = async <T>(write: Promise<T>): Promise<T> => {
    const answer = await write;
    if (losing()) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no answer');
    return answer;
  };
  return new Proxy(store, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      const call = (...args: unknown[]): unknown => (member as (...a: unknown[]) => unknown).apply(target, args);
      return key === 'open' || key === 'save' ? (...args: unknown[]) => lose(call(...args) as Promise<unknown>) : call;
    },
  });
}

describe('the keeper of attempts, when the store did what it was told and nobody heard', () => {
  let losing: boolean;
  let service: FsmService;
  beforeEach(async () => {
    const world = new OperatorWorld();
    const store = world.store();
    await store.takeOver('one');
    losing = true;
    service = new FsmService(
      world.clock,
      deaf(store, () => losing),
      world.audit,
    );
    await service.load();
  });
  const open = (n: number): Promise<unknown> =>
    service.begin(attemptIn('DegradationDetected', { id: attemptId(n) }), 'first check');

  it('takes up the attempt that was opened, at the next opening for the same application', async () => {
    expect(await failureOf(open(1))).to.equal('STORE_UNAVAILABLE transient');
    expect(service.activeFor(SHOP)).to.equal(undefined);
    losing = false;
    expect(await open(2)).to.equal(undefined);
    expect(service.activeFor(SHOP)).to.equal(attemptId(1));
    expect((await service.find(attemptId(1)))?.value.state).to.equal('DegradationDetected');
  });
  it('counts what was spent by a transition that came to pass', async () => {
    losing = false;
    await open(1);
    const at = await service.find(attemptId(1));
    if (at === undefined) throw new Error('no attempt');
    losing = true;
    const move = { kind: 'move', next: attemptAt('syncing'), why: 'merged', residue: { spends: [spendOf()] } } as never;
    expect(await failureOf(service.move(at as never, move))).to.equal('STORE_UNAVAILABLE transient');
    service.distrust(attemptId(1));
    expect((await service.find(attemptId(1)))?.value.state).to.equal('RollbackMerged');
    await service.refreshSpends();
    expect(service.spendsSince(0)).to.deep.equal([spendOf()]);
  });
});
