import { expect } from 'chai';
import { at, GitHubWorld } from '../../support/github-world.js';

describe('headers, pages and faults of the GitHub sandbox', () => {
  let world: GitHubWorld;
  const start = async (changes: Parameters<typeof GitHubWorld.start>[0] = {}): Promise<void> => {
    world = await GitHubWorld.start(changes);
  };
  afterEach(() => world.stop());

  const lost = async (request: Promise<unknown>): Promise<boolean> =>
    request.then(
      () => false,
      (error: unknown) => error instanceof TypeError,
    );

  it('answers 304 to a known tag without counting it, and 200 once the thing has changed', async () => {
    await start();
    const first = await world.expect(200, 'GET', '/git/ref/heads/main');
    const tag = first.headers.get('etag') ?? '';
    const again = await world.expect(304, 'GET', '/git/ref/heads/main', undefined, {
      headers: { 'if-none-match': tag },
    });
    expect([again.body, again.headers.get('etag')]).to.deep.equal([undefined, tag]);
    expect(again.headers.get('x-ratelimit-used')).to.equal(first.headers.get('x-ratelimit-used'));
    await world.sandbox.push({ branch: 'main', files: { 'a.txt': 'a\n' }, message: 'a', by: 'wim' });
    await world.expect(200, 'GET', '/git/ref/heads/main', undefined, { headers: { 'if-none-match': tag } });
  });

  it('counts requests down, refuses what is over, and starts afresh after an hour', async () => {
    await start({ rateLimitPerHour: 2 });
    const one = await world.expect(200, 'GET', '');
    expect([one.headers.get('x-ratelimit-limit'), one.headers.get('x-ratelimit-remaining')]).to.deep.equal(['2', '1']);
    expect(Number(one.headers.get('x-ratelimit-reset'))).to.equal(world.clock.now() / 1000 + 3600);
    await world.expect(200, 'GET', '');
    const over = await world.expect(403, 'GET', '');
    expect([at(over, 'message'), over.headers.get('x-ratelimit-remaining')]).to.deep.equal([
      'API rate limit exceeded for ai-operator[bot].',
      '0',
    ]);
    expect(at(await world.call('GET', '/rate_limit'), 'rate', 'remaining')).to.equal(0);
    await world.clock.advance(3_600_000);
    await world.expect(200, 'GET', '');
  });

  it('numbers every answer, and pages lists with a header Link', async () => {
    await start();
    for (const name of ['a', 'b', 'c', 'd']) {
      await world.sandbox.push({ branch: 'main', files: { [name]: name }, message: name, by: 'wim' });
    }
    const page = await world.expect(200, 'GET', '/commits?per_page=2&page=2');
    expect(page.headers.get('x-github-request-id')).to.match(/^[0-9A-F]{4}(:[0-9A-F]+){4}$/);
    const base = `${world.sandbox.url}/repos/acme/deploy/commits?per_page=2&page=`;
    expect(page.headers.get('link')).to.equal(
      `<${base}1>; rel="prev", <${base}3>; rel="next", <${base}3>; rel="last", <${base}1>; rel="first"`,
    );
    expect(page.body).to.have.lengthOf(2);
    expect((await world.expect(200, 'GET', '/commits?per_page=2&page=3')).body).to.have.lengthOf(1);
    expect((await world.expect(200, 'GET', '/commits?per_page=100')).headers.get('link')).to.equal(null);
  });

  it('takes fields away in the newer version of the API and refuses an unknown one', async () => {
    await start();
    await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    await world.openPull('ops/back');
    const version = (value: string): { headers: Record<string, string> } => ({
      headers: { 'x-github-api-version': value },
    });
    expect((await world.repo('GET', '', undefined, version('2020-01-01'))).status).to.equal(400);
    expect((await world.expect(200, 'GET', '/pulls/1', undefined, version('2022-11-28'))).body).to.have.property(
      'merge_commit_sha',
    );
    const newer = await fetch(`${world.sandbox.url}/repos/acme/deploy/pulls/1`, {
      headers: { authorization: `Bearer ${world.sandbox.operatorToken}`, ...version('2026-03-10').headers },
    });
    expect(await newer.json()).not.to.have.property('merge_commit_sha');
  });

  it('loses a request before or after its effect, and the journal knows which', async () => {
    await start();
    const sha = (await world.sandbox.repository.resolve('main')) ?? '';
    const create = (name: string): Promise<unknown> =>
      world.repo('POST', '/git/refs', { ref: `refs/heads/${name}`, sha });
    const { faults, repository, journal } = world.sandbox;
    faults.add({ server: 'github', method: 'POST', path: /\/git\/refs$/, fault: { kind: 'lose-before' } });
    faults.add({ server: 'github', method: 'POST', path: /\/git\/refs$/, fault: { kind: 'lose-after' } });
    expect([await lost(create('before')), await lost(create('after'))]).to.deep.equal([true, true]);
    expect(await repository.resolve('refs/heads/before')).to.equal(undefined);
    expect(await repository.resolve('refs/heads/after')).to.equal(sha);
    const entries = journal.find({ server: 'github', method: 'POST' });
    expect(entries.map(({ applied, answered, status, body }) => ({ applied, answered, status, body }))).to.deep.equal([
      { applied: false, answered: false, status: 0, body: { ref: 'refs/heads/before', sha } },
      { applied: true, answered: false, status: 201, body: { ref: 'refs/heads/after', sha } },
    ]);
    expect(faults.pending).to.deep.equal([]);
  });
});
