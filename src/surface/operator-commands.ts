import type { ApplicationKey } from '../model/application.js';
import type { AttemptView } from '../model/attempt-view.js';
import type { Pause, PauseScope } from '../model/mark.js';
import type { AttemptId } from '../model/rollback-attempt.js';
import type { Role, Who } from './role.js';

/** The store or the audit log cannot take it now; the stop flag of the process may hold already. Ask again. */
export interface Unavailable {
  readonly kind: 'unavailable';
  readonly why: string;
}
/** Allowed to others: lifting a kill switch or a veto needs an approver. */
export interface RoleTooLow {
  readonly kind: 'role-too-low';
  readonly needs: Role;
  readonly why: string;
}
interface NotFound {
  readonly kind: 'not-found';
}

export type AbortResult =
  /** Stored: no new effect starts. `settling` = an effect under way is settled first, so a merge may still be found. */
  | { readonly kind: 'stopping'; readonly attempt: AttemptView; readonly settling: boolean }
  | { readonly kind: 'already-stopping'; readonly attempt: AttemptView }
  | { readonly kind: 'already-ended'; readonly attempt: AttemptView }
  /** It is merged: the wish is noted, and the verification goes on. */
  | { readonly kind: 'too-late'; readonly attempt: AttemptView; readonly why: string }
  | NotFound
  | Unavailable;

export type PauseResult =
  | { readonly kind: 'paused'; readonly pause: Pause }
  | { readonly kind: 'already-paused'; readonly pause: Pause }
  | NotFound
  | Unavailable;

export type ResumeResult =
  | { readonly kind: 'resumed'; readonly scope: PauseScope }
  /** Also opens the brake, when the scope is the operator: then this names what was opened. */
  | { readonly kind: 'brake-opened'; readonly environments: readonly string[] }
  | { readonly kind: 'not-paused' }
  /** The kill file on the operator's disk holds everything; only removing it lifts that. */
  | { readonly kind: 'held-by-kill-file'; readonly pause: Pause }
  | NotFound
  | RoleTooLow
  | Unavailable;

export type KillResult =
  | { readonly kind: 'killed'; readonly pause: Pause }
  | { readonly kind: 'already-killed'; readonly pause: Pause }
  | Unavailable;

export type RetryResult =
  /** The latch is lifted; an attempt opens with the next Degraded check, if everything else allows it. */
  | { readonly kind: 'lifted'; readonly attempt: AttemptId }
  | { readonly kind: 'nothing-to-retry'; readonly why: string }
  | { readonly kind: 'attempt-active'; readonly attempt: AttemptId }
  | NotFound
  | RoleTooLow
  | Unavailable;

export type LiftQuarantineResult =
  | { readonly kind: 'lifted'; readonly attempt: AttemptId }
  | NotFound
  | RoleTooLow
  | Unavailable;

/**
 * What people may order (semantics 10). The doors have checked the caller's role for the kind of command; what depends on
 * the case (a kill switch, a veto) is checked here. Each command is audited with who and why.
 */
export interface OperatorCommands {
  abort(attempt: AttemptId, who: Who, why: string): Promise<AbortResult>;
  pause(scope: PauseScope, who: Who, why: string): Promise<PauseResult>;
  resume(scope: PauseScope, who: Who, why: string): Promise<ResumeResult>;
  /** Pauses everything; only an approver or admin resumes. */
  kill(who: Who, why: string): Promise<KillResult>;
  retry(application: ApplicationKey, who: Who, why: string): Promise<RetryResult>;
  /** `attempt` is the one whose rollback put the content into quarantine. */
  liftQuarantine(attempt: AttemptId, who: Who, why: string): Promise<LiftQuarantineResult>;
}

export type CommandResult = AbortResult | PauseResult | ResumeResult | KillResult | RetryResult | LiftQuarantineResult;
