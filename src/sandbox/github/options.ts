import type { Clock } from '../../base/clock.js';
import type { RepositoryRole } from '../../model/repository-role.js';
import type { MergeMethod } from '../../ports/source-control.js';
import type { FaultPlan } from '../faults.js';
import type { Journal } from '../journal.js';

/** What is checked on every new head of an open pull request. All waits count from the moment the head is seen. */
export interface CiStep {
  readonly name: string;
  readonly kind: 'check-run' | 'status';
  /** Zero checks right after a push is what GitHub shows, for 10 to 120 s. */
  readonly registersAfterMs: number;
  readonly takesMs: number;
  /** The vendor's word (`success`, `failure`, `skipped`, `error`, ...); `never-starts`: nothing is ever reported. */
  readonly conclusion: string;
  /** Of the reporting App; GitHub Actions (15368) for check runs unless told, none for statuses. */
  readonly appId?: number;
}

/** Rules of the default branch. */
export interface BranchRuleOptions {
  readonly requiredChecks: readonly { readonly context: string; readonly appId?: number }[];
  /** Classic protection hides its review rule from who is no administrator, as on GitHub. */
  readonly via: 'classic' | 'ruleset';
  readonly requiredApprovals: number;
  /** The head must contain the base. */
  readonly strict: boolean;
  readonly mergeQueue: boolean;
  readonly signatures?: boolean;
}

export type PermissionLevel = 'read' | 'write';

export interface GitHubSandboxOptions {
  /** Where the bare repository is, or is to be made. */
  readonly directory: string;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly port?: number;
  /** Ends in `[bot]` for an App's account. */
  readonly operatorLogin: string;
  /** People by login. The operator need not be among them; when it is, its role limits it. */
  readonly collaborators: Readonly<Record<string, Exclude<RepositoryRole, 'none'>>>;
  /** Logins by `org/slug`, or by `slug` for a team of the owner. */
  readonly teams?: Readonly<Record<string, readonly string[]>>;
  readonly mergeMethods: readonly MergeMethod[];
  readonly branchRules: BranchRuleOptions;
  readonly ci: readonly CiStep[];
  /** What commits show that never headed a pull request; `none` unless told. Those made over the API show nothing. */
  readonly historyCi?: 'success' | 'failure' | 'none';
  /** Reads that answer `mergeable: null` after the head or the base moved; 1 unless told. */
  readonly mergeableNullReads?: number;
  /** For how long a new pull request is missing from the list. */
  readonly listLagMs?: number;
  /**
   * What a folder entry over `base_tree` does. `merge` (leaves old files behind) unless told: GitHub does not document
   * it, and this is the reading that hurts.
   */
  readonly dirEntry?: 'merge' | 'replace' | 'reject';
  /** Entries a recursive tree shows at most; 100 000 unless told. */
  readonly treeTruncatedAbove?: number;
  /** Permissions of the App and of the operator's token. */
  readonly appPermissions?: Readonly<Record<string, PermissionLevel>>;
  /** Requests per hour and account; 5 000 unless told. */
  readonly rateLimitPerHour?: number;
  readonly archived?: boolean;
}

/** What the operator's App is documented to need. */
export const DEFAULT_APP_PERMISSIONS: Readonly<Record<string, PermissionLevel>> = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'read',
  statuses: 'read',
  members: 'read',
};
