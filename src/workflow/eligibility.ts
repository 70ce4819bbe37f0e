import type { EpochMs } from '../model/application.js';
import type { HealthFinding } from '../model/health-finding.js';
import {
  carries,
  RESTORATION_BAR_MS,
  type Latch,
  type Pause,
  type Restoration,
  type StoredMark,
} from '../model/mark.js';
import type { NoticeKind } from '../model/notice-kind.js';
import type { Policy } from '../model/policy.js';
import type { AttemptId, BadVersion } from '../model/rollback-attempt.js';

export const INELIGIBLE_CODES = [
  'unmanaged',
  'mode-off',
  'not-degraded',
  'stale-status',
  'version-unknown',
  'child-application',
  'paused',
  'record-unreadable',
  'latched',
  'rollback-of-rollback',
  'before-baseline',
  'stale-failure',
] as const;
export type IneligibleCode = (typeof INELIGIBLE_CODES)[number];

export type Eligibility =
  | {
      readonly kind: 'eligible';
      readonly bad: BadVersion;
      readonly onset: EpochMs;
      /** Reasons why the operator may only propose. */
      readonly proposeOnly: readonly string[];
      readonly retryOf?: AttemptId;
      readonly notice?: NoticeKind;
    }
  | {
      readonly kind: 'ineligible';
      readonly code: IneligibleCode;
      readonly why: string;
      readonly notice?: NoticeKind;
      /** When time alone may change the answer. */
      readonly until?: EpochMs;
    };

export interface EligibilityQuestion {
  readonly finding: HealthFinding;
  readonly policy: Policy | undefined;
  readonly pause: Pause | undefined;
  readonly marks: readonly StoredMark[];
  readonly baseline: EpochMs;
  /** When a list last showed it otherwise than Degraded: Argo CD's own times are whole seconds, and another clock's. */
  readonly notRedAt?: EpochMs;
  /** Since when lists show it as they do; and before when it did not turn, as far as they tell: where Argo CD does not say it. */
  readonly listedSince?: EpochMs;
  readonly notBefore: EpochMs;
  readonly maxFailureAgeMs: number;
  readonly now: EpochMs;
}

/** What may change without the list showing it is looked at again after this. */
const RECHECK_MS = 60_000;

/** Pure: may this degradation start an attempt (semantics 1, 3)? Compares revisions; content is compared while resolving. */
export function eligibility(q: EligibilityQuestion): Eligibility {
  const no = (code: IneligibleCode, why: string, more: { notice?: NoticeKind; until?: EpochMs } = {}): Eligibility => ({
    kind: 'ineligible',
    code,
    why,
    ...more,
  });
  const { finding, policy, now } = q;
  // Nobody could be asked: that says nothing about where it belongs, and must not be remembered as if it did.
  if (finding.snapshot === undefined)
    return no('not-degraded', finding.check.unknownBecause ?? 'Argo CD did not answer');
  if (policy === undefined) return no('unmanaged', 'no environment of the configuration matches this application');
  if (policy.mode === 'off')
    return no('mode-off', policy.modeLoweredBy.join('; ') || `the mode of ${policy.environment} is off`);
  if (finding.check.health === 'Unknown') {
    return no('stale-status', finding.check.unknownBecause ?? 'Argo CD does not know', { until: now + RECHECK_MS });
  }
  if (finding.check.health !== 'Degraded')
    return no('not-degraded', finding.check.unknownBecause ?? `Argo CD says ${finding.check.health}`);
  const bad = badVersion(finding);
  if (bad === undefined)
    return no('version-unknown', 'Argo CD does not say which revision is deployed', { until: now + RECHECK_MS });
  if (finding.cause === 'child-application')
    return no('child-application', 'only a child application is Degraded: the child is the case', {
      until: now + RECHECK_MS,
    });
  // It may be a person's veto. Nobody tells the operator that it was mended.
  const unread = q.marks.find((m) => m.kind === 'unreadable');
  if (unread !== undefined) return no('record-unreadable', unread.why, { until: now + RECHECK_MS });
  const retry = latchAnswer(q, bad);
  if (retry.kind === 'ineligible') return retry;
  const restored = q.marks.find((m): m is Restoration => m.kind === 'restoration' && carries(m, bad.revisions));
  if (restored !== undefined && now - restored.at < RESTORATION_BAR_MS) {
    return no(
      'rollback-of-rollback',
      `attempt ${restored.attempt} put this version here: a rollback is never rolled back by itself`,
      { notice: 'rollback-of-rollback' },
    );
  }
  const onset = retry.latch?.onset ?? finding.onset ?? Math.min(q.listedSince ?? finding.check.at, finding.check.at);
  if (retry.latch === undefined) {
    const wasSeenOtherwise = q.notRedAt !== undefined && q.notRedAt >= q.baseline;
    if ((finding.onset ?? q.notBefore) <= q.baseline && !wasSeenOtherwise) {
      const undated = finding.onset === undefined ? ', or turned so before anybody saw it otherwise' : '';
      return no('before-baseline', `it was Degraded before the operator (or its last resume) started${undated}`);
    }
    if (now - onset > q.maxFailureAgeMs) {
      return no(
        'stale-failure',
        `Degraded for ${Math.round((now - onset) / 60_000)} min, longer than detection.maxFailureAge`,
        { notice: 'stale-failure' },
      );
    }
  }
  // Last, so that `explain` names the lasting reason first.
  if (q.pause !== undefined) return no('paused', `paused by ${q.pause.by}: ${q.pause.why}`);
  return eligible(q, bad, onset, retry.latch, restored !== undefined);
}

function eligible(
  q: EligibilityQuestion,
  bad: BadVersion,
  onset: EpochMs,
  latch: Latch | undefined,
  restored: boolean,
): Eligibility {
  const returned = q.marks.some((m) => m.kind === 'quarantine' && carries(m, bad.revisions));
  const { cause } = q.finding;
  const proposeOnly = [
    returned ? 'quarantined: this bad version was rolled back before and came back' : '',
    restored ? 'restored-before: a rollback put this version here earlier' : '',
    q.finding.check.stalled === undefined
      ? ''
      : `stalled-progress: ${q.finding.check.stalled}; Argo CD does not say Degraded`,
    cause === 'not-a-workload' || cause === 'unknown'
      ? 'cause-not-a-workload: no workload of the application is known to be Degraded'
      : '',
  ].filter((r) => r !== '');
  return {
    kind: 'eligible',
    bad,
    onset,
    proposeOnly,
    ...(latch === undefined ? {} : { retryOf: latch.attempt }),
    ...(returned ? { notice: 'bad-version-returned' as const } : {}),
  };
}

function badVersion({ check, snapshot }: HealthFinding): BadVersion | undefined {
  if (check.running === undefined || check.running.revisions.length === 0) return undefined;
  const deployedAt = snapshot?.deployed?.finishedAt ?? snapshot?.deployed?.startedAt;
  return { ...check.running, ...(deployedAt === undefined ? {} : { deployedAt }) };
}

/** A latch bars, unless every one that holds allows a retry and its time has come. */
function latchAnswer(
  q: EligibilityQuestion,
  bad: BadVersion,
): { readonly kind: 'open'; readonly latch?: Latch } | Extract<Eligibility, { kind: 'ineligible' }> {
  const holding = q.marks.filter(
    (m): m is Latch =>
      m.kind === 'latch' && carries(m, bad.revisions) && !(m.reason === 'observed' && q.policy?.mode !== 'observe'),
  );
  const newest = holding.toSorted((a, b) => b.at - a.at)[0];
  if (newest === undefined) return { kind: 'open' };
  const final = holding.find((l) => l.retryAt === undefined);
  if (final !== undefined)
    return { kind: 'ineligible', code: 'latched', why: `already tried: ${final.reason} (attempt ${final.attempt})` };
  const retryAt = newest.retryAt ?? Number.POSITIVE_INFINITY;
  if (q.now < retryAt)
    return {
      kind: 'ineligible',
      code: 'latched',
      why: `already tried: ${newest.reason}; tried once more at ${new Date(retryAt).toISOString()}`,
      until: retryAt,
    };
  return { kind: 'open', latch: newest };
}
