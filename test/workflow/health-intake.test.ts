import { expect } from 'chai';
import type { ApplicationSnapshot } from '../../src/model/application.js';
import { OperatorError } from '../../src/base/errors.js';
import { startOperator, type OperatorProcess } from '../support/operator-process.js';
import { attemptId, BAD, SHOP, T0 } from '../support/attempt-parts.js';
import { entryOf } from '../support/fakes/fake-argocd.js';
import { flush } from '../support/manual-clock.js';
import { latchOf, pauseOf, quarantineOf } from '../support/observations.js';
import { OperatorWorld } from '../support/operator-world.js';
import { findingOf, SHOP_SETTINGS, snapshotOf, unknownFinding } from '../support/snapshots.js';
import type { FleetRecord } from '../../src/workflow/fleet-view.js';
import { KillWatch } from '../../src/workflow/kill-watch.js';

const MINUTE = 60_000;
const STORE_WRITE = /^store\.(?:open|save|close|forget|recordCheck|put|drop)/;

/** A running operator on an empty fleet: findings are handed in by the test. */
describe('the intake of health checks', () => {
  let world: OperatorWorld;
  let operator: OperatorProcess;
  let events: string[];
  beforeEach(async () => {
    world = new OperatorWorld();
    operator = await startOperator(world);
    await world.clock.advance(1_000, 2);
    operator.life.calls.length = 0;
    events = [];
    for (const name of ['degradation.detected', 'degradation.cleared'] as const)
      operator.outside.bus.subscribe(name, (e) => events.push(e.type.replace('io.ai-devops-operator.', '')));
  });
  afterEach(() => operator.kill());
  const degraded = (overrides: Partial<ApplicationSnapshot> = {}): ApplicationSnapshot =>
    snapshotOf({ healthChangedAt: T0 + 1_200, ...overrides });
  const writes = (): readonly string[] => operator.life.calls.filter((c) => STORE_WRITE.test(c));
  const record = (snapshot = degraded()): FleetRecord => ({
    entry: entryOf(snapshot),
    environment: 'staging',
    healthSince: snapshot.healthChangedAt ?? T0,
    seenAt: T0,
  });

  it('opens an attempt at the first Degraded check: what runs, since when, by which policy', async () => {
    expect(await operator.intake.take(findingOf(degraded(), T0 + 1_000))).to.equal(true);
    const a = world.only();
    expect(a).to.deep.include({
      application: SHOP,
      state: 'DegradationDetected',
      project: 'staging',
      bad: { revisions: [BAD], settings: SHOP_SETTINGS, deployedAt: T0 - 10 * MINUTE },
      onset: T0 + 1_200,
      openedAt: T0 + 1_000,
      version: 1,
      step: { name: 'confirming', deadline: T0 + 1_000 + 10 * MINUTE },
    });
    expect(a.policy).to.deep.include({ environment: 'staging', mode: 'auto', modeLoweredBy: [] });
    expect(writes()).to.deep.equal(['store.open', 'store.recordCheck']);
    await flush(2);
    expect(events).to.deep.equal(['degradation.detected']);
  });
  it('while no opening can be written down applications take turns, and the first that can lets all go on', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `app${n}` as const);
    const takeAll = async (): Promise<void> => {
      for (const name of names) {
        const finding = findingOf(degraded({ application: `argocd/${name}` }), world.clock.now());
        await operator.intake.take(finding).catch(() => undefined);
      }
    };
    operator.life.before = (call) => {
      if (call === 'store.open') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
    };
    for (let minute = 0; minute < 15; minute += 0.5) {
      await takeAll();
      await world.clock.advance(30_000, 1);
    }
    const written = operator.life.calls.filter((call) => call === 'audit.append').length;
    expect(written, 'audit records of 8 applications, each checked 30 times').to.be.within(20, 40);
    operator.life.before = () => {};
    await takeAll();
    await world.clock.advance(30_000, 1);
    await takeAll();
    expect(world.attempts()).to.have.length(names.length);
  });
  it('applications that are well again, or are told to be judged anew, keep nobody waiting', async () => {
    const names = Array.from({ length: 50 }, (_, n) => `app${n}` as const);
    const take = (name: string, health: 'Degraded' | 'Healthy'): Promise<unknown> => {
      const finding = findingOf(degraded({ application: `argocd/${name}`, health }), world.clock.now());
      return operator.intake.take(finding).catch(() => undefined);
    };
    operator.life.before = (call) => {
      if (call === 'store.open') throw new OperatorError('STORE_UNAVAILABLE', 'transient', 'no space');
    };
    for (let round = 0; round < 9; round++) {
      for (const name of names) await take(name, 'Degraded');
      await world.clock.advance(10_000, 1);
    }
    operator.life.before = () => {};
    for (const name of names.slice(0, -1)) await take(name, 'Healthy');
    await take('app49', 'Degraded');
    expect(world.attempts().map((a) => a.application)).to.deep.equal(['argocd/app49']);
  });
  it('stores each further check and publishes what it says; Unknown is stored and publishes nothing', async () => {
    await operator.intake.take(findingOf(degraded(), T0 + 1_000));
    await operator.intake.take(unknownFinding(T0 + 11_000));
    await operator.intake.take(findingOf(degraded(), T0 + 21_000));
    await flush(2);
    expect(world.shelf.checks.get(SHOP)?.map((c) => c.health)).to.deep.equal(['Degraded', 'Unknown', 'Degraded']);
    expect(events).to.deep.equal(['degradation.detected', 'degradation.detected']);
    expect(world.standing()).to.equal('DegradationDetected/confirming');
  });
  it('a Healthy check clears: the unconfirmed attempt is gone', async () => {
    await operator.intake.take(findingOf(degraded(), T0 + 1_000));
    await operator.intake.take(findingOf(degraded({ health: 'Healthy' }), T0 + 11_000));
    await flush(2);
    expect(world.attempts()).to.deep.equal([]);
    expect(world.shelf.checks.size).to.equal(0);
    expect(events[1]).to.equal('degradation.cleared');
  });
  it('writes nothing about an application that is not eligible, and watches it no longer', async () => {
    for (const snapshot of [
      degraded({ health: 'Healthy' }),
      degraded({ project: 'playground' }),
      degraded({ healthChangedAt: T0 - 30 * MINUTE }),
    ]) {
      expect(await operator.intake.take(findingOf(snapshot, T0 + 1_000)), snapshot.project).to.equal(false);
    }
    expect(await operator.intake.take(unknownFinding(T0 + 1_000))).to.equal(false);
    expect(writes()).to.deep.equal([]);
  });
  it('opens none when the audit log cannot be written', async () => {
    world.audit.breakDown();
    let thrown: unknown;
    await operator.intake.take(findingOf(degraded(), T0 + 1_000)).catch((error: unknown) => (thrown = error));
    expect(thrown).to.be.instanceOf(OperatorError).and.to.include({ code: 'AUDIT_UNWRITABLE' });
    expect(world.attempts()).to.deep.equal([]);
  });
  it('proposes at most for a quarantined version, and says so louder', async () => {
    await operator.outside.store.putMark(quarantineOf({ attempt: attemptId(7), until: T0 + 24 * 60 * MINUTE }));
    await operator.intake.take(findingOf(degraded(), T0 + 1_000));
    await flush(2);
    expect(world.only().policy.mode).to.equal('propose');
    expect(world.notifier.notices.map((n) => [n.kind, n.severity])).to.deep.equal([
      ['bad-version-returned', 'critical'],
    ]);
  });

  describe('what the list shows again', () => {
    const refuse = async (snapshot: ApplicationSnapshot): Promise<FleetRecord> => {
      world.argocd.set(snapshot);
      await operator.watch.list(new AbortController().signal);
      await flush(2);
      return record(snapshot);
    };
    const STALE = degraded({ healthChangedAt: T0 - 30 * MINUTE });
    it('long red is judged once, told once, and not looked at live again', async () => {
      await operator.service.load();
      const known = await refuse(STALE);
      expect(operator.intake.whyNot(SHOP)?.code).to.equal('before-baseline');
      expect(operator.intake.isSuspect(known)).to.equal(false);
      const gets = operator.life.calls.filter((c) => c === 'argocd.getApplicationHealth').length;
      for (let i = 0; i < 5; i++) await operator.watch.list(new AbortController().signal);
      await flush(2);
      expect(operator.life.calls.filter((c) => c === 'argocd.getApplicationHealth')).to.have.length(gets);
      expect(world.notifier.notices).to.deep.equal([]);
      expect(writes()).to.deep.equal([]);
    });
    it('is judged again when the entry changes: another revision, another health, another sync', async () => {
      await refuse(STALE);
      for (const changed of [
        { syncRevisions: ['0'.repeat(40)] },
        { healthChangedAt: T0 },
        { operation: { phase: 'Succeeded', message: '', finishedAt: T0, retryCount: 0 } },
      ]) {
        expect(operator.intake.isSuspect(record({ ...STALE, ...changed })), JSON.stringify(changed)).to.equal(true);
      }
    });
    it('a latch that allows a retry is judged again at its time', async () => {
      await operator.outside.store.putMark(
        latchOf({ reason: 'unavailable', retryAt: T0 + 15 * MINUTE, until: T0 + 60 * MINUTE }),
      );
      const known = await refuse(degraded());
      expect(operator.intake.isSuspect(known)).to.equal(false);
      await world.clock.advance(15 * MINUTE, 1);
      expect(operator.intake.isSuspect(known)).to.equal(true);
    });
    it('a pause is judged again as soon as it is lifted, even the kill file that is lifted without a word', async () => {
      world.killSwitch.pause = pauseOf({ kill: true });
      const known = await refuse(degraded());
      expect([operator.intake.whyNot(SHOP)?.code, operator.intake.isSuspect(known)]).to.deep.equal(['paused', false]);
      world.killSwitch.pause = undefined;
      await operator.container.get(KillWatch).look();
      expect(operator.intake.isSuspect(known)).to.equal(true);
    });
    it('a stale failure is told once, and a later one of the same application is told as well', async () => {
      await refuse(degraded({ health: 'Healthy' }));
      const told = async (at: number, revision: string): Promise<number> => {
        await world.clock.advance(at - world.clock.now(), 1);
        // Argo CD could not be listed for 25 min: only now is it seen.
        world.argocd.change(SHOP, {
          health: 'Degraded',
          healthChangedAt: at - 25 * MINUTE,
          syncRevisions: [revision.repeat(40)],
        });
        await world.clock.advance(10_000, 1);
        expect(operator.intake.whyNot(SHOP)?.code).to.equal('stale-failure');
        const { length } = world.notifier.kinds();
        world.argocd.change(SHOP, { syncRevisions: ['0'.repeat(40)] });
        await world.clock.advance(10_000, 1);
        expect(world.notifier.kinds()).to.have.length(length);
        world.argocd.change(SHOP, { health: 'Healthy' });
        return length;
      };
      expect(await told(T0 + 40 * MINUTE, '1')).to.equal(1);
      expect(await told(T0 + 90 * MINUTE, '1')).to.equal(2);
    });
    it('after a retry or a resume everything is judged again', async () => {
      const known = await refuse(STALE);
      operator.intake.reconsider();
      expect(operator.intake.isSuspect(known)).to.equal(true);
    });
  });
});
