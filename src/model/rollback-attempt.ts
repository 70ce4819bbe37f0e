import type { AbortReason } from './abort-reason.js';
import type { ApplicationKey, Destination, EpochMs, Revision } from './application.js';
import type { Candidate, CandidateRow } from './candidate.js';
import type { HealthCheck } from './health-check.js';
import type { Policy } from './policy.js';
import type { Evaluation } from './rule-result.js';
import type { PodTrouble } from './workload.js';

/** UUID; the correlation id of everything said and done about one attempt. */
export type AttemptId = string;

/** What was running when the application degraded. The content (semantics 1) is known once it has been resolved. */
export interface BadVersion {
  readonly revisions: readonly Revision[];
  /** Hash of the source settings. */
  readonly settings: string;
  readonly deployedAt?: EpochMs;
}

/** Where the application's files live. */
export interface RollbackTarget {
  readonly owner: string;
  readonly repository: string;
  readonly url: string;
  readonly branch: string;
  readonly path: string;
}

export interface ChangedFile {
  readonly path: string;
  readonly change: 'added' | 'modified' | 'removed';
}

/** What the pull request will be, decided before anything is written to GitHub. */
export interface ProposePlan {
  readonly branch: string;
  readonly baseSha: Revision;
  /** Root tree the commit must have; predicted locally, so that any deviation is seen. */
  readonly tree: string;
  readonly files: readonly ChangedFile[];
  readonly droppedCommits: number;
  readonly plannedAt: EpochMs;
}

export interface RollbackPullRequest {
  readonly number: number;
  readonly url: string;
  readonly headSha: Revision;
  readonly plan: ProposePlan;
  readonly provenance: 'created' | 'adopted';
  readonly openedAt: EpochMs;
}

export interface Merge {
  readonly commit: Revision;
  readonly by: 'operator' | 'human' | 'sibling';
  /** Login of the human, when there was one. */
  readonly login?: string;
  readonly pullRequest: number;
  readonly at: EpochMs;
  /** All rules as they stood when the operator decided to merge. */
  readonly evaluation?: Evaluation;
}

/** Somebody wants the attempt stopped. Once stored, no opening effect starts; an open intent is settled first. */
export interface StopRequest {
  readonly by: string;
  readonly via: 'cli' | 'api' | 'comment' | 'label' | 'file';
  readonly why: string;
  readonly at: EpochMs;
}

interface Case {
  readonly id: AttemptId;
  readonly application: ApplicationKey;
  readonly project: string;
  readonly destination: Destination;
  readonly bad: BadVersion;
  /** When the application turned Degraded: Argo CD's word, else our first Degraded check. */
  readonly onset: EpochMs;
  readonly openedAt: EpochMs;
  /** When the present state was entered. */
  readonly enteredAt: EpochMs;
  readonly policy: Policy;
  /** Plus one with every save; `<id>/<version>` names the decision and its event. */
  readonly version: number;
  /** Number and hash of the newest audit record when this version was decided. */
  readonly witness: string;
  readonly stop?: StopRequest;
  /** The attempt this one repeats (automatic or `retry`). */
  readonly retryOf?: AttemptId;
}
type Step<Name extends string, Extra = unknown> = { readonly name: Name; readonly deadline: EpochMs } & Readonly<Extra>;

interface Resolved {
  readonly confirmation: readonly HealthCheck[];
  readonly badContent: string;
  readonly target: RollbackTarget;
  readonly candidate: Candidate;
  readonly table: readonly CandidateRow[];
  /** Why the operator may not merge this one by itself, found while resolving (a quarantined content, ...). */
  readonly proposeOnly: readonly string[];
  /** What ails the pods, for people; never decides anything. */
  readonly diagnosis: readonly PodTrouble[];
}
interface Proposed extends Resolved {
  readonly pullRequest: RollbackPullRequest;
}
export const HOLDS = ['brake', 'budget', 'paused'] as const;
export type Hold = (typeof HOLDS)[number];

export type DegradationDetected = Case & { readonly state: 'DegradationDetected' } & {
  readonly step:
    | Step<'confirming'>
    | Step<'held', { by: Hold; confirmation: readonly HealthCheck[] }>
    | Step<'resolving', { confirmation: readonly HealthCheck[] }>;
};
/** `asked` = a pull request was asked for under a plan that does not hold any more, and was not seen: there may be one. */
interface Asked {
  readonly asked?: true;
}
export type CandidateResolved = Case &
  Resolved & { readonly state: 'CandidateResolved' } & {
    readonly step:
      | Step<'planning', Asked>
      | Step<'waiting-for-sibling', Asked & { sibling: number }>
      | Step<'intent-pr', { plan: ProposePlan }>;
  };
export type PRCreated = Case & Proposed & { readonly state: 'PRCreated'; readonly step: Step<'waiting-for-ci'> };
export type AwaitingMergeApproval = Case &
  Proposed & { readonly state: 'AwaitingMergeApproval' } & {
    readonly step:
      | Step<'deciding'>
      | Step<'waiting-for-human', { evaluation: Evaluation; barredBy: readonly string[] }>
      | Step<
          'intent-merge',
          {
            evaluation: Evaluation;
            headSha: Revision;
            method: 'merge' | 'squash' | 'rebase';
            decidedAt: EpochMs;
            approvedBy: readonly string[];
          }
        >;
  };
export type RollbackMerged = Case &
  Resolved & { readonly state: 'RollbackMerged'; readonly merge: Merge; readonly pullRequest?: RollbackPullRequest } & {
    readonly step: Step<'syncing'> | Step<'verifying', { healthySince: EpochMs; revision: Revision }>;
  };
export type OpenAttempt = DegradationDetected | CandidateResolved | PRCreated | AwaitingMergeApproval | RollbackMerged;

export const DUTIES = ['pull-request', 'reports', 'watch-open-pr', 'scorecard'] as const;
/** What is still owed after the end (semantics 2): closing effects, reports, the watch over a pull request left open, the scorecard of observe. */
export type Duty = (typeof DUTIES)[number];
export interface Aftercare {
  readonly owed: readonly Duty[];
  readonly until: EpochMs;
  /** What the scorecard of `observe` found. */
  readonly scorecard?: string;
}
interface Closed {
  readonly aftercare: Aftercare;
  readonly closedAt: EpochMs;
}
export type RollbackComplete = Case &
  Resolved &
  Closed & {
    readonly state: 'RollbackComplete';
    readonly merge: Merge;
    readonly pullRequest?: RollbackPullRequest;
    /** When the unbroken health began. */
    readonly recoveredAt: EpochMs;
  };
export type Abort = Case &
  Closed & {
    readonly state: 'Abort';
    readonly reason: AbortReason;
    readonly why: string;
    readonly last: OpenAttempt;
    /** What would have been proposed: only of `observed`, which proposes nothing. */
    readonly plan?: ProposePlan;
  };
export type ClosedAttempt = RollbackComplete | Abort;
/** One rollback attempt, a union by state: each state adds its own fields. `Idle` is the absence of one. */
export type RollbackAttempt = OpenAttempt | ClosedAttempt;

export type OpenState = OpenAttempt['state'];
export type StateName = RollbackAttempt['state'] | 'Idle';
export type InState<S extends StateName> = Extract<RollbackAttempt, { readonly state: S }>;
export type StepName = OpenAttempt['step']['name'];

export const isOpen = (a: RollbackAttempt): a is OpenAttempt => a.state !== 'RollbackComplete' && a.state !== 'Abort';

/** The attempt's pull request, whatever its state; undefined = none was opened. */
export function pullRequestOf(a: RollbackAttempt): RollbackPullRequest | undefined {
  if (a.state === 'Abort') return pullRequestOf(a.last);
  return 'pullRequest' in a ? a.pullRequest : undefined;
}
/** What resolution found, whatever the state; undefined = it never came to that. */
export function resolvedOf(
  a: RollbackAttempt,
): (Resolved & { readonly pullRequest?: RollbackPullRequest }) | undefined {
  if (a.state === 'Abort') return resolvedOf(a.last);
  return 'candidate' in a ? a : undefined;
}
/** What is to be proposed, or would have been (`observed`); undefined = not planned, or proposed already. */
export function planOf(a: RollbackAttempt): ProposePlan | undefined {
  if (a.state === 'Abort') return a.plan ?? planOf(a.last);
  return 'step' in a && a.step.name === 'intent-pr' ? a.step.plan : undefined;
}
/** May there be a pull request of this attempt that it has not seen? */
export const mayBeUnseen = (a: OpenAttempt): boolean =>
  a.state === 'CandidateResolved' && (a.step.name === 'intent-pr' || a.step.asked === true);
/** The merge, where there was one. */
export function mergeOf(a: RollbackAttempt): Merge | undefined {
  if (a.state === 'Abort') return mergeOf(a.last);
  return 'merge' in a ? a.merge : undefined;
}
