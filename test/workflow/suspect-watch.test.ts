import { expect } from 'chai';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { SHOP, T0 } from '../support/attempt-parts.js';
import { OperatorError } from '../../src/base/errors.js';
import { flush } from '../support/manual-clock.js';
import { OperatorWorld } from '../support/operator-world.js';
import { snapshotOf } from '../support/snapshots.js';

const MINUTE = 60_000;
const WRITE =
  /^(?:store\.(?!takeOver|load|active|owed|spends|baselines|pauses|checks|marks|allMarks)|audit\.|github\.)/;

describe('the watch over suspects', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  beforeEach(() => {
    world = new OperatorWorld();
  });
  afterEach(() => operator.kill());
  const count = (call: string): number => operator.life.calls.filter((c) => c === call).length;
  const settled = async (): Promise<void> => {
    operator = await startOperator(world);
    await flush(2);
    operator.life.calls.length = 0;
  };

  it('a healthy fleet of 1000 costs one list per period, no live look and no write', async () => {
    for (let i = 0; i < 1000; i++) world.argocd.set(snapshotOf({ application: `argocd/app${i}`, health: 'Healthy' }));
    await settled();
    await world.clock.advance(60_000, 1);
    expect(operator.life.calls).to.deep.equal(Array.from({ length: 6 }, () => 'argocd.listFleet'));
  });
  it('an unreachable Argo CD costs one list per period and no write, and is named', async () => {
    world.argocd.set(snapshotOf({ health: 'Healthy' }));
    await settled();
    world.argocd.hooks.before = () => {
      throw new OperatorError('ARGOCD_UNREACHABLE', 'transient', 'connection refused');
    };
    await world.clock.advance(30_000, 1);
    expect(operator.life.calls.filter((c) => c !== 'argocd.listFleet')).to.deep.equal([]);
    expect(operator.watch.listError).to.equal('ARGOCD_UNREACHABLE: connection refused');
    world.argocd.hooks.before = () => {};
    await world.clock.advance(10_000, 1);
    expect(operator.watch.listError).to.equal(undefined);
  });
  it('a fleet that has been red for long is looked at live once, and never written about', async () => {
    for (let i = 0; i < 30; i++)
      world.argocd.set(snapshotOf({ application: `argocd/app${i}`, healthChangedAt: T0 - 120 * MINUTE }));
    operator = await startOperator(world);
    await world.clock.advance(5 * MINUTE, 1);
    expect(count('argocd.getApplicationHealth')).to.equal(30);
    expect(operator.life.calls.filter((c) => WRITE.test(c) && c !== 'store.putBaseline')).to.deep.equal([]);
  });
  it('an application whose health is Unknown or that nobody manages is never looked at live', async () => {
    world.argocd.set(
      snapshotOf({ health: 'Unknown' }),
      snapshotOf({ application: 'argocd/lab', project: 'playground' }),
    );
    await settled();
    await world.clock.advance(30_000, 1);
    expect(count('argocd.getApplicationHealth')).to.equal(0);
  });
  it('an audit log that cannot be written starts nothing and is named; with it back the attempt begins', async () => {
    world.install();
    await settled();
    operator.life.before = (call) => {
      if (call === 'audit.append') throw new OperatorError('AUDIT_UNWRITABLE', 'transient', 'no space left on device');
    };
    world.breakDown();
    await world.clock.advance(60_000, 1);
    expect(operator.watch.writeError).to.match(/^AUDIT_UNWRITABLE: .*no space left on device$/);
    expect(
      operator.life.calls.filter((c) => c.startsWith('store.open') || c.startsWith('github.create')),
    ).to.deep.equal([]);
    operator.life.before = () => {};
    await world.clock.advance(15_000, 1);
    expect(operator.watch.writeError).to.equal(undefined);
    expect(operator.life.calls).to.include('store.open');
  });
  it('checks a suspect 10 s apart from its own first check on, also when the list takes longer', async () => {
    world.install();
    await settled();
    await world.clock.advance(3_000, 1);
    world.breakDown();
    await world.clock.advance(40_000, 1);
    const checks = world.shelf.checks.get(SHOP)?.map((c) => c.at) ?? [];
    expect(checks.slice(0, 3).map((at) => at - (checks[0] ?? 0))).to.deep.equal([0, 10_000, 20_000]);
  });
  it('confirms at the third check: 20 s after the first, and the pull request follows at once', async () => {
    world.install();
    await settled();
    await world.clock.advance(3_000, 1);
    world.breakDown();
    await world.clock.advance(26_000, 1);
    expect(world.standing()).to.equal('DegradationDetected/confirming');
    await world.clock.advance(2_000, 1);
    expect(world.github.pullRequests).to.have.length(1);
  });
  it('stretches the period to three times what a list takes', async () => {
    world.argocd.set(snapshotOf({ health: 'Healthy' }));
    world.argocd.hooks.before = () => world.clock.sleep(8_000);
    operator = await startOperator(world);
    expect(operator.watch.periodMs()).to.equal(10_000);
    await world.clock.advance(9_000, 1);
    expect(operator.watch.periodMs()).to.equal(24_000);
    await world.clock.advance(60_000, 1);
    expect(count('argocd.listFleet')).to.equal(3);
  });
  it('one list is in flight at a time, and one check per suspect', async () => {
    world.install();
    await settled();
    await world.clock.advance(1_000, 1);
    // Without a new deployment, which the ledger would look at as well.
    world.health(SHOP, 'Degraded');
    let inFlight = 0;
    let most = 0;
    world.argocd.hooks.before = async (call) => {
      if (!call.startsWith('getApplicationHealth')) return;
      most = Math.max(most, ++inFlight);
      await world.clock.sleep(26_000);
      inFlight -= 1;
    };
    await world.clock.advance(2 * MINUTE, 1);
    expect(most).to.equal(1);
  });
  it('has at most 20 checks in flight, and catches up with the others', async () => {
    for (let i = 0; i < 50; i++) world.argocd.set(snapshotOf({ application: `argocd/app${i}`, healthChangedAt: T0 }));
    let inFlight = 0;
    let most = 0;
    world.argocd.hooks.before = async (call) => {
      if (!call.startsWith('getApplicationHealth')) return;
      most = Math.max(most, ++inFlight);
      await world.clock.sleep(500);
      inFlight -= 1;
    };
    operator = await startOperator(world);
    await world.clock.advance(5_000, 1);
    expect(most).to.equal(20);
    expect(world.shelf.active.size).to.equal(50);
  });
  it('goes on checking an application with an active attempt whatever the list says of it', async () => {
    world.install();
    await settled();
    world.breakDown();
    await world.clock.advance(15_000, 1);
    world.argocd.hooks.before = (call) => {
      if (call === 'listFleet') throw new OperatorError('ARGOCD_UNREACHABLE', 'transient', 'connection refused');
    };
    const before = count('argocd.getApplicationHealth');
    await world.clock.advance(10_000, 1);
    expect(count('argocd.getApplicationHealth')).to.be.greaterThan(before);
  });
  it('an Unknown check breaks the run: three new ones are needed', async () => {
    world.install();
    await settled();
    world.breakDown();
    await world.clock.advance(20_500, 1);
    const failed: string[] = [];
    world.argocd.hooks.before = (call) => {
      if (!call.startsWith('getApplicationHealth') || failed.push(call) > 1) return;
      throw new OperatorError('ARGOCD_UNREACHABLE', 'transient', '503');
    };
    await world.clock.advance(30_000, 1);
    expect(world.standing()).to.equal('DegradationDetected/confirming');
    await world.clock.advance(10_000, 1);
    expect(world.github.pullRequests).to.have.length(1);
  });
});
