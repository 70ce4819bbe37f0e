import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { GitRepository } from '../../src/sandbox/git-repository.js';

const AUTHOR = { name: 'Wim', email: 'wim@example.com' };
const FILES = { 'a.txt': '1', 'a/b c.yaml': 'ü\n', 'a.d/deep/er/x': '', 'a-b': 'y', 'ä/ß': 'z' };

describe('what the sandbox reads of a repository without starting git', () => {
  let folder: string;
  let repository: GitRepository;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'git-reading-'));
    repository = await GitRepository.init(path.join(folder, 'r.git'), 'main');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      env: { PATH: process.env['PATH'], GIT_DIR: repository.git.directory, ...identity },
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  const identity = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'Wim'],
      [`GIT_${who}_EMAIL`, 'wim@example.com'],
    ]),
  );
  const commit = (files: Record<string, string | null>, branch = 'main'): Promise<string> =>
    repository.commitFiles({ branch, files, message: 'm', author: AUTHOR, at: 0 });
  /** Trees, refs and commits as this reads them, and as git tells them. */
  async function expectSameAsGit(head: string): Promise<void> {
    const again = await GitRepository.init(repository.git.directory, 'main');
    const told = git('ls-tree', '-r', '-t', '-l', '-z', '--full-tree', head).split('\0').filter(Boolean);
    const read = await again.listTree(head, { recursive: true });
    const lines = read.map((e) => `${e.mode} ${e.type} ${e.oid} ${String(e.size ?? '-').padStart(7)}\t${e.path}`);
    expect(lines).to.deep.equal(told);
    for (const entry of read) expect(await again.resolveObject(`${head}:${entry.path}`)).to.equal(entry.oid);
    const refs = await again.listRefs('refs/');
    expect(refs.map(({ ref, sha }) => `${sha} ${ref}`)).to.deep.equal(
      git('for-each-ref', '--format=%(objectname) %(refname)').split('\n'),
    );
    for (const { ref } of refs) expect(await again.resolve(ref)).to.equal(git('rev-parse', `${ref}^{commit}`));
    expect(await again.resolveObject(`${head}^{tree}`)).to.equal(git('rev-parse', `${head}^{tree}`));
    expect((await again.readBlob(read.find((e) => e.path === 'a/b c.yaml')?.oid ?? '')).toString()).to.equal('ü\n');
  }

  it('is what git says, one by one on disk as well as packed away', async () => {
    const first = await commit(FILES);
    git('tag', '-a', '-m', 'a tag', 'v1', first);
    git('tag', '-a', '-m', 'a tag of a tag', 'v1-again', 'v1');
    const head = await commit({ 'a.txt': '2', 'a/b c.yaml': 'ü\n' });
    await commit({ x: '1' }, 'topic/one');
    await expectSameAsGit(head);
    git('repack', '-a', '-d', '-q');
    git('prune-packed');
    await expectSameAsGit(head);
    git('pack-refs', '--all');
    await expectSameAsGit(head);
  });

  it('lists the commit of another repository without a size', async () => {
    const elsewhere = '1'.repeat(40);
    const tree = await repository.writeTree(new Map([['sub', { mode: '160000', oid: elsewhere }]]));
    expect(await repository.listTree(tree, { recursive: true })).to.deep.equal([
      { path: 'sub', mode: '160000', type: 'commit', oid: elsewhere },
    ]);
  });

  it('takes what git is still writing for no ref', async () => {
    const head = await commit({ a: '1' });
    await writeFile(path.join(repository.git.directory, 'refs/heads/next.lock'), `${head}\n`);
    await writeFile(path.join(repository.git.directory, 'refs/heads/torn'), head.slice(0, 12));
    expect(await repository.listRefs('refs/')).to.deep.equal([{ ref: 'refs/heads/main', sha: head }]);
  });

  it('does not leave the repository, whatever it is asked for', async () => {
    const head = await commit({ a: '1' });
    await writeFile(path.join(folder, 'secret'), `${head}\n`);
    expect(await repository.resolve('refs/../../secret')).to.equal(undefined);
    expect(await repository.objectType('/../../../secret')).to.equal(undefined);
    for (const file of ['../a', './a', 'a/', '/a', 'a//b', 'none', 'a/b'])
      expect(await repository.resolveObject(`${head}:${file}`), file).to.equal(whatGitSays(`${head}:${file}`));
  });
  function whatGitSays(expression: string): string | undefined {
    try {
      return git('rev-parse', '--verify', '--quiet', expression);
    } catch {
      return undefined;
    }
  }

  it('knows where histories part and how much each has of its own', async () => {
    const root = await commit({ a: '1' });
    const left = await commit({ b: '1' });
    await repository.updateRef('refs/heads/other', root, undefined);
    const right = await commit({ c: '1' }, 'other');
    const merge = async (parents: readonly string[]): Promise<string> => {
      const signature = { ...AUTHOR, at: 0 };
      const { tree } = await repository.readCommit(left);
      return repository.writeCommit({ tree, parents, author: signature, committer: signature, message: 'merge' });
    };
    const [one, two] = [await merge([left, right]), await merge([right, left])];
    for (const [a, b] of [
      [root, left],
      [left, root],
      [left, right],
      [one, right],
      [one, two],
    ] as const) {
      expect(await repository.mergeBase(a, b)).to.equal(git('merge-base', a, b));
      expect(await repository.count(`${a}..${b}`)).to.equal(Number(git('rev-list', '--count', `${a}..${b}`)));
      expect(await repository.count(b)).to.equal(Number(git('rev-list', '--count', b)));
    }
    expect(await repository.mergeBase(root, '0'.repeat(40))).to.equal(undefined);
  });
});
