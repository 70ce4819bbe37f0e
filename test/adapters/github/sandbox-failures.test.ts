import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { oid, repo, signal } from './github-stub.js';
import { SandboxWorld } from './sandbox-world.js';

describe('GitHub when things go wrong', function () {
  this.timeout(20_000);
  let world: SandboxWorld;
  beforeEach(async () => {
    world = await SandboxWorld.start();
  });
  afterEach(() => world.close());

  it('knows by code every way in which a branch and a pull request can be there already', async () => {
    const { head } = await world.restore();
    const again = await failureOf(world.github.createBranch(repo, 'fix/web', head, signal));
    await world.open();
    const twice = await failureOf(world.open());
    await world.github.createBranch(repo, 'same', world.bad, signal);
    const empty = await failureOf(
      world.github.createPullRequest(repo, { title: 't', body: '', head: 'same', base: 'main', draft: false }, signal),
    );
    const unseen = await failureOf(
      world.github.createPullRequest(
        repo,
        { title: 't', body: '', head: 'nowhere', base: 'main', draft: false },
        signal,
      ),
    );
    expect([again, twice, empty, unseen]).to.deep.equal([
      'GITHUB_REF_EXISTS conflict',
      'GITHUB_PULL_REQUEST_EXISTS conflict',
      'GITHUB_NO_CHANGE terminal',
      'GITHUB_NOT_VISIBLE_YET transient',
    ]);
  });
  it('says which branch stands in the way of ours', async () => {
    await world.github.createBranch(repo, 'fix', world.bad, signal);
    const error = await world.github
      .createBranch(repo, 'fix/web', world.bad, signal)
      .catch((e: unknown) => e as Error & { code: string });
    expect([(error as { code: string }).code, (error as Error).message]).to.deep.equal([
      'GITHUB_REF_BLOCKED',
      'acme/gitops: branch fix/web cannot be made while there is a branch fix: rename that one',
    ]);
  });
  it('moves our branch only from where we left it', async () => {
    await world.restore();
    const stale = await failureOf(world.github.moveBranch(repo, 'fix/web', world.good, world.bad, signal));
    const { head } = (await world.github.listCommits(repo, { revision: 'fix/web', limit: 1 }, signal)).map((c) => ({
      head: c.sha,
    }))[0] ?? { head: '' };
    await world.github.moveBranch(repo, 'fix/web', head, world.good, signal);
    expect([stale, await world.github.findBranchHead(repo, 'fix/web', signal)]).to.deep.equal([
      'GITHUB_REF_MOVED conflict',
      world.good,
    ]);
  });
  it('says unknown, and did it, when the answer to a merge, a branch or a pull request is lost', async () => {
    const { head } = await world.restore();
    const lose = (path: RegExp): void =>
      world.sandbox.faults.add({ server: 'github', path, fault: { kind: 'lose-after' } });
    lose(/\/git\/refs$/);
    const branch = await failureOf(world.github.createBranch(repo, 'other', head, signal));
    lose(/\/pulls$/);
    const pull = await failureOf(world.open());
    const [found] = await world.github.findPullRequests(repo, 'fix/web', 'main', signal);
    world.clock.advance(100_000);
    await world.github.getPullRequestStatus(repo, found?.number ?? 0, signal);
    lose(/\/merge$/);
    const merge = await failureOf(
      world.github.mergePullRequest(repo, found?.number ?? 0, { headSha: head, method: 'merge' }, signal),
    );
    const { merged } = await world.github.getPullRequestStatus(repo, found?.number ?? 0, signal);
    expect({
      branch,
      pull,
      merge,
      merged,
      there: await world.github.findBranchHead(repo, 'other', signal),
      sent: [world.seen('POST', /\/pulls$/), world.seen('PUT', /\/merge$/)],
    }).to.deep.equal({
      branch: 'GITHUB_UNREACHABLE unknown',
      pull: 'GITHUB_UNREACHABLE unknown',
      merge: 'GITHUB_UNREACHABLE unknown',
      merged: true,
      there: head,
      sent: [1, 1],
    });
  });
  it('says transient about a base that moved in the last moment', async () => {
    const { head } = await world.restore();
    const number = await world.open();
    world.clock.advance(100_000);
    for (let i = 0; i < 2; i++) await world.github.getPullRequestStatus(repo, number, signal);
    await world.sandbox.push({
      branch: 'main',
      files: { 'apps/api/a.yaml': 'image: v3\n' },
      message: 'other',
      by: 'ann',
    });
    expect(
      await failureOf(world.github.mergePullRequest(repo, number, { headSha: head, method: 'merge' }, signal)),
    ).to.equal('GITHUB_BASE_MODIFIED transient');
  });
  it('shows who closed a pull request without merging it', async () => {
    await world.restore();
    const number = await world.open();
    await world.sandbox.closePullRequest(number, 'ann');
    expect(await world.github.getPullRequestStatus(repo, number, signal)).to.deep.include({
      state: 'closed',
      merged: false,
      closedBy: { login: 'ann', kind: 'human' },
    });
  });
  it('closes its own pull request', async () => {
    await world.restore();
    const number = await world.open();
    await world.github.updatePullRequest(repo, number, { body: 'superseded', state: 'closed' }, signal);
    expect(await world.github.getPullRequestStatus(repo, number, signal)).to.deep.include({
      state: 'closed',
      body: 'superseded',
      closedBy: { login: 'ai-operator[bot]', kind: 'bot' },
    });
  });
  it('waits out a rate limit, does a 502, half an answer and a lost connection again, for reads', async () => {
    for (const fault of [
      { kind: 'status', status: 429, retryAfterSeconds: 2 },
      { kind: 'status', status: 502, body: '<html>bad gateway</html>' },
      { kind: 'garbage' },
    ] as const)
      world.sandbox.faults.add({ server: 'github', path: /git\/ref/, fault });
    const head = await world.github.findBranchHead(repo, 'main', signal);
    world.sandbox.faults.add({ server: 'github', path: /git\/ref/, fault: { kind: 'lose-before' } });
    expect([
      head,
      await world.github.findBranchHead(repo, 'main', signal),
      world.sandbox.faults.pending.length,
    ]).to.deep.equal([world.bad, world.bad, 0]);
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
    const roles = await Promise.all(
      ['ann', 'bob', 'cid', 'nobody'].map((login) => world.github.getRole(repo, login, signal)),
    );
    const members = await Promise.all(
      ['ann', 'bob'].map((login) => world.github.isTeamMember('acme', 'sre', login, signal)),
    );
    expect([roles, members]).to.deep.equal([
      ['maintain', 'read', 'admin', 'none'],
      [true, false],
    ]);
  });
  it('finds no branch, commit, pull request or repository that is not there', async () => {
    const elsewhere = { owner: 'acme', name: 'other' };
    expect([
      await world.github.findBranchHead(repo, 'nowhere', signal),
      await failureOf(world.github.findBranchHead(elsewhere, 'main', signal)),
      await failureOf(world.github.getCommit(repo, oid('a'), signal)),
      await failureOf(world.github.getPullRequestStatus(repo, 99, signal)),
    ]).to.deep.equal([undefined, 'GITHUB_NOT_FOUND denied', 'GITHUB_NOT_FOUND terminal', 'GITHUB_NOT_FOUND terminal']);
  });
  it('is denied everything once the token is revoked', async () => {
    world.sandbox.revokeTokens('ai-operator[bot]');
    expect([
      await failureOf(world.github.findBranchHead(repo, 'main', signal)),
      await failureOf(world.github.createBranch(repo, 'x', world.bad, signal)),
    ]).to.deep.equal(['GITHUB_UNAUTHENTICATED denied', 'GITHUB_UNAUTHENTICATED denied']);
  });
});
