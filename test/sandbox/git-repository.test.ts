import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import { GitRepository } from '../../src/sandbox/git-repository.js';

const AT = Date.UTC(2026, 0, 1);
const AUTHOR = { name: 'Wim', email: 'wim@example.com' };

describe('the git repository of the sandbox', () => {
  let folder: string;
  let repository: GitRepository;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'git-repository-'));
    repository = await GitRepository.init(path.join(folder, 'r.git'), 'main');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const commit = (files: Record<string, string | null>, branch = 'main', message = 'm'): Promise<string> =>
    repository.commitFiles({ branch, files, message, author: AUTHOR, at: AT });
  const code = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'none',
      (error: unknown) => (error instanceof OperatorError ? `${error.code}/${error.category}` : String(error)),
    );

  it('makes commits that git itself finds sound', async () => {
    await commit({ 'a/b c.yaml': 'ü\n', d: 'x' }, 'main', 'First\n\nBody ü');
    await commit({ 'a/b c.yaml': null, 'e/f': 'y' });
    const env = { PATH: process.env['PATH'], GIT_DIR: repository.git.directory };
    expect(execFileSync('git', ['fsck', '--strict', '--full'], { env, stdio: 'pipe' }).toString()).to.equal('');
    const shown = execFileSync('git', ['log', '--format=%an|%ae|%at|%s|%b'], { env }).toString();
    expect(shown.split('\n').filter(Boolean)).to.deep.equal([
      `Wim|wim@example.com|${AT / 1000}|m|`,
      `Wim|wim@example.com|${AT / 1000}|First|Body ü`,
    ]);
  });

  it('lists, reads and resolves what was committed', async () => {
    const first = await commit({ 'apps/web/a.yaml': 'one\n', 'apps/b.yaml': 'two\n' });
    expect(await repository.readFile('main', 'apps/web/a.yaml')).to.equal('one\n');
    expect(await repository.readFile('main', 'apps/none')).to.equal(undefined);
    const all = await repository.listTree(first, { recursive: true });
    expect(all.map((e) => [e.path, e.type, e.size])).to.deep.equal([
      ['apps', 'tree', undefined],
      ['apps/b.yaml', 'blob', 4],
      ['apps/web', 'tree', undefined],
      ['apps/web/a.yaml', 'blob', 4],
    ]);
    const below = await repository.listTree('main', { recursive: true, path: './apps/web/' });
    expect(below.map((e) => e.path)).to.deep.equal(['apps/web/a.yaml']);
    expect(await repository.listTree('main', { recursive: true, path: 'none' })).to.deep.equal([]);
    expect(
      await Promise.all(
        ['main', first.slice(0, 9), 'refs/heads/main', 'none', '0'.repeat(40)].map((r) => repository.resolve(r)),
      ),
    ).to.deep.equal([first, first, first, undefined, undefined]);
    expect(await repository.readCommit(first)).to.deep.include({
      parents: [],
      message: 'm',
      author: { ...AUTHOR, at: AT },
    });
  });

  it('grows a branch, makes new ones, and knows their history', async () => {
    const first = await commit({ a: '1', b: '1' });
    const second = await commit({ a: '2' });
    const other = await commit({ x: '1' }, 'lonely');
    expect((await repository.log('main', { limit: 5 })).map((c) => c.sha)).to.deep.equal([second, first]);
    expect((await repository.log('main', { limit: 5, path: 'b' })).map((c) => c.sha)).to.deep.equal([first]);
    expect((await repository.log('main', { limit: 1, skip: 1 })).map((c) => c.sha)).to.deep.equal([first]);
    expect([await repository.isAncestor(first, second), await repository.isAncestor(second, first)]).to.deep.equal([
      true,
      false,
    ]);
    expect([await repository.mergeBase(first, second), await repository.mergeBase(first, other)]).to.deep.equal([
      first,
      undefined,
    ]);
    expect([await repository.count('main'), await repository.count('main', 'b')]).to.deep.equal([2, 1]);
    expect((await repository.listRefs('refs/heads/')).map((r) => r.ref)).to.deep.equal([
      'refs/heads/lonely',
      'refs/heads/main',
    ]);
    expect(await code(repository.isAncestor('0'.repeat(40), first))).to.equal('SANDBOX_GIT_FAILED/bug');
  });

  it('moves a ref only from where it is said to be, once among many, and tells the listeners', async () => {
    const first = await commit({ a: '1' });
    const heard: unknown[] = [];
    const stop = repository.onRefChanged((ref, sha) => heard.push([ref, sha]));
    const results = await Promise.all(
      [1, 2, 3, 4, 5].map(() => code(repository.updateRef('refs/heads/x', first, undefined))),
    );
    expect(results.toSorted()).to.deep.equal([
      ...Array.from({ length: 4 }, () => 'SANDBOX_REF_MOVED/conflict'),
      'none',
    ]);
    const second = await commit({ a: '2' });
    expect(await code(repository.updateRef('refs/heads/x', second, second))).to.equal('SANDBOX_REF_MOVED/conflict');
    await repository.updateRef('refs/heads/x', undefined, first);
    stop();
    await commit({ a: '3' });
    expect(heard).to.deep.equal([
      ['refs/heads/x', first],
      ['refs/heads/main', second],
      ['refs/heads/x', undefined],
    ]);
  });

  it('refuses to delete what is not there', async () => {
    await commit({ a: '1' });
    expect(await code(commit({ b: null }))).to.equal('SANDBOX_NO_SUCH_FILE/config');
  });

  it('keeps the mode of a file that changes', async () => {
    const first = await commit({ run: 'a' });
    const files = await repository.readFlat(first);
    files.set('run', { mode: '100755', oid: files.get('run')?.oid ?? '' });
    const tree = await repository.writeTree(files);
    const signature = { ...AUTHOR, at: AT };
    const executable = await repository.writeCommit({
      tree,
      parents: [first],
      author: signature,
      committer: signature,
      message: 'x',
    });
    await repository.updateRef('refs/heads/main', executable, first);
    await commit({ run: 'b' });
    expect((await repository.readFlat('main')).get('run')?.mode).to.equal('100755');
  });

  it('takes no notice of the configuration of its user', async () => {
    const home = process.env['HOME'];
    process.env['HOME'] = folder;
    process.env['GIT_AUTHOR_NAME'] = 'Somebody Else';
    try {
      const sha = await commit({ a: '1' });
      expect((await repository.readCommit(sha)).author.name).to.equal('Wim');
    } finally {
      delete process.env['GIT_AUTHOR_NAME'];
      if (home === undefined) delete process.env['HOME'];
      else process.env['HOME'] = home;
    }
  });
});
