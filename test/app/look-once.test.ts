import { expect } from 'chai';
import { dryRunFlags } from '../../src/app/dry-run.js';
import { look, oneLookText } from '../../src/app/look-once.js';
import { loadConfig } from '../../src/config/load-config.js';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { ConfigFolder, LEAST } from '../config/config-folder.js';
import { SHOP } from '../support/attempt-parts.js';
import { FakeArgoCd } from '../support/fakes/fake-argocd.js';
import { ManualClock } from '../support/manual-clock.js';
import { operatorConfig } from '../support/operator-config.js';
import { snapshotOf } from '../support/snapshots.js';

describe('one look', () => {
  const clock = new ManualClock();
  const policies = new PolicyBook(operatorConfig(), sameRepositoryUrl);
  const argocdWith = (...snapshots: readonly ReturnType<typeof snapshotOf>[]): FakeArgoCd => {
    const argocd = new FakeArgoCd();
    argocd.reconciledNow = () => clock.now();
    argocd.set(...snapshots);
    return argocd;
  };

  it('finds nothing where nothing managed is Degraded', async () => {
    const seen = await look(
      argocdWith(snapshotOf({ health: 'Healthy' }), snapshotOf({ application: 'argocd/foreign', project: 'other' })),
      policies,
      clock,
    );
    expect(seen).to.deep.include({ listed: 2, managed: 1, suspects: [], degraded: false });
    expect(oneLookText(seen)).to.equal('2 applications listed, 1 managed, 0 suspects');
  });
  it('looks live at what the list calls Degraded, and names the cause', async () => {
    const seen = await look(argocdWith(snapshotOf()), policies, clock);
    expect(seen.suspects).to.deep.equal([
      {
        application: SHOP,
        environment: 'staging',
        mode: 'auto',
        health: 'Degraded',
        since: snapshotOf().healthChangedAt,
        cause: 'workload',
      },
    ]);
    expect([seen.degraded, oneLookText(seen).split('\n').at(-1)]).to.deep.equal([
      true,
      'argocd/shop  staging      auto  Degraded  2026-01-01 00:00:00 UTC  workload',
    ]);
  });
  it('does not call healthy what it cannot look at', async () => {
    const argocd = argocdWith(snapshotOf());
    argocd.hooks.before = (call) => {
      if (call.startsWith('getApplicationHealth')) argocd.get('argocd/gone');
    };
    const seen = await look(argocd, policies, clock);
    expect([seen.degraded, seen.suspects[0]?.health]).to.deep.equal([true, 'Unknown']);
  });
});

describe('a dry run', () => {
  it('lowers every environment that may do more to observe, and shows where that comes from', () => {
    const folder = new ConfigFolder();
    try {
      const both = LEAST.replace(
        'mode: propose }',
        'mode: auto }\n  production: { match: { projects: [production] }, mode: off }',
      );
      const flags = dryRunFlags(folder.load(both).config);
      const loaded = loadConfig({ file: 'prod.yaml', env: {}, workingDirectory: folder.path, flags });
      expect([loaded.config.environments.staging?.mode, loaded.config.environments.production?.mode]).to.deep.equal([
        'observe',
        'off',
      ]);
      expect(loaded.placeOf(['environments', 'staging', 'mode'])).to.deep.equal({ kind: 'flag', flag: '--dry-run' });
    } finally {
      folder.remove();
    }
  });
});
