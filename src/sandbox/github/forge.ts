import type { EpochMs } from '../../model/application.js';
import type { GitCommit, NewGitCommit } from '../git-objects.js';
import type { GitRepository } from '../git-repository.js';
import { Accounts } from './accounts.js';
import type { Account } from './accounts.js';
import { Checks } from './checks.js';
import { Links } from './links.js';
import type { GitHubSandboxOptions } from './options.js';
import type { CommentRecord, LabelRecord, PullRecord, ReviewRecord } from './records.js';

export interface ForgeParts {
  readonly options: GitHubSandboxOptions;
  readonly repository: GitRepository;
  readonly apiUrl: string;
}

/** GitHub's own account: it commits what is done in the browser or over the API. */
export const WEB_FLOW = { name: 'GitHub', email: 'noreply@github.com' };

/** Everything GitHub knows about the repository. One piece of work at a time changes it: `exclusive`. */
export class Forge {
  readonly options: GitHubSandboxOptions;
  readonly repository: GitRepository;
  readonly links: Links;
  readonly accounts: Accounts;
  readonly checks: Checks;
  readonly startedAt: EpochMs;
  readonly pulls: PullRecord[] = [];
  readonly reviews: ReviewRecord[] = [];
  readonly comments: CommentRecord[] = [];
  readonly labels = new Map<string, LabelRecord>();
  readonly #verified = new Set<string>();
  readonly #movedAt = new Map<string, EpochMs>();
  #lastId = 5000;
  #dirty = true;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ options, repository, apiUrl }: ForgeParts) {
    this.options = options;
    this.repository = repository;
    this.links = new Links(apiUrl, options.owner, options.name);
    this.accounts = new Accounts(options);
    this.startedAt = options.clock.now();
    this.checks = new Checks({
      ci: options.ci,
      clock: options.clock,
      ...(options.historyCi === undefined ? {} : { historyCi: options.historyCi }),
      nextId: () => this.nextId(),
      committedAt: async (sha) => (await repository.readCommit(sha)).committer.at,
    });
    repository.onRefChanged((ref) => {
      if (!ref.startsWith('refs/heads/')) return;
      this.#movedAt.set(ref, this.now());
      this.#dirty = true;
    });
  }

  now(): EpochMs {
    return this.options.clock.now();
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  findPull(number: number): PullRecord | undefined {
    return this.pulls.find((pull) => pull.number === number);
  }

  /** Runs `work` after whatever runs, on records that know of every ref. Must not be entered twice. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(async () => {
      await this.#follow();
      return work();
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }

  branchSha(branch: string): Promise<string | undefined> {
    return this.repository.resolve(`refs/heads/${branch}`);
  }

  /** Stores a commit made on GitHub: it is signed by GitHub. */
  async commitAsGitHub(
    commit: Omit<NewGitCommit, 'committer' | 'author'>,
    author: Account | undefined,
  ): Promise<string> {
    const committer = { ...WEB_FLOW, at: this.now() };
    const person = author ? { ...this.accounts.person(author), at: this.now() } : committer;
    const sha = await this.repository.writeCommit({ ...commit, author: person, committer });
    this.#verified.add(sha);
    return sha;
  }

  isVerified(commit: GitCommit): boolean {
    return this.#verified.has(commit.sha);
  }

  /** Brings open pull requests in line with the branches: heads moved, branches deleted, bases that hold the head. */
  async #follow(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      for (const pull of this.pulls) if (pull.state === 'open') await this.#followOne(pull);
    }
  }

  async #followOne(pull: PullRecord): Promise<void> {
    const head = await this.branchSha(pull.headBranch);
    const base = await this.branchSha(pull.baseBranch);
    if (head === undefined || base === undefined) {
      this.close(pull, undefined);
      return;
    }
    const headMoved = head !== pull.headSha;
    const baseMoved = base !== pull.baseSha;
    if (headMoved) {
      const at = this.#movedAt.get(`refs/heads/${pull.headBranch}`) ?? this.now();
      await this.moveHead(pull, head, at);
    }
    if (!headMoved && !baseMoved) return;
    if (!(await this.repository.isAncestor(head, base))) return;
    // The base came to hold the head: merged by hand. The head went back into the base: nothing is left to merge.
    if (baseMoved) this.markMerged(pull, { commit: base, onto: pull.baseSha, by: undefined });
    else this.close(pull, undefined);
  }

  async moveHead(pull: PullRecord, head: string, at: EpochMs): Promise<void> {
    const ref = `refs/pull/${pull.number}/head`;
    await this.repository.updateRef(ref, head, await this.repository.resolve(ref));
    pull.headSha = head;
    pull.updatedAt = at;
    this.checks.begin(head, at);
  }

  close(pull: PullRecord, by: Account | undefined): void {
    pull.state = 'closed';
    pull.closedAt = this.now();
    pull.updatedAt = this.now();
    if (by) pull.closedBy = by;
  }

  markMerged(
    pull: PullRecord,
    merge: { readonly commit: string; readonly onto: string; readonly by: Account | undefined },
  ): void {
    this.close(pull, merge.by);
    pull.mergedAt = this.now();
    pull.mergeCommit = merge.commit;
    pull.mergedOnto = merge.onto;
    if (merge.by) pull.mergedBy = merge.by;
  }
}
