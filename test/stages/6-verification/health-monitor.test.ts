import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import type { Outcome } from '../../../src/model/outcome.js';
import type { RollbackMerged } from '../../../src/model/rollback-attempt.js';
import { HealthMonitor } from '../../../src/stages/6-verification/health-monitor.js';
import { SHOP } from '../../support/attempt-parts.js';
import { type AttemptAt } from '../../support/attempts.js';
import { pauseOf } from '../../support/observations.js';
import { manifestPath } from '../../support/operator-world.js';
import { ShopCase } from '../../support/shop-case.js';

const FILE = manifestPath('shop');

describe('HealthMonitor', () => {
  let shop: ShopCase;
  let merged: AttemptAt<'syncing'>;
  beforeEach(async () => {
    shop = await new ShopCase((world) => (world.syncs = false)).degrade();
    merged = await shop.at('syncing');
  });
  const handle = (a: RollbackMerged): Promise<Outcome<'RollbackMerged'>> =>
    shop.process.container.get(HealthMonitor).handle(a, shop.signal);
  const words = (o: Outcome<'RollbackMerged'>): string =>
    o.kind === 'advance'
      ? o.to
      : o.kind === 'abort'
        ? o.reason
        : o.kind === 'step'
          ? o.step.name
          : `${o.kind}: ${o.why}`;
  const seconds = (n: number): Promise<void> => shop.world.clock.advance(n * 1_000, 1);
  const refreshes = (): number => shop.world.argocd.hooks.count('refresh');

  describe('syncing', () => {
    it('asks Argo CD to refresh at once and each 60 s, not with each look', async () => {
      for (let i = 0; i < 26; i++) {
        await handle(merged);
        await seconds(5);
      }
      expect(refreshes()).to.equal(3);
    });
    it('a refresh that fails costs nothing but time', async () => {
      shop.world.argocd.hooks.before = (call) => {
        if (call.startsWith('refresh')) throw new OperatorError('ARGOCD_DENIED', 'denied', '403');
      };
      expect(words(await handle(merged))).to.match(/^wait/);
    });
    it('asks for none under a pause, and goes on looking', async () => {
      shop.world.killSwitch.pause = pauseOf({ kill: true });
      expect(words(await handle(merged))).to.match(/^wait/);
      expect(refreshes()).to.equal(0);
    });
    it('names what stands in the way', async () => {
      expect(words(await handle(merged))).to.equal('wait: Argo CD has not seen the merge yet');
      shop.world.argocd.change(SHOP, { operationRunning: true });
      expect(words(await handle(merged))).to.match(/^wait: a sync operation is running/);
    });
    it('verifies as soon as the merge commit is deployed', async () => {
      shop.world.deploy(SHOP);
      const outcome = await handle(merged);
      expect(outcome.kind === 'step' && outcome.step).to.deep.equal({
        name: 'verifying',
        healthySince: shop.world.clock.now(),
        revision: merged.merge.commit,
      });
    });
    it('takes a descendant of the merge with the same files for the merge', async () => {
      shop.world.github.git.push('main', { 'apps/other/values.yaml': 'x\n' });
      shop.world.deploy(SHOP);
      expect(words(await handle(merged))).to.equal('verifying');
    });
    it('is superseded by a descendant that changed the application again', async () => {
      shop.world.github.git.push('main', { [FILE]: 'shop: v9\n' });
      shop.world.deploy(SHOP);
      expect(words(await handle(merged))).to.equal('superseded');
    });
    it("a merge that gave the application other files than the candidate's is the loudest end", async () => {
      const commit = shop.world.github.git.push('main', { [FILE]: 'shop: something else\n' });
      expect(words(await handle({ ...merged, merge: { ...merged.merge, commit } }))).to.equal('merge-differs');
    });
    it('an upstream that fails is an error for the workflow, never an answer', async () => {
      shop.world.argocd.hooks.before = (call) => {
        if (call.startsWith('get')) throw new OperatorError('ARGOCD_UNREACHABLE', 'transient', '503');
      };
      let thrown: unknown;
      await handle(merged).catch((error: unknown) => (thrown = error));
      expect(thrown).to.include({ code: 'ARGOCD_UNREACHABLE' });
    });
  });

  describe('verifying', () => {
    let a: RollbackMerged;
    beforeEach(async () => {
      shop.world.deploy(SHOP);
      a = await shop.at('verifying', merged);
    });
    /** Healthy checks 10 s apart, the module asked after each; answers its last words. */
    const healthy = async (count: number, between: (n: number) => Promise<void> | void = () => {}): Promise<string> => {
      let said = '';
      for (let n = 1; n <= count; n++) {
        await seconds(10);
        await shop.check('Healthy', merged.merge.commit);
        await between(n);
        const outcome = await handle(a);
        said = words(outcome);
        if (outcome.kind === 'step' && outcome.step.name === 'verifying')
          a = { ...a, step: { ...a.step, ...outcome.step } };
        if (outcome.kind === 'advance') break;
      }
      return said;
    };
    it('is complete after 60 s of health on every check: the seventh check', async () => {
      expect(await healthy(6)).to.equal('wait: healthy for 50 of 60 s');
      expect(await healthy(1)).to.equal('RollbackComplete');
    });
    it('reports since when it was healthy', async () => {
      const from = shop.world.clock.now() + 10_000;
      await healthy(6);
      await seconds(10);
      await shop.check('Healthy', merged.merge.commit);
      expect(await handle(a)).to.deep.include({ kind: 'advance', with: { recoveredAt: from } });
    });
    it('a break starts the minute anew', async () => {
      await healthy(5);
      await seconds(10);
      await shop.check('Degraded', merged.merge.commit);
      expect(words(await handle(a))).to.equal('wait: Argo CD says Degraded');
      expect(await healthy(6)).to.equal('wait: healthy for 50 of 60 s');
      expect(await healthy(1)).to.equal('RollbackComplete');
    });
    it('checks from before the rollback was synced do not count', async () => {
      shop.world.shelf.checks.clear();
      expect(await healthy(1)).to.equal('verifying');
    });
    it('is not complete while replicas are missing, whatever Argo CD says', async () => {
      shop.world.kubernetes.status = (w) => ({
        ...w,
        desired: 3,
        available: 2,
        observed: true,
        trackingId: 'shop:apps/Deployment:shop/shop',
      });
      expect(await healthy(8)).to.equal('wait: Deployment shop has 2 of 3 replicas');
    });
    it('workloads that cannot be read to the end make it unverified', async () => {
      shop.world.kubernetes.hooks.before = () => {
        throw new OperatorError('KUBERNETES_DENIED', 'denied', '403');
      };
      await healthy(7);
      expect(await handle(a)).to.deep.include({ kind: 'wait', expiresAs: 'unverified' });
    });
    it('an application without workloads needs none', async () => {
      shop.world.argocd.change(SHOP, { resources: [] });
      expect(await healthy(7)).to.equal('RollbackComplete');
    });
  });
});
