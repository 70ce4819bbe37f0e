import type {
  Actor,
  BranchRules,
  Check,
  Comment,
  RepositorySettings,
  Review,
} from '../../../src/ports/source-control.js';
import type { RepositoryRole } from '../../../src/model/repository-role.js';
import { FakeGit, OPERATOR_LOGIN } from './fake-git.js';

export const BOT: Actor = { login: OPERATOR_LOGIN, kind: 'bot' };
export const human = (login: string): Actor => ({ login, kind: 'human' });

/** A pull request as GitHub keeps it. */
export interface FakePullRequest {
  readonly number: number;
  readonly headBranch: string;
  readonly baseBranch: string;
  readonly author: Actor;
  readonly createdAt: number;
  title: string;
  body: string;
  state: 'open' | 'closed';
  draft: boolean;
  labels: string[];
  merged?: { readonly commit: string; readonly by: Actor; readonly at: number };
  closedBy?: Actor;
  reviews: Review[];
  comments: Comment[];
  files?: readonly string[];
}

/** GitHub itself: outlives the operator's processes. People act on it through the methods below. */
export class FakeGitHub {
  readonly git = new FakeGit();
  readonly pullRequests: FakePullRequest[] = [];
  readonly roles = new Map<string, RepositoryRole>();
  readonly teams = new Map<string, readonly string[]>();
  /** Checks by commit; a commit without an entry has `ci`. */
  readonly checks = new Map<string, readonly Check[]>();
  ci: readonly Check[] = [{ name: 'validate', kind: 'check-run', state: 'success', conclusion: 'success' }];
  settings: RepositorySettings = {
    defaultBranch: 'main',
    archived: false,
    mergeMethods: ['merge', 'squash'],
    canPush: true,
  };
  rules: BranchRules = {
    requiredChecks: [],
    requiredApprovals: 0,
    mergeQueue: false,
    requiresSignatures: false,
    requiresUpToDate: false,
  };
  mergeable: boolean | null = true;
  mergeableState = 'clean';
  /** How often a pull request was merged; the whole point is that it never exceeds one. */
  merges = 0;
  now: () => number = () => 0;

  get(number: number): FakePullRequest {
    const found = this.pullRequests.find((p) => p.number === number);
    if (found === undefined) throw new Error(`no pull request #${number}`);
    return found;
  }
  open(): readonly FakePullRequest[] {
    return this.pullRequests.filter((p) => p.state === 'open');
  }
  /** Opens one; the branch must exist. */
  create(
    headBranch: string,
    {
      author = BOT,
      baseBranch = 'main',
      title = 'a change',
      body = '',
      draft = false,
      files = undefined as readonly string[] | undefined,
    } = {},
  ): FakePullRequest {
    const pr: FakePullRequest = {
      number: this.pullRequests.length + 1,
      headBranch,
      baseBranch,
      author,
      createdAt: this.now(),
      title,
      body,
      state: 'open',
      draft,
      labels: [],
      reviews: [],
      comments: [],
      ...(files === undefined ? {} : { files }),
    };
    this.pullRequests.push(pr);
    return pr;
  }
  merge(number: number, by: Actor): string {
    const pr = this.get(number);
    if (pr.state !== 'open') throw new Error(`#${number} is not open`);
    const commit = this.git.merge(this.git.head(pr.baseBranch), this.git.head(pr.headBranch), by.login, this.now());
    this.git.branches.set(pr.baseBranch, commit);
    pr.state = 'closed';
    pr.merged = { commit, by, at: this.now() };
    this.merges += 1;
    return commit;
  }
  close(number: number, by: Actor): void {
    const pr = this.get(number);
    pr.state = 'closed';
    pr.closedBy = by;
  }
  review(
    number: number,
    login: string,
    state: Review['state'],
    commit = this.git.head(this.get(number).headBranch),
  ): void {
    const pr = this.get(number);
    pr.reviews.push({ id: pr.reviews.length + 1, author: human(login), state, commit, submittedAt: this.now() });
  }
  comment(number: number, login: string, body: string): void {
    const pr = this.get(number);
    pr.comments.push({ id: pr.comments.length + 1, author: human(login), body, createdAt: this.now(), edited: false });
  }
}
