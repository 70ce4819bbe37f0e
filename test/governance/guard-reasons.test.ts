import { HOLD_LABEL } from '../../src/governance/guards.js';
import { attemptId, BAD, CANDIDATE, POLICY, T0 } from '../support/attempt-parts.js';
import { attemptIn } from '../support/attempts.js';
import {
  degradedApplication,
  fact,
  mergeablePullRequest,
  NOW,
  otherApplication,
  type CaseOverrides,
} from '../support/merge-evidence.js';
import { quarantineOf, spendOf } from '../support/observations.js';
import { saysWords, type Words } from '../support/verdict-of.js';

const application = (overrides: Parameters<typeof degradedApplication>[0]): CaseOverrides => ({
  evidence: { application: fact(degradedApplication(overrides)) },
});
const pullRequest = (overrides: Parameters<typeof mergeablePullRequest>[0]): CaseOverrides => ({
  evidence: { pullRequest: fact(mergeablePullRequest(overrides)) },
});
const candidate = (overrides: Partial<typeof CANDIDATE>): CaseOverrides => ({
  attempt: { candidate: { ...CANDIDATE, ...overrides } },
});
const { bad } = attemptIn('AwaitingMergeApproval');

/** What people read when a rule keeps the operator from merging: what is wrong, and what would change it. */
const WORDS: readonly Words[] = [
  [
    'G1_change_induced',
    { attempt: { bad: { ...bad, deployedAt: T0 - 90_000_000 } } },
    'Degraded 90000 s after the deployment',
    'it did not degrade within guards.changeWindow after the change, so perhaps the change is not the cause: a person approves',
  ],
  [
    'G2_scope',
    candidate({ passedOver: 5 }),
    '5 newer versions are passed over',
    'a far jump, or one over protected files, is left to people: a person approves',
  ],
  [
    'G2_scope',
    { evidence: { others: fact([otherApplication({ rendersEqual: false })]) } },
    'argocd/cart: changes',
    'another application would change, or may: a person approves for both',
  ],
  [
    'G3_reversible',
    {
      evidence: {
        rendered: fact({
          equalsCandidate: true,
          changes: [
            {
              change: 'removed',
              kind: 'PersistentVolumeClaim',
              name: 'db',
              bars: 'PersistentVolumeClaim db: its content cannot simply be taken back',
            },
          ],
        }),
      },
    },
    'PersistentVolumeClaim db removed',
    'PersistentVolumeClaim db: its content cannot simply be taken back: a person judges whether it may change back',
  ],
  [
    'G4_will_sync',
    application({ automated: { enabled: false, prune: true, selfHeal: false } }),
    'automated sync is off',
    'automated sync is off: turn it on, or sync by hand after the merge',
  ],
  [
    'G4_will_sync',
    { evidence: { sync: fact({ windowOpen: false, windows: 'deny until 08:00' }) } },
    'deny until 08:00',
    'a sync window forbids automated syncs now: it is looked at again until the window opens',
  ],
  [
    'G4_will_sync',
    application({ operationRunning: true, operation: { phase: 'Running', message: '', retryCount: 0 } }),
    'an operation is running (Running)',
    'an operation is running (Running): it must end, or be ended with argocd app terminate-op',
  ],
  [
    'G5_budget',
    { evidence: { spends: [spendOf({ attempt: attemptId(2), at: NOW - 1 })] } },
    '1 automatic rollback(s) of this application in 30 min',
    'at most 1 are allowed (guards.perApplication): wait, or a person approves',
  ],
  [
    'G5_budget',
    { evidence: { marks: [quarantineOf({ attempt: attemptId(2) })] } },
    'this content was rolled back before',
    'one automatic rollback per bad version: why did it come back? A person approves the next',
  ],
  [
    'G5_budget',
    { evidence: { marks: [{ kind: 'unreadable', application: 'argocd/shop', why: 'the record k: delete it' }] } },
    'a record cannot be read',
    'what was spent or barred is not known, and unknown never counts as passed: the record k: delete it',
  ],
  [
    'G6_not_frozen',
    {
      attempt: {
        policy: {
          ...POLICY,
          guards: {
            ...POLICY.guards,
            freeze: [{ kind: 'absolute', name: 'holidays', timeZone: 'UTC', from: 0, to: NOW + 1 }],
          },
        },
      },
    },
    'freeze "holidays"',
    'the freeze window "holidays" is open: nothing is merged until it closes',
  ],
  [
    'G6_not_frozen',
    pullRequest({ labels: [HOLD_LABEL] }),
    'label ai-operator:hold',
    'somebody put the label ai-operator:hold on the pull request; take it off to go on',
  ],
  [
    'G7_not_superseded',
    { evidence: { baseUnchanged: fact(false) } },
    'changed since the bad version',
    "the application's files changed on the branch after the bad version: let that change be deployed, or roll back by hand",
  ],
  [
    'G7_not_superseded',
    application({ deployed: { revisions: [BAD.replaceAll('b', 'c')], sources: [] } }),
    'another version is deployed',
    'another version was deployed meanwhile: the operator judges that one anew',
  ],
  [
    'G8_no_reapply',
    application({ annotations: { 'argocd-image-updater.argoproj.io/image-list': 'shop' } }),
    'argocd-image-updater.argoproj.io/image-list',
    'the image updater would put the bad version back: pin the image there first, then take the annotation off',
  ],
];

describe('what a guard that bars a merge says', () => {
  saysWords(WORDS);
});
