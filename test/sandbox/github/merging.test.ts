import { expect } from 'chai';
import type { GitHubSandboxOptions } from '../../../src/sandbox/github/options.js';
import { at, GitHubWorld, pick } from '../../support/github-world.js';

const RULES = { requiredChecks: [], via: 'ruleset', requiredApprovals: 0, strict: false, mergeQueue: false } as const;
const WEB = 'apps/web/deployment.yaml';

describe('merging in the GitHub sandbox', () => {
  let world: GitHubWorld;
  let head: string;
  const start = async (changes: Partial<GitHubSandboxOptions> = {}): Promise<void> => {
    world = await GitHubWorld.start(changes);
    head = await world.proposeChange('ops/back', { [WEB]: 'image: web:v0\n' });
    await world.openPull('ops/back');
  };
  afterEach(() => world.stop());

  const read = async (): Promise<Record<string, unknown>> =>
    pick(await world.expect(200, 'GET', '/pulls/1'), 'mergeable', 'mergeable_state');
  const state = async (): Promise<unknown> => (await read())['mergeable_state'];
  const merge = (body: unknown = { sha: head }): ReturnType<GitHubWorld['repo']> =>
    world.repo('PUT', '/pulls/1/merge', body);
  const push = (files: Record<string, string>): Promise<string> =>
    world.sandbox.push({ branch: 'main', files, message: 'Hotfix', by: 'wim' });
  const onMain = (file: string): Promise<string | undefined> =>
    world.sandbox.repository.readFile('refs/heads/main', file);

  for (const method of ['merge', 'squash', 'rebase'] as const) {
    it(`keeps a hotfix that reached the base after branching (${method})`, async () => {
      await start();
      const base = await push({ 'apps/api/deployment.yaml': 'image: api:v9\n' });
      const answer = await merge({ sha: head, merge_method: method });
      expect([answer.status, at(answer, 'merged'), at(answer, 'message')]).to.deep.equal([
        200,
        true,
        'Pull Request successfully merged',
      ]);
      expect(await onMain('apps/api/deployment.yaml')).to.equal('image: api:v9\n');
      expect(await onMain(WEB)).to.equal('image: web:v0\n');
      const commit = await world.sandbox.repository.readCommit(at(answer, 'sha') as string);
      expect(commit.parents).to.deep.equal(method === 'merge' ? [base, head] : [base]);
      await world.expect(204, 'GET', '/pulls/1/merge');
      const pull = await world.expect(200, 'GET', '/pulls/1');
      expect(pick(pull, 'state', 'merged', 'merge_commit_sha', 'mergeable')).to.deep.equal({
        state: 'closed',
        merged: true,
        merge_commit_sha: at(answer, 'sha'),
        mergeable: null,
      });
      expect(at(pull, 'merged_by', 'type')).to.equal('Bot');
    });
  }

  it('answers null first whenever the head or the base has moved, then a real test merge', async () => {
    await start({ mergeableNullReads: 2 });
    const unknown = { mergeable: null, mergeable_state: 'unknown' };
    expect([await read(), await read(), await read()]).to.deep.equal([
      unknown,
      unknown,
      { mergeable: true, mergeable_state: 'clean' },
    ]);
    const before = at(await world.expect(200, 'GET', '/pulls/1'), 'merge_commit_sha') as string;
    const base = await push({ 'apps/api/deployment.yaml': 'image: api:v9\n' });
    const stale = await world.expect(200, 'GET', '/pulls/1');
    expect(pick(stale, 'mergeable', 'merge_commit_sha')).to.deep.equal({ mergeable: null, merge_commit_sha: before });
    await read();
    const fresh = await world.expect(200, 'GET', '/pulls/1');
    const test = at(fresh, 'merge_commit_sha') as string;
    expect((await world.sandbox.repository.readCommit(test)).parents).to.deep.equal([base, head]);
    expect(await world.sandbox.repository.resolve('refs/pull/1/merge')).to.equal(test);
    expect(at(fresh, 'base', 'sha')).to.equal(base);
    await world.sandbox.pushToPullRequest(1, 'wim', { 'apps/web/more.yaml': 'x\n' });
    expect(await read()).to.deep.equal(unknown);
  });

  it('finds a conflict, in the state and in the merge', async () => {
    await start();
    await push({ [WEB]: 'image: web:v3\n' });
    expect(await read()).to.deep.equal({ mergeable: false, mergeable_state: 'dirty' });
    const answer = await merge();
    expect([answer.status, at(answer, 'message')]).to.deep.equal([405, 'Pull Request is not mergeable']);
    expect(await onMain(WEB)).to.equal('image: web:v3\n');
  });

  it('refuses once when the base has moved since the last look', async () => {
    await start();
    await read();
    await push({ 'apps/api/deployment.yaml': 'image: api:v9\n' });
    const answer = await merge();
    expect([answer.status, at(answer, 'message')]).to.deep.equal([
      405,
      'Base branch was modified. Review and try the merge again.',
    ]);
    expect((await merge()).status).to.equal(200);
  });

  it('merges a pull request once: the second merge is refused', async () => {
    await start();
    const statuses = await Promise.all([merge(), merge()]);
    expect(statuses.map(({ status }) => status)).to.have.members([200, 405]);
  });

  it('refuses a head that moved after it was seen', async () => {
    await start();
    await world.sandbox.pushToPullRequest(1, 'wim', { 'apps/web/more.yaml': 'x\n' });
    const answer = await merge();
    expect([answer.status, at(answer, 'message')]).to.deep.equal([
      409,
      'Head branch was modified. Review and try the merge again.',
    ]);
  });

  it('names states in the order draft, dirty, blocked, behind, unstable, clean', async () => {
    const checks = { requiredChecks: [{ context: 'build' }], strict: true };
    await start({ branchRules: { ...RULES, ...checks } });
    await push({ 'apps/api/deployment.yaml': 'image: api:v9\n' });
    await world.sandbox.reportCheck({
      kind: 'status',
      name: 'lint',
      sha: head,
      status: 'completed',
      conclusion: 'failure',
    });
    await world.sandbox.alterPullRequest(1, { draft: true });
    const states = [await state()];
    await world.sandbox.alterPullRequest(1, { draft: false });
    states.push(await state());
    await world.sandbox.reportCheck({
      kind: 'status',
      name: 'build',
      sha: head,
      status: 'completed',
      conclusion: 'success',
    });
    states.push(await state());
    const base = await world.sandbox.repository.resolve('main');
    await world.sandbox.repository.updateRef(
      'refs/heads/main',
      await world.sandbox.repository.resolve(`${base}^`),
      base,
    );
    states.push(await state());
    await world.sandbox.reportCheck({
      kind: 'status',
      name: 'lint',
      sha: head,
      status: 'completed',
      conclusion: 'success',
    });
    states.push(await state());
    await push({ [WEB]: 'image: web:v3\n' });
    states.push(await state());
    expect(states).to.deep.equal(['draft', 'blocked', 'behind', 'unstable', 'clean', 'dirty']);
  });

  const REQUIRED = { ...RULES, requiredChecks: [{ context: 'build' }] };
  const PINNED = { ...RULES, requiredChecks: [{ context: 'build', appId: 99 }] };
  const PREFIX = 'Repository rule violations found\n\n';
  const APPROVAL = 'At least 1 approving review is required by reviewers with write access.';
  const BLOCKED: readonly (readonly [string, GitHubSandboxOptions['branchRules'], string])[] = [
    ['a required check is missing', { ...REQUIRED, via: 'classic' }, 'Required status check "build" is expected.'],
    ['a required check of a ruleset is missing', REQUIRED, `${PREFIX}Required status check "build" is expected.`],
    [
      'two required checks are missing',
      { ...RULES, requiredChecks: [{ context: 'a' }, { context: 'b' }] },
      `${PREFIX}2 of 2 required status checks are expected.`,
    ],
    ['an approval is missing', { ...RULES, requiredApprovals: 1 }, PREFIX + APPROVAL],
    ['there is a merge queue', { ...RULES, mergeQueue: true }, `${PREFIX}Changes must be made through the merge queue`],
  ];
  for (const [why, branchRules, message] of BLOCKED) {
    it(`is blocked, and refuses to merge, when ${why}`, async () => {
      await start({ branchRules });
      expect(await state()).to.equal('blocked');
      const answer = await merge();
      expect([answer.status, at(answer, 'message')]).to.deep.equal([405, message]);
    });
  }

  it('counts a required check only from the App it is pinned to', async () => {
    await start({ branchRules: PINNED });
    const check = { kind: 'check-run', name: 'build', sha: head, status: 'completed', conclusion: 'success' } as const;
    await world.sandbox.reportCheck({ ...check, appId: 7 });
    expect(at(await merge(), 'message')).to.equal(
      `${PREFIX}Required status check "build" was not set by the expected GitHub App.`,
    );
    await world.sandbox.reportCheck({ ...check, appId: 99 });
    expect((await merge()).status).to.equal(200);
  });

  it('counts approvals of people with write access only, by their latest opinion', async () => {
    await start({ branchRules: { ...RULES, requiredApprovals: 1 } });
    await world.sandbox.review(1, { by: 'tria', state: 'APPROVED' });
    await world.sandbox.review(1, { by: 'stranger', state: 'APPROVED' });
    const states = [await state()];
    for (const verdict of ['APPROVED', 'COMMENTED', 'CHANGES_REQUESTED', 'APPROVED'] as const) {
      await world.sandbox.review(1, { by: 'mika', state: verdict });
      states.push(await state());
    }
    await world.sandbox.dismissReviews(1, 'mika');
    states.push(await state());
    expect(states).to.deep.equal(['blocked', 'clean', 'clean', 'blocked', 'clean', 'blocked']);
  });

  it('blocks an unsigned commit where signatures are required', async () => {
    await start({ branchRules: { ...RULES, signatures: true } });
    expect(await state()).to.equal('clean');
    await world.sandbox.pushToPullRequest(1, 'wim', { 'apps/web/more.yaml': 'x\n' });
    expect(await state()).to.equal('blocked');
  });

  it('lets an administrator merge past the rules, not past a conflict', async () => {
    await start({ branchRules: { ...RULES, requiredApprovals: 1 } });
    const sha = await world.sandbox.mergePullRequest(1, 'olga');
    expect(world.sandbox.pullRequests()[0]).to.include({ merged: true, mergedBy: 'olga', mergeCommit: sha });
  });
});
