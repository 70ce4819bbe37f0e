import { abortRule, type AbortReason } from '../model/abort-reason.js';
import type { EpochMs } from '../model/application.js';
import { deadlineOf, expiryOf } from '../model/deadlines.js';
import type { ApplicationMark } from '../model/mark.js';
import type { NoticeKind } from '../model/notice-kind.js';
import type { Dismissal, Outcome } from '../model/outcome.js';
import {
  mayBeUnseen,
  pullRequestOf,
  type Abort,
  type Duty,
  type OpenAttempt,
  type ProposePlan,
  type RollbackAttempt,
  type StateName,
  type StepName,
} from '../model/rollback-attempt.js';
import type { Residue } from '../ports/state-store.js';
import { residueOf } from './residue.js';
import { nextState } from './rollback-state-machine.js';

const TRIGGER = {
  CandidateResolved: 'resolve',
  PRCreated: 'propose',
  AwaitingMergeApproval: 'passCi',
  RollbackMerged: 'merge',
  RollbackComplete: 'complete',
} as const;

export type Settled =
  | { readonly kind: 'rest'; readonly lookAgainAt: EpochMs; readonly why: string }
  | { readonly kind: 'forget'; readonly why: string; readonly remember?: ApplicationMark; readonly notice?: NoticeKind }
  | { readonly kind: 'move'; readonly next: RollbackAttempt; readonly why: string; readonly residue: Residue };

/** Pure: what an outcome makes of an attempt. The one place where deadlines bite. */
export function settle(a: OpenAttempt, o: Outcome, now: EpochMs): Settled {
  switch (o.kind) {
    case 'wait':
      return now < a.step.deadline
        ? { kind: 'rest', lookAgainAt: Math.min(o.lookAgainAt, a.step.deadline), why: o.why }
        : expire(a, o.why, o.expiresAs, now);
    case 'step': {
      const deadline = deadlineOf(o.step.name, a.policy.timing, a.enteredAt, now);
      // The outcome's type ties the step to the attempt's state; the spread loses that.
      return moved(a, { ...a, version: a.version + 1, step: { ...o.step, deadline } } as OpenAttempt, o.why, now);
    }
    case 'advance':
      return moved(a, advanced(a, o, now), o.why, now);
    case 'dismiss':
      return dismissed(a, o);
    case 'abort':
      return aborted(a, o.reason, o.why, now, o.plan);
  }
}

/** The deadline passed while every look failed: after `unreachableGrace` the attempt ends as `unavailable`. */
export function settleUnreachable(a: OpenAttempt, why: string, lookAgainAt: EpochMs, now: EpochMs): Settled {
  const end = a.step.deadline + a.policy.timing.unreachableGrace;
  // However long an upstream asks to be left alone: the end of the attempt is not put off.
  if (now < end) return { kind: 'rest', lookAgainAt: Math.min(lookAgainAt, end), why };
  return expiryOf(a) === 'dismiss' ? dismissed(a, { kind: 'dismiss', why }) : aborted(a, 'unavailable', why, now);
}

function expire(a: OpenAttempt, why: string, expiresAs: AbortReason | undefined, now: EpochMs): Settled {
  const on = expiresAs ?? expiryOf(a);
  return on === 'dismiss'
    ? dismissed(a, { kind: 'dismiss', why: `${a.step.name} ran out of time: ${why}` })
    : aborted(a, on, why, now);
}
function dismissed(a: OpenAttempt, o: Dismissal): Settled {
  nextState(a.state, 'dismiss');
  const { kind: _kind, ...rest } = o;
  return { kind: 'forget', ...rest };
}
function aborted(a: OpenAttempt, reason: AbortReason, why: string, now: EpochMs, plan?: ProposePlan): Settled {
  nextState(a.state, 'abort');
  const { state: _state, step: _step, ...carried } = a;
  const next: Abort = {
    id: carried.id,
    application: carried.application,
    project: carried.project,
    destination: carried.destination,
    bad: carried.bad,
    onset: carried.onset,
    openedAt: carried.openedAt,
    policy: carried.policy,
    witness: carried.witness,
    ...(carried.stop === undefined ? {} : { stop: carried.stop }),
    ...(carried.retryOf === undefined ? {} : { retryOf: carried.retryOf }),
    version: a.version + 1,
    enteredAt: now,
    closedAt: now,
    state: 'Abort',
    reason,
    why,
    last: a,
    ...(plan === undefined ? {} : { plan }),
    aftercare: { owed: dutiesAfter(a, reason), until: now + 86_400_000 },
  };
  return moved(a, next, `${reason}: ${why}`, now);
}
function advanced(a: OpenAttempt, o: Extract<Outcome, { kind: 'advance' }>, now: EpochMs): RollbackAttempt {
  const to: StateName = nextState(a.state, TRIGGER[o.to]);
  const gained = o.with as { readonly step?: { readonly name: StepName } };
  const step = gained.step && {
    step: { ...gained.step, deadline: deadlineOf(gained.step.name, a.policy.timing, now, now) },
  };
  const { step: _left, ...rest } = a;
  const closing =
    o.to === 'RollbackComplete' ? { closedAt: now, aftercare: { owed: ['reports'], until: now + 86_400_000 } } : {};
  // The outcome's type guarantees the fields of the new state; the compiler cannot follow the spread.
  return {
    ...rest,
    ...o.with,
    ...step,
    ...closing,
    state: to,
    version: a.version + 1,
    enteredAt: now,
  } as RollbackAttempt;
}
const moved = (from: OpenAttempt, next: RollbackAttempt, why: string, now: EpochMs): Settled => ({
  kind: 'move',
  next,
  why,
  residue: residueOf(from, next, now),
});

/** What is owed after an abort (semantics 2, 7). An intent may have left a pull request that nobody has seen yet. */
function dutiesAfter(a: OpenAttempt, reason: AbortReason): readonly Duty[] {
  if (reason === 'observed') return ['reports', 'scorecard'];
  const mayHavePullRequest = pullRequestOf(a) !== undefined || mayBeUnseen(a);
  if (!mayHavePullRequest) return ['reports'];
  switch (abortRule(reason).pullRequest) {
    case 'close':
      return ['pull-request', 'reports'];
    case 'leave-open':
      return ['reports', 'watch-open-pr'];
    case 'hands-off':
      return ['reports'];
  }
}
