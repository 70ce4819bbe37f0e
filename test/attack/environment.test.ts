import { expect } from 'chai';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { PolicyBook, type Subject } from '../../src/governance/policy-book.js';
import type { DestinationMatch } from '../../src/config/operator-config.js';
import { matchProjects, operatorConfig, PRODUCTION, STAGING } from '../support/operator-config.js';

const PROD = 'https://prod.example:6443';
const subject = (destination: Subject['destination']): Subject => ({
  application: 'argocd/shop',
  project: 'team-a',
  destination,
});

/** Staging takes the team's project; production is told by its cluster. */
function book(production: DestinationMatch, staging: readonly DestinationMatch[] = []): PolicyBook {
  const environments = {
    staging: { ...STAGING, match: { ...matchProjects('team-*'), destinations: staging } },
    production: { ...PRODUCTION, match: { ...matchProjects(), destinations: [production] } },
  };
  return new PolicyBook(operatorConfig({ environments }), sameRepositoryUrl);
}

describe('an application on a cluster of production', () => {
  const rows: readonly (readonly [string, DestinationMatch, Subject['destination'], 'staging' | 'production'])[] = [
    ['is production by its address', { server: PROD }, { server: PROD }, 'production'],
    [
      'is not staging because its owner wrote the name of the cluster instead',
      { server: PROD },
      { name: 'prod' },
      'production',
    ],
    ['is not staging because its owner wrote the address instead', { name: 'prod' }, { server: PROD }, 'production'],
    [
      'is not staging for a slash or a capital more',
      { server: PROD },
      { server: 'https://PROD.example:6443/' },
      'production',
    ],
    ['is not staging when it says nothing of a cluster', { server: PROD }, {}, 'production'],
    ['is told from one on another address', { server: PROD }, { server: 'https://stage.example' }, 'staging'],
    [
      "is told from one in Argo CD's own cluster, whose both names are known",
      { name: 'prod' },
      { server: 'https://kubernetes.default.svc' },
      'staging',
    ],
    [
      'is told from one in another namespace',
      { server: PROD, namespace: 'prod-*' },
      { name: 'x', namespace: 'stage-shop' },
      'staging',
    ],
  ];
  for (const [claim, production, destination, expected] of rows) {
    it(claim, () => expect(book(production).environmentOf(subject(destination))).to.equal(expected));
  }
  it('is told from one on a cluster that the configuration gives to staging by name', () => {
    const policies = book({ server: PROD }, [{ name: 'stage-1' }]);
    expect(policies.environmentOf(subject({ name: 'stage-1' }))).to.equal('staging');
    expect(policies.matchedBy('production', subject({ name: 'stage-2' }))).to.match(/not ruled out/);
  });
  it('that no environment fits stays unmanaged', () => {
    const other = { ...subject({ name: 'prod' }), project: 'elsewhere' };
    expect(book({ server: PROD }).environmentOf(other)).to.equal(undefined);
  });
});
