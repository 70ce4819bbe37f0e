import { expect } from 'chai';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import type { ApplicationKey, ApplicationSnapshot } from '../../src/model/application.js';
import { FleetView } from '../../src/workflow/fleet-view.js';
import { SHOP, T0 } from '../support/attempt-parts.js';
import { entryOf } from '../support/fakes/fake-argocd.js';
import { operatorConfig, PRODUCTION } from '../support/operator-config.js';
import { snapshotOf } from '../support/snapshots.js';

const MINUTE = 60_000;
const entry = (overrides: Partial<ApplicationSnapshot> = {}) => entryOf(snapshotOf(overrides));

describe('the view of the fleet', () => {
  let policies: PolicyBook;
  let fleet: FleetView;
  beforeEach(() => {
    policies = new PolicyBook(operatorConfig(), sameRepositoryUrl);
    fleet = new FleetView(policies);
  });
  it('answers the managed applications that are Degraded, and no others', () => {
    const degraded = fleet.take(
      [
        entry(),
        entry({ application: 'argocd/ok', health: 'Healthy' }),
        entry({ application: 'argocd/lab', project: 'playground' }),
      ],
      T0,
    );
    expect(degraded.map((r) => r.entry.application)).to.deep.equal([SHOP]);
  });
  it('keeps an application that a list does not show: absence is not absence', () => {
    fleet.take([entry()], T0);
    fleet.take([], T0 + MINUTE);
    expect(fleet.find(SHOP)).to.include({ seenAt: T0 });
  });
  it("forgets it after an hour of lists without it, so that the brake's share is not watered down", () => {
    fleet.take([entry(), entry({ application: 'argocd/preview-1' })], T0);
    fleet.take([entry()], T0 + 61 * MINUTE);
    expect([...fleet.records()].map((r) => r.entry.application)).to.deep.equal([SHOP]);
  });
  it('forgets nothing while lists fail, however long', () => {
    fleet.take([entry()], T0);
    fleet.take([entry()], T0 + 600 * MINUTE);
    expect(fleet.find(SHOP)).to.include({ seenAt: T0 + 600 * MINUTE });
  });
  it("takes Argo CD's word for since when, else when it first saw this health", () => {
    const { healthChangedAt: _at, ...silent } = entry();
    fleet.take([silent], T0);
    fleet.take([silent], T0 + MINUTE);
    expect(fleet.find(SHOP)?.healthSince).to.equal(T0);
    fleet.take([entry({ healthChangedAt: T0 - MINUTE })], T0 + 2 * MINUTE);
    expect(fleet.find(SHOP)?.healthSince).to.equal(T0 - MINUTE);
  });
  it('gives applications that appear after the first list their own first sight', () => {
    fleet.take([entry()], T0);
    fleet.take([entry(), entry({ application: 'argocd/late' })], T0 + MINUTE);
    expect([fleet.find(SHOP)?.firstSeenAt, fleet.find('argocd/late')?.firstSeenAt]).to.deep.equal([
      undefined,
      T0 + MINUTE,
    ]);
  });
  it('knows when an application was last seen not to be red, and Unknown is no such sight', () => {
    fleet.take([entry({ health: 'Healthy' })], T0);
    fleet.take([entry({ health: 'Healthy' })], T0 + MINUTE);
    fleet.take([entry({ health: 'Degraded' })], T0 + 2 * MINUTE);
    expect(fleet.find(SHOP)?.notRedAt).to.equal(T0 + MINUTE);
    fleet.take([entry({ health: 'Unknown' })], T0 + 3 * MINUTE);
    fleet.take([entry({ health: 'Degraded' })], T0 + 4 * MINUTE);
    expect(fleet.find(SHOP)?.notRedAt).to.equal(T0 + MINUTE);
  });
  it('knows before when an application did not turn, whatever Argo CD says; of the first list it knows nothing', () => {
    const [later, late] = ['argocd/later', 'argocd/late'] as const;
    fleet.take([entry(), entry({ application: later, health: 'Healthy' })], T0);
    fleet.take([entry(), entry({ application: later }), entry({ application: late })], T0 + MINUTE);
    const applications: readonly ApplicationKey[] = [SHOP, later, late];
    expect(applications.map((app) => fleet.notBefore(app))).to.deep.equal([undefined, T0, T0 + MINUTE]);
    fleet.take([entry({ health: 'Healthy' })], T0 + 2 * MINUTE);
    fleet.take([entry()], T0 + 3 * MINUTE);
    expect(fleet.notBefore(SHOP)).to.equal(T0 + 2 * MINUTE);
  });
  it('matches environments anew when an application moves or the configuration changes', () => {
    fleet.take([entry()], T0);
    fleet.take([entry({ project: 'production' })], T0 + MINUTE);
    expect(fleet.find(SHOP)?.environment).to.equal('production');
    policies.replace(
      operatorConfig({
        environments: { production: { ...PRODUCTION, match: { ...PRODUCTION.match, projects: ['other'] } } },
      }),
    );
    fleet.rematch();
    expect(fleet.find(SHOP)?.environment).to.equal(undefined);
  });
  it('counts by environment and health', () => {
    fleet.take(
      [
        entry(),
        entry({ application: 'argocd/a', health: 'Healthy' }),
        entry({ application: 'argocd/b', health: 'Healthy' }),
        entry({ application: 'argocd/c', project: 'playground' }),
      ],
      T0,
    );
    expect(fleet.counts()).to.deep.equal([
      { environment: 'staging', health: 'Degraded', count: 1 },
      { environment: 'staging', health: 'Healthy', count: 2 },
      { environment: 'unmanaged', health: 'Degraded', count: 1 },
    ]);
  });
});
