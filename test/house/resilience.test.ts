import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const ROW = /^\| (?<promise>[^|]+) \| `(?<file>[^`]+)`(?:: "(?<title>[^"|]+)")? \|$/;
/** What follows `it(` or `title:`, up to its quote. */
const TITLE = /(?:\bit\(|title:)\s*(?<quote>['"`])(?<title>.*?)(?<!\\)\k<quote>/gs;

describe('docs/resilience.md', () => {
  const rows = readFileSync('docs/resilience.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:Promise|---) /.test(line));

  it('names for every promise a test that is there, by words of its title', () => {
    expect(rows.length).to.be.greaterThan(40);
    for (const row of rows) {
      const { file = '', title } = ROW.exec(row)?.groups ?? {};
      expect(existsSync(file), row).to.equal(true);
      if (file.startsWith('scripts/')) continue;
      const titles = [...readFileSync(file, 'utf8').matchAll(TITLE)].map((m) => m.groups?.['title'] ?? '');
      expect(
        titles.filter((t) => title !== undefined && t.includes(title)),
        row,
      ).not.to.deep.equal([]);
    }
  });
});
