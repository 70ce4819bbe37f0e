import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { notFound, oid, refusal, repo, signal, useStub, type StubReply } from './github-stub.js';

const BASE = '/repos/acme/gitops';

describe('reviews', () => {
  const at = useStub();
  const REVIEWS = `GET ${BASE}/pulls/7/reviews`;
  const review = (over: object): object => ({
    id: 1,
    user: { login: 'ann', type: 'User' },
    state: 'APPROVED',
    commit_id: oid('a'),
    submitted_at: '2026-01-01T00:00:00Z',
    ...over,
  });

  it('are by humans only if GitHub says the account is a user', async () => {
    const users = [
      { login: 'ann', type: 'User' },
      { login: 'x[bot]', type: 'Bot' },
      { login: 'm', type: 'Mannequin' },
      null,
    ];
    at.stub.on(REVIEWS, { json: users.map((user) => review({ user })) });
    expect(
      (await at.github.listReviews(repo, 7, signal)).map((r) => `${r.author.login} ${r.author.kind}`),
    ).to.deep.equal(['ann human', 'x[bot] bot', 'm bot', 'ghost bot']);
  });
  it('carry the commit they speak of; one of no commit speaks of none, one not submitted is left out', async () => {
    at.stub.on(REVIEWS, {
      json: [review({}), review({ commit_id: null }), review({ state: 'PENDING', submitted_at: undefined })],
    });
    expect((await at.github.listReviews(repo, 7, signal)).map((r) => r.commit)).to.deep.equal([oid('a'), '']);
  });
  it('in a state nobody knows are not passed over: it might be a veto', async () => {
    at.stub.on(REVIEWS, { json: [review({}), review({ state: 'REJECTED' })] });
    expect(await failureOf(at.github.listReviews(repo, 7, signal))).to.equal('GITHUB_MALFORMED transient');
  });
});

describe('comments', () => {
  const at = useStub();
  const LIST = `GET ${BASE}/issues/7/comments`;
  const CREATE = `POST ${BASE}/issues/7/comments`;
  const marker = '<!-- aio:status -->';
  const comment = (id: number, login: string, body: string, updated = '2026-01-01T00:00:00Z'): object => ({
    id,
    user: { login, type: login.endsWith('[bot]') ? 'Bot' : 'User' },
    body,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: updated,
  });
  const upsert = (body: string): Promise<void> => at.github.upsertComment(repo, 7, marker, body, signal);
  beforeEach(() => {
    at.stub.on('GET /user', { json: { login: 'ai-operator[bot]', type: 'Bot' } });
  });

  it('show whether they were edited', async () => {
    at.stub.on(LIST, { json: [comment(1, 'ann', '/abort'), comment(2, 'ann', '/abort', '2026-01-01T00:00:05Z')] });
    expect((await at.github.listComments(repo, 7, signal)).map((c) => c.edited)).to.deep.equal([false, true]);
  });
  it('of ours are made once, with the hidden marker', async () => {
    at.stub
      .on(LIST, { json: [comment(1, 'ann', 'hello')] })
      .on(CREATE, { status: 201, json: comment(2, 'ai-operator[bot]', 'x') });
    await upsert('waiting');
    expect(at.stub.requests.at(-1)?.body).to.deep.equal({ body: `waiting\n\n${marker}` });
  });
  it('of ours are rewritten afterwards, and left alone when they say the same', async () => {
    at.stub
      .on(LIST, { json: [comment(5, 'ai-operator[bot]', `old ${marker}`)] })
      .on(`PATCH ${BASE}/issues/comments/5`, { json: comment(5, 'ai-operator[bot]', 'x') });
    await upsert(`new ${marker}`);
    const rewritten = at.stub.calls.at(-1);
    await upsert(`old ${marker}`);
    expect([rewritten, at.stub.calls.at(-1)]).to.deep.equal([`PATCH ${BASE}/issues/comments/5`, LIST]);
  });
  it('of others are never rewritten, not even with our marker in them', async () => {
    at.stub
      .on(LIST, { json: [comment(5, 'mallory', marker)] })
      .on(CREATE, { status: 201, json: comment(6, 'ai-operator[bot]', 'x') });
    await upsert('waiting');
    expect(at.stub.calls.at(-1)).to.equal(CREATE);
  });
  it('whose answer is lost are unknown, and sent once', async () => {
    at.stub.on(LIST, { json: [] }).on(CREATE, { drop: true });
    expect([await failureOf(upsert('x')), at.stub.calls.filter((c) => c === CREATE).length]).to.deep.equal([
      'GITHUB_UNREACHABLE unknown',
      1,
    ]);
  });
  it('go with labels, which may be added twice', async () => {
    const LABELS = `POST ${BASE}/issues/7/labels`;
    at.stub.on(LABELS, [{ drop: true }, { json: [{ name: 'aio' }] }]);
    await at.github.addLabels(repo, 7, ['aio'], signal);
    await at.github.addLabels(repo, 7, [], signal);
    expect(at.stub.requests.map((r) => r.body)).to.deep.equal([{ labels: ['aio'] }, { labels: ['aio'] }]);
  });
});

describe('roles', () => {
  const at = useStub();
  const ROLE = `GET ${BASE}/collaborators/ann/permission`;
  const permission = (word: string, role: string | undefined, permissions?: object): StubReply => ({
    json: {
      permission: word,
      ...(role === undefined ? {} : { role_name: role }),
      user: { login: 'Ann', type: 'User', ...(permissions === undefined ? {} : { permissions }) },
    },
  });
  const cases: readonly (readonly [string, StubReply, string])[] = [
    ['maintain, which the old word calls write', permission('write', 'maintain'), 'maintain'],
    ['triage, which the old word calls read', permission('read', 'triage'), 'triage'],
    ['write', permission('write', 'write'), 'write'],
    ['admin', permission('admin', 'admin'), 'admin'],
    ['none', permission('none', 'none'), 'none'],
    ['a role of its own that grants nothing we see', permission('write', 'release-captain'), 'read'],
    [
      'a role of its own that may maintain',
      permission('write', 'release-captain', { maintain: true, push: true }),
      'maintain',
    ],
    [
      'a role of its own that may push',
      permission('write', 'release-captain', { maintain: false, push: true }),
      'write',
    ],
    ['no role at all on an old server', permission('admin', undefined, { admin: true }), 'admin'],
    ['nothing to do with the repository', notFound, 'none'],
  ];
  for (const [title, reply, expected] of cases) {
    it(`of ${title} read ${expected}`, async () => {
      at.stub.on(ROLE, reply);
      expect(await at.github.getRole(repo, 'ann', signal)).to.equal(expected);
    });
  }
  it('of another account, or that may not be read, are no answer', async () => {
    at.stub.on(ROLE, [
      refusal(403, 'Must have push access'),
      { json: { permission: 'admin', role_name: 'admin', user: { login: 'bob' } } },
    ]);
    const ask = (): Promise<string> => failureOf(at.github.getRole(repo, 'ann', signal));
    expect([await ask(), await ask()]).to.deep.equal(['GITHUB_DENIED denied', 'GITHUB_MALFORMED transient']);
  });
  it('in a team count when active', async () => {
    at.stub.on('GET /orgs/acme/teams/sre/memberships/ann', [
      { json: { state: 'active', role: 'member' } },
      { json: { state: 'pending' } },
      notFound,
    ]);
    const ask = (): Promise<boolean> => at.github.isTeamMember('acme', 'sre', 'ann', signal);
    expect([await ask(), await ask(), await ask()]).to.deep.equal([true, false, false]);
  });
});
