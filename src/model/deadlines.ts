import type { AbortReason } from './abort-reason.js';
import type { EpochMs } from './application.js';
import type { OpenAttempt, StepName } from './rollback-attempt.js';
import type { DeadlineName, Timing } from './timing.js';

interface Deadline {
  readonly of: DeadlineName;
  /** `state` where steps alternate, so that going back and forth never extends it. */
  readonly from: 'state' | 'step';
  readonly onExpiry: AbortReason | 'dismiss' | ((step: OpenAttempt['step']) => AbortReason);
}

/** Who owns deadlines: this table (semantics 2). Modules only say when they want to look again. */
export const DEADLINES: Readonly<Record<StepName, Deadline>> = {
  confirming: { of: 'confirmTimeout', from: 'state', onExpiry: 'dismiss' },
  held: {
    of: 'MERGE_APPROVAL_TIMEOUT',
    from: 'state',
    onExpiry: (step) => `refused(${step.name === 'held' ? step.by : 'brake'})`,
  },
  resolving: { of: 'CANDIDATE_SEARCH_TIMEOUT', from: 'step', onExpiry: 'search-timeout' },
  planning: { of: 'proposalTimeout', from: 'state', onExpiry: 'unavailable' },
  'waiting-for-sibling': { of: 'MERGE_APPROVAL_TIMEOUT', from: 'state', onExpiry: 'approval-timeout' },
  'intent-pr': { of: 'proposalTimeout', from: 'step', onExpiry: 'unavailable' },
  'waiting-for-ci': { of: 'CI_WAIT_TIMEOUT', from: 'state', onExpiry: 'ci-timeout' },
  deciding: { of: 'MERGE_APPROVAL_TIMEOUT', from: 'state', onExpiry: 'approval-timeout' },
  'waiting-for-human': { of: 'MERGE_APPROVAL_TIMEOUT', from: 'state', onExpiry: 'approval-timeout' },
  'intent-merge': { of: 'MERGE_APPROVAL_TIMEOUT', from: 'state', onExpiry: 'approval-timeout' },
  syncing: { of: 'syncTimeout', from: 'state', onExpiry: 'not-synced' },
  verifying: { of: 'recoveryTimeout', from: 'state', onExpiry: 'not-recovered' },
};

/** When a step gives up, by the table. */
export const deadlineOf = (step: StepName, timing: Timing, enteredState: EpochMs, enteredStep: EpochMs): EpochMs =>
  (DEADLINES[step].from === 'state' ? enteredState : enteredStep) + timing[DEADLINES[step].of];

/** What the expiry of an attempt's present step means. */
export function expiryOf(attempt: OpenAttempt): AbortReason | 'dismiss' {
  const { onExpiry } = DEADLINES[attempt.step.name];
  return typeof onExpiry === 'function' ? onExpiry(attempt.step) : onExpiry;
}
