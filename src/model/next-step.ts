import { abortRule } from './abort-reason.js';
import type { EpochMs } from './application.js';
import { expiryOf } from './deadlines.js';
import { mergeOf, pullRequestOf, type OpenAttempt, type RollbackAttempt } from './rollback-attempt.js';

/** What happens next, and by when; in the words shown everywhere. */
export interface NextStep {
  readonly text: string;
  readonly until?: EpochMs;
  /** What happens when `until` passes. */
  readonly otherwise?: string;
}

/** Pure. */
export function nextStepOf(a: RollbackAttempt): NextStep {
  if (a.state === 'RollbackComplete') return { text: 'Nothing: the application is healthy again.' };
  if (a.state === 'Abort') return { text: afterAbort(a) };
  const expiry = expiryOf(a);
  return {
    text: textOf(a),
    until: a.step.deadline,
    otherwise:
      expiry === 'dismiss'
        ? 'the observation is dropped'
        : `the attempt ends as ${expiry}: ${abortRule(expiry).meaning}`,
  };
}

function textOf(a: OpenAttempt): string {
  if (a.stop === undefined) return waitingFor(a);
  if (a.state !== 'RollbackMerged') return `Stopping: ${a.stop.by} asked for it.`;
  return `${waitingFor(a)} The abort of ${a.stop.by} came too late: it is merged.`;
}
function waitingFor(a: OpenAttempt): string {
  const { step } = a;
  switch (step.name) {
    case 'confirming':
      return `Confirming: ${a.policy.timing.DEGRADATION_PERSISTENCE_CHECKS} consecutive Degraded checks are needed.`;
    case 'held':
      return HELD[step.by];
    case 'resolving':
      return 'Looking for the last version that was good here.';
    case 'planning':
      return 'Working out which files a rollback changes.';
    case 'waiting-for-sibling':
      return `Waiting for rollback pull request #${step.sibling}, which changes the same files.`;
    case 'intent-pr':
      return `Opening a pull request from ${step.plan.branch}.`;
    case 'waiting-for-ci':
      return 'Waiting for the checks on the pull request.';
    case 'deciding':
      return 'Reading all evidence fresh to decide about the merge.';
    case 'waiting-for-human':
      return `Waiting for a person: review and merge the pull request, or close it to veto. Not merged by the operator because of: ${step.barredBy.join(', ')}.`;
    case 'intent-merge':
      return `Merging exactly ${step.headSha.slice(0, 10)}.`;
    case 'syncing':
      return 'Waiting until Argo CD has synced the merge.';
    case 'verifying':
      return 'Watching that the application stays healthy.';
  }
}
const HELD = {
  brake:
    'Held by the brake: too many applications of this environment turned Degraded at once. Released when that is over, or by `ai-operator resume`.',
  budget: 'Held: the limit of open attempts or of pull requests per hour is reached.',
  paused: 'Held: the operator or this application is paused.',
} as const;

function afterAbort(a: Extract<RollbackAttempt, { state: 'Abort' }>): string {
  const merge = mergeOf(a);
  if (merge !== undefined) {
    const where = `${merge.commit.slice(0, 10)} by pull request #${merge.pullRequest}`;
    return `The rollback stays in the branch (merged as ${where}). A person must look: the operator does not undo it.`;
  }
  if (a.reason === 'observed') return 'Nothing is done: in mode observe it is only recorded what would have been.';
  const pr = pullRequestOf(a);
  if (a.reason === 'recovered') {
    const closed = pr === undefined ? '' : ' The pull request is closed.';
    return `Nothing: the application is healthy again.${closed}`;
  }
  const retry = 'To try again: `ai-operator retry`.';
  if (pr === undefined) return `A person must look. ${retry}`;
  switch (abortRule(a.reason).pullRequest) {
    case 'close':
      return `The pull request is closed. A person must look. ${retry}`;
    case 'leave-open':
      return `The pull request stays open for people; the operator no longer watches it. ${retry}`;
    case 'hands-off':
      return 'The pull request is left to the people who took it.';
  }
}
