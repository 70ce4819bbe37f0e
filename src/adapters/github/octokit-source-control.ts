import type { Clock } from '../../base/clock.js';
import type { RetryPolicy } from '../../base/retry.js';
import type { RepositoryRole } from '../../model/repository-role.js';
import type * as port from '../../ports/source-control.js';
import { getBranchRules } from './branch-rules.js';
import { listChecks } from './checks.js';
import { addLabels, listComments, upsertComment } from './comments.js';
import { createBranch, createCommit, createTree, moveBranch } from './git-writes.js';
import type { GitHubSettings } from './github-settings.js';
import { probeGitHub, readSelf, type GitHubProbe } from './identity.js';
import { OctokitClient } from './octokit-client.js';
import {
  findPullRequests,
  getPullRequestStatus,
  listOpenPullRequests,
  listPullRequestFiles,
  listPullRequestsOf,
} from './pull-request-reads.js';
import { createPullRequest, mergePullRequest, updatePullRequest } from './pull-request-writes.js';
import { RepositoryContentReader } from './repository-content.js';
import { findBranchHead, getCommit, getRepository, isAncestor, listCommits } from './repository-reads.js';
import { listReviews } from './reviews.js';
import { getRole, isTeamMember } from './roles.js';

type Repo = port.RepositoryId;

/**
 * GitHub by its REST API, github.com and Enterprise Server alike: one line per question, each answered in the file of
 * its topic. What may be evidence for a merge is read past the cache.
 */
export class OctokitSourceControl implements port.SourceControl {
  readonly #client: OctokitClient;
  readonly #content: RepositoryContentReader;
  #self: port.Actor | undefined;
  constructor(
    private readonly settings: GitHubSettings,
    private readonly clock: Clock,
    retry: RetryPolicy,
  ) {
    this.#client = new OctokitClient(settings, clock, retry);
    this.#content = new RepositoryContentReader(this.#client);
  }
  /**
   * Who we are, what we may do, how far our clock is off, what is left of the rate limit: for `doctor`. Throws as reads
   * do.
   */
  probe(signal: AbortSignal): Promise<GitHubProbe> {
    const { auth } = this.settings;
    return probeGitHub(
      this.#client,
      auth.kind === 'app' ? auth.installationId : undefined,
      () => this.clock.now(),
      signal,
    );
  }
  /** Ends the connections; calls under way fail. */
  close(): Promise<void> {
    return this.#client.close();
  }

  async self(signal: AbortSignal): Promise<port.Actor> {
    this.#self ??= await readSelf(this.#client, signal);
    return this.#self;
  }
  getRepository(repo: Repo, signal: AbortSignal): Promise<port.RepositorySettings> {
    return getRepository(this.#client, repo, signal);
  }
  findBranchHead(repo: Repo, branch: string, signal: AbortSignal): Promise<string | undefined> {
    return findBranchHead(this.#client, repo, branch, signal);
  }
  getCommit(repo: Repo, sha: string, signal: AbortSignal): Promise<port.Commit> {
    return getCommit(this.#client, repo, sha, signal);
  }
  readRepositoryContent(repo: Repo, revision: string, signal: AbortSignal): Promise<port.RepositoryContent> {
    return this.#content.read(repo, revision, signal);
  }
  readBlob(repo: Repo, oid: string, signal: AbortSignal): Promise<string> {
    return this.#content.readBlob(repo, oid, signal);
  }
  isAncestor(repo: Repo, ancestor: string, descendant: string, signal: AbortSignal): Promise<boolean> {
    return isAncestor(this.#client, repo, ancestor, descendant, signal);
  }
  listCommits(
    repo: Repo,
    query: { readonly revision: string; readonly path?: string; readonly limit: number },
    signal: AbortSignal,
  ): Promise<readonly port.Commit[]> {
    return listCommits(this.#client, repo, query, signal);
  }
  getBranchRules(repo: Repo, branch: string, signal: AbortSignal): Promise<port.BranchRules> {
    return getBranchRules(this.#client, repo, branch, signal);
  }
  listChecks(repo: Repo, sha: string, signal: AbortSignal): Promise<readonly port.Check[]> {
    return listChecks(this.#client, repo, sha, signal);
  }
  listPullRequestsOf(repo: Repo, sha: string, signal: AbortSignal): Promise<readonly port.PullRequestSummary[]> {
    return listPullRequestsOf(this.#client, repo, sha, signal);
  }

  createTree(repo: Repo, baseTree: string, changes: readonly port.TreeChange[], signal: AbortSignal): Promise<string> {
    return createTree(this.#client, repo, baseTree, changes, signal);
  }
  createCommit(repo: Repo, commit: port.NewCommit, signal: AbortSignal): Promise<string> {
    return createCommit(this.#client, repo, commit, signal);
  }
  createBranch(repo: Repo, branch: string, sha: string, signal: AbortSignal): Promise<void> {
    return createBranch(this.#client, repo, branch, sha, signal);
  }
  moveBranch(repo: Repo, branch: string, from: string, to: string, signal: AbortSignal): Promise<void> {
    return moveBranch(this.#client, repo, branch, from, to, signal);
  }

  findPullRequests(
    repo: Repo,
    headBranch: string,
    baseBranch: string,
    signal: AbortSignal,
  ): Promise<readonly port.PullRequestSummary[]> {
    return findPullRequests(this.#client, repo, headBranch, baseBranch, signal);
  }
  listOpenPullRequests(
    repo: Repo,
    baseBranch: string,
    signal: AbortSignal,
  ): Promise<readonly port.PullRequestSummary[]> {
    return listOpenPullRequests(this.#client, repo, baseBranch, signal);
  }
  listPullRequestFiles(repo: Repo, number: number, signal: AbortSignal): Promise<readonly string[] | undefined> {
    return listPullRequestFiles(this.#client, repo, number, signal);
  }
  getPullRequestStatus(repo: Repo, number: number, signal: AbortSignal): Promise<port.PullRequestStatus> {
    return getPullRequestStatus(this.#client, repo, number, signal);
  }
  createPullRequest(repo: Repo, pr: port.NewPullRequest, signal: AbortSignal): Promise<number> {
    return createPullRequest(this.#client, repo, pr, signal);
  }
  updatePullRequest(
    repo: Repo,
    number: number,
    change: { readonly body?: string; readonly state?: 'closed' },
    signal: AbortSignal,
  ): Promise<void> {
    return updatePullRequest(this.#client, repo, number, change, signal);
  }
  mergePullRequest(
    repo: Repo,
    number: number,
    how: { readonly headSha: string; readonly method: port.MergeMethod },
    signal: AbortSignal,
  ): Promise<void> {
    return mergePullRequest(this.#client, repo, number, how, signal);
  }

  listReviews(repo: Repo, number: number, signal: AbortSignal): Promise<readonly port.Review[]> {
    return listReviews(this.#client, repo, number, signal);
  }
  listComments(repo: Repo, number: number, signal: AbortSignal): Promise<readonly port.Comment[]> {
    return listComments(this.#client, repo, number, signal);
  }
  async upsertComment(repo: Repo, number: number, marker: string, body: string, signal: AbortSignal): Promise<void> {
    const { login } = await this.self(signal);
    await upsertComment(this.#client, repo, number, { login, marker, body }, signal);
  }
  addLabels(repo: Repo, number: number, labels: readonly string[], signal: AbortSignal): Promise<void> {
    return addLabels(this.#client, repo, number, labels, signal);
  }
  getRole(repo: Repo, login: string, signal: AbortSignal): Promise<RepositoryRole> {
    return getRole(this.#client, repo, login, signal);
  }
  isTeamMember(organisation: string, team: string, login: string, signal: AbortSignal): Promise<boolean> {
    return isTeamMember(this.#client, organisation, team, login, signal);
  }
  rateLimitRemaining(): number | undefined {
    return this.#client.rateLimit.remaining;
  }
}
