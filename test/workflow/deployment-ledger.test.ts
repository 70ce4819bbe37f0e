import { expect } from 'chai';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { OperatorError } from '../../src/base/errors.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import type { ApplicationKey } from '../../src/model/application.js';
import { DeploymentLedger } from '../../src/workflow/deployment-ledger.js';
import { FleetView } from '../../src/workflow/fleet-view.js';
import { BAD, SHOP, T0 } from '../support/attempt-parts.js';
import { FakeLogger } from '../support/fakes/fake-outside.js';
import { OperatorWorld } from '../support/operator-world.js';
import { SHOP_SETTINGS, snapshotOf } from '../support/snapshots.js';

const SIGNAL = new AbortController().signal;

describe('the ledger of deployments', () => {
  let world: OperatorWorld;
  let ledger: DeploymentLedger;
  let fleet: FleetView;
  let logger: FakeLogger;
  let store: ReturnType<OperatorWorld['store']>;
  beforeEach(async () => {
    world = new OperatorWorld();
    store = world.store();
    await store.takeOver('test');
    logger = new FakeLogger();
    fleet = new FleetView(new PolicyBook(world.config, sameRepositoryUrl));
    ledger = new DeploymentLedger(world.argocd, store, fleet, logger);
  });
  const list = async (): Promise<void> => {
    const entries = await world.argocd.listFleet();
    fleet.take(entries, world.clock.now());
    await ledger.note(entries, SIGNAL);
  };
  const sync = (app: ApplicationKey, at: number, revision = BAD): void => {
    const before = world.argocd.get(app);
    world.argocd.set({
      ...before,
      operation: { phase: 'Succeeded', message: '', retryCount: 0, finishedAt: at },
      deployed: { revisions: [revision], sources: before.sources, startedAt: at - 1_000, finishedAt: at },
    });
  };
  const gets = (): number => world.argocd.hooks.count('getApplicationHealth');

  it('only notes the first list after a start: what it shows is no news', async () => {
    world.argocd.set(snapshotOf());
    await list();
    await list();
    expect([gets(), world.shelf.ledger.size]).to.deep.equal([0, 0]);
  });
  it('adds one entry, for one live look, when a list shows another end of an operation', async () => {
    world.argocd.set(snapshotOf());
    await list();
    sync(SHOP, T0 + 5_000, '1'.repeat(40));
    await list();
    await list();
    expect(await store.ledger(SHOP)).to.deep.equal([
      { revisions: ['1'.repeat(40)], settings: SHOP_SETTINGS, deployStartedAt: T0 + 4_000, deployedAt: T0 + 5_000 },
    ]);
    expect(gets()).to.equal(1);
  });
  it('notes nothing of applications that nobody manages', async () => {
    world.argocd.set(snapshotOf({ project: 'playground' }));
    await list();
    sync(SHOP, T0 + 5_000);
    await list();
    expect(gets()).to.equal(0);
  });
  it('looks at 20 per list at most, and at the rest with the next lists', async () => {
    for (let i = 0; i < 50; i++) world.argocd.set(snapshotOf({ application: `argocd/app${i}` }));
    await list();
    for (let i = 0; i < 50; i++) sync(`argocd/app${i}`, T0 + 5_000);
    const looks: number[] = [];
    for (let i = 0; i < 4; i++) {
      await list();
      looks.push(gets());
    }
    expect(looks).to.deep.equal([20, 40, 50, 50]);
    expect(world.shelf.ledger.size).to.equal(50);
  });
  it('tries again with the next list when Argo CD or the store failed', async () => {
    world.argocd.set(snapshotOf());
    await list();
    sync(SHOP, T0 + 5_000);
    world.argocd.hooks.before = (call) => {
      if (call.startsWith('get')) throw new OperatorError('ARGOCD_UNREACHABLE', 'transient', '503');
    };
    await list();
    expect(logger.at('warn')).to.deep.equal(['a deployment was not noted in the ledger yet']);
    world.argocd.hooks.before = () => {};
    await list();
    expect(await store.ledger(SHOP)).to.have.length(1);
  });
  it('a new application is noted with its first deployment', async () => {
    world.argocd.set(snapshotOf());
    await list();
    world.argocd.set(snapshotOf({ application: 'argocd/new' }));
    await list();
    expect(await store.ledger('argocd/new')).to.have.length(1);
  });
});
