import type { EpochMs } from '../model/application.js';
import type { RepositoryRole } from '../model/repository-role.js';

export interface RepositoryId {
  readonly owner: string;
  readonly name: string;
}
export interface Actor {
  readonly login: string;
  readonly kind: 'human' | 'bot';
}
export type MergeMethod = 'merge' | 'squash' | 'rebase';
export interface RepositorySettings {
  readonly defaultBranch: string;
  readonly archived: boolean;
  readonly mergeMethods: readonly MergeMethod[];
  readonly canPush: boolean;
}
export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Login of the account GitHub knows behind it, where it knows one. */
  readonly authorLogin?: string;
  /** Login of who committed it: an amended commit keeps its author. What GitHub itself commits counts as the author's. */
  readonly committerLogin?: string;
  readonly authorName: string;
  readonly committedAt: EpochMs;
}
export type TreeMode = '100644' | '100755' | '120000' | '160000';
export interface TreeEntry {
  readonly mode: TreeMode;
  /** Blob id (commit id for a submodule). */
  readonly oid: string;
}
/** Every file of one commit. */
export interface RepositoryContent {
  readonly revision: string;
  readonly tree: string;
  readonly files: ReadonlyMap<string, TreeEntry>;
}
/** A file to put, or (without `entry`) to remove. */
export interface TreeChange {
  readonly path: string;
  readonly entry?: TreeEntry;
  /** The mode it has at the base: GitHub asks for it when removing. */
  readonly baseMode?: TreeMode;
}
export interface NewCommit {
  readonly message: string;
  readonly tree: string;
  readonly parent: string;
}

export interface PullRequestSummary {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly draft: boolean;
  readonly title: string;
  readonly headBranch: string;
  /** False for a pull request from a fork. */
  readonly sameRepository: boolean;
  readonly headSha: string;
  readonly baseBranch: string;
  readonly author: Actor;
  readonly labels: readonly string[];
  readonly createdAt: EpochMs;
  readonly url: string;
}
export interface PullRequestStatus extends PullRequestSummary {
  readonly body: string;
  readonly baseSha: string;
  readonly locked: boolean;
  readonly commits: number;
  readonly autoMerge: boolean;
  /** null = GitHub is still computing it. */
  readonly mergeable: boolean | null;
  readonly mergeableState: string;
  /** While open: the test merge. After a merge: the merge commit. */
  readonly mergeCommit?: string;
  readonly mergedBy?: Actor;
  readonly mergedAt?: EpochMs;
  /** Who closed it, when closed and not merged. */
  readonly closedBy?: Actor;
}
export interface NewPullRequest {
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

export type CheckState = 'success' | 'failure' | 'pending';
/** A check run or a commit status on one commit; the newest per name, app and suite. An enum value nobody knows is `failure`. */
export interface Check {
  readonly name: string;
  readonly kind: 'check-run' | 'status';
  readonly appId?: number;
  readonly state: CheckState;
  /** The vendor's own word: `success`, `skipped`, `timed_out`, ... */
  readonly conclusion: string;
  readonly completedAt?: EpochMs;
  readonly startedAt?: EpochMs;
}
export interface RequiredCheck {
  readonly name: string;
  readonly appId?: number;
}
/**
 * Classic protection and rulesets of a branch, joined. Of classic protection only the required checks are sure to be seen: the
 * rest takes the right to read the administration, without which `mergeableState` alone tells.
 */
export interface BranchRules {
  readonly requiredChecks: readonly RequiredCheck[];
  readonly requiredApprovals: number;
  readonly mergeQueue: boolean;
  readonly requiresSignatures: boolean;
  readonly requiresUpToDate: boolean;
  /** Narrowed by a ruleset; undefined = as the repository says. */
  readonly mergeMethods?: readonly MergeMethod[];
}
export interface Review {
  readonly id: number;
  readonly author: Actor;
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  readonly commit: string;
  readonly submittedAt: EpochMs;
}
export interface Comment {
  readonly id: number;
  readonly author: Actor;
  readonly body: string;
  readonly createdAt: EpochMs;
  readonly edited: boolean;
}
/**
 * GitHub. Reads throw OperatorError (transient, denied, terminal, config); writes throw `unknown` when the answer was lost,
 * `conflict` when the thing exists or moved: whoever writes looks afterwards, and believes only that.
 */
export interface SourceControl {
  /** The account this operator acts as. */
  self(signal: AbortSignal): Promise<Actor>;
  getRepository(repo: RepositoryId, signal: AbortSignal): Promise<RepositorySettings>;
  /** Commit id of a branch; undefined = there is no such branch. */
  findBranchHead(repo: RepositoryId, branch: string, signal: AbortSignal): Promise<string | undefined>;
  getCommit(repo: RepositoryId, sha: string, signal: AbortSignal): Promise<Commit>;
  /** Every file of a commit. Cached by commit. `GITHUB_TREE_TRUNCATED` (terminal) when GitHub cannot list it whole. */
  readRepositoryContent(repo: RepositoryId, revision: string, signal: AbortSignal): Promise<RepositoryContent>;
  /** Text of a blob, at most 1 MiB. Cached by id. */
  readBlob(repo: RepositoryId, oid: string, signal: AbortSignal): Promise<string>;
  isAncestor(repo: RepositoryId, ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean>;
  /** Commits reachable from `revision` that touch `path`, newest first, at most `limit`. */
  listCommits(
    repo: RepositoryId,
    query: { readonly revision: string; readonly path?: string; readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly Commit[]>;
  getBranchRules(repo: RepositoryId, branch: string, signal: AbortSignal): Promise<BranchRules>;
  listChecks(repo: RepositoryId, sha: string, signal: AbortSignal): Promise<readonly Check[]>;
  /** Pull requests that brought a commit in. */
  listPullRequestsOf(repo: RepositoryId, sha: string, signal: AbortSignal): Promise<readonly PullRequestSummary[]>;

  /** Content-addressed: safe to repeat. Answers the tree id. */
  createTree(
    repo: RepositoryId,
    baseTree: string,
    changes: readonly TreeChange[],
    signal: AbortSignal,
  ): Promise<string>;
  /** Answers the commit id. Author and committer are left to GitHub so that the commit is signed. */
  createCommit(repo: RepositoryId, commit: NewCommit, signal: AbortSignal): Promise<string>;
  /** The lock: throws `GITHUB_REF_EXISTS` (conflict) when the branch is there, `GITHUB_REF_BLOCKED` (config) when one named like its folder is. */
  createBranch(repo: RepositoryId, branch: string, sha: string, signal: AbortSignal): Promise<void>;
  /** Moves a branch of ours that still points at `from`; one at `to` already stays; anything else is `GITHUB_REF_MOVED` (conflict). */
  moveBranch(repo: RepositoryId, branch: string, from: string, to: string, signal: AbortSignal): Promise<void>;

  /** All states, newest first; head, base and repository are checked again on our side. */
  findPullRequests(
    repo: RepositoryId,
    headBranch: string,
    baseBranch: string,
    signal: AbortSignal,
  ): Promise<readonly PullRequestSummary[]>;
  listOpenPullRequests(
    repo: RepositoryId,
    baseBranch: string,
    signal: AbortSignal,
  ): Promise<readonly PullRequestSummary[]>;
  /** Paths a pull request changes (both names of a rename); undefined = too many to tell. */
  listPullRequestFiles(repo: RepositoryId, number: number, signal: AbortSignal): Promise<readonly string[] | undefined>;
  getPullRequestStatus(repo: RepositoryId, number: number, signal: AbortSignal): Promise<PullRequestStatus>;
  /** Answers the number. `GITHUB_PULL_REQUEST_EXISTS` (conflict), `GITHUB_NO_CHANGE` (terminal), `GITHUB_NOT_VISIBLE_YET` (transient). */
  createPullRequest(repo: RepositoryId, pr: NewPullRequest, signal: AbortSignal): Promise<number>;
  updatePullRequest(
    repo: RepositoryId,
    number: number,
    change: { readonly body?: string; readonly state?: 'closed' },
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Only with the pinned head: any other is `GITHUB_HEAD_MOVED` (conflict). Also `GITHUB_NOT_MERGEABLE` (conflict),
   * `GITHUB_BASE_MODIFIED` (transient), `GITHUB_MERGE_METHOD` (config). Neither success nor error is proof: look afterwards.
   */
  mergePullRequest(
    repo: RepositoryId,
    number: number,
    how: { readonly headSha: string; readonly method: MergeMethod },
    signal: AbortSignal,
  ): Promise<void>;

  /** Submitted reviews, oldest first. */
  listReviews(repo: RepositoryId, number: number, signal: AbortSignal): Promise<readonly Review[]>;
  listComments(repo: RepositoryId, number: number, signal: AbortSignal): Promise<readonly Comment[]>;
  /** Creates or rewrites our one comment that carries `marker`. */
  upsertComment(repo: RepositoryId, number: number, marker: string, body: string, signal: AbortSignal): Promise<void>;
  addLabels(repo: RepositoryId, number: number, labels: readonly string[], signal: AbortSignal): Promise<void>;
  getRole(repo: RepositoryId, login: string, signal: AbortSignal): Promise<RepositoryRole>;
  isTeamMember(organisation: string, team: string, login: string, signal: AbortSignal): Promise<boolean>;
  /** Remaining calls of the present window, as the last answer said it. */
  rateLimitRemaining(): number | undefined;
}
