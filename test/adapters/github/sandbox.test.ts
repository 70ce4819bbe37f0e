import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createGitHub } from '../../../src/adapters/github/create-github.js';
import type { GitHubCredential } from '../../../src/adapters/github/github-settings.js';
import type { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';
import type { RepositoryContent, TreeChange } from '../../../src/ports/source-control.js';
import { FaultPlan } from '../../../src/sandbox/faults.js';
import { GitHubSandbox } from '../../../src/sandbox/github/github-sandbox.js';
import type { GitHubSandboxOptions } from '../../../src/sandbox/github/options.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { failureOf } from '../../support/failure.js';
import { InstantClock, oid, repo, RETRY, signal } from './github-stub.js';

const MARKER = '<!-- aio:status -->';

/** A sandbox with a good and a bad version of apps/web on `main`, and the adapter in front of it. */
class World {
  private constructor(
    readonly sandbox: GitHubSandbox,
    readonly clock: InstantClock,
    readonly github: OctokitSourceControl,
    readonly good: string,
    readonly bad: string,
    private readonly directory: string,
  ) {}
  static async start(over: Partial<GitHubSandboxOptions> = {}, auth?: (sandbox: GitHubSandbox) => GitHubCredential): Promise<World> {
    const directory = await mkdtemp(path.join(tmpdir(), 'aio-github-'));
    const clock = new InstantClock();
    const sandbox = await GitHubSandbox.start({
      directory, clock, owner: repo.owner, name: repo.name, defaultBranch: 'main', journal: new Journal(), faults: new FaultPlan(), operatorLogin: 'ai-operator[bot]',
      collaborators: { ann: 'maintain', bob: 'read', cid: 'admin' }, teams: { 'acme/sre': ['ann'] }, mergeMethods: ['merge', 'squash'],
      branchRules: { requiredChecks: [{ context: 'validate' }], via: 'ruleset', requiredApprovals: 0, strict: false, mergeQueue: false },
      ci: [{ name: 'validate', kind: 'check-run', registersAfterMs: 10_000, takesMs: 30_000, conclusion: 'success' }, { name: 'lint', kind: 'status', registersAfterMs: 0, takesMs: 5000, conclusion: 'success' }],
      mergeableNullReads: 1, ...over,
    });
    const push = (files: Record<string, string | null>, message: string): Promise<string> => sandbox.push({ branch: 'main', files, message, by: 'ann' });
    const good = await push({ 'apps/web/a.yaml': 'image: v1\n', 'apps/web/old.yaml': 'x: 1\n', 'apps/api/a.yaml': 'image: v1\n' }, 'good');
    const bad = await push({ 'apps/web/a.yaml': 'image: v2\n', 'apps/web/old.yaml': null, 'apps/web/new.yaml': 'y: 2\n' }, 'bad');
    const credential = auth?.(sandbox) ?? { kind: 'token', token: () => sandbox.operatorToken };
    const github = createGitHub({ baseUrl: sandbox.url, auth: credential, timeouts: { readMs: 2000, writeMs: 2000 } }, clock, RETRY);
    return new World(sandbox, clock, github, good, bad, directory);
  }
  async close(): Promise<void> {
    await this.github.close();
    await this.sandbox.close();
    await rm(this.directory, { recursive: true, force: true });
  }
  /** Requests that arrived, as `METHOD path-after-the-repository`. */
  seen(method: string, pattern: RegExp): number {
    return this.sandbox.journal.find({ method, path: pattern }).length;
  }
  /** The commit that puts apps/web back to the good version, on branch `fix/web`. */
  async restore(): Promise<{ readonly head: string; readonly tree: string }> {
    const [now, then] = [await this.github.readRepositoryContent(repo, this.bad, signal), await this.github.readRepositoryContent(repo, this.good, signal)];
    const tree = await this.github.createTree(repo, now.tree, changesBack(now, then, 'apps/web/'), signal);
    const head = await this.github.createCommit(repo, { message: 'Roll back web', tree, parent: this.bad }, signal);
    await this.github.createBranch(repo, 'fix/web', head, signal);
    return { head, tree };
  }
  open(): Promise<number> {
    return this.github.createPullRequest(repo, { title: 'Roll back web', body: `body ${MARKER}`, head: 'fix/web', base: 'main', draft: false }, signal);
  }
}
function changesBack(now: RepositoryContent, then: RepositoryContent, folder: string): readonly TreeChange[] {
  const paths = new Set([...now.files.keys(), ...then.files.keys()].filter((file) => file.startsWith(folder)));
  return [...paths].flatMap((file) => {
    const [from, to] = [now.files.get(file), then.files.get(file)];
    if (from?.oid === to?.oid) return [];
    return [{ path: file, ...(to === undefined ? {} : { entry: to }), ...(from === undefined ? {} : { baseMode: from.mode }) }];
  });
}

describe('GitHub, from the bad version to the merged rollback', function () {
  this.timeout(20_000);
  for (const kind of ['token', 'app'] as const) {
    it(`goes all the way with ${kind === 'app' ? 'an App' : 'a token'}`, async () => {
      const world = await World.start({}, (sandbox) =>
        kind === 'token' ? { kind, token: () => sandbox.operatorToken } : { kind, appId: sandbox.app.appId, installationId: sandbox.app.installationId, privateKey: () => sandbox.app.privateKeyPem });
      try {
        const { github, clock, sandbox } = world;
        expect(await github.self(signal)).to.deep.equal({ login: 'ai-operator[bot]', kind: 'bot' });
        expect(await github.getRepository(repo, signal)).to.deep.include({ defaultBranch: 'main', archived: false, mergeMethods: ['merge', 'squash'], canPush: true });
        expect(await github.findBranchHead(repo, 'main', signal)).to.equal(world.bad);
        expect(await github.isAncestor(repo, world.good, world.bad, signal)).to.equal(true);
        expect(await github.isAncestor(repo, world.bad, world.good, signal)).to.equal(false);
        expect((await github.listCommits(repo, { revision: world.bad, path: 'apps/web', limit: 10 }, signal)).map((c) => c.sha)).to.deep.equal([world.bad, world.good]);
        expect(await github.getCommit(repo, world.bad, signal)).to.deep.include({ sha: world.bad, parents: [world.good], authorLogin: 'ann' });

        const { head, tree } = await world.restore();
        const restored = await github.readRepositoryContent(repo, head, signal);
        expect([restored.tree, [...restored.files.keys()].toSorted()]).to.deep.equal([tree, ['apps/api/a.yaml', 'apps/web/a.yaml', 'apps/web/old.yaml']]);
        expect(await github.readBlob(repo, restored.files.get('apps/web/a.yaml')?.oid ?? '', signal)).to.equal('image: v1\n');
        expect(await github.findPullRequests(repo, 'fix/web', 'main', signal)).to.deep.equal([]);
        const number = await world.open();
        await github.addLabels(repo, number, ['aio-rollback'], signal);
        expect((await github.findPullRequests(repo, 'fix/web', 'main', signal)).map((pr) => [pr.number, pr.headSha, pr.labels])).to.deep.equal([[number, head, ['aio-rollback']]]);
        expect((await github.listPullRequestFiles(repo, number, signal))?.toSorted()).to.deep.equal(['apps/web/a.yaml', 'apps/web/new.yaml', 'apps/web/old.yaml']);
        expect(await github.getBranchRules(repo, 'main', signal)).to.deep.equal({
          requiredChecks: [{ name: 'validate' }], requiredApprovals: 0, mergeQueue: false, requiresSignatures: false, requiresUpToDate: false, mergeMethods: ['merge', 'squash'],
        });

        const states = async (): Promise<readonly string[]> => (await github.listChecks(repo, head, signal)).map((c) => `${c.name} ${c.state}`).toSorted();
        expect(await states()).to.deep.equal(['lint pending']);
        const early = await failureOf(github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal));
        clock.advance(15_000);
        expect(await states()).to.deep.equal(['lint success', 'validate pending']);
        clock.advance(60_000);
        expect([early, await states()]).to.deep.equal(['GITHUB_NOT_MERGEABLE conflict', ['lint success', 'validate success']]);
        await github.getPullRequestStatus(repo, number, signal);
        const ready = await github.getPullRequestStatus(repo, number, signal);
        expect(ready).to.deep.include({ state: 'open', merged: false, headSha: head, baseSha: world.bad, sameRepository: true, commits: 1, mergeable: true, mergeableState: 'clean', author: { login: 'ai-operator[bot]', kind: 'bot' } });
        expect((await github.getCommit(repo, ready.mergeCommit ?? '', signal)).parents).to.deep.equal([world.bad, head]);

        await github.upsertComment(repo, number, MARKER, `one ${MARKER}`, signal);
        await github.upsertComment(repo, number, MARKER, `two ${MARKER}`, signal);
        expect((await github.listComments(repo, number, signal)).map((c) => [c.author.kind, c.body])).to.deep.equal([['bot', `two ${MARKER}`]]);
        await sandbox.review(number, { by: 'ann', state: 'APPROVED' });
        expect((await github.listReviews(repo, number, signal)).map((r) => [r.author, r.state, r.commit])).to.deep.equal([[{ login: 'ann', kind: 'human' }, 'APPROVED', head]]);

        expect(await failureOf(github.mergePullRequest(repo, number, { headSha: world.bad, method: 'merge' }, signal))).to.equal('GITHUB_HEAD_MOVED conflict');
        expect(await failureOf(github.mergePullRequest(repo, number, { headSha: head, method: 'rebase' }, signal))).to.equal('GITHUB_MERGE_METHOD config');
        await github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal);
        const merged = await github.getPullRequestStatus(repo, number, signal);
        expect(merged).to.deep.include({ merged: true, state: 'closed', mergedBy: { login: 'ai-operator[bot]', kind: 'bot' } });
        expect(await github.findBranchHead(repo, 'main', signal)).to.equal(merged.mergeCommit);
        expect((await github.readRepositoryContent(repo, merged.mergeCommit ?? '', signal)).tree).to.equal(tree);
        expect((await github.listPullRequestsOf(repo, head, signal)).map((pr) => pr.number)).to.deep.equal([number]);
        expect(sandbox.journal.find({ method: 'PUT', path: /\/merge$/ }).map((e) => Object.keys(e.body as object).toSorted())).to.deep.equal(Array.from({ length: 4 }, () => ['merge_method', 'sha']));
      } finally {
        await world.close();
      }
    });
  }
});

describe('GitHub when things go wrong', function () {
  this.timeout(20_000);
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.close());

  it('knows by code every way in which a branch and a pull request can be there already', async () => {
    const { head } = await world.restore();
    const again = await failureOf(world.github.createBranch(repo, 'fix/web', head, signal));
    await world.open();
    const twice = await failureOf(world.open());
    await world.github.createBranch(repo, 'same', world.bad, signal);
    const empty = await failureOf(world.github.createPullRequest(repo, { title: 't', body: '', head: 'same', base: 'main', draft: false }, signal));
    const unseen = await failureOf(world.github.createPullRequest(repo, { title: 't', body: '', head: 'nowhere', base: 'main', draft: false }, signal));
    expect([again, twice, empty, unseen]).to.deep.equal([
      'GITHUB_REF_EXISTS conflict', 'GITHUB_PULL_REQUEST_EXISTS conflict', 'GITHUB_NO_CHANGE terminal', 'GITHUB_NOT_VISIBLE_YET transient',
    ]);
  });
  it('says which branch stands in the way of ours', async () => {
    await world.github.createBranch(repo, 'fix', world.bad, signal);
    const error = await world.github.createBranch(repo, 'fix/web', world.bad, signal).catch((e: unknown) => e as Error & { code: string });
    expect([(error as { code: string }).code, (error as Error).message]).to.deep.equal(['GITHUB_REF_BLOCKED', 'acme/gitops: branch fix/web cannot be made while there is a branch fix: rename that one']);
  });
  it('moves our branch only from where we left it', async () => {
    await world.restore();
    const stale = await failureOf(world.github.moveBranch(repo, 'fix/web', world.good, world.bad, signal));
    const { head } = (await world.github.listCommits(repo, { revision: 'fix/web', limit: 1 }, signal)).map((c) => ({ head: c.sha }))[0] ?? { head: '' };
    await world.github.moveBranch(repo, 'fix/web', head, world.good, signal);
    expect([stale, await world.github.findBranchHead(repo, 'fix/web', signal)]).to.deep.equal(['GITHUB_REF_MOVED conflict', world.good]);
  });
  it('says unknown, and did it, when the answer to a merge, a branch or a pull request is lost', async () => {
    const { head } = await world.restore();
    const lose = (path: RegExp): void => world.sandbox.faults.add({ server: 'github', path, fault: { kind: 'lose-after' } });
    lose(/\/git\/refs$/);
    const branch = await failureOf(world.github.createBranch(repo, 'other', head, signal));
    lose(/\/pulls$/);
    const pull = await failureOf(world.open());
    const [found] = await world.github.findPullRequests(repo, 'fix/web', 'main', signal);
    world.clock.advance(100_000);
    await world.github.getPullRequestStatus(repo, found?.number ?? 0, signal);
    lose(/\/merge$/);
    const merge = await failureOf(world.github.mergePullRequest(repo, found?.number ?? 0, { headSha: head, method: 'merge' }, signal));
    const { merged } = await world.github.getPullRequestStatus(repo, found?.number ?? 0, signal);
    expect({ branch, pull, merge, merged, there: await world.github.findBranchHead(repo, 'other', signal), sent: [world.seen('POST', /\/pulls$/), world.seen('PUT', /\/merge$/)] }).to.deep.equal({
      branch: 'GITHUB_UNREACHABLE unknown', pull: 'GITHUB_UNREACHABLE unknown', merge: 'GITHUB_UNREACHABLE unknown', merged: true, there: head, sent: [1, 1],
    });
  });
  it('says transient about a base that moved in the last moment', async () => {
    const { head } = await world.restore();
    const number = await world.open();
    world.clock.advance(100_000);
    for (let i = 0; i < 2; i++) await world.github.getPullRequestStatus(repo, number, signal);
    await world.sandbox.push({ branch: 'main', files: { 'apps/api/a.yaml': 'image: v3\n' }, message: 'other', by: 'ann' });
    expect(await failureOf(world.github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal))).to.equal('GITHUB_BASE_MODIFIED transient');
  });
  it('shows who closed a pull request without merging it', async () => {
    await world.restore();
    const number = await world.open();
    await world.sandbox.closePullRequest(number, 'ann');
    expect(await world.github.getPullRequestStatus(repo, number, signal)).to.deep.include({ state: 'closed', merged: false, closedBy: { login: 'ann', kind: 'human' } });
  });
  it('closes its own pull request', async () => {
    await world.restore();
    const number = await world.open();
    await world.github.updatePullRequest(repo, number, { body: 'superseded', state: 'closed' }, signal);
    expect(await world.github.getPullRequestStatus(repo, number, signal)).to.deep.include({ state: 'closed', body: 'superseded', closedBy: { login: 'ai-operator[bot]', kind: 'bot' } });
  });
  it('waits out a rate limit, does a 502, half an answer and a lost connection again, for reads', async () => {
    for (const fault of [{ kind: 'status', status: 429, retryAfterSeconds: 2 }, { kind: 'status', status: 502, body: '<html>bad gateway</html>' }, { kind: 'garbage' }] as const) world.sandbox.faults.add({ server: 'github', path: /git\/ref/, fault });
    const head = await world.github.findBranchHead(repo, 'main', signal);
    world.sandbox.faults.add({ server: 'github', path: /git\/ref/, fault: { kind: 'lose-before' } });
    expect([head, await world.github.findBranchHead(repo, 'main', signal), world.sandbox.faults.pending.length]).to.deep.equal([world.bad, world.bad, 0]);
  });
  it('asks for the head of a branch without spending the rate limit, as long as it stays', async () => {
    await world.github.findBranchHead(repo, 'main', signal);
    const before = world.github.rateLimitRemaining() ?? 0;
    for (let i = 0; i < 5; i++) await world.github.findBranchHead(repo, 'main', signal);
    const after = world.github.rateLimitRemaining();
    const next = await world.sandbox.push({ branch: 'main', files: { x: 'y' }, message: 'm', by: 'ann' });
    expect([after, await world.github.findBranchHead(repo, 'main', signal)]).to.deep.equal([before, next]);
  });
  it('knows roles by their name and teams by their members', async () => {
    const roles = await Promise.all(['ann', 'bob', 'cid', 'nobody'].map((login) => world.github.getRole(repo, login, signal)));
    const members = await Promise.all(['ann', 'bob'].map((login) => world.github.isTeamMember('acme', 'sre', login, signal)));
    expect([roles, members]).to.deep.equal([['maintain', 'read', 'admin', 'none'], [true, false]]);
  });
  it('finds no branch, commit, pull request or repository that is not there', async () => {
    const elsewhere = { owner: 'acme', name: 'other' };
    expect([
      await world.github.findBranchHead(repo, 'nowhere', signal),
      await failureOf(world.github.findBranchHead(elsewhere, 'main', signal)),
      await failureOf(world.github.getCommit(repo, oid('a'), signal)),
      await failureOf(world.github.getPullRequestStatus(repo, 99, signal)),
    ]).to.deep.equal([undefined, 'GITHUB_NOT_FOUND terminal', 'GITHUB_NOT_FOUND terminal', 'GITHUB_NOT_FOUND terminal']);
  });
  it('is denied everything once the token is revoked', async () => {
    world.sandbox.revokeTokens('ai-operator[bot]');
    expect([await failureOf(world.github.findBranchHead(repo, 'main', signal)), await failureOf(world.github.createBranch(repo, 'x', world.bad, signal))]).to.deep.equal(['GITHUB_UNAUTHENTICATED denied', 'GITHUB_UNAUTHENTICATED denied']);
  });
});

describe('GitHub, set up differently', function () {
  this.timeout(20_000);
  const withWorld = async (over: Partial<GitHubSandboxOptions>, auth: 'token' | 'app', work: (world: World) => Promise<void>): Promise<void> => {
    const world = await World.start(over, (sandbox) =>
      auth === 'token' ? { kind: 'token', token: () => sandbox.operatorToken } : { kind: 'app', appId: sandbox.app.appId, installationId: sandbox.app.installationId, privateKey: () => sandbox.app.privateKeyPem });
    try {
      await work(world);
    } finally {
      await world.close();
    }
  };
  it('denies what the App was not given', () =>
    withWorld({ appPermissions: { metadata: 'read', contents: 'read', pull_requests: 'read', checks: 'read', statuses: 'read' } }, 'app', async ({ github, bad }) => {
      const results = [await failureOf(github.createBranch(repo, 'x', bad, signal)), await failureOf(github.isTeamMember('acme', 'sre', 'ann', signal)), (await github.getRepository(repo, signal)).canPush];
      expect(results).to.deep.equal(['GITHUB_DENIED denied', 'GITHUB_DENIED denied', false]);
    }));
  it('takes up a new token of the App when the old one has expired', () =>
    withWorld({}, 'app', async (world) => {
      const { github, clock, bad } = world;
      await github.findBranchHead(repo, 'main', signal);
      clock.advance(2 * 3_600_000);
      // Two requests a token: the first is signed by our clock, which differs from the sandbox's by months.
      expect([await github.findBranchHead(repo, 'main', signal), world.seen('POST', /access_tokens$/)]).to.deep.equal([bad, 4]);
    }));
  it('shows the probe of an App its permissions', () =>
    withWorld({}, 'app', async ({ github }) => {
      const probe = await github.probe(signal);
      expect(probe).to.deep.include({ actor: { login: 'ai-operator[bot]', kind: 'bot' } });
      expect([probe.permissions?.['contents'], probe.rateLimit?.limit, Math.abs(probe.clockAheadMs ?? Infinity) < 2000]).to.deep.equal(['write', 5000, true]);
    }));
  it('shows the required checks of classic protection to who may not administer', () =>
    withWorld({ branchRules: { requiredChecks: [{ context: 'validate', appId: 15368 }], via: 'classic', requiredApprovals: 1, strict: true, mergeQueue: false } }, 'token', async ({ github }) => {
      expect((await github.getBranchRules(repo, 'main', signal)).requiredChecks).to.deep.equal([{ name: 'validate', appId: 15368 }]);
    }));
  it('sees queue, signatures, approvals and strictness of a ruleset', () =>
    withWorld({ branchRules: { requiredChecks: [{ context: 'validate' }], via: 'ruleset', requiredApprovals: 2, strict: true, mergeQueue: true, signatures: true } }, 'token', async ({ github }) => {
      expect(await github.getBranchRules(repo, 'main', signal)).to.deep.include({ requiredApprovals: 2, mergeQueue: true, requiresSignatures: true, requiresUpToDate: true });
    }));
  it('walks a repository that is listed only in part', () =>
    withWorld({ treeTruncatedAbove: 3 }, 'token', async ({ github, good }) => {
      expect([...(await github.readRepositoryContent(repo, good, signal)).files.keys()].toSorted()).to.deep.equal(['apps/api/a.yaml', 'apps/web/a.yaml', 'apps/web/old.yaml']);
    }));
  it('stops at the end of the rate limit and goes on in the next window', () =>
    withWorld({ rateLimitPerHour: 2 }, 'token', async (world) => {
      const { github, clock, bad } = world;
      await github.readRepositoryContent(repo, bad, signal);
      const blocked = await failureOf(github.getRole(repo, 'ann', signal));
      const arrived = world.seen('GET', /permission$/);
      clock.advance(3_600_000);
      expect([blocked, arrived, await github.getRole(repo, 'ann', signal)]).to.deep.equal(['GITHUB_RATE_LIMITED transient', 0, 'maintain']);
    }));
});
