import { expect } from 'chai';
import type { InMemoryStateStore } from '../../src/adapters/memory/in-memory-state-store.js';
import { OperatorError } from '../../src/base/errors.js';
import { SHOP } from '../support/attempt-parts.js';
import { OperatorProcess } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The clock of the operator can be set while everybody else's goes on, and the first opening goes unanswered. */
class SetWorld extends OperatorWorld {
  setBy = 0;
  /** So much later than its caller gave up an opening arrives in the store; undefined = it is answered. */
  opensLateBy: number | undefined;
  override store(): InMemoryStateStore {
    const store = super.store();
    const open = store.open.bind(store);
    store.open = async (attempt) => {
      const lateMs = this.opensLateBy;
      if (lateMs === undefined) return open(attempt);
      this.opensLateBy = undefined;
      void this.clock.sleep(lateMs).then(() => open(attempt));
      throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no answer');
    };
    return store;
  }
  override operatorClock(): ReturnType<OperatorWorld['operatorClock']> {
    const { clock } = this;
    return {
      now: () => clock.now() + this.setBy,
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
  }
}

describe('the sweep', () => {
  let world: SetWorld;
  let operator: OperatorProcess;
  beforeEach(async () => {
    world = new SetWorld();
    world.install('shop');
    operator = new OperatorProcess(world, (_event, deliver) => deliver());
  });
  afterEach(() => operator.kill());
  const begun = async (): Promise<void> => {
    await operator.start();
    await world.clock.advance(5_000, 1);
    world.breakDown(SHOP);
    await world.clock.advance(10_000, 1);
  };
  const said = (): readonly string[] =>
    world.logger.lines.filter((line) => line.level === 'warn').map((line) => line.message);

  for (const hours of [-24, -1, 1]) {
    it(`says that the clock was set by ${hours} h, once, and looks at once at what would have waited`, async () => {
      await begun();
      world.setBy = hours * HOUR;
      let checks = 0;
      operator.life.before = (call) => {
        if (call === 'argocd.getApplicationHealth') checks += 1;
      };
      await world.clock.advance(5 * MINUTE, 1);
      expect(said().filter((m) => m.includes(hours > 0 ? 'set forward' : 'set back'))).to.have.length(1);
      expect(checks, 'live checks in five minutes').to.be.at.least(5);
      expect(world.github.merges, 'a wrong clock is no reason to merge').to.equal(0);
    });
  }
  it('adds up small steps, and tells nobody again of what was told', async () => {
    operator.life.before = (call) => {
      if (call === 'store.open') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
    };
    await begun();
    // Degraded for too long to be the operator's business any more, of which people are told.
    await world.clock.advance(25 * MINUTE, 1);
    const told = world.notifier.kinds();
    expect(told).to.deep.equal(['stale-failure']);
    for (let step = 0; step < 9; step++) {
      world.setBy -= 2_000;
      await world.clock.advance(10_000, 1);
    }
    expect(said().filter((m) => m.includes('set back'))).to.have.length(3);
    expect(world.notifier.kinds()).to.deep.equal(told);
  });
  it('says nothing of a clock that is off by as much as before', async () => {
    world.setBy = HOUR;
    await begun();
    await world.clock.advance(5 * MINUTE, 1);
    expect(said().filter((m) => m.includes('the clock'))).to.deep.equal([]);
  });
  for (const lateMs of [1, 20_000]) {
    it(`finds an attempt whose opening was not answered and came to pass ${lateMs} ms later, though all is well by then`, async () => {
      world.opensLateBy = lateMs;
      await begun();
      expect(world.opensLateBy, 'it was opened').to.equal(undefined);
      world.health(SHOP, 'Healthy');
      await world.clock.advance(2 * MINUTE, 1);
      expect(world.attempts(), 'not Degraded any more: dismissed').to.deep.equal([]);
      expect(said()).to.include('an attempt was found whose opening had not been answered');
    });
  }
});
