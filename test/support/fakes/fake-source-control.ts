import { OperatorError } from '../../../src/base/errors.js';
import type { RepositoryRole } from '../../../src/model/repository-role.js';
import type {
  Actor,
  BranchRules,
  Check,
  Comment,
  Commit,
  MergeMethod,
  NewCommit,
  NewPullRequest,
  PullRequestStatus,
  PullRequestSummary,
  RepositoryContent,
  RepositoryId,
  RepositorySettings,
  Review,
  SourceControl,
  TreeChange,
} from '../../../src/ports/source-control.js';
import { CallHooks } from './call-hooks.js';
import { BOT, type FakeGitHub, type FakePullRequest } from './fake-github.js';
import { OPERATOR_LOGIN } from './fake-git.js';

const fail = (code: string, category: 'conflict' | 'terminal' | 'config', message: string): never => {
  throw new OperatorError(code, category, message);
};

/** One process's client of GitHub, with its memory in FakeGitHub. Refuses what GitHub refuses. */
export class FakeSourceControl implements SourceControl {
  readonly hooks = new CallHooks();
  constructor(private readonly github: FakeGitHub) {}

  self(): Promise<Actor> {
    return Promise.resolve(BOT);
  }
  getRepository(_repo: RepositoryId): Promise<RepositorySettings> {
    return this.hooks.run('getRepository', () => this.github.settings);
  }
  findBranchHead(_repo: RepositoryId, branch: string): Promise<string | undefined> {
    return this.hooks.run(`findBranchHead ${branch}`, () => this.github.git.branches.get(branch));
  }
  getCommit(_repo: RepositoryId, sha: string): Promise<Commit> {
    return this.hooks.run(`getCommit ${sha}`, () => this.github.git.commit(sha));
  }
  readRepositoryContent(_repo: RepositoryId, revision: string): Promise<RepositoryContent> {
    return this.hooks.run(`readRepositoryContent ${revision}`, () => this.github.git.content(revision));
  }
  readBlob(_repo: RepositoryId, oid: string): Promise<string> {
    return this.hooks.run(`readBlob ${oid}`, () => this.github.git.text(oid));
  }
  isAncestor(_repo: RepositoryId, ancestor: string, descendant: string): Promise<boolean> {
    return this.hooks.run('isAncestor', () => this.github.git.isAncestor(ancestor, descendant));
  }
  listCommits(
    _repo: RepositoryId,
    query: { readonly revision: string; readonly path?: string; readonly limit: number },
  ): Promise<readonly Commit[]> {
    return this.hooks.run('listCommits', () => {
      const { git } = this.github;
      const touches = (c: Commit): boolean => {
        const [parent] = c.parents;
        const paths = parent === undefined ? [...git.commit(c.sha).files.keys()] : git.changedPaths(parent, c.sha);
        return query.path === undefined || paths.some((p) => p.startsWith(`${query.path}/`));
      };
      return [...git.history(query.revision)].filter(touches).slice(0, query.limit);
    });
  }
  getBranchRules(): Promise<BranchRules> {
    return this.hooks.run('getBranchRules', () => this.github.rules);
  }
  listChecks(_repo: RepositoryId, sha: string): Promise<readonly Check[]> {
    return this.hooks.run(`listChecks ${sha}`, () => this.github.checks.get(sha) ?? this.github.ci);
  }
  listPullRequestsOf(_repo: RepositoryId, sha: string): Promise<readonly PullRequestSummary[]> {
    return this.hooks.run('listPullRequestsOf', () => {
      const { git, pullRequests } = this.github;
      return pullRequests
        .filter((p) => p.merged?.commit === sha || (git.branches.get(p.headBranch) ?? '') === sha)
        .map((p) => this.#summary(p));
    });
  }

  createTree(_repo: RepositoryId, baseTree: string, changes: readonly TreeChange[]): Promise<string> {
    return this.hooks.run('createTree', () => this.github.git.changedTree(baseTree, changes));
  }
  createCommit(_repo: RepositoryId, c: NewCommit): Promise<string> {
    return this.hooks.run('createCommit', () => {
      const { git } = this.github;
      return git.add({
        parents: [c.parent],
        files: git.filesOf(c.tree),
        message: c.message,
        authorLogin: OPERATOR_LOGIN,
        at: this.github.now(),
      });
    });
  }
  createBranch(_repo: RepositoryId, branch: string, sha: string): Promise<void> {
    return this.hooks.run(`createBranch ${branch}`, () => {
      const { branches } = this.github.git;
      if (branches.has(branch)) fail('GITHUB_REF_EXISTS', 'conflict', `${branch} exists`);
      branches.set(branch, sha);
    });
  }
  moveBranch(_repo: RepositoryId, branch: string, from: string, to: string): Promise<void> {
    return this.hooks.run(`moveBranch ${branch}`, () => {
      const { branches } = this.github.git;
      if (branches.get(branch) !== from && branches.get(branch) !== to)
        fail('GITHUB_REF_MOVED', 'conflict', `${branch} moved`);
      branches.set(branch, to);
    });
  }

  findPullRequests(
    _repo: RepositoryId,
    headBranch: string,
    baseBranch: string,
  ): Promise<readonly PullRequestSummary[]> {
    return this.hooks.run('findPullRequests', () =>
      this.github.pullRequests
        .filter((p) => p.headBranch === headBranch && p.baseBranch === baseBranch)
        .map((p) => this.#summary(p))
        .toReversed(),
    );
  }
  listOpenPullRequests(_repo: RepositoryId, baseBranch: string): Promise<readonly PullRequestSummary[]> {
    return this.hooks.run('listOpenPullRequests', () =>
      this.github
        .open()
        .filter((p) => p.baseBranch === baseBranch)
        .map((p) => this.#summary(p)),
    );
  }
  listPullRequestFiles(_repo: RepositoryId, number: number): Promise<readonly string[] | undefined> {
    return this.hooks.run(`listPullRequestFiles ${number}`, () => this.#files(this.github.get(number)));
  }
  getPullRequestStatus(_repo: RepositoryId, number: number): Promise<PullRequestStatus> {
    return this.hooks.run(`getPullRequestStatus ${number}`, () => this.#status(this.github.get(number)));
  }
  createPullRequest(_repo: RepositoryId, pr: NewPullRequest): Promise<number> {
    return this.hooks.run(`createPullRequest ${pr.head}`, () => {
      if (!this.github.git.branches.has(pr.head)) fail('GITHUB_NO_CHANGE', 'terminal', `no branch ${pr.head}`);
      if (this.github.open().some((p) => p.headBranch === pr.head && p.baseBranch === pr.base))
        fail('GITHUB_PULL_REQUEST_EXISTS', 'conflict', `one is open for ${pr.head}`);
      return this.github.create(pr.head, { baseBranch: pr.base, title: pr.title, body: pr.body, draft: pr.draft })
        .number;
    });
  }
  updatePullRequest(
    _repo: RepositoryId,
    number: number,
    change: { readonly body?: string; readonly state?: 'closed' },
  ): Promise<void> {
    return this.hooks.run(`updatePullRequest ${number} ${Object.keys(change).join()}`, () => {
      if (change.body !== undefined) this.github.get(number).body = change.body;
      if (change.state === 'closed' && this.github.get(number).state === 'open') this.github.close(number, BOT);
    });
  }
  mergePullRequest(
    _repo: RepositoryId,
    number: number,
    how: { readonly headSha: string; readonly method: MergeMethod },
  ): Promise<void> {
    return this.hooks.run(`mergePullRequest ${number}`, () => {
      const pr = this.github.get(number);
      if (pr.state !== 'open') fail('GITHUB_NOT_MERGEABLE', 'conflict', `#${number} is not open`);
      if (this.github.git.head(pr.headBranch) !== how.headSha) fail('GITHUB_HEAD_MOVED', 'conflict', 'the head moved');
      this.github.merge(number, BOT);
    });
  }

  listReviews(_repo: RepositoryId, number: number): Promise<readonly Review[]> {
    return this.hooks.run('listReviews', () => [...this.github.get(number).reviews]);
  }
  listComments(_repo: RepositoryId, number: number): Promise<readonly Comment[]> {
    return this.hooks.run('listComments', () => [...this.github.get(number).comments]);
  }
  upsertComment(): Promise<void> {
    return this.hooks.run('upsertComment', () => {});
  }
  addLabels(_repo: RepositoryId, number: number, labels: readonly string[]): Promise<void> {
    return this.hooks.run(`addLabels ${number}`, () => {
      const pr = this.github.get(number);
      pr.labels = [...new Set([...pr.labels, ...labels])];
    });
  }
  getRole(_repo: RepositoryId, login: string): Promise<RepositoryRole> {
    return this.hooks.run(`getRole ${login}`, () => this.github.roles.get(login) ?? 'read');
  }
  isTeamMember(organisation: string, team: string, login: string): Promise<boolean> {
    return this.hooks.run(
      'isTeamMember',
      () => this.github.teams.get(`${organisation}/${team}`)?.includes(login) ?? false,
    );
  }
  rateLimitRemaining(): number | undefined {
    return undefined;
  }

  #files(pr: FakePullRequest): readonly string[] {
    const { git } = this.github;
    const head = git.head(pr.headBranch);
    const [from] = git.commit(head).parents;
    return pr.files ?? (from === undefined ? [] : git.changedPaths(from, head));
  }
  #summary(pr: FakePullRequest): PullRequestSummary {
    return {
      number: pr.number,
      state: pr.state,
      merged: pr.merged !== undefined,
      draft: pr.draft,
      title: pr.title,
      headBranch: pr.headBranch,
      sameRepository: true,
      headSha: this.github.git.head(pr.headBranch),
      baseBranch: pr.baseBranch,
      author: pr.author,
      labels: pr.labels,
      createdAt: pr.createdAt,
      url: `https://github.com/acme/gitops/pull/${pr.number}`,
    };
  }
  #status(pr: FakePullRequest): PullRequestStatus {
    const { git } = this.github;
    const [base, head] = [git.head(pr.baseBranch), git.head(pr.headBranch)];
    const [forkedAt = ''] = git.commit(head).parents;
    const commits = git.commit(forkedAt).authorLogin === OPERATOR_LOGIN && !git.isAncestor(forkedAt, base) ? 2 : 1;
    return {
      ...this.#summary(pr),
      body: pr.body,
      baseSha: base,
      locked: false,
      commits,
      autoMerge: false,
      mergeable: this.github.mergeable,
      mergeableState: this.github.mergeableState,
      ...(pr.merged === undefined
        ? {}
        : { mergeCommit: pr.merged.commit, mergedBy: pr.merged.by, mergedAt: pr.merged.at }),
      ...(pr.state === 'open' ? { mergeCommit: git.merge(base, head, 'GitHub', 0) } : {}),
      ...(pr.closedBy === undefined ? {} : { closedBy: pr.closedBy }),
    };
  }
}
