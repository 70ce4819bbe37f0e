import { expect } from 'chai';
import { loadConfig } from '../../src/config/load-config.js';
import { PolicyBook } from '../../src/governance/policy-book.js';
import { sameRepositoryUrl } from '../../src/gitops/repository-url.js';
import { viewOf } from '../../src/model/attempt-view.js';
import type { Policy } from '../../src/model/policy.js';
import { relaxationsOf } from '../../src/model/relaxations.js';
import { ConfigFolder, LEAST } from '../config/config-folder.js';
import { POLICY, SHOP } from '../support/attempt-parts.js';
import { attemptIn } from '../support/attempts.js';
import { SOURCES } from '../support/snapshots.js';

const MINUTE = 60_000;
const relaxed = (change: Partial<Policy>): readonly string[] => relaxationsOf({ ...POLICY, ...change });

describe('the relaxations of a policy', () => {
  it('are none for a configuration that says no more than it must', () => {
    const folder = new ConfigFolder();
    try {
      folder.write('prod.yaml', LEAST);
      const { config } = loadConfig({ file: 'prod.yaml', env: {}, workingDirectory: folder.path });
      const policy = new PolicyBook(config, sameRepositoryUrl).policyOf({
        application: SHOP,
        project: 'staging',
        destination: {},
        sources: SOURCES,
      });
      expect(policy && relaxationsOf(policy)).to.deep.equal([]);
    } finally {
      folder.remove();
    }
  });
  it('name every key that loosens a default, as it would be written', () => {
    expect(
      relaxed({
        invariants: { replicaShortage: 'updated', openPullRequests: 'paths' },
        candidates: { minObservationMs: 120 * MINUTE, minSoakMs: 5 * MINUTE, allowWithoutCi: true },
        repository: {
          url: 'https://github.com/acme/gitops',
          allApplicationsVisible: true,
          requiredChecks: [],
          allowNoChecks: true,
          failOnOptionalFailure: false,
        },
        approval: { ...POLICY.approval, mergeAfterApproval: true, minRole: 'write' },
        timing: {
          ...POLICY.timing,
          DEGRADATION_PERSISTENCE_CHECKS: 2,
          HEALTH_CHECK_INTERVAL: 500,
          ciSettleWindow: 3_000,
        },
        guards: {
          ...POLICY.guards,
          changeWindowMs: 48 * 60 * MINUTE,
          maxPassedOver: 5,
          fleet: { count: 9, windowMs: 60 * MINUTE },
          perApplication: [{ count: 5, windowMs: 60 * MINUTE }],
        },
      }),
    ).to.deep.equal([
      'invariants.replicaShortage: updated',
      'invariants.openPullRequests: paths',
      'candidates.allowWithoutCi: true',
      'candidates.minObservation: 2h',
      'candidates.minSoak: 5m',
      'repositories[https://github.com/acme/gitops].ci.allowNoChecks: true',
      'repositories[https://github.com/acme/gitops].ci.failOnOptionalFailure: false',
      'guards.changeWindow: 2d',
      'guards.maxPassedOver: 5',
      'guards.fleet: 9 per 1h',
      'guards.perApplication: 5 per 1h',
      'production.mergeAfterApproval: true',
      'production.approvers.minRole: write',
      'timing.DEGRADATION_PERSISTENCE_CHECKS: 2',
      'timing.HEALTH_CHECK_INTERVAL: 500ms (default 10s)',
      'timing.ciSettleWindow: 3s (default 1m)',
    ]);
  });
  it('are none for whatever is stricter', () => {
    const stricter = {
      ...POLICY.guards,
      maxPassedOver: 0,
      perApplication: [...POLICY.guards.perApplication, { count: 0, windowMs: MINUTE }],
    };
    expect(relaxed({ guards: stricter, timing: { ...POLICY.timing, ciSettleWindow: 120_000 } })).to.deep.equal([]);
  });
  it('belong to the policy that was frozen into the attempt, and stand in its view', () => {
    const policy = { ...POLICY, invariants: { ...POLICY.invariants, replicaShortage: 'updated' } } as const;
    expect(viewOf(attemptIn('PRCreated', { policy })).relaxations).to.deep.equal([
      'invariants.replicaShortage: updated',
    ]);
    expect(viewOf(attemptIn('PRCreated')).relaxations).to.deep.equal([]);
  });
});
