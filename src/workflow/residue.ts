import { abortRule } from '../model/abort-reason.js';
import type { EpochMs } from '../model/application.js';
import type { ApplicationMark, Latch, Spend } from '../model/mark.js';
import {
  mergeOf,
  pullRequestOf,
  resolvedOf,
  type ClosedAttempt,
  type OpenAttempt,
  type RollbackAttempt,
  type RollbackMerged,
} from '../model/rollback-attempt.js';
import type { Residue } from '../ports/state-store.js';

const DAY_MS = 86_400_000;
const MEMORY_MS = 30 * DAY_MS;

/** Pure: what a transition leaves behind beside the attempt, in the same transaction (semantics 1, 11). */
export function residueOf(from: OpenAttempt, to: RollbackAttempt, now: EpochMs): Residue {
  if (to.state === 'RollbackComplete' || to.state === 'Abort') return closingResidue(to, now);
  if (to.state === 'RollbackMerged' && from.state !== 'RollbackMerged') return { marks: mergedMarks(to, now) };
  if (to.state === 'CandidateResolved' && to.step.name === 'intent-pr')
    return { spends: [spend(to, 'pull-request', now)] };
  if (to.state === 'AwaitingMergeApproval' && to.step.name === 'intent-merge')
    return { spends: [spend(to, 'merge', now)] };
  return {};
}
const spend = (a: RollbackAttempt, kind: Spend['kind'], at: EpochMs): Spend => ({
  kind,
  attempt: a.id,
  application: a.application,
  environment: a.policy.environment,
  at,
});

/** The bad content is quarantined, and what was restored is remembered: a rollback is never rolled back by itself. */
function mergedMarks(a: RollbackMerged, now: EpochMs): readonly ApplicationMark[] {
  const of = { application: a.application, attempt: a.id, at: now };
  return [
    { ...of, kind: 'quarantine', content: a.badContent, revisions: a.bad.revisions, until: now + MEMORY_MS },
    { ...of, kind: 'restoration', content: a.candidate.content, revisions: [a.merge.commit], until: now + MEMORY_MS },
  ];
}

function closingResidue(a: ClosedAttempt, now: EpochMs): Residue {
  const latch = latchOf(a, now);
  const failed = a.state === 'Abort' && mergeOf(a) !== undefined;
  return {
    ...(latch === undefined ? {} : { marks: [latch] }),
    ...(failed ? { spends: [spend(a, 'failed-rollback', now)] } : {}),
  };
}

/**
 * Every abort but `recovered` leaves one; three reasons allow one automatic retry when no pull request was opened. A
 * completed rollback leaves its quarantine alone: a latch would keep silent when the bad version comes back (semantics 1).
 */
export function latchOf(a: ClosedAttempt, now: EpochMs): Latch | undefined {
  if (a.state !== 'Abort') return undefined;
  const rule = abortRule(a.reason);
  if (!rule.latches) return undefined;
  const content = resolvedOf(a)?.badContent;
  const retries =
    rule.retries === true && a.retryOf === undefined && pullRequestOf(a) === undefined && mergeOf(a) === undefined;
  return {
    kind: 'latch',
    application: a.application,
    attempt: a.id,
    ...(content === undefined ? {} : { content }),
    revisions: a.bad.revisions,
    reason: a.reason,
    at: now,
    until: now + MEMORY_MS,
    onset: a.onset,
    ...(retries ? { retryAt: now + a.policy.timing.retryAfter } : {}),
  };
}
