import { expect } from 'chai';
import { at, GitHubWorld, pick } from '../../support/github-world.js';

describe('reviews, comments, labels and lists of the GitHub sandbox', () => {
  let world: GitHubWorld;
  let head: string;
  beforeEach(async () => {
    world = await GitHubWorld.start();
    head = await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    await world.openPull('ops/back');
  });
  afterEach(() => world.stop());

  const as = (login: string): { token: string } => ({ token: world.sandbox.tokenFor(login) });
  const reviews = async (): Promise<unknown> =>
    (
      (await world.expect(200, 'GET', '/pulls/1/reviews')).body as {
        user: { login: string };
        state: string;
        commit_id: string;
      }[]
    ).map((review) => [review.user.login, review.state, review.commit_id === head]);

  it('ties every review to the commit it was given on', async () => {
    await world.expect(200, 'POST', '/pulls/1/reviews', { event: 'APPROVE' }, as('mika'));
    await world.sandbox.pushToPullRequest(1, 'wim', { 'apps/web/more.yaml': 'x\n' });
    await world.expect(200, 'POST', '/pulls/1/reviews', { event: 'REQUEST_CHANGES', body: 'no' }, as('olga'));
    await world.expect(200, 'POST', '/pulls/1/reviews', { event: 'APPROVE', commit_id: head }, as('rea'));
    expect(await reviews()).to.deep.equal([
      ['mika', 'APPROVED', true],
      ['olga', 'CHANGES_REQUESTED', false],
      ['rea', 'APPROVED', true],
    ]);
  });

  it('turns a dismissed review into DISMISSED in place, and keeps a pending one from others', async () => {
    const given = await world.expect(200, 'POST', '/pulls/1/reviews', { event: 'APPROVE' }, as('mika'));
    const path = `/pulls/1/reviews/${String(at(given, 'id'))}/dismissals`;
    await world.expect(403, 'PUT', path, { message: 'stale' }, as('rea'));
    await world.expect(200, 'PUT', path, { message: 'stale' }, as('olga'));
    await world.expect(200, 'POST', '/pulls/1/reviews', { body: 'draft' }, as('wim'));
    expect(await reviews()).to.deep.equal([['mika', 'DISMISSED', true]]);
    expect((await world.expect(200, 'GET', '/pulls/1/reviews', undefined, as('wim'))).body).to.have.lengthOf(2);
    await world.expect(422, 'PUT', path, { message: 'again' }, as('olga'));
  });

  it('shows by its times that a comment was edited, and lets others edit only with write access', async () => {
    const made = await world.expect(201, 'POST', '/issues/1/comments', { body: 'first' });
    await world.clock.advance(5_000);
    const path = `/issues/comments/${String(at(made, 'id'))}`;
    await world.expect(403, 'PATCH', path, { body: 'x' }, as('rea'));
    await world.expect(200, 'PATCH', path, { body: 'second' }, as('wim'));
    const [comment] = (await world.expect(200, 'GET', '/issues/1/comments')).body as unknown[];
    expect(pick({ body: comment }, 'body', 'created_at', 'updated_at')).to.deep.equal({
      body: 'second',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:05Z',
    });
    await world.expect(422, 'POST', '/issues/1/comments', { body: ' ' });
    await world.expect(422, 'POST', '/issues/1/comments', { body: 'x'.repeat(65_537) });
  });

  it('adds a label once and takes it away', async () => {
    await world.expect(200, 'POST', '/issues/1/labels', { labels: ['rollback'] });
    await world.expect(200, 'POST', '/issues/1/labels', ['rollback', 'hold']);
    const pull = await world.expect(200, 'GET', '/pulls/1');
    expect((at(pull, 'labels') as { name: string }[]).map(({ name }) => name)).to.deep.equal(['rollback', 'hold']);
    await world.expect(200, 'DELETE', '/issues/1/labels/hold');
    expect((await world.expect(200, 'GET', '/issues/1/labels')).body).to.have.lengthOf(1);
  });

  it('edits, closes and reopens a pull request, and never reopens a merged one', async () => {
    await world.expect(200, 'PATCH', '/pulls/1', { body: 'new words', title: 'New' });
    await world.expect(200, 'PATCH', '/pulls/1', { state: 'closed' });
    expect(pick(await world.expect(200, 'GET', '/pulls/1'), 'state', 'body', 'merged', 'mergeable')).to.deep.equal({
      state: 'closed',
      body: 'new words',
      merged: false,
      mergeable: null,
    });
    expect(at(await world.expect(200, 'GET', '/issues/1'), 'closed_by', 'login')).to.equal('ai-operator[bot]');
    await world.expect(200, 'PATCH', '/pulls/1', { state: 'open' });
    await world.expect(200, 'PUT', '/pulls/1/merge', { sha: head });
    await world.expect(422, 'PATCH', '/pulls/1', { state: 'open' });
  });

  it('filters pull requests by owner:branch, and by nothing when the owner is left out', async () => {
    await world.sandbox.push({ branch: 'other', files: { 'o.txt': 'o\n' }, message: 'o', by: 'wim' });
    await world.clock.advance(1_000);
    await world.sandbox.openPullRequest({ by: 'wim', head: 'other', base: 'main', title: 'Other' });
    const numbers = async (query: string): Promise<unknown> =>
      ((await world.expect(200, 'GET', `/pulls?${query}`)).body as { number: number }[]).map(({ number }) => number);
    expect(await numbers('head=acme:ops/back&base=main&state=all')).to.deep.equal([1]);
    expect(await numbers('head=ops/back')).to.deep.equal([2, 1]);
    expect(await numbers('base=elsewhere')).to.deep.equal([]);
    await world.sandbox.closePullRequest(1, 'wim');
    expect([await numbers(''), await numbers('state=closed')]).to.deep.equal([[2], [1]]);
  });

  it('lists a new pull request only after the lag it is told to have', async () => {
    await world.stop();
    world = await GitHubWorld.start({ listLagMs: 3_000 });
    await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    await world.openPull('ops/back');
    expect((await world.expect(200, 'GET', '/pulls?state=all')).body).to.deep.equal([]);
    await world.expect(200, 'GET', '/pulls/1');
    await world.clock.advance(3_000);
    expect((await world.expect(200, 'GET', '/pulls?state=all')).body).to.have.lengthOf(1);
  });

  it('finds the pull request that brought a commit in', async () => {
    const of = async (sha: string): Promise<unknown> =>
      ((await world.expect(200, 'GET', `/commits/${sha}/pulls`)).body as { number: number }[]).map(
        ({ number }) => number,
      );
    expect(await of(head)).to.deep.equal([1]);
    const merged = at(
      await world.expect(200, 'PUT', '/pulls/1/merge', { sha: head, merge_method: 'squash' }),
      'sha',
    ) as string;
    const direct = await world.sandbox.push({
      branch: 'main',
      files: { 'd.txt': 'd\n' },
      message: 'direct',
      by: 'wim',
    });
    expect([await of(merged), await of(direct)]).to.deep.equal([[1], []]);
  });
});
