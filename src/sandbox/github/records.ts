import type { EpochMs } from '../../model/application.js';
import type { MergeMethod } from '../../ports/source-control.js';
import type { Account } from './accounts.js';

/** What GitHub found out about merging one head into one base. */
export interface MergeProbe {
  readonly head: string;
  readonly base: string;
  readonly mergeable: boolean;
}

/** A pull request as the sandbox keeps it; the moving parts are changed in place, under the forge's lock. */
export interface PullRecord {
  readonly id: number;
  readonly number: number;
  readonly author: Account;
  readonly headBranch: string;
  readonly createdAt: EpochMs;
  baseBranch: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  draft: boolean;
  locked: boolean;
  updatedAt: EpochMs;
  headSha: string;
  /** Tip of the base as far as this pull request has been recomputed: lags behind until then. */
  baseSha: string;
  labels: string[];
  autoMerge?: { readonly by: Account; readonly method: MergeMethod };
  closedAt?: EpochMs;
  closedBy?: Account;
  mergedAt?: EpochMs;
  mergedBy?: Account;
  /** Tip of the base just before the merge. */
  mergedOnto?: string;
  mergeCommit?: string;
  /** The last test merge that succeeded; stays when it is out of date. */
  testMerge?: string;
  probe?: MergeProbe;
  /** Reads of this head and base that still answer null. */
  nullReads?: { readonly key: string; left: number };
  /** Base for which a merge was refused once because it had moved unseen. */
  toldBaseMoved?: string;
}

export interface ReviewRecord {
  readonly id: number;
  readonly pull: number;
  readonly author: Account;
  readonly commit: string;
  readonly body: string;
  readonly submittedAt: EpochMs;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
}

export interface CommentRecord {
  readonly id: number;
  readonly pull: number;
  readonly author: Account;
  readonly createdAt: EpochMs;
  body: string;
  updatedAt: EpochMs;
}

export interface LabelRecord {
  readonly id: number;
  readonly name: string;
}
