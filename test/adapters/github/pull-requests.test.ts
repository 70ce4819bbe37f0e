import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { oid, refusal, repo, signal, useStub, type StubReply } from './github-stub.js';

const BASE = '/repos/acme/gitops';
const [LIST, CREATE, GET] = [`GET ${BASE}/pulls`, `POST ${BASE}/pulls`, `GET ${BASE}/pulls/7`];
const [MERGE, FILES] = [`PUT ${BASE}/pulls/7/merge`, `GET ${BASE}/pulls/7/files`];
const pull = (over: object = {}): object => ({
  number: 7,
  state: 'open',
  draft: false,
  title: 't',
  user: { login: 'ai-operator[bot]', type: 'Bot' },
  labels: [{ name: 'aio' }],
  head: { ref: 'fix', sha: oid('a'), repo: { full_name: 'acme/gitops' } },
  base: { ref: 'main', sha: oid('b'), repo: { full_name: 'acme/gitops' } },
  created_at: '2026-01-01T00:00:00Z',
  merged_at: null,
  html_url: 'https://github.com/acme/gitops/pull/7',
  ...over,
});
const whole = (over: object = {}): object => ({
  ...pull(),
  body: null,
  locked: false,
  commits: 1,
  auto_merge: null,
  merged: false,
  mergeable: true,
  mergeable_state: 'clean',
  merge_commit_sha: oid('c'),
  merged_by: null,
  ...over,
});
const head = (over: object): object => ({ ref: 'fix', sha: oid('a'), repo: { full_name: 'acme/gitops' }, ...over });
const newPullRequest = { title: 't', body: 'b', head: 'fix', base: 'main', draft: false };

describe('pull requests read from GitHub', () => {
  const at = useStub();

  it('are asked for by owner and branch, and what does not fit is left out again', async () => {
    const fork = { full_name: 'mallory/gitops' };
    at.stub.on(LIST, {
      json: [
        pull(),
        pull({ number: 9, state: 'closed' }),
        pull({ number: 1, head: head({ ref: 'other' }) }),
        pull({ number: 2, head: head({ repo: fork }) }),
        pull({ number: 3, head: head({ repo: null }) }),
        pull({ number: 4, base: { ref: 'release', sha: oid('b'), repo: { full_name: 'acme/gitops' } } }),
      ],
    });
    const found = await at.github.findPullRequests(repo, 'fix', 'main', signal);
    const query = at.stub.requests[0]?.query;
    expect([found.map((pr) => pr.number), query?.get('head'), query?.get('base'), query?.get('state')]).to.deep.equal([
      [9, 7],
      'acme:fix',
      'main',
      'all',
    ]);
  });
  it('that are open are listed with those of forks, which are marked', async () => {
    at.stub.on(LIST, {
      json: [pull({ number: 8, head: head({ repo: { full_name: 'mallory/gitops' } }) }), pull({ state: 'closed' })],
    });
    const found = await at.github.listOpenPullRequests(repo, 'main', signal);
    expect(found.map((pr) => [pr.number, pr.sameRepository])).to.deep.equal([[8, false]]);
  });
  it('of another repository spoil the whole answer', async () => {
    at.stub.on(LIST, { json: [pull({ base: { ref: 'main', sha: oid('b'), repo: { full_name: 'acme/other' } } })] });
    expect(await failureOf(at.github.listOpenPullRequests(repo, 'main', signal))).to.equal(
      'GITHUB_MALFORMED transient',
    );
  });
  it('show the whole status of one', async () => {
    at.stub.on(GET, { json: whole() });
    expect(await at.github.getPullRequestStatus(repo, 7, signal)).to.deep.equal({
      number: 7,
      state: 'open',
      merged: false,
      draft: false,
      title: 't',
      headBranch: 'fix',
      sameRepository: true,
      headSha: oid('a'),
      baseBranch: 'main',
      author: { login: 'ai-operator[bot]', kind: 'bot' },
      labels: ['aio'],
      createdAt: Date.UTC(2026, 0, 1),
      url: 'https://github.com/acme/gitops/pull/7',
      body: '',
      baseSha: oid('b'),
      locked: false,
      commits: 1,
      autoMerge: false,
      mergeable: true,
      mergeableState: 'clean',
      mergeCommit: oid('c'),
    });
  });
  it('are never mergeable as long as GitHub does not say so', async () => {
    at.stub.on(GET, [{ json: whole({ mergeable: null }) }, { json: whole({ mergeable: undefined }) }]);
    const seen = [
      await at.github.getPullRequestStatus(repo, 7, signal),
      await at.github.getPullRequestStatus(repo, 7, signal),
    ];
    expect(seen.map((pr) => pr.mergeable)).to.deep.equal([null, null]);
  });
  it('show who merged', async () => {
    at.stub.on(GET, {
      json: whole({
        state: 'closed',
        merged: true,
        merged_at: '2026-01-02T00:00:00Z',
        merged_by: { login: 'ann', type: 'User' },
      }),
    });
    const { merged, mergedBy, mergedAt, closedBy } = await at.github.getPullRequestStatus(repo, 7, signal);
    expect({ merged, mergedBy, mergedAt, closedBy }).to.deep.equal({
      merged: true,
      mergedBy: { login: 'ann', kind: 'human' },
      mergedAt: Date.UTC(2026, 0, 2),
      closedBy: undefined,
    });
  });
  it('show who closed without merging, which only the issue knows', async () => {
    at.stub
      .on(GET, { json: whole({ state: 'closed' }) })
      .on(`GET ${BASE}/issues/7`, { json: { number: 7, closed_by: { login: 'ann', type: 'User' } } });
    expect((await at.github.getPullRequestStatus(repo, 7, signal)).closedBy).to.deep.equal({
      login: 'ann',
      kind: 'human',
    });
  });
  for (const [title, over] of [
    ['another number', { number: 8 }],
    ['merged at no time', { merged: true }],
    ['a state nobody knows', { state: 'limbo' }],
    ['no head id', { head: head({ sha: 'x' }) }],
  ] as const) {
    it(`with ${title} are not believed`, async () => {
      at.stub.on(GET, { json: whole(over) });
      expect(await failureOf(at.github.getPullRequestStatus(repo, 7, signal))).to.equal('GITHUB_MALFORMED transient');
    });
  }
  it('list their files under both names of a rename', async () => {
    at.stub.on(FILES, { json: [{ filename: 'b', previous_filename: 'a' }, { filename: 'c' }] });
    expect(await at.github.listPullRequestFiles(repo, 7, signal)).to.deep.equal(['b', 'a', 'c']);
  });
  it('with more files than GitHub lists are too many to tell', async () => {
    const page = Array.from({ length: 100 }, (_, i) => ({ filename: `f${i}` }));
    at.stub.on(FILES, { json: page, headers: { link: `<${at.stub.url}${BASE}/pulls/7/files?page=2>; rel="next"` } });
    expect([await at.github.listPullRequestFiles(repo, 7, signal), at.stub.calls.length]).to.deep.equal([
      undefined,
      30,
    ]);
  });
  it('of a commit are listed newest first', async () => {
    at.stub.on(`GET ${BASE}/commits/${oid('a')}/pulls`, {
      json: [pull({ number: 3 }), pull({ merged_at: '2026-01-02T00:00:00Z', state: 'closed' })],
    });
    expect(
      (await at.github.listPullRequestsOf(repo, oid('a'), signal)).map((pr) => [pr.number, pr.merged]),
    ).to.deep.equal([
      [7, true],
      [3, false],
    ]);
  });
});

describe('pull requests written to GitHub', () => {
  const at = useStub();
  const invalid = (errors: readonly object[]): StubReply => refusal(422, 'Validation Failed', errors);
  const custom = (message: string): StubReply => invalid([{ resource: 'PullRequest', code: 'custom', message }]);
  const opened = { number: 7, head: { ref: 'fix' }, base: { ref: 'main' } };

  const creations: readonly (readonly [string, StubReply, string])[] = [
    ['is there already', custom('A pull request already exists for acme:fix.'), 'GITHUB_PULL_REQUEST_EXISTS conflict'],
    ['changes nothing', custom('No commits between main and fix'), 'GITHUB_NO_CHANGE terminal'],
    [
      'has a head GitHub does not see yet',
      invalid([{ resource: 'PullRequest', field: 'head', code: 'invalid' }]),
      'GITHUB_NOT_VISIBLE_YET transient',
    ],
    ['is refused without a reason', refusal(422, 'Validation Failed'), 'GITHUB_NOT_VISIBLE_YET transient'],
    [
      'has a base that is not there',
      invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid' }]),
      'GITHUB_INVALID terminal',
    ],
    [
      'has nothing in common with its base',
      custom('The fix branch has no history in common with main'),
      'GITHUB_INVALID terminal',
    ],
    ['may not be opened by us', refusal(403, 'Resource not accessible by integration'), 'GITHUB_DENIED denied'],
    [
      'was opened from another branch than asked',
      { status: 201, json: { ...opened, head: { ref: 'other' } } },
      'GITHUB_MALFORMED unknown',
    ],
    ['was opened, perhaps, before the line was cut', { drop: true }, 'GITHUB_UNREACHABLE unknown'],
  ];
  for (const [title, reply, expected] of creations) {
    it(`tell of one that ${title}: ${expected}`, async () => {
      at.stub.on(CREATE, reply);
      expect([
        await failureOf(at.github.createPullRequest(repo, newPullRequest, signal)),
        at.stub.calls.length,
      ]).to.deep.equal([expected, 1]);
    });
  }
  it('say what was opened', async () => {
    at.stub.on(CREATE, { status: 201, json: opened });
    expect([await at.github.createPullRequest(repo, newPullRequest, signal), at.stub.requests[0]?.body]).to.deep.equal([
      7,
      newPullRequest,
    ]);
  });
  it('close and rewrite one, and believe only an answer that says so', async () => {
    at.stub.on(`PATCH ${BASE}/pulls/7`, [
      { json: { number: 7, state: 'closed' } },
      { json: { number: 7, state: 'open' } },
    ]);
    await at.github.updatePullRequest(repo, 7, { body: 'b', state: 'closed' }, signal);
    const ignored = await failureOf(at.github.updatePullRequest(repo, 7, { state: 'closed' }, signal));
    expect([at.stub.requests.map((r) => r.body), ignored]).to.deep.equal([
      [{ body: 'b', state: 'closed' }, { state: 'closed' }],
      'GITHUB_MALFORMED unknown',
    ]);
  });

  const merges: readonly (readonly [string, StubReply, string])[] = [
    [
      'is merged',
      { json: { sha: oid('d'), merged: true, message: 'Pull Request successfully merged' } },
      'nothing was thrown',
    ],
    [
      'has another head by now',
      refusal(409, 'Head branch was modified. Review and try the merge again.'),
      'GITHUB_HEAD_MOVED conflict',
    ],
    [
      'has a base that moved',
      refusal(405, 'Base branch was modified. Review and try the merge again.'),
      'GITHUB_BASE_MODIFIED transient',
    ],
    [
      'may not be merged by this method',
      refusal(405, 'Squash merges are not allowed on this repository.'),
      'GITHUB_MERGE_METHOD config',
    ],
    ['is not mergeable', refusal(405, 'Pull Request is not mergeable'), 'GITHUB_NOT_MERGEABLE conflict'],
    ['lacks a check', refusal(405, 'Required status check "ci" is expected.'), 'GITHUB_NOT_MERGEABLE conflict'],
    [
      'must go through the queue',
      refusal(405, 'Repository rule violations found\n\nChanges must be made through the merge queue'),
      'GITHUB_NOT_MERGEABLE conflict',
    ],
    [
      'is answered without a merge',
      { json: { sha: oid('d'), merged: false, message: 'x' } },
      'GITHUB_MALFORMED unknown',
    ],
    ['is answered by a failing server', refusal(502, 'Server Error'), 'GITHUB_UNREACHABLE unknown'],
    ['is answered by nobody', { drop: true }, 'GITHUB_UNREACHABLE unknown'],
  ];
  for (const [title, reply, expected] of merges) {
    it(`tell of a merge of one that ${title}: ${expected}`, async () => {
      at.stub.on(MERGE, reply);
      const result = await failureOf(
        at.github.mergePullRequest(repo, 7, { headSha: oid('a'), method: 'squash' }, signal),
      );
      expect([result, at.stub.requests.map((r) => r.body)]).to.deep.equal([
        expected,
        [{ sha: oid('a'), merge_method: 'squash' }],
      ]);
    });
  }
});
