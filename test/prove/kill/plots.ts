import type { FailpointPlace } from '../../../src/base/failpoint.js';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { ABORTED, AFTER_A_SIBLING, CLOSED_BY_PEOPLE, FIXED_BY_PEOPLE, REDEPLOYED, SIBLING } from './plot-overrides.js';

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
  'observed',
  'left-to-people',
  'sibling-first',
  'paused',
  'redeployed-while-held',
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
  /** A pull request is opened. */
  readonly proposes: boolean;
  /** Commits of people on the default branch since the bad one. */
  readonly peoplesCommits: number;
  /** The branch of a rollback pull request that is there already. */
  readonly sibling?: string;
  /** A kill file comes while the attempt waits to be confirmed, and goes when it is held and everything else has happened. */
  readonly isPaused: boolean;
  /** The attempt is dismissed: in the end there is none. */
  readonly forgets: boolean;
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
  proposes: true,
  peoplesCommits: 0,
  isPaused: false,
  forgets: false,
  aborts: false,
  places,
  ...more,
});
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
  'abort-by-comment': plot('abort-by-comment', 'not', [...step('Abort'), ...duty('pull-request')]),
  'abort-by-api': plot('bad-deploy', 'not', [...step('Abort'), ...effect('close'), ...duty('pull-request')], {
    overrides: ABORTED,
    aborts: true,
  }),
  'production-approval': plot('production-approval', 'by-human', step('AwaitingMergeApproval/waiting-for-human')),
  'production-merge-after-approval': plot('production-merge-after-approval', 'by-operator', effect('merge')),
  observed: plot('observe-only', 'not', duty('scorecard'), {
    overrides: FIXED_BY_PEOPLE,
    proposes: false,
    peoplesCommits: 1,
  }),
  'left-to-people': plot('ci-red', 'not', duty('watch-open-pr'), { overrides: CLOSED_BY_PEOPLE }),
  'sibling-first': plot('bad-deploy', 'by-operator', step('CandidateResolved/waiting-for-sibling'), {
    overrides: AFTER_A_SIBLING,
    sibling: SIBLING,
  }),
  paused: plot('bad-deploy', 'by-operator', step('DegradationDetected/held'), { isPaused: true }),
  'redeployed-while-held': plot('bad-deploy', 'not', step('Idle'), {
    overrides: REDEPLOYED,
    proposes: false,
    peoplesCommits: 1,
    isPaused: true,
    forgets: true,
  }),
};

/** Every place of every plot, each once: what a run has to reach. */
export const PLACES: readonly (Place & { readonly plot: PlotName })[] = PLOT_NAMES.flatMap((name) =>
  PLOTS[name].places.map((place) => ({ ...place, plot: name })),
);
