import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Journal } from '../../../src/sandbox/journal.js';
import { IntentWatch } from './intent-watch.js';

const ID = '0b6c2f3e';
type Line = Readonly<Record<'kind' | 'subject' | 'attempt' | 'text', string>>;
const line = (kind: string, subject: string, text: string): Line => ({ kind, subject, attempt: ID, text });
const ends = (reason: string): Line =>
  line('decision', `${ID}/9`, `PRCreated/waiting-for-ci -> Abort: ${reason}: it is so`);
const announced = line('decision', `${ID}:close`, 'about to: close pull request #7');
const outcome = (word: string): Line => line('outcome', `${ID}:close`, `${word}: close pull request #7`);

describe('the watch over the audit log, when our pull request is closed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'intent-watch-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function asked(lines: readonly Line[], change: object = { state: 'closed' }): IntentWatch {
    writeFileSync(join(folder, 'a.jsonl'), lines.map((l) => `${JSON.stringify(l)}\n`).join(''));
    const journal = new Journal();
    const watch = new IntentWatch(journal, folder);
    const arrival = { at: 0, server: 'github', method: 'PATCH', path: '/repos/acme/shop/pulls/7', query: '' } as const;
    const seq = journal.open(arrival);
    // What is written later counts no more.
    writeFileSync(join(folder, 'b.jsonl'), `${JSON.stringify(announced)}\n`);
    journal.settle(seq, { body: change });
    return watch;
  }

  it('is content with one that was announced by an attempt that had ended, and counts it', () => {
    const watch = asked([ends('recovered'), announced]);
    expect([watch.violations, watch.seen]).to.deep.equal([[], 1]);
  });
  it('is content with one that is asked for again after an answer that was lost', () => {
    expect(asked([ends('recovered'), announced, outcome('not seen (504)')]).violations).to.deep.equal([]);
  });
  it('says nothing about a body that is rewritten', () => {
    const watch = asked([], { body: 'text' });
    expect([watch.violations, watch.seen]).to.deep.equal([[], 0]);
  });
  const S5 = 'S5: #7 is closed, and the newest word about it in the audit log is';
  for (const [what, lines, found] of [
    ['that nobody announced', [ends('recovered')], `${S5} none`],
    [
      'that was announced for another one',
      [ends('recovered'), { ...announced, text: 'about to: close pull request #17' }],
      `${S5} none`,
    ],
    ['that is done again', [ends('recovered'), announced, outcome('done')], `${S5} done: close pull request #7`],
    [
      'that was refused',
      [ends('recovered'), announced, outcome('not done (killed)')],
      `${S5} not done (killed): close pull request #7`,
    ],
    [
      'of an attempt that is open',
      [line('decision', `${ID}/8`, 'CandidateResolved/intent-pr -> PRCreated/waiting-for-ci: seen'), announced],
      'S7: #7 is closed by an attempt that came to CandidateResolved/intent-pr -> PRCreated/waiting-for-ci: seen',
    ],
    [
      'that is left to people',
      [ends('taken-over'), announced],
      'S7: #7 is closed by an attempt that came to PRCreated/waiting-for-ci -> Abort: taken-over: it is so',
    ],
  ] as const)
    it(`catches a closing ${what}`, () => {
      expect(asked(lines).violations).to.deep.equal([found]);
    });
});
