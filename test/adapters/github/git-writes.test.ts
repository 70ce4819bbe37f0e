import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { notFound, oid, refusal, repo, signal, useStub, type StubReply } from './github-stub.js';

const BASE = '/repos/acme/gitops';
const [TREES, COMMITS, REFS] = [`POST ${BASE}/git/trees`, `POST ${BASE}/git/commits`, `POST ${BASE}/git/refs`];
const [READ, MOVE] = [`GET ${BASE}/git/ref/heads%2Ffix%2Fweb`, `PATCH ${BASE}/git/refs/heads%2Ffix%2Fweb`];
const refAt = (sha: string, status = 200): StubReply => ({
  status,
  json: { ref: 'refs/heads/fix/web', object: { type: 'commit', sha } },
});
const commit = { message: 'm', tree: oid('1'), parent: oid('2') };
const made = (tree: string, parents: readonly string[]): StubReply => ({
  status: 201,
  json: { sha: oid('c'), tree: { sha: tree }, parents: parents.map((sha) => ({ sha })) },
});

describe('git objects made at GitHub', () => {
  const at = useStub();

  it('are a tree of changes over a base: removals first, files only, each with its own mode', async () => {
    at.stub.on(TREES, { status: 201, json: { sha: oid('b') } });
    await at.github.createTree(
      repo,
      oid('a'),
      [
        { path: 'apps/web', entry: { mode: '100755', oid: oid('3') } },
        { path: 'apps/web/a.yaml', baseMode: '100644' },
        { path: 'sub', entry: { mode: '160000', oid: oid('4') } },
        { path: 'gone', baseMode: '160000' },
      ],
      signal,
    );
    expect(at.stub.requests[0]?.body).to.deep.equal({
      base_tree: oid('a'),
      tree: [
        { path: 'apps/web/a.yaml', mode: '100644', type: 'blob', sha: null },
        { path: 'gone', mode: '160000', type: 'commit', sha: null },
        { path: 'apps/web', mode: '100755', type: 'blob', sha: oid('3') },
        { path: 'sub', mode: '160000', type: 'commit', sha: oid('4') },
      ],
    });
  });
  it('are a commit without author and committer, so that GitHub signs it', async () => {
    at.stub.on(COMMITS, made(oid('1'), [oid('2')]));
    expect(await at.github.createCommit(repo, commit, signal)).to.equal(oid('c'));
    expect(at.stub.requests[0]?.body).to.deep.equal({ message: 'm', tree: oid('1'), parents: [oid('2')] });
  });
  it('are not believed when the commit is of another tree or parent', async () => {
    const results: string[] = [];
    for (const other of [made(oid('9'), [oid('2')]), made(oid('1'), [oid('9')]), made(oid('1'), [])]) {
      at.stub.on(COMMITS, other);
      results.push(await failureOf(at.github.createCommit(repo, commit, signal)));
    }
    expect(new Set(results)).to.deep.equal(new Set(['GITHUB_MALFORMED transient']));
  });
  it('are waited for when GitHub does not see the tree yet', async () => {
    at.stub.on(COMMITS, [refusal(422, 'Tree SHA does not exist'), made(oid('1'), [oid('2')])]);
    expect([await at.github.createCommit(repo, commit, signal), at.clock.sleeps]).to.deep.equal([oid('c'), [1000]]);
  });

  const creations: readonly (readonly [string, StubReply, string])[] = [
    ['made', refAt(oid('a'), 201), 'nothing was thrown'],
    ['there already', refusal(422, 'Reference already exists'), 'GITHUB_REF_EXISTS conflict'],
    ['not to be had yet', refusal(422, 'Reference update failed //'), 'GITHUB_NOT_VISIBLE_YET transient'],
    ['of a commit not seen yet', refusal(422, 'Object does not exist'), 'GITHUB_NOT_VISIBLE_YET transient'],
    ['ill-named', refusal(422, 'Reference name is malformed'), 'GITHUB_INVALID terminal'],
    ['answered for another commit', refAt(oid('b'), 201), 'GITHUB_MALFORMED unknown'],
    ['lost on the way', { drop: true }, 'GITHUB_UNREACHABLE unknown'],
  ];
  for (const [title, reply, expected] of creations) {
    it(`are a branch that is ${title}: ${expected}`, async () => {
      at.stub
        .on(REFS, reply)
        .on(`GET ${BASE}`, { json: { full_name: 'acme/gitops', default_branch: 'main', archived: false } });
      const result = await failureOf(at.github.createBranch(repo, 'fix/web', oid('a'), signal));
      expect([result, at.stub.calls.filter((call) => call.startsWith('POST'))]).to.deep.equal([expected, [REFS]]);
    });
  }

  const moves: readonly (readonly [string, StubReply, StubReply, string, number])[] = [
    ['still where it was is moved', refAt(oid('a')), refAt(oid('b')), 'nothing was thrown', 1],
    ['already there is left alone', refAt(oid('b')), refAt(oid('b')), 'nothing was thrown', 0],
    ['moved by another is not touched', refAt(oid('c')), refAt(oid('b')), 'GITHUB_REF_MOVED conflict', 0],
    ['deleted meanwhile is not made again', notFound, refAt(oid('b')), 'GITHUB_REF_MOVED conflict', 0],
    [
      'deleted in the last moment is a conflict',
      refAt(oid('a')),
      refusal(422, 'Reference does not exist'),
      'GITHUB_REF_MOVED conflict',
      1,
    ],
    ['whose answer is lost is unknown', refAt(oid('a')), { drop: true }, 'GITHUB_UNREACHABLE unknown', 1],
  ];
  for (const [title, read, move, expected, sent] of moves) {
    it(`are for a branch: one ${title}`, async () => {
      at.stub
        .on(READ, read)
        .on(MOVE, move)
        .on(`GET ${BASE}`, { json: { full_name: 'acme/gitops', default_branch: 'main', archived: false } });
      const result = await failureOf(at.github.moveBranch(repo, 'fix/web', oid('a'), oid('b'), signal));
      expect([result, at.stub.calls.filter((call) => call === MOVE).length]).to.deep.equal([expected, sent]);
    });
  }
});
