import { HOLD_LABEL } from '../../src/governance/guards.js';
import { unknown } from '../../src/governance/known.js';
import type { OtherApplication } from '../../src/governance/evidence.js';
import type { FreezeWindow } from '../../src/model/policy.js';
import { BAD, CANDIDATE, PLAN, POLICY, PULL_REQUEST, T0 } from '../support/attempt-parts.js';
import { attemptIn } from '../support/attempts.js';
import {
  degradedApplication,
  fact,
  mergeablePullRequest,
  NOW,
  otherApplication,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { checkOf } from '../support/observations.js';
import { judges } from '../support/verdict-of.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const { bad } = attemptIn('AwaitingMergeApproval');
const application = (overrides: Parameters<typeof degradedApplication>[0]): CaseOverrides => ({
  evidence: { application: fact(degradedApplication(overrides)) },
});
const guards = (overrides: Partial<typeof POLICY.guards>): CaseOverrides => ({
  attempt: { policy: { ...POLICY, guards: { ...POLICY.guards, ...overrides } } },
});
const files = (...paths: string[]): CaseOverrides => ({
  attempt: {
    pullRequest: { ...PULL_REQUEST, plan: { ...PLAN, files: paths.map((path) => ({ path, change: 'modified' })) } },
  },
});
const dropped = (droppedCommits: number): CaseOverrides => ({
  attempt: { pullRequest: { ...PULL_REQUEST, plan: { ...PLAN, droppedCommits } } },
});
const deployed = (beforeOnsetMs: number): CaseOverrides => ({
  attempt: { bad: { ...bad, deployedAt: T0 - beforeOnsetMs } },
});
const others = (...list: Partial<OtherApplication>[]): CaseOverrides => ({
  evidence: { others: fact(list.map((o) => otherApplication(o))) },
});
const rendered = (change: 'added' | 'modified' | 'removed', bars?: string): CaseOverrides => ({
  evidence: {
    rendered: fact({
      equalsCandidate: true,
      changes: [{ change, kind: 'Job', name: 'migrate', ...(bars === undefined ? {} : { bars }) }],
    }),
  },
});
/** One object changes as said, and another is modified. */
const withoutPruning = (change: 'modified' | 'removed', prune = false): CaseOverrides => ({
  evidence: {
    application: fact(degradedApplication({ automated: { enabled: true, prune, selfHeal: true } })),
    rendered: fact({
      equalsCandidate: true,
      changes: [
        { change, kind: 'ConfigMap', name: 'shop' },
        { change: 'modified', kind: 'Deployment', name: 'shop' },
      ],
    }),
  },
});
const frozenNow: FreezeWindow = { kind: 'absolute', name: 'holidays', timeZone: 'UTC', from: NOW - 1, to: NOW + 1 };
const image = (name: string): CaseOverrides =>
  application({ annotations: { [`argocd-image-updater.argoproj.io/${name}`]: 'shop=ghcr.io/acme/shop' } });

describe('the eight guards', () => {
  judges('G1_change_induced', [
    ['when it degraded ten minutes after the bad version was deployed', 'pass', {}],
    ['at the very end of guards.changeWindow', 'pass', deployed(DAY)],
    ['past guards.changeWindow', 'fail', deployed(DAY + 1)],
    ['when it degraded some seconds before the deployment, as clocks differ', 'pass', deployed(-10_000)],
    ['when it degraded clearly before the deployment', 'fail', deployed(-10_001)],
    [
      'when Argo CD does not say when the bad version was deployed',
      'unknown',
      { attempt: { bad: { revisions: [BAD], settings: bad.settings } } },
    ],
  ]);

  judges('G2_scope', [
    ['when only this application changes and the step back is small', 'pass', {}],
    [
      'when others render from the diff and are proved to stay as they are',
      'pass',
      others({}, { environment: 'production' }),
    ],
    ['when another application would change', 'fail', others({}, { rendersEqual: false })],
    [
      'when it is not known whether another application would change',
      'unknown',
      others({}, { rendersEqual: undefined as never }),
    ],
    [
      'when one would change and of another it is not known',
      'fail',
      others({ rendersEqual: undefined as never }, { rendersEqual: false }),
    ],
    [
      'when Argo CD renders something else than the candidate',
      'fail',
      { evidence: { rendered: fact({ equalsCandidate: false, changes: [] }) } },
    ],
    ['for a workflow of GitHub', 'fail', files('.github/workflows/deploy.yaml')],
    ['for a workflow of GitHub in a folder', 'fail', files('apps/shop/.github/dependabot.yml')],
    ['for code owners', 'fail', files('CODEOWNERS')],
    ['for code owners in a folder', 'fail', files('docs/CODEOWNERS')],
    ['for files that only sound alike', 'pass', files('apps/github/x.yaml', 'apps/CODEOWNERS.yaml')],
    [
      'for a candidate that stopped running seven days before',
      'pass',
      { attempt: { candidate: { ...CANDIDATE, stoppedAt: T0 - 7 * DAY } } },
    ],
    [
      'for a candidate that stopped running earlier than that',
      'fail',
      { attempt: { candidate: { ...CANDIDATE, stoppedAt: T0 - 7 * DAY - 1 } } },
    ],
    ['when three newer versions are passed over', 'pass', { attempt: { candidate: { ...CANDIDATE, passedOver: 3 } } }],
    ['when four newer versions are passed over', 'fail', { attempt: { candidate: { ...CANDIDATE, passedOver: 4 } } }],
    ['when twenty commits are dropped', 'pass', dropped(20)],
    ['when twenty-one commits are dropped', 'fail', dropped(21)],
  ]);

  judges('G3_reversible', [
    ['when every object that changes can be changed back', 'pass', {}],
    [
      'when an object changes that cannot simply be changed back',
      'fail',
      rendered('modified', 'Job migrate: it runs again'),
    ],
  ]);

  judges('G4_will_sync', [
    ['when automated sync is on and nothing stands in the way', 'pass', {}],
    ['when automated sync is off', 'fail', application({ automated: { enabled: false, prune: true, selfHeal: true } })],
    ['while an operation runs', 'fail', application({ operationRunning: true })],
    [
      'while a sync window forbids automated syncs',
      'fail',
      { evidence: { sync: fact({ windowOpen: false, windows: 'deny 0 0 * * *' }) } },
    ],
    ['when an object goes and automated pruning is on', 'pass', withoutPruning('removed', true)],
    ['when an object goes and automated pruning is off', 'fail', withoutPruning('removed')],
    ['when nothing goes and automated pruning is off', 'pass', withoutPruning('modified')],
    [
      'when it is not known what goes and automated pruning is off',
      'unknown',
      {
        evidence: {
          rendered: unknown('no answer', 'Argo CD', NOW),
          ...application({ automated: { enabled: true, prune: false, selfHeal: true } }).evidence,
        },
      },
    ],
    [
      'when it is not known what goes and automated pruning is on',
      'pass',
      { evidence: { rendered: unknown('no answer', 'Argo CD', NOW) } },
    ],
    [
      'when the Application follows another branch now',
      'fail',
      application({ sources: [{ repoURL: 'https://github.com/acme/gitops', targetRevision: 'release' }] }),
    ],
    [
      'when the Application is pinned to a commit now',
      'fail',
      application({ sources: [{ repoURL: 'https://github.com/acme/gitops', targetRevision: BAD }] }),
    ],
    [
      'when the Application follows the default branch by HEAD',
      'pass',
      application({ sources: [{ repoURL: 'https://github.com/acme/gitops', targetRevision: 'HEAD' }] }),
    ],
    [
      'when the Application has several sources now',
      'fail',
      application({
        sources: [{ repoURL: 'https://github.com/acme/gitops' }, { repoURL: 'https://github.com/acme/values' }],
      }),
    ],
  ]);

  judges('G6_not_frozen', [
    ['when no freeze is open and nobody holds the pull request', 'pass', {}],
    ['while a freeze window is open', 'fail', guards({ freeze: [frozenNow] })],
    ['after the freeze window', 'pass', guards({ freeze: [{ ...frozenNow, to: NOW }] })],
    ['while any of several freeze windows is open', 'fail', guards({ freeze: [{ ...frozenNow, to: NOW }, frozenNow] })],
    [
      `while the pull request carries ${HOLD_LABEL}`,
      'fail',
      { evidence: { pullRequest: fact(mergeablePullRequest({ labels: ['rollback', HOLD_LABEL] })) } },
    ],
  ]);

  judges('G7_not_superseded', [
    ['when the files on the branch are still those of the bad version', 'pass', {}],
    [
      'when somebody changed the files on the branch, synced or not',
      'fail',
      { evidence: { baseUnchanged: fact(false) } },
    ],
    [
      'when another version was deployed meanwhile',
      'fail',
      application({ deployed: { revisions: ['c'.repeat(40)], sources: [] } }),
    ],
    [
      'when Argo CD does not say any more what is deployed',
      'fail',
      {
        evidence: {
          application: fact(
            ((): ReturnType<typeof degradedApplication> => {
              const { deployed: _deployed, ...rest } = degradedApplication();
              return rest;
            })(),
          ),
        },
      },
    ],
    [
      'when the bad revision runs with other source settings',
      'fail',
      {
        evidence: { checks: [checkOf('Degraded', { at: NOW, running: { revisions: [BAD], settings: 'settings-2' } })] },
      },
    ],
  ]);

  judges('G8_no_reapply', [
    ['when no bot is known that would put the bad version back', 'pass', {}],
    ['when the image updater manages the images', 'fail', image('image-list')],
    ['when the image updater writes back to git', 'fail', image('write-back-method')],
    ['when a parameter override that a bot writes is changed', 'fail', files('apps/shop/.argocd-source-shop.yaml')],
  ]);
});
