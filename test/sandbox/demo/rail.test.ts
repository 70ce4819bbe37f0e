import { expect } from 'chai';
import { Rail } from '../../../src/sandbox/demo/rail.js';
import type { RailEntry } from '../../../src/sandbox/demo/rail-entry.js';
import { railText, railTime } from '../../../src/sandbox/demo/rail-text.js';
import { terminalOf } from '../../../src/sandbox/demo/terminal.js';
import { wrapLine } from '../../../src/sandbox/demo/wrap-line.js';

const ESCAPE = '\u001B';
const plain = (columns: number): ReturnType<typeof terminalOf> => terminalOf({ columns }, { LANG: 'C' });
const entry = (over: Partial<RailEntry> = {}): RailEntry => ({
  at: 1_000,
  who: 'operator',
  rank: 'event',
  text: 'looks',
  ...over,
});
const place = { degradedAt: undefined, whoBefore: undefined, subjects: [] };

describe('demo rail', () => {
  let out = '';
  let rail: Rail;
  beforeEach(() => {
    out = '';
    rail = new Rail(plain(80), (text) => (out += text), 200);
  });

  it('breaks lines at blanks, long paths after a slash, and never loses a character', () => {
    const branch = 'ai-operator/rollback/staging/argocd.checkout-staging/ca8ad5c823-to-0eb1e28076';
    const lines = wrapLine(`will open ${branch}, 2 file(s)`, 40);
    expect(
      lines.every((line) => line.length <= 40),
      lines.join('\n'),
    ).to.equal(true);
    expect(lines.join('').replaceAll(' ', '')).to.equal(`willopen${branch},2file(s)`);
    expect(lines[1]).to.match(/\/$/);
  });
  it('takes control characters out of foreign text', () => {
    expect(wrapLine(`Deploy ${ESCAPE}[31mred${ESCAPE}[0m\u0007`, 40)).to.deep.equal(['Deploy red']);
  });
  it('shows no time before anything was Degraded, and the seconds since then afterwards', () => {
    expect(railTime(5_000, undefined).trim()).to.equal('');
    expect(railTime(4_999, 5_000).trim()).to.equal('');
    expect(railTime(17_340, 5_000)).to.equal('  12.3 s');
  });
  for (const columns of [36, 44, 80, 120]) {
    it(`keeps every line within ${columns} columns`, () => {
      const text = railText(
        entry({
          rank: 'step',
          text: 'waiting-for-human: left to people: I2_health_degraded, I3_replica_shortage, G7_not_superseded',
          details: [
            {
              label: 'I8_branch_protection',
              verdict: 'pass',
              text: 'open, clean, with a long explanation that has to be cut somewhere',
              cut: true,
            },
            {
              label: 'I3_replica_shortage',
              verdict: 'fail',
              text: 'Deployment search 2 of 2 available; a stuck rolling update keeps the old pods serving',
            },
          ],
        }),
        place,
        plain(columns),
      );
      expect(text.split('\n').filter((line) => line.length > columns)).to.deep.equal([]);
      expect(text).to.include('I8_branch_protection').and.to.include('I3_replica_shortage');
    });
  }
  it('says a verdict by a sign and never by colour alone', () => {
    const details = [{ label: 'I5', verdict: 'fail' as const, text: 'no metrics' }];
    expect(railText(entry({ details }), place, plain(80))).to.match(/x I5 {2}no metrics/);
  });
  it('uses colour only on a terminal that wants it, and signs outside ASCII only in a UTF-8 locale', () => {
    const state = entry({ rank: 'state', text: 'PRCreated' });
    const shown = (stream: { isTTY?: boolean }, env: Record<string, string>): string =>
      railText(state, place, terminalOf({ columns: 80, ...stream }, env));
    expect(shown({ isTTY: true }, {})).to.include(ESCAPE);
    expect(shown({ isTTY: true }, { NO_COLOR: '1' })).not.to.include(ESCAPE);
    expect(shown({ isTTY: true }, { TERM: 'dumb' })).not.to.include(ESCAPE);
    expect(shown({}, {})).not.to.include(ESCAPE);
    expect(shown({}, { LC_ALL: 'C', LANG: 'en_US.UTF-8' })).to.include('* PRCreated');
    expect(shown({}, { LANG: 'en_US.UTF-8' })).to.include('● PRCreated');
  });
  it('tells things in the order of their times, whichever way they came', () => {
    rail.add(entry({ at: 1_050, who: 'GitHub', text: 'second' }));
    rail.add(entry({ at: 1_000, who: 'leo', text: 'first' }));
    rail.flush(1_100);
    expect(out, 'not told before others may still come').to.equal('');
    rail.flush(1_300);
    expect(out.indexOf('first')).to.be.lessThan(out.indexOf('second'));
    const told = out;
    rail.flush();
    expect(out, 'told once').to.equal(told);
  });
  it('names who did it once for lines in a row', () => {
    rail.add(entry({ at: 1, text: 'one' }));
    rail.add(entry({ at: 2, text: 'two' }));
    rail.flush();
    expect(out.match(/operator/g)).to.have.length(1);
  });
  it('tells what happens to many applications at once in one line', () => {
    for (const n of [1, 2, 3, 4, 5])
      rail.add(entry({ at: n, who: 'Argo CD', subject: `shop-${n}`, text: 'Degraded', mood: 'bad' }));
    rail.flush();
    expect(out.replaceAll(/\s+/g, ' ')).to.include('5 applications (shop-1, shop-2, shop-3 and 2 more): Degraded');
  });
  it('waits longer for like things where there is a crowd', () => {
    const crowd = new Rail(plain(80), (text) => (out += text), 1_000);
    crowd.add(entry({ at: 0, who: 'Argo CD', subject: 'shop-1', text: 'Degraded' }));
    crowd.flush(700);
    crowd.add(entry({ at: 750, who: 'Argo CD', subject: 'shop-2', text: 'Degraded' }));
    crowd.flush(1_000);
    expect(out).to.include('2 applications (shop-1, shop-2): Degraded');
  });
  it("names the application in the operator's lines only once there are several", () => {
    rail.add(entry({ subject: 'checkout', text: 'resolving' }));
    rail.flush();
    expect(out).not.to.include('checkout');
    rail.add(entry({ subject: 'search', text: 'resolving' }));
    rail.flush();
    expect(out).to.include('search: resolving');
  });
  it('counts from the first Degraded, however late it is told', () => {
    rail.degraded(1_000);
    rail.degraded(9_000);
    rail.add(entry({ at: 3_500, text: 'later' }));
    rail.flush();
    expect(out).to.match(/^ +2\.5 s {2}operator {2}later/);
  });
});
