import { expect } from 'chai';
import { GitHubSchema } from '../../support/github-schema.js';
import { at, GitHubWorld, pick } from '../../support/github-world.js';

describe('the GitHub sandbox answers in the shapes of GitHub', () => {
  let world: GitHubWorld;
  let head: string;
  beforeEach(async () => {
    world = await GitHubWorld.start({
      ci: [
        { name: 'build', kind: 'check-run', registersAfterMs: 0, takesMs: 0, conclusion: 'success' },
        { name: 'lint', kind: 'status', registersAfterMs: 0, takesMs: 0, conclusion: 'failure' },
      ],
    });
    head = at(await world.repo('GET', '/git/ref/heads/main'), 'object', 'sha') as string;
  });
  afterEach(() => world.stop());

  it("has GitHub's own schema to be judged by", function () {
    const schema = GitHubSchema.load();
    if (!schema) {
      this.skip();
      return;
    }
    const answer = {
      method: 'GET',
      path: '/repos/a/b/git/ref/heads/main',
      status: 200,
      body: { ref: 'refs/heads/main' },
    };
    expect(schema.faults(answer)).to.have.lengthOf(3);
    expect(schema.faults({ ...answer, status: 418 })).to.deep.equal(['status 418 is not described']);
    expect(schema.faults({ ...answer, path: '/nowhere' })).to.equal(undefined);
  });

  it('answers every read of a quiet repository as the schema describes', async () => {
    const paths = [
      '',
      '/git/ref/heads/main',
      '/git/ref/heads%2Fmain',
      '/git/matching-refs/heads/',
      `/git/commits/${head}`,
      `/git/trees/${head}?recursive=1`,
      '/git/trees/main',
      `/git/trees/${head}:apps%2Fweb`,
      '/commits',
      '/commits/main',
      '/commits?path=apps/web',
      `/commits/${head}/check-runs`,
      '/commits/main/status',
      '/commits/heads%2Fmain/statuses',
      `/commits/${head}/pulls`,
      `/compare/${head}...main`,
      '/contents/apps',
      '/contents/apps/web/deployment.yaml?ref=main',
      '/branches/main',
      '/rules/branches/main',
      '/pulls',
      '/collaborators/mika/permission',
    ];
    for (const path of paths) await world.expect(200, 'GET', path);
  });

  it('answers every read of a pull request as the schema describes', async () => {
    const sha = await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    const number = await world.openPull('ops/back');
    await world.expect(201, 'POST', `/issues/${number}/comments`, { body: 'hello' });
    await world.expect(200, 'POST', `/issues/${number}/labels`, { labels: ['rollback'] });
    await world.sandbox.review(number, { by: 'mika', state: 'APPROVED' });
    const below = ['', '/files', '/commits', '/reviews'].map((part) => `/pulls/${number}${part}`);
    const issue = [`/issues/${number}/comments`, `/issues/${number}/labels`];
    const commit = [
      `/commits/${sha}/check-runs`,
      `/commits/${sha}/status`,
      `/commits/${sha}/statuses`,
      `/commits/${sha}/pulls`,
    ];
    for (const path of [...below, ...issue, ...commit, '/pulls?state=all']) await world.expect(200, 'GET', path);
  });

  it('gives the issue behind a pull request in the shape of an issue, with who closed it', async function () {
    await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    const number = await world.openPull('ops/back');
    await world.sandbox.closePullRequest(number, 'mika');
    const answer = await world.expect(200, 'GET', `/issues/${number}`);
    expect(at(answer, 'closed_by', 'login')).to.equal('mika');
    expect(pick(answer, 'state')).to.deep.equal({ state: 'closed' });
    const schema = GitHubSchema.load();
    if (!schema) this.skip();
    else expect(schema.against('issue', answer.body)).to.deep.equal([]);
  });

  it('tells the content of a blob in base64, or raw when asked', async () => {
    const tree = await world.expect(200, 'GET', `/git/trees/${head}:apps%2Fweb`);
    const oid = at(tree, 'tree', 0, 'sha') as string;
    const blob = await world.expect(200, 'GET', `/git/blobs/${oid}`);
    expect(Buffer.from(at(blob, 'content') as string, 'base64').toString()).to.equal('image: web:v1\n');
    const raw = await fetch(`${world.sandbox.url}/repos/acme/deploy/git/blobs/${oid}`, {
      headers: { authorization: `Bearer ${world.sandbox.operatorToken}`, accept: 'application/vnd.github.raw+json' },
    });
    expect(await raw.text()).to.equal('image: web:v1\n');
  });

  it('keeps the exact role beside the older word for it', async () => {
    const words = new Map<string, unknown>();
    for (const login of ['olga', 'mika', 'wim', 'tria', 'rea']) {
      const answer = await world.expect(200, 'GET', `/collaborators/${login}/permission`);
      words.set(login, [
        at(answer, 'permission'),
        at(answer, 'role_name'),
        at(answer, 'user', 'permissions', 'maintain'),
      ]);
    }
    expect([...words]).to.deep.equal([
      ['olga', ['admin', 'admin', true]],
      ['mika', ['write', 'maintain', true]],
      ['wim', ['write', 'write', false]],
      ['tria', ['read', 'triage', false]],
      ['rea', ['read', 'read', false]],
    ]);
    expect((await world.repo('GET', '/collaborators/stranger/permission')).status).to.equal(404);
  });

  it('knows who belongs to a team', async () => {
    const member = await world.call('GET', '/orgs/acme/teams/release/memberships/mika');
    expect([member.status, at(member, 'state')]).to.deep.equal([200, 'active']);
    expect((await world.call('GET', '/orgs/acme/teams/sre/memberships/wim')).status).to.equal(200);
    expect((await world.call('GET', '/orgs/acme/teams/release/memberships/wim')).status).to.equal(404);
    expect((await world.call('GET', '/orgs/other/teams/release/memberships/mika')).status).to.equal(404);
  });

  it('lists commits that touch a path, newest first, and compares revisions', async () => {
    const files = { 'apps/web/deployment.yaml': 'image: web:v2\n' };
    const second = await world.sandbox.push({ branch: 'main', files, message: 'web v2', by: 'wim' });
    await world.sandbox.push({ branch: 'main', files: { 'apps/api/x.yaml': 'x\n' }, message: 'api', by: 'stranger' });
    const touched = await world.expect(200, 'GET', '/commits?path=apps/web&per_page=100');
    expect((touched.body as { sha: string }[]).map((commit) => commit.sha)).to.deep.equal([second, head]);
    expect(at(touched, 0, 'author', 'login')).to.equal('wim');
    const status = async (basehead: string): Promise<unknown> =>
      at(await world.expect(200, 'GET', `/compare/${basehead}`), 'status');
    expect(await status(`${head}...main`)).to.equal('ahead');
    expect(await status(`main...${head}`)).to.equal('behind');
    expect(await status(`main...main`)).to.equal('identical');
    expect((await world.repo('GET', `/compare/${'0'.repeat(40)}...main`)).status).to.equal(404);
  });

  it('names both ends of a rename among the files of a pull request', async () => {
    const text = 'image: web:v1\nreplicas: 3\nport: 80\n';
    await world.sandbox.push({ branch: 'main', files: { 'apps/web/a.yaml': text }, message: 'a', by: 'wim' });
    const files = { 'apps/web/a.yaml': null, 'apps/web/b c.yaml': `${text}more: 1\n` };
    await world.sandbox.push({ branch: 'move', files, message: 'b', by: 'wim' });
    const number = await world.sandbox.openPullRequest({ by: 'wim', head: 'move', base: 'main', title: 'Move' });
    const answer = await world.expect(200, 'GET', `/pulls/${number}/files`);
    expect(answer.body).to.have.lengthOf(1);
    expect(
      pick({ body: at(answer, 0) }, 'filename', 'previous_filename', 'status', 'additions', 'deletions'),
    ).to.deep.equal({
      filename: 'apps/web/b c.yaml',
      previous_filename: 'apps/web/a.yaml',
      status: 'renamed',
      additions: 1,
      deletions: 0,
    });
  });
});
