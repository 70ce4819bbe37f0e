import { expect } from 'chai';
import { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';
import { failureOf } from '../../support/failure.js';
import { GitHubStub, notFound, repo, RETRY, signal, useStub, type StubReply } from './github-stub.js';

const REPO = 'GET /repos/acme/gitops';
const repository = {
  full_name: 'acme/gitops',
  default_branch: 'main',
  archived: false,
  allow_merge_commit: true,
  permissions: { push: true },
};

describe('conditional reads of GitHub', () => {
  const at = useStub();
  const withEtag = (body: object): ((request: { headers: Record<string, unknown> }) => StubReply) => {
    const etag = `"${JSON.stringify(body).length}"`;
    return (request) =>
      request.headers['if-none-match'] === etag
        ? { status: 304, headers: { etag } }
        : { json: body, headers: { etag } };
  };

  it('are answered from memory after a 304', async () => {
    at.stub.on(REPO, withEtag(repository));
    const first = await at.github.getRepository(repo, signal);
    expect(await at.github.getRepository(repo, signal)).to.deep.equal(first);
    expect(at.stub.requests.map((r) => r.headers['if-none-match'] ?? null)).to.deep.equal([
      null,
      `"${JSON.stringify(repository).length}"`,
    ]);
  });
  it('see a change at once', async () => {
    at.stub.on(REPO, withEtag(repository));
    await at.github.getRepository(repo, signal);
    at.stub.on(REPO, withEtag({ ...repository, default_branch: 'trunk' }));
    expect((await at.github.getRepository(repo, signal)).defaultBranch).to.equal('trunk');
  });
  it('are not used for evidence of a merge', async () => {
    at.stub.on('GET /repos/acme/gitops/pulls/7/reviews', { json: [], headers: { etag: '"1"' } });
    await at.github.listReviews(repo, 7, signal);
    await at.github.listReviews(repo, 7, signal);
    expect(at.stub.requests.filter((r) => r.headers['if-none-match'] !== undefined)).to.deep.equal([]);
  });
  it('keep following the pages of a list that did not change', async () => {
    const comment = (id: number): object => ({
      id,
      user: null,
      body: 'x',
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    });
    at.stub.on('GET /repos/acme/gitops/issues/7/comments', (request) => {
      const page = request.query.get('page') ?? '1';
      if (request.headers['if-none-match'] === `"${page}"`) return { status: 304 };
      const link = `<${at.stub.url}/repos/acme/gitops/issues/7/comments?per_page=100&page=2>; rel="next"`;
      return { json: [comment(Number(page))], headers: { etag: `"${page}"`, ...(page === '1' ? { link } : {}) } };
    });
    const ids = async (): Promise<readonly number[]> =>
      (await at.github.listComments(repo, 7, signal)).map((c) => c.id);
    expect([await ids(), await ids()]).to.deep.equal([
      [1, 2],
      [1, 2],
    ]);
  });
  it('forget an answer that was malformed', async () => {
    at.stub.on(REPO, [{ json: { odd: true }, headers: { etag: '"1"' } }, { json: repository }]);
    await at.github.getRepository(repo, signal);
    expect(at.stub.requests[1]?.headers['if-none-match']).to.equal(undefined);
  });
});

describe('pages of lists', () => {
  const at = useStub();
  const OPEN = 'GET /repos/acme/gitops/pulls';

  it('never lead to another host', async () => {
    const elsewhere = await GitHubStub.start();
    at.stub.on(OPEN, { json: [], headers: { link: `<${elsewhere.url}/repos/acme/gitops/pulls?page=2>; rel="next"` } });
    const failure = await failureOf(at.github.listOpenPullRequests(repo, 'main', signal));
    const reached = elsewhere.calls;
    await elsewhere.close();
    expect({ failure, reached }).to.deep.equal({ failure: 'GITHUB_FOREIGN_LINK config', reached: [] });
  });
  it('never lead out of the base address', async () => {
    const github = new OctokitSourceControl(
      { baseUrl: `${at.stub.url}/api/v3/`, auth: { kind: 'token', token: () => 't' } },
      at.clock,
      RETRY,
    );
    at.stub.on('GET /api/v3/repos/acme/gitops/pulls', {
      json: [],
      headers: { link: `<${at.stub.url}/elsewhere?page=2>; rel="next"` },
    });
    expect(await failureOf(github.listOpenPullRequests(repo, 'main', signal))).to.equal('GITHUB_FOREIGN_LINK config');
    await github.close();
  });
  it('keep a filter with a colon in it', async () => {
    at.stub.on(OPEN, (request) =>
      request.query.get('page') === '2'
        ? { json: [] }
        : { json: [], headers: { link: `<${at.stub.url}/repos/acme/gitops/pulls?head=acme:fix&page=2>; rel="next"` } },
    );
    await at.github.findPullRequests(repo, 'fix', 'main', signal);
    expect(at.stub.requests.map((r) => r.query.get('head'))).to.deep.equal(['acme:fix', 'acme:fix']);
  });
  it('end at a cap instead of going on for ever', async () => {
    at.stub.on(OPEN, { json: [], headers: { link: `<${at.stub.url}/repos/acme/gitops/pulls?page=2>; rel="next"` } });
    expect(await failureOf(at.github.listOpenPullRequests(repo, 'main', signal))).to.equal(
      'GITHUB_LIST_TRUNCATED terminal',
    );
    expect(at.stub.calls.length).to.equal(10);
  });
  it('are told from a missing repository', async () => {
    at.stub.on(OPEN, notFound);
    expect(await failureOf(at.github.listOpenPullRequests(repo, 'main', signal))).to.equal('GITHUB_NOT_FOUND terminal');
  });
});
