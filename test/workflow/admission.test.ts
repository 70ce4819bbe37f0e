import { expect } from 'chai';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import type { ApplicationKey } from '../../src/model/application.js';
import type { DegradationDetected, OpenAttempt } from '../../src/model/rollback-attempt.js';
import { Admission } from '../../src/workflow/admission.js';
import { Baselines } from '../../src/workflow/baselines.js';
import { FleetView } from '../../src/workflow/fleet-view.js';
import { FsmService } from '../../src/workflow/fsm-service.js';
import { Pauses } from '../../src/workflow/pauses.js';
import { attemptId, PRODUCTION_POLICY, SHOP, T0 } from '../support/attempt-parts.js';
import { attemptAt, attemptIn } from '../support/attempts.js';
import { put } from '../contract/store-under-test.js';
import { entryOf } from '../support/fakes/fake-argocd.js';
import { pauseOf, spendOf } from '../support/observations.js';
import { OperatorWorld } from '../support/operator-world.js';
import { snapshotOf } from '../support/snapshots.js';

const MINUTE = 60_000;
const appOf = (n: number): ApplicationKey => `argocd/app${n}`;
const RESOLVING = attemptAt('resolving');

describe('admission', () => {
  let world: OperatorWorld;
  let store: ReturnType<OperatorWorld['store']>;
  let pauses: Pauses;
  let fleet: FleetView;
  let baselines: Baselines;
  let stored: number;
  beforeEach(async () => {
    world = new OperatorWorld();
    stored = 0;
    store = world.store();
    await store.takeOver('test');
    pauses = new Pauses(store, world.killSwitch);
    fleet = new FleetView(new PolicyBook(world.config, sameRepositoryUrl));
    baselines = new Baselines(store);
    await baselines.load(T0 - 600 * MINUTE);
  });
  /** Stores these attempts, the n-th with id n, of application n, opened n seconds after T0, beside those stored before; answers the admission over them. */
  const over = async (...attempts: readonly OpenAttempt[]): Promise<Admission> => {
    for (const a of attempts) {
      stored += 1;
      await put(store, { ...a, id: attemptId(stored), application: appOf(stored), openedAt: T0 + stored * 1_000 });
    }
    const service = new FsmService(world.clock, store, world.audit);
    await service.load();
    return new Admission(world.clock, service, fleet, baselines, pauses, () => world.config.limits);
  };
  const own = (a: DegradationDetected = RESOLVING): DegradationDetected => ({
    ...a,
    id: attemptId(99),
    application: SHOP,
    openedAt: T0 + 60_000,
  });
  const heldBy = async (...others: readonly OpenAttempt[]): Promise<string | undefined> =>
    (await over(...others)).hold(own())?.by;
  const incident = (turned: number, all: number): void => {
    fleet.take(
      Array.from({ length: all }, (_, i) =>
        entryOf(
          snapshotOf({
            application: appOf(i),
            health: i < turned ? 'Degraded' : 'Healthy',
            healthChangedAt: T0 - MINUTE,
          }),
        ),
      ),
      T0,
    );
  };

  it('lets a lone attempt through', async () => {
    expect(await heldBy()).to.equal(undefined);
  });
  it('holds while the operator, the application or the kill file says so', async () => {
    await pauses.set(pauseOf({ scope: SHOP }));
    expect(await heldBy()).to.equal('paused');
    await pauses.lift(SHOP);
    world.killSwitch.pause = pauseOf({ kill: true });
    expect(await heldBy()).to.equal('paused');
    world.killSwitch.pause = undefined;
    expect(await heldBy()).to.equal(undefined);
  });
  it('holds under a closed brake, and says why', async () => {
    incident(3, 10);
    expect((await over()).hold(own())).to.deep.equal({
      by: 'brake',
      why: '3 of 10 applications of staging turned Degraded within 10 min',
    });
  });
  it('opens the brake again after a resume of the environment', async () => {
    incident(3, 10);
    await baselines.set('environment/staging', T0);
    expect(await heldBy()).to.equal(undefined);
  });
  it('counts failed rollbacks over the whole configured window, however long', async () => {
    const { brake } = world.config.limits;
    world.config = {
      ...world.config,
      limits: { ...world.config.limits, brake: { ...brake, failedRollbackWindowMs: 180 * MINUTE } },
    };
    for (const n of [1, 2, 3])
      await put(
        store,
        { ...attemptIn('RollbackComplete'), id: attemptId(n), application: appOf(n) },
        { spends: [spendOf({ kind: 'failed-rollback', attempt: attemptId(n), at: T0 - 120 * MINUTE })] },
      );
    expect(await heldBy()).to.equal('brake');
  });

  it('holds when three attempts of the environment are under way, resolved or not', async () => {
    expect(await heldBy(attemptAt('waiting-for-ci'), attemptAt('waiting-for-human'))).to.equal(undefined);
    expect((await over(attemptAt('planning'))).hold(own())?.by).to.equal('budget');
  });
  it('does not count what is unconfirmed, merged, held or of another environment', async () => {
    const paused = attemptAt('held');
    expect(
      await heldBy(
        attemptAt('confirming'),
        attemptAt('verifying'),
        { ...paused, step: { ...paused.step, by: 'paused' } },
        attemptAt('waiting-for-ci', { policy: PRODUCTION_POLICY }),
        attemptAt('resolving'),
      ),
    ).to.equal(undefined);
  });
  it('holds when ten pull requests were opened within the hour, counting those about to be opened', async () => {
    const opened = (count: number) =>
      Array.from({ length: count }, (_, i) =>
        spendOf({ kind: 'pull-request', attempt: attemptId(50 + i), at: T0 - 30 * MINUTE }),
      );
    await put(
      store,
      { ...attemptIn('RollbackComplete'), id: attemptId(40), application: 'argocd/x' },
      { spends: opened(9) },
    );
    expect(await heldBy()).to.equal(undefined);
    expect((await over(attemptAt('resolving'))).hold(own())?.by).to.equal('budget');
  });
  it('does not count pull requests of more than an hour ago', async () => {
    const long = Array.from({ length: 10 }, (_, i) =>
      spendOf({ kind: 'pull-request', attempt: attemptId(50 + i), at: T0 - 61 * MINUTE }),
    );
    await put(
      store,
      { ...attemptIn('RollbackComplete'), id: attemptId(40), application: 'argocd/x' },
      { spends: long },
    );
    expect(await heldBy()).to.equal(undefined);
  });
  it('releases the one that is held longest first; one that is held by a pause of its own does not stand in the way', async () => {
    const held = attemptAt('held');
    expect((await over(held)).hold(own())).to.deep.equal({
      by: 'budget',
      why: 'argocd/app1 is held longer and goes first',
    });
  });
  it('a younger held attempt does not stand in the way of an older one', async () => {
    const admission = await over({ ...attemptAt('held') });
    expect(admission.hold({ ...own(), openedAt: T0 - 1 })).to.equal(undefined);
  });

  describe('asked before the module', () => {
    it('has nothing to say about what is not confirmed yet, or left DegradationDetected', async () => {
      world.killSwitch.pause = pauseOf({ kill: true });
      const admission = await over();
      for (const step of ['confirming', 'planning', 'waiting-for-ci', 'deciding', 'syncing'] as const)
        expect(admission.before(attemptAt(step)), step).to.equal(undefined);
    });
    it('sends one that is resolving back to held, keeping its confirmation', async () => {
      world.killSwitch.pause = pauseOf({ kill: true, by: 'ada', why: 'incident' });
      expect((await over()).before(RESOLVING)).to.deep.equal({
        kind: 'step',
        step: { name: 'held', by: 'paused', confirmation: RESOLVING.step.confirmation },
        why: 'paused by ada: incident',
      });
    });
    it('releases a held one as soon as nothing holds it', async () => {
      expect((await over()).before(attemptAt('held'))).to.deep.equal({
        kind: 'step',
        step: { name: 'resolving', confirmation: RESOLVING.step.confirmation },
        why: 'released',
      });
    });
    it('lets a held one wait without storing anything, and notes when the reason changes', async () => {
      incident(3, 10);
      const admission = await over();
      expect(admission.before(attemptAt('held'))).to.include({ kind: 'wait', lookAgainAt: T0 + 5_000 });
      world.killSwitch.pause = pauseOf({ kill: true });
      expect(admission.before(attemptAt('held'))).to.deep.include({
        kind: 'step',
        step: { name: 'held', by: 'paused', confirmation: RESOLVING.step.confirmation },
      });
    });
  });
  describe('asked after the module', () => {
    const confirmed = {
      kind: 'step',
      step: { name: 'resolving', confirmation: RESOLVING.step.confirmation },
      why: 'confirmed',
    } as const;
    it('holds back a confirmation and a candidate, and lets anything else pass', async () => {
      world.killSwitch.pause = pauseOf({ kill: true });
      const admission = await over();
      expect(admission.after(attemptAt('confirming'), confirmed)).to.deep.include({
        kind: 'step',
        step: { name: 'held', by: 'paused', confirmation: confirmed.step.confirmation },
      });
      const advance = { kind: 'advance', to: 'CandidateResolved', with: {}, why: 'found' } as never;
      expect(admission.after(RESOLVING, advance)).to.deep.include({
        kind: 'step',
        step: { name: 'held', by: 'paused', confirmation: RESOLVING.step.confirmation },
      });
      const abort = { kind: 'abort', reason: 'no-candidate', why: 'none' } as const;
      expect(admission.after(RESOLVING, abort)).to.equal(abort);
    });
    it('lets everything pass when nothing holds', async () => {
      expect((await over()).after(attemptAt('confirming'), confirmed)).to.equal(confirmed);
    });
  });
});
