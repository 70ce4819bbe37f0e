import { expect } from 'chai';
import fc from 'fast-check';
import type { SourceSettings } from '../../src/model/application.js';
import { closuresEqual, differingPaths } from '../../src/gitops/closure-equality.js';
import type { Closure } from '../../src/gitops/closure-builder.js';
import { contentHash, sameSettings, settingsHash } from '../../src/gitops/content.js';
import type { TreeEntry } from '../../src/ports/source-control.js';

const repoURL = 'https://github.com/acme/deploy.git';
const source: SourceSettings = { repoURL, path: 'apps/web', targetRevision: 'main' };
const blob = (digit: string, mode: TreeEntry['mode'] = '100644'): TreeEntry => ({ mode, oid: digit.repeat(40) });
const files = new Map([
  ['apps/web/a', blob('1')],
  ['apps/web/b', blob('2')],
]);
const hash = (map: ReadonlyMap<string, TreeEntry>, s: SourceSettings = source): string =>
  contentHash([{ repoURL: s.repoURL, files: map }], [s]);

describe('content of an application', () => {
  it('is the same for the same files and settings, in any order and any spelling of the repository', () => {
    const ssh = { ...source, repoURL: 'git@github.com:Acme/deploy' };
    expect(hash(new Map([...files].toReversed()), ssh)).to.equal(hash(files));
  });

  it('changes with a path, a blob, a mode, a file more, a file less', () => {
    const others = [
      new Map([
        ['apps/web/a', blob('1')],
        ['apps/web/c', blob('2')],
      ]),
      new Map([
        ['apps/web/a', blob('1')],
        ['apps/web/b', blob('3')],
      ]),
      new Map([
        ['apps/web/a', blob('1', '100755')],
        ['apps/web/b', blob('2')],
      ]),
      new Map([...files, ['apps/web/c', blob('3')]]),
      new Map([['apps/web/a', blob('1')]]),
    ];
    expect(new Set([files, ...others].map((map) => hash(map))).size).to.equal(others.length + 1);
  });

  it('cannot be forged by a file name that looks like two entries', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom('1', '2')),
        fc.dictionary(fc.string({ minLength: 1 }), fc.constantFrom('1', '2')),
        (a, b) => {
          const toMap = (o: Record<string, string>): Map<string, TreeEntry> =>
            new Map(Object.entries(o).map(([p, d]) => [p, blob(d)]));
          const same = differingPaths(toMap(a), toMap(b)).length === 0;
          expect(hash(toMap(a)) === hash(toMap(b))).to.equal(same);
        },
      ),
    );
  });

  it('includes the settings, targetRevision among them', () => {
    const variants: SourceSettings[] = [
      source,
      { ...source, targetRevision: 'release' },
      { ...source, path: 'apps/web2' },
      { ...source, kustomize: { images: ['web:2'] } },
      { ...source, directory: { recurse: true } },
      { ...source, somethingNew: 'x' },
    ];
    expect(new Set(variants.map((s) => hash(files, s))).size).to.equal(variants.length);
    expect(new Set(variants.map((s) => settingsHash([s]))).size).to.equal(variants.length);
  });

  it('treats what Argo CD leaves out as what a manifest spells out', () => {
    const spelled = {
      ...source,
      path: './apps/web/',
      directory: { recurse: false, jsonnet: {}, include: '' },
      kustomize: null,
    };
    expect(sameSettings([source], [spelled])).to.equal(true);
    expect(sameSettings([{ repoURL, path: 'a' }], [{ repoURL, path: 'a', targetRevision: 'HEAD' }])).to.equal(true);
  });

  it('keeps values of the user as they are: false in them is not nothing', () => {
    const withDebug = (debug: boolean): SourceSettings => ({ ...source, helm: { valuesObject: { web: { debug } } } });
    expect(sameSettings([withDebug(false)], [{ ...source, helm: { valuesObject: { web: {} } } }])).to.equal(false);
    expect(sameSettings([withDebug(false)], [withDebug(true)])).to.equal(false);
  });

  it('knows the order of several sources', () => {
    const other = { ...source, path: 'x' };
    expect(sameSettings([source, other], [other, source])).to.equal(false);
  });
});

describe('equality of closures', () => {
  const closure = (map: ReadonlyMap<string, TreeEntry>, revision: string): Closure => ({
    kind: 'closure',
    shape: 'directory',
    revision,
    path: 'apps/web',
    files: map,
    scopes: [],
  });

  it('is about path, mode and blob, never about the commit', () => {
    expect(closuresEqual(closure(files, 'a'), closure(new Map([...files].toReversed()), 'b'))).to.equal(true);
    const others = [
      new Map([...files, ['apps/web/c', blob('1')]]),
      new Map([['apps/web/a', blob('1')]]),
      new Map([...files, ['apps/web/b', blob('2', '120000')]]),
      new Map([
        ['apps/web/a', blob('1')],
        ['apps/web/c', blob('2')],
      ]),
    ];
    for (const other of others) {
      expect(closuresEqual(closure(files, 'a'), closure(other, 'a'))).to.equal(false);
      expect(closuresEqual(closure(other, 'a'), closure(files, 'a'))).to.equal(false);
    }
  });

  it('names the paths that differ, sorted', () => {
    const other = new Map([
      ['apps/web/b', blob('9')],
      ['apps/web/0', blob('1')],
      ['apps/web/a', blob('1')],
    ]);
    expect(differingPaths(files, other)).to.deep.equal(['apps/web/0', 'apps/web/b']);
  });
});
