import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { GitRepository } from '../../../src/sandbox/git-repository.js';
import { ManifestRenderer } from '../../../src/sandbox/rendering/manifest-renderer.js';
import { configMap, failureOf, REPO } from './memory-commit.js';

const author = { name: 'maria', email: 'maria@acme.example' };

describe('ManifestRenderer over git', () => {
  let directory: string;
  let git: GitRepository;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'renderer-'));
    git = await GitRepository.init(directory, 'main');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const commit = (files: Record<string, string | null>): Promise<string> =>
    git.commitFiles({ branch: 'main', files, message: 'Change', author, at: 0 });

  it('renders every commit as it was, whatever came later', async () => {
    const renderer = new ManifestRenderer(git);
    const source = { repoURL: REPO, path: 'app' };
    const first = await commit({ 'app/a.yaml': configMap('a', 'one') });
    const second = await commit({ 'app/a.yaml': configMap('a', 'two'), 'app/b.yaml': configMap('b') });
    const third = await commit({ 'app/a.yaml': null });
    const seen = [];
    for (const sha of [third, second, first, second]) {
      seen.push(
        (await renderer.render(source, sha, 'x')).manifests.map((m) => (m['data'] as { readonly key: string }).key),
      );
    }
    expect(seen).to.deep.equal([['x'], ['two', 'x'], ['one'], ['two', 'x']]);
  });
  it('does not keep a failure that came from a missing commit', async () => {
    const renderer = new ManifestRenderer(git);
    expect(await failureOf(renderer.render({ repoURL: REPO, path: 'app' }, 'f'.repeat(40), 'x'))).to.not.equal(
      'rendered',
    );
    const sha = await commit({ 'app/a.yaml': configMap('a') });
    expect((await renderer.render({ repoURL: REPO, path: 'app' }, sha, 'x')).manifests).to.have.length(1);
  });
});
