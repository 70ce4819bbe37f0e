import type { ApplicationKey, ApplicationSnapshot, EpochMs } from '../model/application.js';
import type { HealthCheck } from '../model/health-check.js';
import type { StoredMark, StoredSpend } from '../model/mark.js';
import type { Environment, Policy } from '../model/policy.js';
import type { WorkloadStatus } from '../model/workload.js';
import type { ApplicationSyncStatus } from '../ports/argocd.js';
import type { BranchRules, MergeMethod, PullRequestStatus } from '../ports/source-control.js';
import type { CiVerdict } from './ci-verdict.js';
import type { Known } from './known.js';

/** An own workload that Argo CD does not call Healthy, with its replicas. */
export interface AilingWorkload {
  readonly kind: string;
  readonly name: string;
  readonly health: string;
  readonly status: Known<WorkloadStatus>;
}

/** Another open pull request on our base branch. */
export interface OtherPullRequest {
  readonly number: number;
  readonly title: string;
  /** A rollback pull request of this operator. */
  readonly ours: boolean;
  /** Undefined = too many files to tell. */
  readonly meetsOurFiles: boolean | undefined;
}

/** Another application whose files may meet the diff. */
export interface OtherApplication {
  readonly application: ApplicationKey;
  readonly environment: Environment | 'unmanaged';
  readonly relation: 'meets' | 'unknown';
  readonly why: string;
  /** Renders at the pull request's head as at the base head; undefined = not known. */
  readonly rendersEqual: boolean | undefined;
}

/** One object that the rollback adds, changes or removes. */
export interface ChangedObject {
  readonly change: 'added' | 'modified' | 'removed';
  readonly kind: string;
  readonly name: string;
  /** Why changing it back may be irreversible; undefined = it is not. */
  readonly bars?: string;
}
export interface RenderedProof {
  /** The application at the pull request's head renders equal to the candidate. */
  readonly equalsCandidate: boolean;
  readonly changes: readonly ChangedObject[];
}

/** Everything the rules are judged by, read after the head was pinned (semantics 8). */
export interface MergeEvidence {
  readonly headSha: string;
  readonly pinnedAt: EpochMs;
  /** What the configuration says now; undefined = unmanaged. */
  readonly policyNow: Policy | undefined;
  /** Changed files that configuration does not give to staging alone; undefined = no staging paths are configured. */
  readonly outsideStagingPaths: readonly string[] | undefined;
  readonly checks: readonly HealthCheck[];
  readonly application: Known<ApplicationSnapshot>;
  readonly workloads: Known<readonly AilingWorkload[]>;
  readonly sync: Known<ApplicationSyncStatus>;
  readonly pullRequest: Known<PullRequestStatus>;
  readonly ownCommit: Known<{ readonly byUs: boolean; readonly treeAsPlanned: boolean }>;
  readonly rules: Known<BranchRules>;
  readonly mergeMethod: Known<MergeMethod>;
  readonly ci: Known<CiVerdict>;
  readonly openPullRequests: Known<readonly OtherPullRequest[]>;
  /** The closure at the base head equals the closure at the bad revision. */
  readonly baseUnchanged: Known<boolean>;
  /** The closure in the test merge equals the candidate's. */
  readonly mergeRestores: Known<boolean>;
  readonly rendered: Known<RenderedProof>;
  readonly others: Known<readonly OtherApplication[]>;
  readonly spends: readonly StoredSpend[];
  readonly marks: readonly StoredMark[];
}
