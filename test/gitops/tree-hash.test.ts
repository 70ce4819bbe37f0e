import { expect } from 'chai';
import fc from 'fast-check';
import { EMPTY_TREE_OID, treeOid } from '../../src/gitops/tree-hash.js';
import type { TreeEntry, TreeMode } from '../../src/ports/source-control.js';
import { GitRepository } from './git-repository.js';

const entry = (mode: TreeMode, digit: string): TreeEntry => ({ mode, oid: digit.repeat(40) });

/** Names that git orders in its own way: `a` as a directory comes after `a.b` and before `a0`. */
const segment = fc.constantFrom(
  'a',
  'a.b',
  'a-b',
  'a0',
  'A',
  'b',
  'ab',
  'é',
  'Ω',
  '😀',
  ' x',
  'x y',
  '.argocd-source.yaml',
);
const filePath = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const treeEntry: fc.Arbitrary<TreeEntry> = fc.record({
  mode: fc.constantFrom<TreeMode>('100644', '100755', '120000', '160000'),
  oid: fc.stringMatching(/^[1-9a-f]{40}$/),
});

/** No file may also be a directory: the later one of a clash is left out. */
const tree: fc.Arbitrary<Map<string, TreeEntry>> = fc
  .array(fc.tuple(filePath, treeEntry), { maxLength: 25 })
  .map((pairs) => {
    const files = new Map<string, TreeEntry>();
    for (const [path, value] of pairs) {
      const clash = [...files.keys()].some((p) => p.startsWith(`${path}/`) || path.startsWith(`${p}/`));
      if (!clash) files.set(path, value);
    }
    return files;
  });

describe('tree id, computed without git', () => {
  let git: GitRepository;
  before(() => {
    git = new GitRepository();
  });
  after(() => {
    git.remove();
  });

  it('equals git write-tree for any files, executables, links and submodules, in any order', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(tree, (files) => {
        const reversed = new Map([...files].toReversed());
        expect(treeOid(reversed)).to.equal(git.writeTree(files));
      }),
      { numRuns: 60 },
    );
  });

  it('equals git when a file takes the place of a directory and the other way round', () => {
    const asFile = new Map([
      ['a', entry('100644', '1')],
      ['a.b', entry('100755', '2')],
    ]);
    const asDirectory = new Map([
      ['a/x', entry('120000', '1')],
      ['a.b', entry('160000', '2')],
    ]);
    for (const files of [asFile, asDirectory]) expect(treeOid(files)).to.equal(git.writeTree(files));
    expect(treeOid(asFile)).to.not.equal(treeOid(asDirectory));
  });

  it('knows the empty tree', () => {
    expect(treeOid(new Map())).to.equal(EMPTY_TREE_OID).and.to.equal(git.writeTree(new Map()));
  });

  for (const [claim, files] of [
    ['a file that is also a directory', { a: '1', 'a/b': '1' }],
    ['a directory that is also a file', { 'a/b': '1', a: '1' }],
    ['a path that climbs', { 'a/../b': '1' }],
    ['an empty segment', { 'a//b': '1' }],
    ['an id that is not SHA-1', { a: 'zz' }],
  ] as const) {
    it(`refuses to hash ${claim}`, () => {
      const bad = new Map(Object.entries(files).map(([p, d]) => [p, entry('100644', d)]));
      expect(() => treeOid(bad))
        .to.throw()
        .with.property('code', 'GIT_TREE_INVALID');
    });
  }
});
