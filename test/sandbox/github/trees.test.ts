import { expect } from 'chai';
import { at, GitHubWorld } from '../../support/github-world.js';

describe('trees and commits of the GitHub sandbox', () => {
  let world: GitHubWorld;
  let head: string;
  let old: string;
  const start = async (changes: Parameters<typeof GitHubWorld.start>[0] = {}): Promise<void> => {
    world = await GitHubWorld.start(changes);
    old = at(await world.repo('GET', '/git/ref/heads/main'), 'object', 'sha') as string;
    const files = { 'apps/web/deployment.yaml': 'image: web:v2\n', 'apps/web/new.yaml': 'new\n' };
    head = await world.sandbox.push({ branch: 'main', files, message: 'web v2', by: 'wim' });
  };
  afterEach(() => world.stop());

  const subtree = (rev: string): Promise<string | undefined> =>
    world.sandbox.repository.resolveObject(`${rev}:apps/web`);
  const post = (tree: unknown, base = head): ReturnType<GitHubWorld['repo']> =>
    world.repo('POST', '/git/trees', { ...(base === '' ? {} : { base_tree: base }), tree });
  const folderEntry = async (): Promise<unknown[]> => [
    { path: 'apps/web', mode: '040000', type: 'tree', sha: await subtree(old) },
  ];

  it('restores a folder exactly by single files: changed ones put, new ones deleted', async () => {
    await start();
    const blob = await world.sandbox.repository.resolveObject(`${old}:apps/web/deployment.yaml`);
    const tree = await post([
      { path: 'apps/web/new.yaml', mode: '100644', type: 'blob', sha: null },
      { path: 'apps/web/deployment.yaml', mode: '100644', type: 'blob', sha: blob },
    ]);
    expect(tree.status).to.equal(201);
    expect(await subtree(at(tree, 'sha') as string)).to.equal(await subtree(old));
  });

  it('leaves files behind when a whole folder is put over a base, unless told otherwise', async () => {
    await start();
    const merged = await post(await folderEntry());
    expect(merged.status).to.equal(201);
    const left = await world.sandbox.repository.readFlat(`${at(merged, 'sha') as string}:apps/web`);
    expect([...left.keys()]).to.deep.equal(['deployment.yaml', 'new.yaml']);
  });

  it('replaces or refuses a whole folder when set to', async () => {
    await start({ dirEntry: 'replace' });
    const replaced = await post(await folderEntry());
    expect(await subtree(at(replaced, 'sha') as string)).to.equal(await subtree(old));
    await world.stop();
    await start({ dirEntry: 'reject' });
    expect((await post(await folderEntry())).status).to.equal(422);
  });

  const file = { path: 'a.txt', mode: '100644', type: 'blob' };
  const BAD: readonly (readonly [string, unknown, string])[] = [
    ['the deletion of what is not there', { ...file, sha: null }, 'GitRPC::BadObjectState'],
    [
      'the deletion of a folder as one entry',
      { path: 'apps/web', mode: '040000', type: 'tree', sha: null },
      'GitRPC::BadObjectState',
    ],
    ['an unknown blob', { ...file, sha: '1'.repeat(40) }, `tree.sha ${'1'.repeat(40)} is not a valid blob`],
    ['an unknown mode', { ...file, mode: '100600', content: 'a' }, 'Must supply a valid tree.mode'],
    ['neither sha nor content', file, 'Must supply either tree.sha or tree.content'],
    [
      'both sha and content',
      { ...file, sha: null, content: 'a' },
      'Must supply either tree.sha or tree.content, not both',
    ],
    ['a path that climbs', { ...file, path: 'a/../b', content: 'a' }, 'tree.path contains a malformed path component'],
    [
      'a path into .git',
      { ...file, path: '.git/config', content: 'a' },
      'tree.path contains a malformed path component',
    ],
    ['a file where a folder is', { ...file, path: 'apps', content: 'a' }, 'GitRPC::BadObjectState'],
    ['a file below a file', { ...file, path: 'apps/web/new.yaml/x', content: 'a' }, 'GitRPC::BadObjectState'],
  ];
  for (const [what, entry, message] of BAD) {
    it(`refuses ${what}`, async () => {
      await start();
      const answer = await post([entry]);
      expect([answer.status, at(answer, 'message')]).to.deep.equal([422, message]);
    });
  }

  it('refuses a base that is no tree', async () => {
    await start();
    const answer = await post([{ ...file, content: 'a' }], '2'.repeat(40));
    expect([answer.status, at(answer, 'message')]).to.deep.equal([422, 'base_tree is not a valid tree oid']);
  });

  it('without a base keeps only the entries given', async () => {
    await start();
    const answer = await post([{ ...file, content: 'a' }], '');
    expect((at(answer, 'tree') as unknown[]).length).to.equal(1);
  });

  it('cuts a recursive listing off and says so', async () => {
    await start({ treeTruncatedAbove: 3 });
    const whole = await world.expect(200, 'GET', `/git/trees/${head}`);
    expect([at(whole, 'truncated'), (at(whole, 'tree') as unknown[]).length]).to.deep.equal([false, 1]);
    // any value of `recursive` means yes
    const cut = await world.expect(200, 'GET', `/git/trees/${head}?recursive=false`);
    expect([at(cut, 'truncated'), (at(cut, 'tree') as unknown[]).length]).to.deep.equal([true, 3]);
  });

  it('signs a commit of the App only when it names nobody', async () => {
    await start();
    const tree = at(await world.expect(200, 'GET', `/git/commits/${head}`), 'tree', 'sha');
    const bare = await world.expect(201, 'POST', '/git/commits', { message: 'm', tree, parents: [head] });
    expect([at(bare, 'author', 'name'), at(bare, 'verification', 'verified')]).to.deep.equal([
      'ai-operator[bot]',
      true,
    ]);
    const author = { name: 'x', email: 'x@example.com', date: '2026-01-01T00:00:00Z' };
    const named = await world.expect(201, 'POST', '/git/commits', { message: 'm', tree, parents: [head], author });
    expect([at(named, 'author', 'name'), at(named, 'verification', 'reason')]).to.deep.equal(['x', 'unsigned']);
    expect(at(named, 'author', 'date')).to.equal('2026-01-01T00:00:00Z');
  });
});
