import { expect } from 'chai';
import type { ApplicationSnapshot } from '../../../src/model/application.js';
import { syncProgress, type SyncProgress } from '../../../src/stages/6-verification/sync-progress.js';
import { BAD, MERGED } from '../../support/attempt-parts.js';
import { degradedApplication } from '../../support/merge-evidence.js';

const LATER = '7'.repeat(40);
const SUCCEEDED = { phase: 'Succeeded', message: 'successfully synced', retryCount: 0 };
const deployed = (revision: string, overrides: Partial<ApplicationSnapshot> = {}): Partial<ApplicationSnapshot> => ({
  deployed: { revisions: [revision], sources: [] },
  syncRevisions: [revision],
  syncStatus: 'Synced',
  operation: SUCCEEDED,
  ...overrides,
});
const progress = (overrides: Partial<ApplicationSnapshot>): SyncProgress =>
  syncProgress(degradedApplication(overrides), MERGED);
const notYet = (blocker: string): SyncProgress => ({ kind: 'not-yet', blocker });

describe('the merge', () => {
  const rows: readonly (readonly [claim: string, application: Partial<ApplicationSnapshot>, expected: SyncProgress])[] =
    [
      [
        'is synced when it is what a succeeded operation deployed',
        deployed(MERGED),
        { kind: 'synced', revision: MERGED },
      ],
      [
        'is synced when nothing had to change: it is what was compared, and Synced',
        deployed(BAD, { syncRevisions: [MERGED] }),
        { kind: 'synced', revision: MERGED },
      ],
      [
        'is not synced when it was compared and the application is out of sync',
        deployed(BAD, { syncRevisions: [MERGED], syncStatus: 'OutOfSync' }),
        notYet('it is OutOfSync'),
      ],
      [
        'is not synced while an operation runs on it',
        deployed(MERGED, {
          operationRunning: true,
          operation: { phase: 'Running', message: '', revision: MERGED, retryCount: 0 },
        }),
        notYet('a sync operation is running on ffffffffff'),
      ],
      [
        'is not synced while an operation on the bad version keeps retrying, and it says how to end that',
        deployed(BAD, {
          operationRunning: true,
          operation: { phase: 'Running', message: '', revision: BAD, retryCount: 2 },
        }),
        notYet('a sync operation is running on bbbbbbbbbb, retrying (argocd app terminate-op ends it)'),
      ],
      [
        'is not synced while an operation is only requested',
        { ...deployed(BAD), operationRunning: true, operation: { phase: 'Succeeded', message: '', retryCount: 0 } },
        notYet('a sync operation is running'),
      ],
      [
        'is not synced when its operation failed',
        deployed(MERGED, {
          operation: {
            phase: 'Failed',
            message: 'one or more objects failed to apply',
            revision: MERGED,
            retryCount: 5,
          },
        }),
        notYet('the sync operation ended as Failed: one or more objects failed to apply'),
      ],
      [
        'is not synced when its operation ended in an error',
        deployed(MERGED, { operation: { phase: 'Error', message: 'timeout', revision: MERGED, retryCount: 0 } }),
        notYet('the sync operation ended as Error: timeout'),
      ],
      [
        'has git asked when a later commit was deployed',
        deployed(LATER),
        { kind: 'ask-git', revision: LATER, how: 'deployed', otherwise: 'Argo CD has not seen the merge yet' },
      ],
      [
        'has git asked when a later commit was compared and is Synced',
        deployed(BAD, { syncRevisions: [LATER] }),
        { kind: 'ask-git', revision: LATER, how: 'compared', otherwise: 'Argo CD has not seen the merge yet' },
      ],
      [
        'is not synced when a later commit was compared and is out of sync',
        deployed(BAD, { syncRevisions: [LATER], syncStatus: 'OutOfSync' }),
        notYet('Argo CD has not seen the merge yet'),
      ],
      [
        'is not synced when the deployment of a later commit failed',
        deployed(LATER, { syncStatus: 'OutOfSync', operation: { phase: 'Failed', message: 'x', retryCount: 0 } }),
        notYet('Argo CD has not seen the merge yet'),
      ],
      [
        'is not synced when it was compared and automated sync is off, and it says what to do',
        deployed(BAD, {
          syncRevisions: [MERGED],
          syncStatus: 'OutOfSync',
          automated: { enabled: false, prune: false, selfHeal: false },
        }),
        notYet('automated sync is off: sync it by hand'),
      ],
      [
        'names the error of its sync when that is what stands in its way',
        deployed(BAD, {
          syncRevisions: [MERGED],
          syncStatus: 'OutOfSync',
          conditions: [{ type: 'SyncError', message: 'failed to sync: admission webhook denied it' }],
        }),
        notYet('failed to sync: admission webhook denied it'),
      ],
      [
        'is not synced when Argo CD knows of no revision',
        { syncRevisions: [], syncStatus: 'Unknown', deployed: { revisions: [], sources: [] } },
        notYet('Argo CD has not seen the merge yet'),
      ],
      [
        'names everything that stands in its way',
        deployed(BAD, {
          syncStatus: 'OutOfSync',
          syncRevisions: [],
          automated: { enabled: false, prune: false, selfHeal: false },
          conditions: [{ type: 'ComparisonError', message: 'repository not accessible' }],
        }),
        notYet('Argo CD has not seen the merge yet; automated sync is off: sync it by hand; repository not accessible'),
      ],
    ];
  for (const [claim, application, expected] of rows) {
    it(claim, () => {
      expect(progress(application)).to.deep.equal(expected);
    });
  }
});
