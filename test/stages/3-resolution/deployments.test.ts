import { expect } from 'chai';
import fc from 'fast-check';
import { settingsHash } from '../../../src/gitops/content.js';
import type { ApplicationSnapshot, HistoryEntry } from '../../../src/model/application.js';
import type { LedgerEntry } from '../../../src/model/mark.js';
import { deploymentsOf } from '../../../src/stages/3-resolution/deployments.js';
import { T0 } from '../../support/attempt-parts.js';
import { degradedApplication } from '../../support/merge-evidence.js';

const HOUR = 3_600_000;
const SOURCES = [{ repoURL: 'https://github.com/acme/gitops', path: 'apps/shop' }];
const SETTINGS = settingsHash(SOURCES);
const OTHER_SOURCES = [{ ...SOURCES[0], repoURL: 'https://github.com/acme/gitops', path: 'apps/shop2' }];
const at = (hours: number): number => T0 + hours * HOUR;
const entry = (revision: string, hours: number, startedHours?: number): HistoryEntry => ({
  id: 1,
  revisions: [revision],
  sources: SOURCES,
  deployedAt: at(hours),
  ...(startedHours === undefined ? {} : { deployStartedAt: at(startedHours) }),
});
const noted = (revision: string, hours: number, startedHours?: number): LedgerEntry => ({
  revisions: [revision],
  settings: SETTINGS,
  deployedAt: at(hours),
  ...(startedHours === undefined ? {} : { deployStartedAt: at(startedHours) }),
});
const app = (history: readonly HistoryEntry[], deployed?: ApplicationSnapshot['deployed']): ApplicationSnapshot => {
  const { deployed: _deployed, ...rest } = degradedApplication({ history });
  return deployed === undefined ? rest : { ...rest, deployed };
};
/** What ran from when to when, in hours, newest first. */
const spans = (
  a: ApplicationSnapshot,
  ledger: readonly LedgerEntry[] = [],
  untilHours = 100,
): readonly (readonly [string, number, number])[] =>
  deploymentsOf(a, ledger, at(untilHours)).map((d) => [
    d.revisions.join('+'),
    (d.span.from - T0) / HOUR,
    (d.span.to - T0) / HOUR,
  ]);

describe('what was deployed here, and when', () => {
  it('is read from the history, newest first: each runs until the next one starts, the last until the onset', () => {
    expect(spans(app([entry('a', 0), entry('b', 10, 9), entry('c', 20)]))).to.deep.equal([
      ['c', 20, 100],
      ['b', 10, 20],
      ['a', 0, 9],
    ]);
  });
  it('does not depend on the order of the history', () => {
    expect(spans(app([entry('c', 20), entry('a', 0), entry('b', 10, 9)]))).to.deep.equal([
      ['c', 20, 100],
      ['b', 10, 20],
      ['a', 0, 9],
    ]);
  });
  it('is joined with the ledger, which knows what the history forgot', () => {
    expect(spans(app([entry('c', 20)]), [noted('a', 0), noted('b', 10, 9)])).to.deep.equal([
      ['c', 20, 100],
      ['b', 10, 20],
      ['a', 0, 9],
    ]);
  });
  it('counts once what both know, also when they differ by moments', () => {
    expect(spans(app([entry('a', 0), entry('b', 10)]), [noted('a', 0.01), noted('b', 10.01)])).to.deep.equal([
      ['b', 10, 100],
      ['a', 0, 10],
    ]);
  });
  it('holds what is deployed now, though neither history nor ledger has it yet', () => {
    expect(
      spans(app([entry('a', 0)], { revisions: ['b'], sources: SOURCES, startedAt: at(9), finishedAt: at(10) })),
    ).to.deep.equal([
      ['b', 10, 100],
      ['a', 0, 9],
    ]);
    expect(spans(app([entry('a', 0)], { revisions: ['b'], sources: SOURCES, startedAt: at(9) }))).to.deep.equal([
      ['b', 9, 100],
      ['a', 0, 9],
    ]);
  });
  it('leaves out what is deployed now when Argo CD does not say since when', () => {
    expect(spans(app([entry('a', 0)], { revisions: ['b'], sources: SOURCES }))).to.deep.equal([['a', 0, 100]]);
  });
  it('takes repeated syncs of one version for one deployment', () => {
    expect(spans(app([entry('a', 0), entry('a', 5), entry('a', 7), entry('b', 10)]))).to.deep.equal([
      ['b', 10, 100],
      ['a', 0, 10],
    ]);
  });
  it('keeps two deployments of one version apart when another ran between them', () => {
    expect(spans(app([entry('a', 0), entry('b', 10), entry('a', 20)]))).to.deep.equal([
      ['a', 20, 100],
      ['b', 10, 20],
      ['a', 0, 10],
    ]);
  });
  it('takes the same revision with other source settings for another version', () => {
    const settings = { ...entry('a', 10), sources: OTHER_SOURCES };
    const found = deploymentsOf(app([entry('a', 0), settings]), [], at(100));
    expect(found.map((d) => d.settings)).to.deep.equal([settingsHash(OTHER_SOURCES), SETTINGS]);
  });
  it('never reaches past the onset', () => {
    expect(spans(app([entry('a', 0), entry('b', 10)]), [], 5)).to.deep.equal([
      ['b', 10, 10],
      ['a', 0, 5],
    ]);
  });
  it('gives no time to a version whose successor started before it was there', () => {
    expect(spans(app([entry('a', 10), entry('b', 12, 9)]))).to.deep.equal([
      ['b', 12, 100],
      ['a', 10, 10],
    ]);
  });
  it('is nothing when nothing is known', () => {
    expect(spans(app([]))).to.deep.equal([]);
  });
  it('never overlaps, never runs backwards, and never gives two neighbours the same version', () => {
    const anyEntry = fc.record({
      revision: fc.constantFrom('a', 'b', 'c'),
      hours: fc.integer({ min: 0, max: 99 }),
      lead: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 8 }), fc.array(anyEntry, { maxLength: 8 }), (history, ledger) => {
        const found = spans(
          app(history.map((h) => entry(h.revision, h.hours, h.hours - h.lead))),
          ledger.map((l) => noted(l.revision, l.hours, l.hours - l.lead)),
        );
        for (const [i, [revision, from, to]] of found.entries()) {
          expect(to).to.be.at.least(from);
          const newer = found[i - 1];
          if (newer === undefined) continue;
          expect(to).to.be.at.most(newer[1]);
          expect(revision).to.not.equal(newer[0]);
        }
      }),
    );
  });
});
