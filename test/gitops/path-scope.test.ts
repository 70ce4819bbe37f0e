import { expect } from 'chai';
import fc from 'fast-check';
import { compilePathGlob, everyPathUnder, matchesGlob, matchesSegment } from '../../src/gitops/path-scope.js';

const matches = (glob: string, path: string): boolean => matchesGlob(compilePathGlob(glob), path);

describe('path patterns', () => {
  for (const [glob, yes, no] of [
    [
      'apps/*/overlays/staging/**',
      ['apps/web/overlays/staging/a.yaml', 'apps/web/overlays/staging/x/y/z'],
      [
        'apps/web/overlays/staging',
        'apps/web/overlays/staging-eu/a',
        'apps/a/b/overlays/staging/x',
        'x/apps/web/overlays/staging/a',
      ],
    ],
    [
      '**/staging/*.yaml',
      ['staging/a.yaml', 'a/b/staging/c.yaml'],
      ['staging/a.yml', 'staging/x/a.yaml', 'a/staging.yaml'],
    ],
    ['apps/**/x', ['apps/x', 'apps/a/x', 'apps/a/b/x'], ['apps/a/xx', 'apps', 'x']],
    ['clusters/staging/', ['clusters/staging/a', 'clusters/staging/a/b'], ['clusters/staging', 'clusters/staging2/a']],
    ['env-?/a*b.yaml', ['env-1/ab.yaml', 'env-1/axxb.yaml'], ['env-12/ab.yaml', 'env-/ab.yaml', 'env-1/ab.yaml.bak']],
    ['**', ['a', 'a/b'], []],
    ['a.b', ['a.b'], ['axb', 'a.b/c', 'A.B']],
  ] as const) {
    it(`${glob} matches what it says and nothing else`, () => {
      for (const path of yes) expect(matches(glob, path), path).to.equal(true);
      for (const path of no) expect(matches(glob, path), path).to.equal(false);
    });
  }

  for (const glob of ['', ' a', '/a', 'a//b', 'a/../b', './a', 'a/b**', '{a,b}', 'a[0-9]', '!a', 'a\\*']) {
    it(`${JSON.stringify(glob)} is refused instead of guessed at`, () => {
      expect(() => compilePathGlob(glob))
        .to.throw()
        .with.property('code', 'PATH_GLOB_INVALID');
    });
  }

  it('agree with the plain regular expression for one segment', () => {
    const unit = fc.constantFrom('a', 'b', '*', '?');
    fc.assert(
      fc.property(
        fc.string({ unit, maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
        (pattern, text) => {
          const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
          expect(matchesSegment(pattern, text)).to.equal(expression.test(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('agree with the plain regular expression for whole paths', () => {
    const segments = fc.array(fc.constantFrom('a', 'b', '*', '**'), { minLength: 1, maxLength: 5 });
    const parts = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(segments, parts, (pattern, path) => {
        const last = pattern.length - 1;
        const expression = pattern.map((s, i) => {
          if (s === '**') return i === last ? '(?:[^/]+/)+' : '(?:[^/]+/)*';
          return s === '*' ? '[^/]+/' : `${s}/`;
        });
        expect(matches(pattern.join('/'), path.join('/'))).to.equal(
          new RegExp(`^${expression.join('')}$`).test(`${path.join('/')}/`),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('take no time worth naming for a hostile pattern', () => {
    expect(matches(`${'*a'.repeat(500)}b`, 'a'.repeat(5000))).to.equal(false);
    expect(matches(`${'**/a/'.repeat(200)}b`, Array.from({ length: 500 }, () => 'a').join('/'))).to.equal(false);
  });

  it('cover a diff only when every path lies under one of them, and no path or no pattern is a no', () => {
    const globs = ['apps/*/staging/**', 'clusters/staging/**'].map(compilePathGlob);
    expect(everyPathUnder(['apps/a/staging/x', 'clusters/staging/y'], globs)).to.equal(true);
    expect(everyPathUnder(['apps/a/staging/x', 'apps/a/base/y'], globs)).to.equal(false);
    expect(everyPathUnder([], globs)).to.equal(false);
    expect(everyPathUnder(['apps/a/staging/x'], [])).to.equal(false);
  });
});
