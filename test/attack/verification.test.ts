import { expect } from 'chai';
import { HealthMonitor } from '../../src/stages/6-verification/health-monitor.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { AttemptAt } from '../support/attempts.js';
import { SHOP } from '../support/attempt-parts.js';
import { pauseOf } from '../support/observations.js';
import { ShopCase } from '../support/shop-case.js';

describe('verification of a merged rollback', () => {
  let shop: ShopCase;
  let merged: AttemptAt<'syncing'>;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
    merged = await shop.at('syncing');
  });
  const handle = (a: AttemptAt<'syncing'> | AttemptAt<'verifying'>): Promise<Outcome<'RollbackMerged'>> =>
    shop.process.container.get(HealthMonitor).handle(a, shop.signal);
  const healthyFor = async (checks: number, revision: string): Promise<void> => {
    for (let i = 0; i < checks; i++) {
      await shop.world.clock.advance(10_000, 1);
      await shop.check('Healthy', revision);
    }
  };

  it('does not credit the rollback with the health of another version deployed meanwhile', async () => {
    const verifying = await shop.at('verifying', merged);
    await shop.world.clock.advance(1_000, 1);
    const other = shop.world.breakDown(SHOP, 'a fix forward');
    await healthyFor(8, other);
    expect(await handle(verifying)).to.deep.include({ kind: 'abort', reason: 'superseded' });
  });
  it('goes on when a later commit of the branch, with the same files, is deployed meanwhile', async () => {
    const verifying = await shop.at('verifying', merged);
    const later = shop.world.github.git.push('main', { 'docs/readme.md': 'hello\n' });
    shop.world.deploy(SHOP);
    await healthyFor(8, later);
    const first = await handle(verifying);
    expect(first.kind === 'step' || first.kind === 'advance').to.equal(true);
  });
  it('asks Argo CD for nothing while everything is killed, also when an abort came too late', async () => {
    shop.world.killSwitch.pause = pauseOf({ kill: true });
    shop.process.life.calls.length = 0;
    await handle({ ...merged, stop: { by: 'ada', via: 'cli', why: 'no', at: shop.world.clock.now() } });
    expect(shop.process.life.calls).not.to.include('argocd.refresh');
  });
});
