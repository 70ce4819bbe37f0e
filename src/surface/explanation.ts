import type { ApplicationKey, EpochMs, HealthStatus, Revision } from '../model/application.js';
import type { ApplicationMark, Pause } from '../model/mark.js';
import type { NextStep } from '../model/next-step.js';
import type { Environment, Mode } from '../model/policy.js';
import type { AttemptId, StateName, StepName } from '../model/rollback-attempt.js';
import type { RuleId } from '../model/rule-result.js';
import type { IneligibleCode } from '../workflow/eligibility.js';

/** Why an attempt would, or would not, be opened for an application now (semantics 3, "Eligible"). */
export type EligibilityCode = 'eligible' | 'active-attempt' | IneligibleCode;

/** What can be said today about a rule at the next merge. `at-merge` = only a pull request can tell. */
export type Outlook = 'holds' | 'cannot-hold' | 'unknown' | 'at-merge';

/** One rule, looked at before there is anything to merge (semantics 15: never silent). */
export interface RuleForecast {
  readonly id: RuleId;
  readonly outlook: Outlook;
  /** What was seen and why that bars or allows a merge, in one sentence. */
  readonly why: string;
  /** When it was seen; absent = nothing had to be read. */
  readonly seenAt?: EpochMs;
  /** The configuration key that would relax it, with the value: `invariants.replicaShortage: updated`. */
  readonly relaxedBy?: string;
}

/** Something that keeps new attempts from a content, and how it goes away. */
export interface MarkView {
  readonly kind: ApplicationMark['kind'];
  readonly attempt: AttemptId;
  readonly reason: string;
  readonly revisions: readonly Revision[];
  readonly at: EpochMs;
  readonly until: EpochMs;
  /** It is about what runs now. */
  readonly current: boolean;
}

/** Why one application is, or is not, being rolled back: the answer to `explain`. Times are epoch milliseconds. */
export interface Explanation {
  readonly version: 1;
  readonly application: ApplicationKey;
  readonly project: string;
  /** When the answer was put together. */
  readonly at: EpochMs;
  readonly management:
    | {
        readonly kind: 'managed';
        readonly environment: Environment /** The part of the configuration that matched. */;
        readonly matchedBy: string;
      }
    | { readonly kind: 'unmanaged'; readonly why: string };
  readonly mode: { readonly effective: Mode; readonly configured: Mode; readonly loweredBy: readonly string[] };
  readonly health: {
    readonly status: HealthStatus;
    /** When it was seen; absent = never. */
    readonly seenAt?: EpochMs;
    readonly since?: EpochMs;
    readonly unknownBecause?: string;
    readonly revisions: readonly Revision[];
  };
  readonly eligibility: { readonly code: EligibilityCode /** One sentence. */; readonly text: string };
  readonly activeAttempt?: {
    readonly id: AttemptId;
    readonly state: StateName;
    readonly step?: StepName;
    readonly next: NextStep;
  };
  readonly marks: readonly MarkView[];
  readonly pauses: readonly Pause[];
  /** What a person could do, or wait for, to get another answer; most useful first. */
  readonly whatWouldChange: readonly string[];
  readonly forecast: readonly RuleForecast[];
}
