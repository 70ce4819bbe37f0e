import type { EpochMs } from '../../model/application.js';
import type { MergeMethod } from '../../ports/source-control.js';
import type { FaultPlan } from '../faults.js';
import { GitRepository } from '../git-repository.js';
import { RefusalError } from '../http-message.js';
import { SandboxHttpServer } from '../http-server.js';
import type { Journal } from '../journal.js';
import type { CheckRecord, ReportedCheck } from './checks.js';
import { appPrivateKey, Credentials } from './credentials.js';
import type { AppIdentity } from './credentials.js';
import { Edge } from './edge.js';
import { Forge } from './forge.js';
import { mergePull } from './merge.js';
import { DEFAULT_APP_PERMISSIONS } from './options.js';
import type { GitHubSandboxOptions } from './options.js';
import { closePull, openPull } from './pull-requests.js';
import { RateLimit } from './rate-limit.js';
import type { PullRecord } from './records.js';
import { addReview, dismissReview } from './reviews.js';
import type { ReviewVerdict } from './reviews.js';
import { addComment } from './routes/comments.js';
import { putLabel } from './routes/labels.js';
import { allRoutes } from './all-routes.js';

export interface HumanPush {
  readonly branch: string;
  /** Text by path; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  readonly by: string;
  readonly at?: EpochMs;
}
export interface HumanPullRequest {
  readonly by: string;
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body?: string;
  readonly draft?: boolean;
}
/** A pull request for a printout or an assertion. */
export interface PullRequestView {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly draft: boolean;
  readonly author: string;
  readonly head: string;
  readonly headSha: string;
  readonly base: string;
  readonly labels: readonly string[];
  readonly createdAt: EpochMs;
  readonly url: string;
  readonly mergeCommit?: string;
  readonly mergedBy?: string;
  readonly closedBy?: string;
}

interface SandboxParts {
  readonly forge: Forge;
  readonly server: SandboxHttpServer;
  readonly credentials: Credentials;
  readonly app: AppIdentity;
}

/** A GitHub of one repository on localhost: programs come over HTTP, people act by method. */
export class GitHubSandbox {
  readonly url: string;
  readonly repository: GitRepository;
  readonly journal: Journal;
  readonly faults: FaultPlan;
  readonly operatorToken: string;
  readonly app: AppIdentity;
  readonly #forge: Forge;
  readonly #server: SandboxHttpServer;
  readonly #credentials: Credentials;

  private constructor({ forge, server, credentials, app }: SandboxParts) {
    this.url = server.url;
    this.repository = forge.repository;
    this.journal = forge.options.journal;
    this.faults = forge.options.faults;
    this.app = app;
    this.#forge = forge;
    this.#server = server;
    this.#credentials = credentials;
    this.operatorToken = credentials.issue(
      forge.accounts.operator,
      forge.options.appPermissions ?? DEFAULT_APP_PERMISSIONS,
    );
  }

  /** Starts listening, over the repository in `options.directory`, which is made when it is not there. */
  static async start(options: GitHubSandboxOptions): Promise<GitHubSandbox> {
    const repository = await GitRepository.init(options.directory, options.defaultBranch);
    const app = { appId: 7001, installationId: 9001, privateKeyPem: await appPrivateKey() };
    const credentials = new Credentials(options.clock, app);
    const rate = new RateLimit(options.clock, options.rateLimitPerHour ?? 5000);
    const permissions = options.appPermissions ?? DEFAULT_APP_PERMISSIONS;
    const routes = allRoutes({ identity: app, credentials, permissions }, rate);
    const { clock, journal, faults, port = 0 } = options;
    const server = await SandboxHttpServer.start({
      name: 'github',
      clock,
      journal,
      faults,
      port,
      handle: (request) => edge.handle(request),
    });
    const forge = new Forge({ options, repository, apiUrl: server.url });
    const edge = new Edge({ forge, credentials, rate, routes });
    return new GitHubSandbox({ forge, server, credentials, app });
  }

  /** A token for somebody else, to act over HTTP as a person. */
  tokenFor(login: string): string {
    return this.#credentials.issue(this.#forge.accounts.ensure(login));
  }

  /** Every token of this account stops working: answers turn 401. */
  revokeTokens(login: string): void {
    this.#credentials.revoke(login);
  }

  /** A commit straight to a branch, past all rules; a new branch starts at the tip of the default branch. */
  push(push: HumanPush): Promise<string> {
    return this.#forge.exclusive(() => this.#commit(push));
  }

  async #commit({ branch, files, message, by, at }: HumanPush): Promise<string> {
    const { accounts, options } = this.#forge;
    if ((await this.#forge.branchSha(branch)) === undefined) {
      const start = await this.#forge.branchSha(options.defaultBranch);
      if (start !== undefined) await this.repository.updateRef(`refs/heads/${branch}`, start, undefined);
    }
    const author = accounts.person(accounts.ensure(by));
    return this.repository.commitFiles({ branch, files, message, author, at: at ?? this.#forge.now() });
  }

  /** Answers the number. */
  openPullRequest(opening: HumanPullRequest): Promise<number> {
    return this.#act(async () => {
      const pull = await openPull(this.#forge, { ...opening, by: this.#forge.accounts.ensure(opening.by) });
      return pull.number;
    });
  }

  review(
    number: number,
    r: { readonly by: string; readonly state: ReviewVerdict; readonly commit?: string },
  ): Promise<void> {
    return this.#act(async () => {
      const by = this.#forge.accounts.ensure(r.by);
      const commit = r.commit === undefined ? {} : { commit: r.commit };
      await addReview(this.#forge, this.#pull(number), { by, state: r.state, body: '', ...commit });
    });
  }

  /** Dismisses every standing review of somebody. */
  dismissReviews(number: number, author: string): Promise<void> {
    return this.#act(async () => {
      const standing = this.#forge.reviews.filter((r) => r.pull === number && r.author.login === author);
      for (const review of standing)
        if (review.state !== 'COMMENTED' && review.state !== 'DISMISSED') dismissReview(review);
    });
  }

  /** As an administrator may: past the rules of the branch, not past a conflict. Answers the new tip of the base. */
  mergePullRequest(number: number, by: string, method?: MergeMethod): Promise<string> {
    return this.#act(async () => {
      const chosen = method ?? this.#forge.options.mergeMethods[0] ?? 'merge';
      const account = this.#forge.accounts.ensure(by);
      return mergePull(this.#forge, this.#pull(number), { by: account, method: chosen, bypassRules: true });
    });
  }

  closePullRequest(number: number, by: string): Promise<void> {
    return this.#act(async () => {
      closePull(this.#forge, this.#pull(number), this.#forge.accounts.ensure(by));
    });
  }

  /** Answers the comment's id. */
  comment(number: number, by: string, body: string): Promise<number> {
    return this.#act(async () => addComment(this.#forge, this.#pull(number), this.#forge.accounts.ensure(by), body).id);
  }

  editComment(id: number, body: string): Promise<void> {
    return this.#act(async () => {
      const comment = this.#forge.comments.find((c) => c.id === id);
      if (!comment) throw new Error(`there is no comment ${id}`);
      comment.body = body;
      comment.updatedAt = this.#forge.now();
    });
  }

  addLabel(number: number, _by: string, label: string): Promise<void> {
    return this.#act(async () => {
      putLabel(this.#forge, this.#pull(number), label);
    });
  }

  removeLabel(number: number, label: string): Promise<void> {
    return this.#act(async () => {
      const pull = this.#pull(number);
      pull.labels = pull.labels.filter((name) => name.toLowerCase() !== label.toLowerCase());
    });
  }

  /** One more commit on the head branch. */
  pushToPullRequest(number: number, by: string, files: HumanPush['files']): Promise<string> {
    return this.#act(() => {
      const { headBranch } = this.#pull(number);
      return this.#commit({ branch: headBranch, files, message: `Change pull request ${number}`, by });
    });
  }

  /** What people do in the browser and no other method covers. */
  alterPullRequest(
    number: number,
    change: {
      readonly draft?: boolean;
      readonly locked?: boolean;
      readonly autoMergeBy?: string;
      readonly body?: string;
    },
  ): Promise<void> {
    return this.#act(async () => {
      const pull = this.#pull(number);
      pull.draft = change.draft ?? pull.draft;
      pull.locked = change.locked ?? pull.locked;
      pull.body = change.body ?? pull.body;
      if (change.autoMergeBy === undefined) return;
      pull.autoMerge = { by: this.#forge.accounts.ensure(change.autoMergeBy), method: 'merge' };
    });
  }

  /** Some other App or person reports a check, on any commit. */
  reportCheck(check: Omit<ReportedCheck, 'startedAt' | 'creator'>): Promise<void> {
    return this.#act(async () => {
      this.#forge.checks.report({ ...check, startedAt: this.#forge.now() });
    });
  }

  /** What the checks of a commit show now, the newest of each. */
  checksOf(sha: string): Promise<readonly CheckRecord[]> {
    return this.#forge.checks.latest(sha);
  }

  /** All pull requests as last seen, oldest first. */
  pullRequests(): readonly PullRequestView[] {
    return this.#forge.pulls.map((pull) => view(this.#forge, pull));
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  #act<T>(work: () => Promise<T>): Promise<T> {
    return this.#forge.exclusive(work).catch((error: unknown) => {
      throw error instanceof RefusalError ? new Error(error.message, { cause: error }) : error;
    });
  }

  #pull(number: number): PullRecord {
    const pull = this.#forge.findPull(number);
    if (!pull) throw new Error(`there is no pull request ${number}`);
    return pull;
  }
}

function view(forge: Forge, pull: PullRecord): PullRequestView {
  const { number, title, body, state, draft, headSha, labels, createdAt } = pull;
  return {
    number,
    title,
    body,
    state,
    draft,
    headSha,
    labels,
    createdAt,
    merged: pull.mergedAt !== undefined,
    author: pull.author.login,
    head: pull.headBranch,
    base: pull.baseBranch,
    url: `${forge.links.page}/pull/${number}`,
    ...(pull.mergeCommit === undefined ? {} : { mergeCommit: pull.mergeCommit }),
    ...(pull.mergedBy === undefined ? {} : { mergedBy: pull.mergedBy.login }),
    ...(pull.closedBy === undefined ? {} : { closedBy: pull.closedBy.login }),
  };
}
