import type { FailpointPlace } from '../../../src/base/failpoint.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';

/** A place of the code at which a daemon dies or stands still: what kind, in which step or effect, and at which pass. */
export interface Place {
  readonly place: FailpointPlace;
  readonly where: string;
  readonly nth: number;
}
export const PLOT_NAMES = [
  'bad-deploy',
  'human-closes-pull-request',
  'ci-red',
  'recovers-by-itself',
  'abort-by-comment',
  'abort-by-api',
  'production-approval',
  'production-merge-after-approval',
] as const;
export type PlotName = (typeof PLOT_NAMES)[number];

/** What is known beforehand about a scenario whatever is killed in it. */
export interface Plot {
  /** The sandbox's. */
  readonly scenario: string;
  /** Laid over it. */
  readonly overrides: JsonObject;
  /** The commit that degrades. */
  readonly bad: string;
  readonly merged: 'by-operator' | 'by-human' | 'not';
  /** The run itself aborts by the API, as soon as the pull request is there. */
  readonly aborts: boolean;
  /** Everything it passes on its way, and that no plot before it does. */
  readonly places: readonly Place[];
}

const at =
  (...places: readonly FailpointPlace[]) =>
  (where: string, nth = 1): readonly Place[] =>
    places.map((place) => ({ place, where, nth }));
const step = at('audited', 'stored');
const effect = at('before-act', 'acted', 'before-outcome');
const duty = at('aftercare-served', 'aftercare-stored');

const plot = (scenario: string, merged: Plot['merged'], places: readonly Place[], more: Partial<Plot> = {}): Plot => ({
  scenario,
  overrides: {},
  bad: 'bad',
  merged,
  aborts: false,
  places,
  ...more,
});
/** An abort while the pull request is open: as the scenario in which somebody comments, without the comment. */
const ABORTED: JsonObject = {
  // Long enough for an order to arrive in time whatever dies.
  github: { ci: [{ name: 'validate', kind: 'check-run', registersAfter: '5s', takes: '400s', conclusion: 'success' }] },
  expect: {
    attempts: [{ application: 'checkout-staging', state: 'Abort', reason: 'aborted-by-user' }],
    attemptCount: 1,
    git: [{ path: 'apps/checkout/overlays/staging/kustomization.yaml', equalsCommit: 'bad' }],
    pullRequests: [
      { state: 'open', count: 0 },
      { state: 'merged', count: 0 },
      { state: 'closed', closedBy: 'ai-operator[bot]', count: 1 },
    ],
    applications: [{ application: 'checkout-staging', health: 'Degraded' }],
  },
};

export const PLOTS: Readonly<Record<PlotName, Plot>> = {
  'bad-deploy': plot('bad-deploy', 'by-operator', [
    ...step('DegradationDetected/confirming'),
    ...step('DegradationDetected/resolving'),
    ...step('CandidateResolved/planning'),
    ...step('CandidateResolved/intent-pr'),
    ...effect('pull-request'),
    ...at('branch-made')('pull-request'),
    ...step('PRCreated/waiting-for-ci'),
    ...step('AwaitingMergeApproval/deciding'),
    ...step('AwaitingMergeApproval/intent-merge'),
    ...effect('merge'),
    ...step('RollbackMerged/syncing'),
    ...step('RollbackMerged/verifying'),
    ...step('RollbackMerged/verifying', 2),
    ...step('RollbackComplete'),
    ...duty('reports'),
  ]),
  'human-closes-pull-request': plot('human-closes-pull-request', 'not', [...step('Abort'), ...duty('reports')]),
  'ci-red': plot('ci-red', 'not', [...step('Abort'), ...duty('reports')]),
  'recovers-by-itself': plot('recovers-by-itself', 'not', [...step('Abort'), ...effect('close')], { bad: 'new' }),
  'abort-by-comment': plot('abort-by-comment', 'not', [...step('Abort'), ...effect('close'), ...duty('pull-request')]),
  'abort-by-api': plot('bad-deploy', 'not', [...step('Abort'), ...effect('close'), ...duty('pull-request')], {
    overrides: ABORTED,
    aborts: true,
  }),
  'production-approval': plot('production-approval', 'by-human', [
    ...step('AwaitingMergeApproval/waiting-for-human'),
    ...step('RollbackMerged/syncing'),
  ]),
  'production-merge-after-approval': plot('production-merge-after-approval', 'by-operator', [
    ...step('AwaitingMergeApproval/intent-merge'),
    ...effect('merge'),
    ...step('RollbackMerged/syncing'),
  ]),
};

/** Every place of every plot, each once: what a run has to reach. */
export const PLACES: readonly (Place & { readonly plot: PlotName })[] = PLOT_NAMES.flatMap((name) =>
  PLOTS[name].places.map((place) => ({ ...place, plot: name })),
);
