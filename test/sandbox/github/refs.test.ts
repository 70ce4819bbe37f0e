import { expect } from 'chai';
import { at, GitHubWorld } from '../../support/github-world.js';

describe('refs of the GitHub sandbox', () => {
  let world: GitHubWorld;
  let head: string;
  beforeEach(async () => {
    world = await GitHubWorld.start();
    head = at(await world.repo('GET', '/git/ref/heads/main'), 'object', 'sha') as string;
  });
  afterEach(() => world.stop());

  it('lets exactly one of many that create the same branch at once succeed', async () => {
    const create = (): Promise<number> =>
      world.repo('POST', '/git/refs', { ref: 'refs/heads/ops/lock', sha: head }).then((answer) => answer.status);
    const statuses = await Promise.all(Array.from({ length: 12 }, create));
    expect(statuses).to.have.members([201, ...Array.from({ length: 11 }, () => 422)]);
  });

  it('lets exactly one of many that open the same pull request at once succeed', async () => {
    await world.proposeChange('ops/back', { 'apps/web/deployment.yaml': 'image: web:v0\n' });
    const open = (): Promise<number> =>
      world.repo('POST', '/pulls', { title: 't', head: 'ops/back', base: 'main' }).then((answer) => answer.status);
    const statuses = await Promise.all(Array.from({ length: 6 }, open));
    expect(statuses).to.have.members([201, 422, 422, 422, 422, 422]);
    expect(world.sandbox.pullRequests()).to.have.lengthOf(1);
  });

  it('moves a branch forward, backward only by force, and deletes it', async () => {
    const sha = await world.proposeChange('ops/back', { 'a.txt': 'a\n' });
    await world.expect(201, 'POST', '/git/refs', { ref: 'refs/heads/b', sha: head });
    await world.expect(200, 'PATCH', '/git/refs/heads/b', { sha });
    await world.expect(422, 'PATCH', '/git/refs/heads%2Fb', { sha: head });
    await world.expect(200, 'PATCH', '/git/refs/heads%2Fb', { sha: head, force: true });
    const listed = await world.expect(200, 'GET', '/git/matching-refs/heads/');
    expect((listed.body as { ref: string }[]).map(({ ref }) => ref)).to.deep.equal([
      'refs/heads/b',
      'refs/heads/main',
      'refs/heads/ops/back',
    ]);
    await world.expect(204, 'DELETE', '/git/refs/heads/b');
    await world.expect(404, 'GET', '/git/ref/heads/b');
  });

  it('answers 409 while the repository is empty', async () => {
    const empty = await GitHubWorld.start({}, false);
    try {
      const answer = await empty.expect(409, 'GET', '/git/ref/heads/main');
      expect(at(answer, 'message')).to.equal('Git Repository is empty.');
      expect((await empty.repo('GET', '/commits')).status).to.equal(409);
    } finally {
      await empty.stop();
    }
  });

  it('refuses a branch that brings in a workflow when the App has no permission for workflows', async () => {
    const tree = [{ path: '.github/workflows/ci.yaml', mode: '100644', content: 'on: push\n' }];
    const made = await world.expect(201, 'POST', '/git/trees', { base_tree: head, tree });
    const commit = await world.expect(201, 'POST', '/git/commits', {
      message: 'm',
      tree: at(made, 'sha'),
      parents: [head],
    });
    const answer = await world.expect(422, 'POST', '/git/refs', { ref: 'refs/heads/w', sha: at(commit, 'sha') });
    expect(at(answer, 'message')).to.include('without `workflows` permission');
  });

  it('closes a pull request whose branch is deleted, and calls it merged once the base holds its head', async () => {
    await world.proposeChange('one', { 'one.txt': '1\n' });
    await world.openPull('one');
    await world.expect(204, 'DELETE', '/git/refs/heads/one');
    expect(at(await world.repo('GET', '/pulls/1'), 'state')).to.equal('closed');
    expect(at(await world.repo('GET', '/pulls/1'), 'merged')).to.equal(false);
    const two = await world.proposeChange('two', { 'two.txt': '2\n' });
    await world.openPull('two');
    await world.sandbox.repository.updateRef('refs/heads/main', two, head);
    expect(at(await world.repo('GET', '/pulls/2'), 'merged')).to.equal(true);
  });
});
