import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PLANTED_BUGS } from './planted-bugs.js';

const compiled = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../src/${file}`, import.meta.url)), 'utf8');

describe('the planted bugs', () => {
  const page = readFileSync('docs/planted-bugs.md', 'utf8');
  for (const { name, meaning, changes, tests } of PLANTED_BUGS) {
    it(`can still be planted, and is on the page that npm run prove writes: ${name}`, () => {
      for (const { file, from } of changes) expect(compiled(file).split(from), `${file}: ${from}`).to.have.length(2);
      for (const test of tests) expect(existsSync(`test/${test}.test.ts`), test).to.equal(true);
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, 'run `npm run prove`, which writes the page').to.contain(`| ${meaning} |`);
    });
  }
  it('of the page are those of the code', () => {
    const named = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map((m) => m[1]);
    expect(named).to.deep.equal(PLANTED_BUGS.map((b) => b.name));
  });
});
