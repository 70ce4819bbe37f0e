import { expect } from 'chai';
import type { Evaluation } from '../../src/model/rule-result.js';
import { GovernanceEngine } from '../../src/governance/governance-engine.js';
import { MergeEvidenceReader } from '../../src/stages/5-merge/merge-evidence.js';
import type { AttemptAt } from '../support/attempts.js';
import { ShopCase } from '../support/shop-case.js';
import { snapshotOf } from '../support/snapshots.js';

describe('other applications that render from the diff', () => {
  let shop: ShopCase;
  let a: AttemptAt<'deciding'>;
  beforeEach(async () => {
    shop = await new ShopCase().degrade();
    a = await shop.at('deciding');
  });
  const evaluate = async (): Promise<Evaluation> => {
    const evidence = await shop.process.container.get(MergeEvidenceReader).read(a, shop.signal);
    return shop.process.container.get(GovernanceEngine).evaluate({ attempt: a, evidence, now: shop.world.clock.now() });
  };
  const scope = async (): Promise<string | undefined> =>
    (await evaluate()).guards.find((g) => g.id === 'G2_scope')?.verdict;

  it('are not known when the list of applications is empty: it lacks even the one in question', async () => {
    expect(await scope()).to.equal('pass');
    shop.world.argocd.listSources = () => Promise.resolve([]);
    expect(await scope()).to.equal('unknown');
  });
  it('are rendered anew when their source settings changed since they were rendered last', async () => {
    const { argocd } = shop.world;
    const sources = argocd.get(a.application).sources.map((s) => ({ ...s, kustomize: { namePrefix: 'blue-' } }));
    const neighbour = snapshotOf({ application: 'argocd/pay', project: 'staging', sources, health: 'Healthy' });
    argocd.set(neighbour);
    const render = argocd.render;
    argocd.render = (app, revision) => {
      const isPlain = argocd.get(app).sources.every((s) => s['kustomize'] === undefined);
      return app === 'argocd/pay' && !isPlain ? ['the same whatever the commit'] : render('argocd/shop', revision);
    };
    expect(await scope()).to.equal('pass');
    argocd.set({ ...neighbour, sources: argocd.get(a.application).sources });
    expect(await scope()).to.equal('fail');
  });
});
