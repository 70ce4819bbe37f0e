import type { AttemptView } from '../model/attempt-view.js';
import type { ApplicationKey, EpochMs, HealthStatus } from '../model/application.js';
import type { Pause } from '../model/mark.js';
import type { Environment, Mode } from '../model/policy.js';
import type { AttemptId, StateName } from '../model/rollback-attempt.js';
import type { EligibilityCode, Explanation, MarkView } from './explanation.js';

/** One thing the operator depends on. */
export interface DependencyState {
  readonly name: string;
  readonly ok: boolean;
  /** False = the operator works without it, less well (Prometheus). */
  readonly required: boolean;
  /** What is wrong, or what was seen; free of secrets. */
  readonly detail: string;
  /** When it last answered well. */
  readonly lastSuccessAt?: EpochMs;
}
/** Ready = every required dependency is. Known without asking anybody. */
export interface Readiness {
  readonly ready: boolean;
  readonly dependencies: readonly DependencyState[];
}

/** The operator at a glance. */
export interface Summary {
  readonly version: 1;
  readonly instance: string;
  readonly build: string;
  readonly startedAt: EpochMs;
  readonly now: EpochMs;
  readonly ready: boolean;
  readonly storeKind: string;
  readonly development: boolean;
  /** Mode of each configured environment, as it is in effect. */
  readonly modes: Readonly<Partial<Record<Environment, Mode>>>;
  readonly lastListAt?: EpochMs;
  readonly pollPeriodMs: number;
  readonly applications: readonly {
    readonly environment: Environment | 'unmanaged';
    readonly health: HealthStatus;
    readonly count: number;
  }[];
  readonly attempts: Readonly<Partial<Record<StateName, number>>>;
  readonly pauses: readonly Pause[];
  /** Environments whose brake is closed. */
  readonly braked: readonly Environment[];
}

/** One application in a list. */
export interface ApplicationView {
  readonly application: ApplicationKey;
  readonly project: string;
  readonly environment: Environment | 'unmanaged';
  readonly mode: Mode;
  readonly health: HealthStatus;
  readonly healthSince?: EpochMs;
  readonly seenAt?: EpochMs;
  readonly activeAttempt?: AttemptId;
  readonly eligibility: EligibilityCode;
}

export interface QuarantineView extends MarkView {
  readonly kind: 'quarantine';
  readonly application: ApplicationKey;
}

/** What the doors may ask. Nothing here changes anything; a read that fails throws an OperatorError. */
export interface OperatorQueries {
  readiness(): Readiness;
  summary(): Promise<Summary>;
  applications(): Promise<readonly ApplicationView[]>;
  /** Undefined = no such application was ever listed. */
  explain(application: ApplicationKey): Promise<Explanation | undefined>;
  /** Open ones first, then ended ones, newest first. */
  attempts(): Promise<readonly AttemptView[]>;
  attempt(id: AttemptId): Promise<AttemptView | undefined>;
  quarantine(): Promise<readonly QuarantineView[]>;
  /** The configuration in force as YAML, secrets left out. */
  config(): string;
}
