import { createSign, generateKeyPairSync } from 'node:crypto';
import { expect } from 'chai';
import { at, GitHubWorld } from '../../support/github-world.js';
import type { GitHubAnswer } from '../../support/github-world.js';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('who may do what in the GitHub sandbox', () => {
  let world: GitHubWorld;
  beforeEach(async () => {
    world = await GitHubWorld.start();
  });
  afterEach(() => world.stop());

  const jwt = (claims: Record<string, unknown> = {}, key = world.sandbox.app.privateKeyPem, alg = 'RS256'): string => {
    const now = Math.floor(world.clock.now() / 1000);
    const body = { iat: now - 30, exp: now + 540, iss: world.sandbox.app.appId, ...claims };
    const text = `${part({ alg, typ: 'JWT' })}.${part(body)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
  };
  const mint = (body?: unknown, token = jwt()): Promise<GitHubAnswer> =>
    world.call('POST', `/app/installations/${world.sandbox.app.installationId}/access_tokens`, body, { token });

  it('asks for credentials and refuses bad ones', async () => {
    const bare = await fetch(`${world.sandbox.url}/repos/acme/deploy`);
    expect([bare.status, at({ body: await bare.json() }, 'message')]).to.deep.equal([401, 'Requires authentication']);
    const bad = await world.repo('GET', '', undefined, { token: 'ghp_wrong' });
    expect([bad.status, at(bad, 'message')]).to.deep.equal([401, 'Bad credentials']);
    world.sandbox.revokeTokens('ai-operator[bot]');
    expect((await world.repo('GET', '')).status).to.equal(401);
  });

  it('gives an App a token for an hour, which acts as its bot', async () => {
    const app = await world.call('GET', '/app', undefined, { token: jwt() });
    expect([app.status, at(app, 'slug')]).to.deep.equal([200, 'ai-operator']);
    const installation = await world.repo('GET', '/installation', undefined, { token: jwt() });
    expect(at(installation, 'id')).to.equal(world.sandbox.app.installationId);
    expect((await world.call('GET', '/app/installations', undefined, { token: jwt() })).status).to.equal(200);
    const minted = await mint();
    const token = at(minted, 'token') as string;
    expect(minted.status).to.equal(201);
    const sha = at(await world.repo('GET', '/git/ref/heads/main', undefined, { token }), 'object', 'sha');
    await world.expect(201, 'POST', '/git/refs', { ref: 'refs/heads/b', sha }, { token });
    expect((await world.call('GET', '/installation/repositories', undefined, { token })).status).to.equal(200);
    await world.clock.advance(3_600_001);
    const late = await world.repo('GET', '', undefined, { token });
    expect([late.status, at(late, 'message')]).to.deep.equal([401, 'Bad credentials']);
  });

  it('tells a personal token whose it is, and an installation nothing', async () => {
    const own = await world.call('GET', '/user');
    expect([own.status, at(own, 'login'), at(own, 'type')]).to.deep.equal([200, 'ai-operator[bot]', 'Bot']);
    expect(
      at(await world.call('GET', '/user', undefined, { token: world.sandbox.tokenFor('mika') }), 'login'),
    ).to.equal('mika');
    const token = at(await mint(), 'token') as string;
    const refused = await world.call('GET', '/user', undefined, { token });
    expect([refused.status, at(refused, 'message')]).to.deep.equal([403, 'Resource not accessible by integration']);
    expect(at(await world.call('GET', '/users/ai-operator%5Bbot%5D', undefined, { token }), 'type')).to.equal('Bot');
  });

  it('refuses an App token that is foreign, unsigned, expired, early, too long or of another App', async () => {
    const now = Math.floor(world.clock.now() / 1000);
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const own = world.sandbox.app.privateKeyPem;
    const tokens = [
      jwt({}, privateKey),
      jwt({}, own, 'none'),
      jwt({ exp: now - 1 }),
      jwt({ iat: now + 120 }),
      jwt({ exp: now + 3600 }),
      jwt({ iss: 1 }),
    ];
    const messages: unknown[] = [];
    for (const token of tokens) {
      const answer = await mint(undefined, token);
      expect(answer.status).to.equal(401);
      messages.push(at(answer, 'message'));
    }
    expect(messages).to.deep.equal([
      'A JSON web token could not be decoded',
      'A JSON web token could not be decoded',
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      "'Expiration time' claim ('exp') is too far in the future",
      "'Issuer' claim ('iss') must be an Integer",
    ]);
  });

  it('narrows an installation token on request and never widens it', async () => {
    const narrow = await mint({ repositories: ['deploy'], permissions: { contents: 'read' } });
    const token = at(narrow, 'token') as string;
    const sha = at(await world.repo('GET', '/git/ref/heads/main', undefined, { token }), 'object', 'sha');
    const refused = await world.repo('POST', '/git/refs', { ref: 'refs/heads/b', sha }, { token });
    expect([refused.status, at(refused, 'message')]).to.deep.equal([403, 'Resource not accessible by integration']);
    expect((await world.repo('GET', '/pulls', undefined, { token })).status).to.equal(403);
    expect((await mint({ permissions: { administration: 'write' } })).status).to.equal(422);
    expect((await mint({ repositories: ['other'] })).status).to.equal(422);
  });

  it('hides the repository from strangers and keeps readers from writing', async () => {
    const stranger = { token: world.sandbox.tokenFor('stranger') };
    expect((await world.repo('GET', '/git/ref/heads/main', undefined, stranger)).status).to.equal(404);
    expect((await world.call('GET', '/repos/acme/other')).status).to.equal(404);
    const reader = { token: world.sandbox.tokenFor('rea') };
    const sha = at(await world.expect(200, 'GET', '/git/ref/heads/main', undefined, reader), 'object', 'sha');
    expect((await world.repo('POST', '/git/refs', { ref: 'refs/heads/b', sha }, reader)).status).to.equal(403);
  });

  it('keeps classic protection from who is no administrator, and says what a ruleset demands', async () => {
    expect((await world.repo('GET', '/branches/main/protection')).status).to.equal(403);
    await world.stop();
    const branchRules = {
      requiredChecks: [{ context: 'build', appId: 15_368 }],
      via: 'classic' as const,
      requiredApprovals: 1,
      strict: true,
      mergeQueue: false,
    };
    world = await GitHubWorld.start({ branchRules });
    const branch = await world.expect(200, 'GET', '/branches/main');
    expect(at(branch, 'protection', 'required_status_checks', 'checks')).to.deep.equal([
      { context: 'build', app_id: 15_368 },
    ]);
    expect((await world.expect(200, 'GET', '/rules/branches/main')).body).to.deep.equal([]);
    const admin = { token: world.sandbox.tokenFor('olga') };
    const whole = await world.expect(200, 'GET', '/branches/main/protection', undefined, admin);
    expect(at(whole, 'required_pull_request_reviews', 'required_approving_review_count')).to.equal(1);
    await world.stop();
    world = await GitHubWorld.start({
      branchRules: { ...branchRules, via: 'ruleset', mergeQueue: true, signatures: true },
    });
    const rules = (await world.expect(200, 'GET', '/rules/branches/main')).body as { type: string }[];
    expect(rules.map(({ type }) => type)).to.deep.equal([
      'non_fast_forward',
      'pull_request',
      'required_status_checks',
      'merge_queue',
      'required_signatures',
    ]);
    expect((await world.expect(200, 'GET', '/rules/branches/other')).body).to.deep.equal([]);
    expect(
      (await world.repo('GET', '/branches/main/protection', undefined, { token: world.sandbox.tokenFor('olga') }))
        .status,
    ).to.equal(404);
  });

  it('refuses every write to an archived repository', async () => {
    await world.stop();
    world = await GitHubWorld.start({ archived: true });
    expect(at(await world.expect(200, 'GET', ''), 'archived')).to.equal(true);
    expect((await world.repo('POST', '/git/blobs', { content: 'x' })).status).to.equal(403);
  });
});
