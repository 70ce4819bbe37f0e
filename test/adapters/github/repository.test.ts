import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { failureOf } from '../../support/failure.js';
import { notFound, oid, refusal, repo, signal, useStub } from './github-stub.js';

const BASE = '/repos/acme/gitops';
const repository = {
  full_name: 'Acme/GitOps',
  default_branch: 'main',
  archived: false,
  allow_merge_commit: true,
  allow_squash_merge: false,
  allow_rebase_merge: true,
  permissions: { push: true },
};
const gitCommit = (sha: string, tree: string): object => ({ json: { sha, tree: { sha: tree } } }) as const;
const blobOid = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
const blob = (content: Buffer): object => ({
  json: {
    sha: blobOid(content),
    content: content.toString('base64').replaceAll(/.{60}/g, '$&\n'),
    encoding: 'base64',
    size: content.length,
  },
});

describe('a repository of GitHub', () => {
  const at = useStub();

  it('shows its branch, its merge methods and whether we may push', async () => {
    at.stub.on(`GET ${BASE}`, { json: repository });
    expect(await at.github.getRepository(repo, signal)).to.deep.equal({
      defaultBranch: 'main',
      archived: false,
      mergeMethods: ['merge', 'rebase'],
      canPush: true,
    });
  });
  it('that is archived or disabled cannot be pushed to', async () => {
    at.stub.on(`GET ${BASE}`, [
      { json: { ...repository, archived: true } },
      { json: { ...repository, disabled: true } },
    ]);
    const seen = [await at.github.getRepository(repo, signal), await at.github.getRepository(repo, signal)];
    expect(seen.map((s) => [s.archived, s.canPush])).to.deep.equal([
      [true, false],
      [true, false],
    ]);
  });
  it('of another name is no answer', async () => {
    at.stub.on(`GET ${BASE}`, { json: { ...repository, full_name: 'evil/gitops' } });
    expect(await failureOf(at.github.getRepository(repo, signal))).to.equal('GITHUB_MALFORMED transient');
  });

  it('has no such branch only if the repository itself can be read', async () => {
    at.stub.on(`GET ${BASE}`, [{ json: repository }, notFound]);
    const absent = await at.github.findBranchHead(repo, 'gone', signal);
    expect([absent, await failureOf(at.github.findBranchHead(repo, 'gone', signal))]).to.deep.equal([
      undefined,
      'GITHUB_NOT_FOUND denied',
    ]);
  });
  it('without any commit has no branch', async () => {
    at.stub
      .on(`GET ${BASE}/git/ref/heads%2Fmain`, refusal(409, 'Git Repository is empty.'))
      .on(`GET ${BASE}`, { json: repository });
    expect(await at.github.findBranchHead(repo, 'main', signal)).to.equal(undefined);
  });
  it('that answers for another ref is not believed', async () => {
    at.stub.on(`GET ${BASE}/git/ref/heads%2Ffix`, {
      json: { ref: 'refs/heads/fix-2', object: { type: 'commit', sha: oid('a') } },
    });
    expect(await failureOf(at.github.findBranchHead(repo, 'fix', signal))).to.equal('GITHUB_MALFORMED transient');
  });

  const commit = (sha: string, author: object | null): object => ({
    sha,
    author,
    parents: [{ sha: oid('b') }],
    commit: {
      message: 'm',
      tree: { sha: oid('c') },
      author: { name: 'Ann' },
      committer: { date: '2026-01-01T00:00:00Z' },
    },
  });
  it('shows a commit with the account behind it, where GitHub knows one', async () => {
    at.stub.on(`GET ${BASE}/commits/${oid('a')}`, [
      { json: commit(oid('a'), { login: 'ann' }) },
      { json: commit(oid('a'), null) },
    ]);
    const shown = {
      sha: oid('a'),
      tree: oid('c'),
      parents: [oid('b')],
      message: 'm',
      authorName: 'Ann',
      committedAt: Date.UTC(2026, 0, 1),
    };
    expect(await at.github.getCommit(repo, oid('a'), signal)).to.deep.equal({ ...shown, authorLogin: 'ann' });
    expect(await at.github.getCommit(repo, oid('a'), signal)).to.deep.equal(shown);
  });
  it('that answers with another commit is not believed, and without one says so', async () => {
    at.stub.on(`GET ${BASE}/commits/${oid('a')}`, { json: commit(oid('d'), null) });
    at.stub.on(`GET ${BASE}/commits/${oid('e')}`, refusal(422, `No commit found for SHA: ${oid('e')}`));
    expect([
      await failureOf(at.github.getCommit(repo, oid('a'), signal)),
      await failureOf(at.github.getCommit(repo, oid('e'), signal)),
    ]).to.deep.equal(['GITHUB_MALFORMED transient', 'GITHUB_NOT_FOUND terminal']);
  });
  it('lists no more commits than were asked for', async () => {
    const link = `<${at.stub.url}${BASE}/commits?page=2>; rel="next"`;
    at.stub.on(`GET ${BASE}/commits`, { json: [commit(oid('a'), null), commit(oid('b'), null)], headers: { link } });
    const found = await at.github.listCommits(repo, { revision: oid('a'), path: 'apps/web', limit: 2 }, signal);
    const [request] = at.stub.requests;
    expect([
      found.length,
      at.stub.calls.length,
      request?.query.get('path'),
      request?.query.get('sha'),
      request?.query.get('per_page'),
    ]).to.deep.equal([2, 1, 'apps/web', oid('a'), '2']);
  });

  for (const [status, expected] of [
    ['ahead', true],
    ['identical', true],
    ['behind', false],
    ['diverged', false],
  ] as const) {
    it(`says of a comparison that is ${status}: ${expected ? 'an ancestor' : 'no ancestor'}`, async () => {
      at.stub.on(`GET ${BASE}/compare/${oid('a')}...${oid('b')}`, { json: { status } });
      expect(await at.github.isAncestor(repo, oid('a'), oid('b'), signal)).to.equal(expected);
    });
  }
  it('knows no ancestor between unrelated histories, and nothing about commits it does not have', async () => {
    const call = `GET ${BASE}/compare/${oid('a')}...${oid('b')}`;
    at.stub.on(call, refusal(404, `No common ancestor between ${oid('a')} and ${oid('b')}.`));
    const unrelated = await at.github.isAncestor(repo, oid('a'), oid('b'), signal);
    at.stub.on(call, notFound);
    expect([unrelated, await failureOf(at.github.isAncestor(repo, oid('a'), oid('b'), signal))]).to.deep.equal([
      false,
      'GITHUB_NOT_FOUND terminal',
    ]);
  });
});

describe('the content of a repository', () => {
  const at = useStub();
  const file = (path: string, mode = '100644'): object => ({ path, mode, type: 'blob', sha: oid('f') });
  const folder = (path: string, sha: string): object => ({ path, mode: '040000', type: 'tree', sha });
  const tree = (sha: string, entries: readonly object[], truncated = false): { readonly json: object } => ({
    json: { sha, tree: entries, truncated },
  });
  beforeEach(() => {
    at.stub.on(`GET ${BASE}/git/commits/${oid('a')}`, gitCommit(oid('a'), oid('1')));
  });

  it('is every file with its mode, without the folders', async () => {
    const entries = [
      folder('apps', oid('2')),
      file('apps/web.yaml'),
      file('run.sh', '100755'),
      file('link', '120000'),
      { path: 'sub', mode: '160000', type: 'commit', sha: oid('9') },
      file('old', '100664'),
    ];
    at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, tree(oid('1'), entries));
    const content = await at.github.readRepositoryContent(repo, oid('a'), signal);
    expect({ ...content, files: Object.fromEntries(content.files) }).to.deep.equal({
      revision: oid('a'),
      tree: oid('1'),
      files: {
        'apps/web.yaml': { mode: '100644', oid: oid('f') },
        'run.sh': { mode: '100755', oid: oid('f') },
        link: { mode: '120000', oid: oid('f') },
        sub: { mode: '160000', oid: oid('9') },
        old: { mode: '100644', oid: oid('f') },
      },
    });
  });
  it('is read once per commit', async () => {
    at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, tree(oid('1'), [file('a')]));
    const first = await at.github.readRepositoryContent(repo, oid('a'), signal);
    expect([await at.github.readRepositoryContent(repo, oid('a'), signal), at.stub.calls.length]).to.deep.equal([
      first,
      2,
    ]);
  });
  it('is walked level by level where GitHub cuts the list', async () => {
    at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, (request) =>
      request.query.has('recursive')
        ? tree(oid('1'), [file('cut')], true)
        : tree(oid('1'), [folder('apps', oid('2')), folder('infra', oid('3')), file('top')]),
    );
    at.stub.on(`GET ${BASE}/git/trees/${oid('2')}`, tree(oid('2'), [file('web/a.yaml')]));
    at.stub.on(`GET ${BASE}/git/trees/${oid('3')}`, (request) =>
      request.query.has('recursive') ? tree(oid('3'), [], true) : tree(oid('3'), [folder('deep', oid('4'))]),
    );
    at.stub.on(`GET ${BASE}/git/trees/${oid('4')}`, tree(oid('4'), [file('b.yaml')]));
    const { files } = await at.github.readRepositoryContent(repo, oid('a'), signal);
    expect([...files.keys()].toSorted()).to.deep.equal(['apps/web/a.yaml', 'infra/deep/b.yaml', 'top']);
  });
  it('is refused whole when even one folder is too large to list', async () => {
    at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, tree(oid('1'), [file('cut')], true));
    expect(await failureOf(at.github.readRepositoryContent(repo, oid('a'), signal))).to.equal(
      'GITHUB_TREE_TRUNCATED terminal',
    );
  });
  it('is refused when walking it would take too many calls', async () => {
    const many = Array.from({ length: 300 }, (_, i) => folder(`app-${i}`, oid('2')));
    at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, (request) =>
      tree(oid('1'), request.query.has('recursive') ? [] : many, request.query.has('recursive')),
    );
    expect([
      await failureOf(at.github.readRepositoryContent(repo, oid('a'), signal)),
      at.stub.calls.length,
    ]).to.deep.equal(['GITHUB_TREE_TRUNCATED terminal', 3]);
  });
  it('of another tree, or with a mode nobody knows, is not believed', async () => {
    const results: string[] = [];
    for (const odd of [tree(oid('7'), []), tree(oid('1'), [file('x', '100999')])]) {
      at.stub.on(`GET ${BASE}/git/trees/${oid('1')}`, odd);
      results.push(await failureOf(at.github.readRepositoryContent(repo, oid('a'), signal)));
    }
    expect(results).to.deep.equal(['GITHUB_MALFORMED transient', 'GITHUB_MALFORMED transient']);
  });

  it('gives the text of a blob, read once', async () => {
    const text = 'grüße: 1\n'.repeat(20);
    const id = blobOid(Buffer.from(text));
    at.stub.on(`GET ${BASE}/git/blobs/${id}`, blob(Buffer.from(text)));
    expect([
      await at.github.readBlob(repo, id, signal),
      await at.github.readBlob(repo, id, signal),
      at.stub.calls.length,
    ]).to.deep.equal([text, text, 1]);
  });
  it('does not take a text that is not the one of this id', async () => {
    at.stub.on(`GET ${BASE}/git/blobs/${oid('a')}`, blob(Buffer.from('forged')));
    expect(await failureOf(at.github.readBlob(repo, oid('a'), signal))).to.equal('GITHUB_MALFORMED transient');
  });
  for (const [title, bytes, expected] of [
    ['too large', Buffer.alloc(1024 * 1024 + 1, 'x'), 'GITHUB_BLOB_TOO_LARGE terminal'],
    ['far too large', Buffer.alloc(3 * 1024 * 1024, 'x'), 'GITHUB_BLOB_TOO_LARGE terminal'],
    ['not text', Buffer.from([0xff, 0xfe, 0x00]), 'GITHUB_BLOB_NOT_TEXT terminal'],
  ] as const) {
    it(`refuses a blob that is ${title}`, async () => {
      at.stub.on(`GET ${BASE}/git/blobs/${blobOid(bytes)}`, blob(bytes));
      expect(await failureOf(at.github.readBlob(repo, blobOid(bytes), signal))).to.equal(expected);
    });
  }
});
