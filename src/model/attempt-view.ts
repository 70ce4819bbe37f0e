import { abortRule, type AbortReason, type PullRequestFate } from './abort-reason.js';
import type { ApplicationKey, EpochMs, HealthStatus, Revision } from './application.js';
import type { Candidate, CandidateRow } from './candidate.js';
import { nextStepOf, type NextStep } from './next-step.js';
import type { Environment, Mode } from './policy.js';
import { relaxationsOf } from './relaxations.js';
import {
  isOpen,
  mergeOf,
  planOf,
  pullRequestOf,
  resolvedOf,
  type AttemptId,
  type ChangedFile,
  type Duty,
  type Merge,
  type ProposePlan,
  type RollbackAttempt,
  type RollbackTarget,
  type StateName,
  type StepName,
  type StopRequest,
} from './rollback-attempt.js';
import type { Evaluation } from './rule-result.js';
import type { PodTrouble } from './workload.js';

export interface PullRequestView {
  readonly number: number;
  readonly url: string;
  readonly headSha: Revision;
  readonly branch: string;
  readonly baseSha: Revision;
  readonly files: readonly ChangedFile[];
  readonly droppedCommits: number;
  readonly provenance: 'created' | 'adopted';
  readonly openedAt: EpochMs;
}
export type EndView =
  | { readonly kind: 'complete'; readonly recoveredAt: EpochMs; readonly timeToRecoveryMs: number }
  | {
      readonly kind: 'aborted';
      readonly reason: AbortReason;
      readonly meaning: string;
      readonly why: string;
      readonly pullRequest: PullRequestFate;
    };

/**
 * One attempt as people see it: the only source for the pull request body, `describe`, HTTP, notifications. Same facts, same
 * words everywhere. Times are epoch milliseconds. `version` changes when a field changes its meaning.
 */
export interface AttemptView {
  readonly version: 1;
  readonly id: AttemptId;
  readonly application: ApplicationKey;
  readonly project: string;
  readonly environment: Environment;
  readonly mode: Mode;
  readonly modeLoweredBy: readonly string[];
  readonly state: StateName;
  /** For an aborted attempt: where it stood. */
  readonly step?: StepName;
  readonly next: NextStep;
  readonly onset: EpochMs;
  readonly openedAt: EpochMs;
  readonly enteredAt: EpochMs;
  readonly closedAt?: EpochMs;
  readonly bad: { readonly revisions: readonly Revision[]; readonly deployedAt?: EpochMs; readonly content?: string };
  readonly confirmation: readonly { readonly at: EpochMs; readonly health: HealthStatus }[];
  readonly target?: RollbackTarget;
  readonly candidate?: Candidate;
  readonly table: readonly CandidateRow[];
  readonly diagnosis: readonly PodTrouble[];
  /** What is to be proposed; for an attempt in mode observe: what would have been. Absent once it is proposed. */
  readonly plan?: ProposePlan;
  readonly pullRequest?: PullRequestView;
  /** The newest evaluation that was stored. */
  readonly evaluation?: Evaluation;
  /** Rule ids and other reasons that keep the operator from merging by itself. */
  readonly barredBy: readonly string[];
  /** Why this rollback is only proposed, found while resolving; empty = nothing speaks against a merge by the operator. */
  readonly proposeOnly: readonly string[];
  /** Keys that loosen a default of the architecture and are in force for this attempt, as they would be written. */
  readonly relaxations: readonly string[];
  readonly merge?: Merge;
  readonly end?: EndView;
  readonly owed: readonly Duty[];
  readonly scorecard?: string;
  readonly stop?: StopRequest;
  readonly retryOf?: AttemptId;
}

/** Pure projection of a stored attempt. */
export function viewOf(a: RollbackAttempt): AttemptView {
  const last = a.state === 'Abort' ? a.last : a;
  const resolved = resolvedOf(a);
  const confirmation =
    resolved?.confirmation ?? ('step' in last && 'confirmation' in last.step ? last.step.confirmation : []);
  const evaluation = evaluationOf(a);
  const plan = planOf(a);
  const pullRequest = pullRequestView(a);
  const merge = mergeOf(a);
  const end = endOf(a);
  return {
    version: 1,
    id: a.id,
    application: a.application,
    project: a.project,
    environment: a.policy.environment,
    mode: a.policy.mode,
    modeLoweredBy: a.policy.modeLoweredBy,
    state: a.state,
    ...('step' in last ? { step: last.step.name } : {}),
    next: nextStepOf(a),
    onset: a.onset,
    openedAt: a.openedAt,
    enteredAt: a.enteredAt,
    ...(isOpen(a) ? {} : { closedAt: a.closedAt }),
    bad: {
      revisions: a.bad.revisions,
      ...(a.bad.deployedAt === undefined ? {} : { deployedAt: a.bad.deployedAt }),
      ...(resolved === undefined ? {} : { content: resolved.badContent }),
    },
    confirmation: confirmation.map(({ at, health }) => ({ at, health })),
    ...(resolved === undefined ? {} : { target: resolved.target, candidate: resolved.candidate }),
    table: resolved?.table ?? [],
    diagnosis: resolved?.diagnosis ?? [],
    ...(plan === undefined ? {} : { plan }),
    ...(pullRequest === undefined ? {} : { pullRequest }),
    ...(evaluation === undefined ? {} : { evaluation }),
    barredBy: 'step' in last && last.step.name === 'waiting-for-human' ? last.step.barredBy : [],
    proposeOnly: resolved?.proposeOnly ?? [],
    relaxations: relaxationsOf(a.policy),
    ...(merge === undefined ? {} : { merge }),
    ...(end === undefined ? {} : { end }),
    owed: isOpen(a) ? [] : a.aftercare.owed,
    ...(isOpen(a) || a.aftercare.scorecard === undefined ? {} : { scorecard: a.aftercare.scorecard }),
    ...(a.stop === undefined ? {} : { stop: a.stop }),
    ...(a.retryOf === undefined ? {} : { retryOf: a.retryOf }),
  };
}

function pullRequestView(a: RollbackAttempt): PullRequestView | undefined {
  const pr = pullRequestOf(a);
  if (pr === undefined) return undefined;
  const { plan, ...rest } = pr;
  return {
    ...rest,
    branch: plan.branch,
    baseSha: plan.baseSha,
    files: plan.files,
    droppedCommits: plan.droppedCommits,
  };
}
function evaluationOf(a: RollbackAttempt): Evaluation | undefined {
  if (a.state === 'Abort') return evaluationOf(a.last);
  if ('merge' in a) return a.merge.evaluation;
  return 'evaluation' in a.step ? a.step.evaluation : undefined;
}
function endOf(a: RollbackAttempt): EndView | undefined {
  if (a.state === 'RollbackComplete') {
    return { kind: 'complete', recoveredAt: a.recoveredAt, timeToRecoveryMs: a.recoveredAt - a.onset };
  }
  if (a.state !== 'Abort') return undefined;
  const rule = abortRule(a.reason);
  return { kind: 'aborted', reason: a.reason, meaning: rule.meaning, why: a.why, pullRequest: rule.pullRequest };
}
