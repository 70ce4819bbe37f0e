import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { filesUnder, linesWhere, type SourceFile } from './source-files.js';

const SOURCES = filesUnder(['src'], ['.ts']);
const CODE = [...SOURCES, ...filesUnder(['test'], ['.ts'])];
const DECLARED = SOURCES.filter((f) => !f.path.endsWith('.d.ts'));
const isUnder = (file: SourceFile, ...places: readonly string[]): boolean =>
  places.some((place) => file.path.startsWith(place));

describe('the shape of the code', () => {
  it('has no file of more than 300 lines', () => {
    const long = CODE.map((f) => ({ path: f.path, lines: f.text.split('\n').length - 1 })).filter((f) => f.lines > 300);
    expect(long).to.deep.equal([]);
  });

  it('takes time from the clock alone: nothing outside base/clock, adapters and sandbox reads or waits by itself', () => {
    const own = /\bDate\.now\(|\bnew Date\(\)|\bsetInterval\(|node:timers|\bperformance\.now\(|\bprocess\.hrtime/;
    const watched = DECLARED.filter(
      (f) => f.path !== 'src/base/clock.ts' && !isUnder(f, 'src/adapters/', 'src/sandbox/'),
    );
    expect(watched.flatMap((f) => linesWhere(f, (line) => own.test(line)))).to.deep.equal([]);
  });

  it('joins no signals: a joined timeout may be collected as garbage, and then never comes (`withDeadline` does it)', () => {
    const operator = DECLARED.filter((f) => !isUnder(f, 'src/sandbox/'));
    expect(operator.flatMap((f) => linesWhere(f, (line) => /\bAbortSignal\.any\(/.test(line)))).to.deep.equal([]);
  });

  it('draws no lots where it decides', () => {
    const deciding = DECLARED.filter((f) => isUnder(f, 'src/model/', 'src/governance/', 'src/gitops/', 'src/stages/'));
    expect(
      deciding.flatMap((f) => linesWhere(f, (line) => /Math\.random|randomUUID|randomBytes/.test(line))),
    ).to.deep.equal([]);
  });

  it('names what it exports: no default export, no barrel', () => {
    const barrel = /^export (?:default\b|\* from|\{[^}]*\} from)/;
    expect(
      CODE.filter((f) => !f.path.endsWith('.d.ts')).flatMap((f) => linesWhere(f, (line) => barrel.test(line))),
    ).to.deep.equal([]);
    expect(CODE.filter((f) => /\/index\.(?:ts|js)$/.test(f.path)).map((f) => f.path)).to.deep.equal([]);
  });

  it('names files in kebab-case', () => {
    const kebab = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*)(?:\.(?:test|contract|d))?\.ts$/;
    expect(CODE.map((f) => f.path).filter((p) => !kebab.test(p.split('/').at(-1) ?? ''))).to.deep.equal([]);
    expect(CODE.map((f) => f.path).filter((p) => /\/(?:common|utils?|helpers?)\//.test(p))).to.deep.equal([]);
  });

  it('exports no name that says nothing', () => {
    const exported = /^export (?:declare |abstract |async )*(?:class|function|const|interface|type) (\w+)/;
    const empty =
      /(?:Manager|Helper|Util|Processor|Impl)s?$|^(?:Manager|Helper|Util|Processor)|(?:Data|Info)$|^I[A-Z][a-z]/;
    const bad = CODE.flatMap((f) => linesWhere(f, (line) => empty.test(exported.exec(line)?.[1] ?? '')));
    expect(bad).to.deep.equal([]);
  });

  it('has no enum', () => {
    expect(
      CODE.flatMap((f) => linesWhere(f, (line) => /^\s*(?:export |declare |const )*enum \w/.test(line))),
    ).to.deep.equal([]);
  });

  it('says of every exported class and function what it is for', () => {
    // Types are told by their fields and by the group they stand in; a function of one line by its name and its code.
    const told = /^export (?:abstract )?(?:async )?(?:class|function) \w/;
    const longArrow = /^export const \w+ = (?:async )?(?:<[^>]*>)?\(.*=>\s*(?:[({[]\s*)?$/;
    const above = (lines: readonly string[], index: number): string => (lines[index - 1] ?? '').trim();
    const bare = DECLARED.flatMap((f) =>
      linesWhere(
        f,
        (line, lines, index) => (told.test(line) || longArrow.test(line)) && !above(lines, index).endsWith('*/'),
      ),
    );
    expect(bare).to.deep.equal([]);
  });

  it('leaves nothing for later', () => {
    const later = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X'].join(''));
    expect(CODE.flatMap((f) => linesWhere(f, (line) => later.test(line)))).to.deep.equal([]);
  });
});

describe('the files of the project', () => {
  const others = [
    'README.md',
    'CHANGELOG.md',
    'Dockerfile',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.test.json',
    '.oxlintrc.json',
    '.mocharc.json',
    '.gitignore',
  ];
  const all = [
    ...CODE,
    ...filesUnder(['src', 'test'], ['.yaml', '.md', '.txt', '.json']),
    ...filesUnder(
      ['config', 'docs', 'scripts', '.ci'].filter((folder) => existsSync(folder)),
      [''],
    ),
    ...filesUnder(
      others.filter((file) => existsSync(file)),
      [''],
    ),
  ];

  it("name no place on a developer's machine", () => {
    const machine = /(?<![\w.])\/(?:work|home|Users|root)\/[\w.]/;
    expect(all.flatMap((f) => linesWhere(f, (line) => machine.test(line)))).to.deep.equal([]);
  });

  it('name no package registry but the public one', () => {
    const registry = /https?:\/\/[\w.:-]*(?:registry|artifactory|nexus|verdaccio|npm-?proxy|mirror)[\w.:-]*/i;
    const foreign = (line: string): boolean => registry.test(line.replaceAll('https://registry.npmjs.org', ''));
    expect(all.flatMap((f) => linesWhere(f, foreign))).to.deep.equal([]);
    expect(existsSync('.npmrc'), '.npmrc').to.equal(false);
  });
});
