import { unknown } from '../../src/governance/known.js';
import { POLICY, PRODUCTION_POLICY } from '../support/attempt-parts.js';
import {
  ailing,
  degradedApplication,
  DEPLOYMENT,
  fact,
  NOW,
  otherApplication,
  replicas,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { checkOf } from '../support/observations.js';
import { judges, type Row } from '../support/verdict-of.js';

const repository = (overrides: object): typeof POLICY => ({
  ...POLICY,
  repository: { ...POLICY.repository, ...overrides } as NonNullable<typeof POLICY.repository>,
});
const application = (overrides: Parameters<typeof degradedApplication>[0]): CaseOverrides => ({
  evidence: { application: fact(degradedApplication(overrides)) },
});
const checks = (...list: ReturnType<typeof checkOf>[]): CaseOverrides => ({ evidence: { checks: list } });
const at = (secondsAgo: number, overrides: Parameters<typeof checkOf>[1] = {}): ReturnType<typeof checkOf> =>
  checkOf('Degraded', { at: NOW - secondsAgo * 1000, ...overrides });

describe('the eight invariants, about the application', () => {
  const shared = (other: Parameters<typeof otherApplication>[0]): CaseOverrides => ({
    evidence: { outsideStagingPaths: ['apps/base/deployment.yaml'], others: fact([otherApplication(other)]) },
  });
  judges('I1_environment', [
    ['for staging whose diff lies under paths of staging alone', 'pass', {}],
    [
      'for staging, though a production application is near, when every file lies under paths of staging alone',
      'pass',
      { evidence: { others: fact([otherApplication({ environment: 'production' })]) } },
    ],
    ['when a file outside the staging paths is shared with staging applications only', 'pass', shared({})],
    ['when the attempt was opened for production', 'fail', { attempt: { policy: PRODUCTION_POLICY } }],
    [
      'when the configuration puts the application in production now',
      'fail',
      { evidence: { policyNow: PRODUCTION_POLICY } },
    ],
    ['when no environment matches the application any more', 'fail', { evidence: { policyNow: undefined } }],
    ['when a production application renders from the diff', 'fail', shared({ environment: 'production' })],
    ['when an unmanaged application renders from the diff', 'fail', shared({ environment: 'unmanaged' })],
    [
      'when it cannot be told whether another application renders from the diff',
      'fail',
      shared({ relation: 'unknown' }),
    ],
    [
      'without staging paths, in a repository not declared fully visible',
      'unknown',
      {
        attempt: { policy: repository({ allApplicationsVisible: false }) },
        evidence: { outsideStagingPaths: undefined },
      },
    ],
    [
      'for a file outside the staging paths, in a repository not declared fully visible',
      'unknown',
      {
        attempt: { policy: repository({ allApplicationsVisible: false }) },
        evidence: { outsideStagingPaths: ['apps/base/x.yaml'] },
      },
    ],
    [
      'when the fleet could not be read and the staging paths do not tell',
      'unknown',
      { evidence: { outsideStagingPaths: undefined, others: unknown('403', 'Argo CD', NOW) } },
    ],
  ]);

  judges('I2_health_degraded', [
    ['when Argo CD says Degraded now and a workload is', 'pass', {}],
    [
      'after a check that could not be made, when the live answer says Degraded',
      'pass',
      checks(at(25), at(15), checkOf('Unknown', { at: NOW - 5_000 })),
    ],
    ...(['Healthy', 'Progressing', 'Suspended', 'Missing', 'Unknown'] as const).map(
      (health): Row => [`when Argo CD says ${health} now`, 'fail', application({ health })],
    ),
    [
      'when only something that is no workload is Degraded',
      'fail',
      application({ resources: [{ ...DEPLOYMENT, group: 'autoscaling', kind: 'HorizontalPodAutoscaler' }] }),
    ],
    [
      'when only a child application is Degraded',
      'fail',
      application({ resources: [{ ...DEPLOYMENT, group: 'argoproj.io', kind: 'Application' }] }),
    ],
    ['when only a hook is Degraded', 'fail', application({ resources: [{ ...DEPLOYMENT, hook: true }] })],
    ['when Argo CD does not say how the workloads are', 'fail', application({ resources: [] })],
    [
      'when Argo CD has not compared the application for seven minutes',
      'unknown',
      application({ reconciledAt: NOW - 421_000 }),
    ],
    [
      'when Argo CD cannot compare the application',
      'unknown',
      application({ conditions: [{ type: 'ComparisonError', message: 'repository not accessible' }] }),
    ],
    ['while the application is being deleted', 'unknown', application({ deleting: true })],
  ]);

  const workloads = (...list: ReturnType<typeof ailing>[]): CaseOverrides => ({ evidence: { workloads: fact(list) } });
  const updated: typeof POLICY = { ...POLICY, invariants: { ...POLICY.invariants, replicaShortage: 'updated' } };
  judges('I3_replica_shortage', [
    ['when an unhealthy workload has fewer available replicas than desired', 'pass', {}],
    ['when none of its replicas is available', 'pass', workloads(ailing(replicas({ available: 0 })))],
    [
      'when one of several unhealthy workloads is short',
      'pass',
      workloads(ailing(undefined), ailing(replicas({ available: 3 })), ailing(replicas())),
    ],
    ['when as many are available as desired', 'fail', workloads(ailing(replicas({ available: 3 })))],
    ['when more are available than desired', 'fail', workloads(ailing(replicas({ available: 4 })))],
    ['when it is scaled to zero', 'fail', workloads(ailing(replicas({ desired: 0, available: 0 })))],
    ['when its controller has not looked at the newest spec', 'fail', workloads(ailing(replicas({ observed: false })))],
    ['when only a healthy workload is short', 'fail', workloads(ailing(replicas(), 'Healthy'))],
    ['when the health of the short workload is not known', 'fail', workloads(ailing(replicas(), 'unknown'))],
    ['when no workload could be read', 'fail', workloads(ailing(undefined))],
    ['without any unhealthy workload', 'fail', workloads()],
    [
      'when old pods keep serving, unless the newest revision is what counts',
      'fail',
      workloads(ailing(replicas({ available: 3, updatedAvailable: 0 }))),
    ],
    [
      'when old pods keep serving and the newest revision is what counts',
      'pass',
      { attempt: { policy: updated }, ...workloads(ailing(replicas({ available: 3, updatedAvailable: 0 }))) },
    ],
    [
      'when the newest revision counts and cannot be told from the old one',
      'fail',
      {
        attempt: { policy: updated },
        evidence: {
          workloads: fact([ailing({ ...replicas({ available: 1 }), updatedAvailable: undefined } as never)]),
        },
      },
    ],
  ]);

  judges('I4_persistence', [
    ['on three consecutive recent Degraded checks of the bad version', 'pass', checks(at(25), at(15), at(5))],
    [
      'on the newest three, whatever was before',
      'pass',
      checks(checkOf('Healthy', { at: NOW - 35_000 }), at(25), at(15), at(5)),
    ],
    ['on two', 'fail', checks(at(15), at(5))],
    ['without any check', 'fail', { evidence: { checks: [] } }],
    [
      'when an Unknown stands among them',
      'fail',
      checks(at(35), at(25), checkOf('Unknown', { at: NOW - 15_000 }), at(5)),
    ],
    ['when the newest one is Unknown', 'fail', checks(at(35), at(25), at(15), checkOf('Unknown', { at: NOW - 5_000 }))],
    ['when the newest one is Healthy', 'fail', checks(at(35), at(25), at(15), checkOf('Healthy', { at: NOW - 5_000 }))],
    ['when a check was missed for longer than 2.5 intervals', 'fail', checks(at(41), at(15), at(5))],
    ['when two checks lie closer than half an interval', 'fail', checks(at(25), at(9), at(5))],
    ['when the newest check was just 2.5 intervals old as the reading began', 'pass', checks(at(47), at(37), at(27))],
    ['when the newest check was older than 2.5 intervals', 'fail', checks(at(48), at(38), at(28))],
    ['however long the other evidence took to read', 'pass', { ...checks(at(25), at(15), at(5)), now: NOW + 300_000 }],
    [
      'when another revision ran in between',
      'fail',
      checks(at(25), at(15, { running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } }), at(5)),
    ],
    [
      'when another revision ran at one of them',
      'fail',
      checks(at(25, { running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } }), at(15), at(5)),
    ],
    [
      'when another version than the bad one is what is Degraded',
      'fail',
      checks(...[25, 15, 5].map((s) => at(s, { running: { revisions: ['c'.repeat(40)], settings: 'settings-1' } }))),
    ],
    [
      'when the bad revision runs with other source settings',
      'fail',
      checks(...[25, 15, 5].map((s) => at(s, { running: { revisions: ['b'.repeat(40)], settings: 'settings-2' } }))),
    ],
    [
      'when it was not known what ran',
      'fail',
      checks(
        ...[25, 15, 5].map(
          (s): ReturnType<typeof checkOf> => ({ at: NOW - s * 1000, intervalMs: 10_000, health: 'Degraded' }),
        ),
      ),
    ],
    [
      'when one of them is only an early signal of stalled progress, not the word of Argo CD',
      'fail',
      checks(at(25), at(15, { stalled: 'Progressing for 300 s, pod shop-1: CrashLoopBackOff' }), at(5)),
    ],
    [
      'when more checks are configured than there are',
      'fail',
      { attempt: { policy: { ...POLICY, timing: { ...POLICY.timing, DEGRADATION_PERSISTENCE_CHECKS: 7 } } } },
    ],
  ]);
});
