import { createVerify, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { OctokitSourceControl } from '../../../src/adapters/github/octokit-source-control.js';
import { failureOf } from '../../support/failure.js';
import { oid, refusal, repo, RETRY, signal, useStub, type StubReply, type StubRequest } from './github-stub.js';

const REF = 'GET /repos/acme/gitops/git/ref/heads%2Fmain';
const ref = { ref: 'refs/heads/main', object: { type: 'commit', sha: oid('a') } };
const newPullRequest = { title: 't', body: 'b', head: 'fix', base: 'main', draft: false };
const bearer = (request: StubRequest | undefined): string =>
  (request?.headers.authorization ?? '').replace(/^\w+ /, '');

describe('a token of GitHub', () => {
  let token = 'old-token';
  const at = useStub({ kind: 'token', token: () => token });
  beforeEach(() => {
    token = 'old-token';
  });

  it('is read anew for every call', async () => {
    at.stub.on(REF, { json: ref });
    await at.github.findBranchHead(repo, 'main', signal);
    token = 'new-token\n';
    await at.github.findBranchHead(repo, 'main', signal);
    expect(at.stub.requests.map((r) => bearer(r))).to.deep.equal(['old-token', 'new-token']);
  });
  it('that was rotated during the call is tried once more with the new one', async () => {
    at.stub.on(REF, (request) => {
      token = 'new-token';
      return bearer(request) === 'new-token' ? { json: ref } : refusal(401, 'Bad credentials');
    });
    expect(await at.github.findBranchHead(repo, 'main', signal)).to.equal(oid('a'));
  });
  it('that is refused and the same as before is not sent again', async () => {
    at.stub.on(REF, refusal(401, 'Bad credentials'));
    expect([await failureOf(at.github.findBranchHead(repo, 'main', signal)), at.stub.calls.length]).to.deep.equal([
      'GITHUB_UNAUTHENTICATED denied',
      1,
    ]);
  });
  it('that is empty or cannot be read is a fault of the configuration', async () => {
    token = ' ';
    const empty = await failureOf(at.github.findBranchHead(repo, 'main', signal));
    const unreadable = new OctokitSourceControl(
      {
        baseUrl: at.stub.url,
        auth: {
          kind: 'token',
          token: () => {
            throw new Error('ENOENT');
          },
        },
      },
      at.clock,
      RETRY,
    );
    expect([empty, await failureOf(unreadable.findBranchHead(repo, 'main', signal))]).to.deep.equal([
      'GITHUB_CREDENTIAL config',
      'GITHUB_CREDENTIAL config',
    ]);
    await unreadable.close();
  });
  it('is who its account says', async () => {
    at.stub.on('GET /user', { json: { login: 'ai-operator[bot]', type: 'Bot' } });
    await at.github.self(signal);
    expect([await at.github.self(signal), at.stub.calls]).to.deep.equal([
      { login: 'ai-operator[bot]', kind: 'bot' },
      ['GET /user'],
    ]);
  });
});

describe('a GitHub App', () => {
  const MINT = 'POST /app/installations/78/access_tokens';
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  let key = pem;
  const at = useStub({ kind: 'app', appId: 12, installationId: 78, privateKey: () => key });
  let minted = 0;
  const mint = (): StubReply => {
    minted += 1;
    return {
      status: 201,
      json: {
        token: `ghs_12_token.${minted}-of-many`,
        expires_at: '2099-01-01T00:00:00Z',
        permissions: { contents: 'write' },
      },
    };
  };
  beforeEach(() => {
    key = pem;
    minted = 0;
    at.stub.on(MINT, mint).on(REF, { json: ref });
  });
  const readRef = (): Promise<unknown> => at.github.findBranchHead(repo, 'main', signal);

  it('signs its request for a token, and uses one token for many calls', async () => {
    await Promise.all([readRef(), readRef(), readRef()]);
    const jwt = bearer(at.stub.requests[0]).split('.');
    const payload = JSON.parse(Buffer.from(jwt[1] ?? '', 'base64url').toString()) as { readonly iss: unknown };
    const valid = createVerify('RSA-SHA256')
      .update(`${jwt[0]}.${jwt[1]}`)
      .verify(publicKey, jwt[2] ?? '', 'base64url');
    expect({
      calls: at.stub.calls,
      valid,
      issuer: String(payload.iss),
      token: bearer(at.stub.requests[1]),
    }).to.deep.equal({
      calls: [MINT, REF, REF, REF],
      valid: true,
      issuer: '12',
      token: 'ghs_12_token.1-of-many',
    });
  });
  it('gets a new token when the old one is refused, even in the middle of a write', async () => {
    await readRef();
    at.clock.advance(3_000_000);
    at.stub.on('POST /repos/acme/gitops/pulls', (request) =>
      bearer(request).includes('.1-')
        ? refusal(401, 'Bad credentials')
        : { status: 201, json: { number: 7, head: { ref: 'fix' }, base: { ref: 'main' } } },
    );
    expect([await at.github.createPullRequest(repo, newPullRequest, signal), minted]).to.deep.equal([7, 2]);
  });
  it('waits for a token too young for all servers to know it', async () => {
    at.stub.on(REF, [refusal(401, 'Bad credentials'), { json: ref }]);
    expect([await readRef(), minted, at.clock.sleeps]).to.deep.equal([oid('a'), 1, [1000]]);
  });
  it('gives up when no token is accepted', async () => {
    at.stub.on(REF, refusal(401, 'Bad credentials'));
    expect(await failureOf(readRef())).to.equal('GITHUB_UNAUTHENTICATED denied');
    expect(at.stub.calls.length).to.be.lessThan(8);
  });
  it('that got no token has not written: the failure is transient, not unknown', async () => {
    at.stub.on(MINT, { drop: true });
    expect([await failureOf(at.github.createPullRequest(repo, newPullRequest, signal)), at.stub.calls]).to.deep.equal([
      'GITHUB_UNREACHABLE transient',
      [MINT],
    ]);
  });
  const refusals: readonly (readonly [string, StubReply, string])[] = [
    ['is not installed', refusal(404, 'Not Found'), 'GITHUB_NOT_INSTALLED config'],
    [
      'signs with a key GitHub does not know',
      refusal(401, 'A JSON web token could not be decoded'),
      'GITHUB_UNAUTHENTICATED denied',
    ],
    ['is suspended', refusal(403, 'This installation has been suspended'), 'GITHUB_DENIED denied'],
    ['gets an answer without a token', { json: { odd: true } }, 'GITHUB_MALFORMED transient'],
  ];
  for (const [title, reply, expected] of refusals) {
    it(`that ${title} fails with ${expected}`, async () => {
      at.stub.on(MINT, reply);
      expect(await failureOf(readRef())).to.equal(expected);
    });
  }
  it('with a key that is none names the key as the fault, without showing it', async () => {
    key = 'not a key at all';
    const error = await readRef().catch((e: unknown) => e as Error);
    expect([await failureOf(readRef()), (error as Error).message.includes(key)]).to.deep.equal([
      'GITHUB_CREDENTIAL config',
      false,
    ]);
  });
  it('takes up a key that was replaced', async () => {
    await readRef();
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
    key = next.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await readRef();
    const jwt = bearer(at.stub.requests.filter((r) => r.path.endsWith('/access_tokens'))[1]).split('.');
    expect(
      createVerify('RSA-SHA256')
        .update(`${jwt[0]}.${jwt[1]}`)
        .verify(next.publicKey, jwt[2] ?? '', 'base64url'),
    ).to.equal(true);
  });
  it('signs again by the clock of GitHub when ours is wrong', async () => {
    at.stub.on(MINT, [
      {
        ...refusal(401, "'Expiration time' claim ('exp') is too far in the future"),
        headers: { date: new Date(Date.now() - 3_600_000).toUTCString() },
      },
      { status: 201, json: { token: 'ghs_x_late', expires_at: '2099-01-01T00:00:00Z', permissions: {} } },
    ]);
    await readRef();
    const [first, second] = at.stub.requests.map(
      (r) =>
        JSON.parse(Buffer.from(bearer(r).split('.')[1] ?? '', 'base64url').toString() || '{}') as {
          readonly iat: number;
        },
    );
    expect((first?.iat ?? 0) - (second?.iat ?? 0)).to.be.within(3590, 3610);
  });
  it('is `<slug>[bot]`', async () => {
    at.stub.on('GET /app', { json: { slug: 'ai-operator' } });
    expect(await at.github.self(signal)).to.deep.equal({ login: 'ai-operator[bot]', kind: 'bot' });
  });
  it('may push when its token may write contents, whatever the repository shows of permissions', async () => {
    at.stub.on('GET /repos/acme/gitops', {
      json: { full_name: 'acme/gitops', default_branch: 'main', archived: false, permissions: { push: false } },
    });
    expect((await at.github.getRepository(repo, signal)).canPush).to.equal(true);
  });
});

describe('the probe of GitHub', () => {
  const at = useStub();
  it('says who we are, the scopes, the clock and the rate limit', async () => {
    const date = new Date(at.clock.now() - 90_000).toUTCString();
    at.stub.on('GET /user', {
      json: { login: 'robot', type: 'User' },
      headers: { 'x-oauth-scopes': 'repo, read:org', date },
    });
    at.stub.on('GET /rate_limit', {
      json: { resources: { core: { limit: 5000, remaining: 4999, reset: 1_800_000_000 } } },
    });
    expect(await at.github.probe(signal)).to.deep.equal({
      actor: { login: 'robot', kind: 'human' },
      scopes: ['repo', 'read:org'],
      clockAheadMs: 90_000,
      rateLimit: { limit: 5000, remaining: 4999, resetsAt: 1_800_000_000_000 },
    });
  });
  it('does without a rate limit, which GitHub Enterprise Server may not have', async () => {
    at.stub
      .on('GET /user', { json: { login: 'robot', type: 'User' } })
      .on('GET /rate_limit', refusal(404, 'Rate limiting is not enabled.'));
    expect(await at.github.probe(signal)).to.not.have.any.keys('rateLimit', 'scopes');
  });
  it('tells a wrong address', async () => {
    at.stub.on('GET /user', { text: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } });
    expect(await failureOf(at.github.probe(signal))).to.equal('GITHUB_NOT_JSON config');
  });
});
