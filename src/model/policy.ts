import type { EpochMs } from './application.js';
import type { RepositoryRole } from './repository-role.js';
import type { Timing } from './timing.js';

export const ENVIRONMENTS = ['staging', 'production'] as const;
/** Architecture section 7: where Level 2 autonomy applies, and where a human approves. */
export type Environment = (typeof ENVIRONMENTS)[number];

export const MODES = ['off', 'observe', 'propose', 'auto'] as const;
/** Autonomy, rising: nothing; decide and record; open pull requests that humans merge; merge by itself (Level 2). */
export type Mode = (typeof MODES)[number];

/** The lowest of several modes. */
export const lowestMode = (...modes: readonly Mode[]): Mode =>
  MODES[Math.min(...modes.map((m) => MODES.indexOf(m)))] ?? 'off';

/** Nothing is merged while one is open. Either absolute, or each week. */
export type FreezeWindow = { readonly name: string; readonly timeZone: string } & (
  | { readonly kind: 'absolute'; readonly from: EpochMs; readonly to: EpochMs }
  /** Days 1 (Monday) to 7; minutes from local midnight; `toMinute` at or below `fromMinute` reaches into the next day. */
  | {
      readonly kind: 'weekly';
      readonly days: readonly number[];
      readonly fromMinute: number;
      readonly toMinute: number;
    }
);

/** At most `count` within `windowMs`. */
export interface Allowance {
  readonly count: number;
  readonly windowMs: number;
}

/** What the configuration says of one repository. */
export interface RepositoryPolicy {
  readonly url: string;
  /** The operator sees every application that renders from it (I1, G2). */
  readonly allApplicationsVisible: boolean;
  readonly requiredChecks: readonly { readonly name: string; readonly appId?: number }[];
  readonly allowNoChecks: boolean;
  readonly failOnOptionalFailure: boolean;
  readonly mergeMethod?: 'merge' | 'squash' | 'rebase';
}

export interface CandidatePolicy {
  readonly minObservationMs: number;
  readonly minSoakMs: number;
  readonly allowWithoutCi: boolean;
}
export interface InvariantPolicy {
  readonly replicaShortage: 'available' | 'updated';
  readonly openPullRequests: 'branch' | 'paths';
}
export interface GuardPolicy {
  readonly changeWindowMs: number;
  readonly maxCandidateAgeMs: number;
  readonly maxPassedOver: number;
  readonly maxDroppedCommits: number;
  readonly freeze: readonly FreezeWindow[];
  readonly perApplication: readonly Allowance[];
  readonly fleet: Allowance;
}
export interface ApprovalPolicy {
  readonly mergeAfterApproval: boolean;
  readonly minRole: RepositoryRole;
  readonly count: number;
  readonly teams: readonly string[];
  readonly users: readonly string[];
}

/** The part of the configuration an attempt is judged by: copied into it when it is opened, afterwards only narrowed (semantics 10). */
export interface Policy {
  readonly environment: Environment;
  readonly mode: Mode;
  /** Why the mode is below the one configured; empty when it is not. */
  readonly modeLoweredBy: readonly string[];
  readonly timing: Timing;
  /** Globs of files that belong to staging alone (I1). */
  readonly stagingPaths: readonly string[];
  /** Undefined = the application's repository is not configured. */
  readonly repository?: RepositoryPolicy;
  readonly candidates: CandidatePolicy;
  readonly invariants: InvariantPolicy;
  readonly guards: GuardPolicy;
  readonly approval: ApprovalPolicy;
}
