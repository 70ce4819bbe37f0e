import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { BaselineScope } from '../../src/ports/state-store.js';
import { Baselines } from '../../src/workflow/baselines.js';
import { KillWatch } from '../../src/workflow/kill-watch.js';
import { SHOP, T0 } from '../support/attempt-parts.js';
import { FakeKillSwitch } from '../support/fakes/fake-outside.js';
import { flush, ManualClock } from '../support/manual-clock.js';
import { pauseOf } from '../support/observations.js';
import { OperatorWorld } from '../support/operator-world.js';

describe('the kill file', () => {
  let clock: ManualClock;
  let file: FakeKillSwitch;
  let stored: Map<BaselineScope, number>;
  /** So many writes still go through. */
  let writes: number;
  let before: (scope: BaselineScope) => Promise<void> | undefined;
  let after: (scope: BaselineScope) => void;
  let world: OperatorWorld;
  beforeEach(() => {
    before = () => undefined;
    after = () => {};
    clock = new ManualClock(T0);
    file = new FakeKillSwitch();
    stored = new Map();
    writes = Infinity;
    world = new OperatorWorld();
  });
  const store = {
    baselines: async () => new Map(stored),
    putBaseline: async (scope: BaselineScope, at: number) => {
      if (writes-- <= 0) throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no answer');
      await before(scope);
      stored.set(scope, at);
      after(scope);
    },
  };
  /** A process that starts. */
  async function start(): Promise<{ readonly watch: KillWatch; readonly baselines: Baselines }> {
    const baselines = new Baselines(store);
    await baselines.load(clock.now());
    return { watch: new KillWatch(clock, file, baselines, world.logger), baselines };
  }
  const failing = (look: Promise<void>): Promise<string> =>
    look.then(
      () => 'stored',
      (error: unknown) => (error as OperatorError).code,
    );

  it('holds until its removal is stored: what was red meanwhile is nobody’s case', async () => {
    const { watch, baselines } = await start();
    file.pause = pauseOf({ kill: true });
    await watch.look();
    await clock.advance(60_000, 1);
    file.pause = undefined;
    expect(watch.engaged()?.kill).to.equal(true);
    expect(watch.engaged()?.why).to.equal('it is gone, and the operator goes on as soon as that is stored');
    await watch.look();
    expect(watch.engaged()).to.equal(undefined);
    expect(baselines.of('staging', SHOP)).to.equal(T0 + 60_000);
    expect(baselines.of('production', SHOP)).to.equal(T0 + 60_000);
  });
  it('holds on while the store is away, and the next look makes up for it', async () => {
    const { watch, baselines } = await start();
    file.pause = pauseOf({ kill: true });
    writes = 0;
    expect(await failing(watch.look())).to.equal('STORE_UNAVAILABLE');
    file.pause = undefined;
    expect(await failing(watch.look())).to.equal('STORE_UNAVAILABLE');
    expect(watch.engaged()?.why).to.include('the last try: STORE_UNAVAILABLE: no answer');
    writes = Infinity;
    await clock.advance(5_000, 1);
    await watch.look();
    expect(watch.engaged()).to.equal(undefined);
    expect(baselines.ofEnvironment('staging')).to.equal(T0 + 5_000);
  });
  it('that is taken away while no operator runs is a resume all the same', async () => {
    file.pause = pauseOf({ kill: true });
    await (await start()).watch.look();
    file.pause = undefined;
    await clock.advance(3_600_000, 1);
    const { watch, baselines } = await start();
    expect(watch.engaged()?.kill).to.equal(true);
    await watch.look();
    expect(watch.engaged()).to.equal(undefined);
    expect(baselines.ofEnvironment('staging')).to.equal(T0 + 3_600_000);
    expect((await start()).watch.engaged()).to.equal(undefined);
  });
  it('is not forgotten by an operator that dies while it goes on', async () => {
    file.pause = pauseOf({ kill: true });
    const before = await start();
    await before.watch.look();
    file.pause = undefined;
    // The first environment, not the second.
    writes = 1;
    expect(await failing(before.watch.look())).to.equal('STORE_UNAVAILABLE');
    writes = Infinity;
    await clock.advance(9_000, 1);
    const { watch, baselines } = await start();
    expect(watch.engaged()?.kill).to.equal(true);
    await watch.look();
    expect([baselines.ofEnvironment('staging'), baselines.ofEnvironment('production')]).to.deep.equal([
      T0 + 9_000,
      T0 + 9_000,
    ]);
  });
  it('that came and went between two looks counts, if anybody asked meanwhile', async () => {
    const { watch } = await start();
    await watch.look();
    file.pause = pauseOf({ kill: true });
    watch.engaged();
    file.pause = undefined;
    expect(watch.engaged()?.kill).to.equal(true);
    await watch.look();
    expect(stored.get('environment/staging')).to.equal(T0);
  });
  it('that only somebody who asked has seen is stored at once', async () => {
    const { watch } = await start();
    file.pause = pauseOf({ kill: true });
    watch.engaged();
    await flush(5);
    file.pause = undefined;
    expect((await start()).watch.engaged()?.kill).to.equal(true);
  });
  it('that comes back and goes again while its removal is stored has ended when it went the last time', async () => {
    const { watch, baselines } = await start();
    file.pause = pauseOf({ kill: true });
    await watch.look();
    file.pause = undefined;
    let goOn = (): void => {};
    before = (scope) => (scope === 'kill-file' ? new Promise((resolve) => (goOn = resolve)) : undefined);
    const slow = watch.look();
    await flush(5);
    await clock.advance(3_000, 1);
    file.pause = pauseOf({ kill: true });
    watch.engaged();
    await clock.advance(3_000, 1);
    file.pause = undefined;
    before = () => undefined;
    goOn();
    await slow;
    expect(watch.engaged()).to.equal(undefined);
    expect(baselines.ofEnvironment('staging')).to.equal(T0 + 6_000);
  });
  it('that comes back while nobody knows whether its removal was stored is stored again', async () => {
    const { watch } = await start();
    file.pause = pauseOf({ kill: true });
    await watch.look();
    file.pause = undefined;
    after = (scope) => {
      if (scope === 'kill-file') throw new OperatorError('STORE_UNAVAILABLE', 'unknown', 'the answer was lost');
    };
    expect(await failing(watch.look())).to.equal('STORE_UNAVAILABLE');
    after = () => {};
    file.pause = pauseOf({ kill: true });
    await watch.look();
    file.pause = undefined;
    expect((await start()).watch.engaged()?.kill).to.equal(true);
  });
  it('that appears in the middle of a look is not taken for one that went', async () => {
    let asked = 0;
    const flickering = { engaged: () => (asked++ === 0 ? undefined : pauseOf({ kill: true })) };
    const { baselines } = await start();
    await new KillWatch(clock, flickering, baselines, world.logger).look();
    expect(stored.has('environment/staging')).to.equal(false);
  });
  it('does not let an older write that arrives late undo a newer resume', async () => {
    const { watch, baselines } = await start();
    file.pause = pauseOf({ kill: true });
    await watch.look();
    file.pause = undefined;
    let goOn = (): void => {};
    before = () => new Promise((resolve) => (goOn = resolve));
    const slow = watch.look();
    await flush(5);
    before = () => undefined;
    await clock.advance(4_000, 1);
    const newer = baselines.set('environment/staging', clock.now());
    goOn();
    await Promise.all([slow, newer]);
    expect(stored.get('environment/staging')).to.equal(T0 + 4_000);
  });
  it('costs one write when it comes, and none while it stays', async () => {
    const { watch } = await start();
    writes = 1;
    file.pause = pauseOf({ kill: true });
    for (let n = 0; n < 3; n++) await watch.look();
    expect(writes).to.equal(0);
  });
});
