import { expect } from 'chai';
import fc from 'fast-check';
import { viewOf } from '../../../src/model/attempt-view.js';
import { attemptText } from '../../../src/surface/cli/attempt-text.js';
import { explainText } from '../../../src/surface/cli/explain-text.js';
import { attemptsText } from '../../../src/surface/cli/lists-text.js';
import { paintFor, plain } from '../../../src/surface/cli/paint.js';
import { labelled, table, wrap } from '../../../src/surface/cli/table.js';
import { abortedFrom, attemptAt, attemptIn, everyAttempt } from '../../support/attempts.js';
import { expectGolden } from '../../support/golden.js';
import { HOSTILE_TEXTS } from '../../support/hostile-texts.js';
import { withForeignText } from '../../stages/4-proposal/body-cases.js';
import { cartExplained, shopExplained } from '../explanations.js';
import { NOW } from '../fake-operator.js';

const anyText = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 60 }));
/** Everything but a line break that a terminal obeys. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/u;

describe('texts for a terminal', () => {
  it('describe every state and step there is', () => {
    expectGolden(
      'test/surface/cli/golden/every-attempt.txt',
      everyAttempt()
        .map((a) => attemptText(viewOf(a), NOW, plain))
        .join(`\n\n${'='.repeat(80)}\n\n`),
    );
  });
  it('explain a latched, killed, lowered application whose health is unknown', () => {
    expectGolden('test/surface/cli/golden/explain-latched.txt', explainText(cartExplained(NOW), plain));
  });
  it('never let foreign text move the cursor, colour, or hide anything', () => {
    const view = viewOf(abortedFrom(attemptAt('waiting-for-human'), 'ci-failed'));
    fc.assert(
      fc.property(anyText, (text) => {
        const foreign = withForeignText(view, () => text);
        expect(attemptText(foreign, NOW, plain)).not.to.match(OBEYED);
        expect(attemptsText([foreign], NOW, plain)).not.to.match(OBEYED);
        const explained = shopExplained(NOW);
        expect(
          explainText(
            { ...explained, project: text, whatWouldChange: [text], eligibility: { code: 'latched', text } },
            plain,
          ),
        ).not.to.match(OBEYED);
      }),
    );
  });
  it('hold no colour unless they go to a terminal that wants it', () => {
    const view = viewOf(attemptIn('RollbackComplete'));
    const painted = (isTerminal: boolean, env: Record<string, string>): boolean =>
      attemptText(view, NOW, paintFor({ isTerminal, env })).includes('\u001B[');
    expect([
      painted(true, {}),
      painted(false, {}),
      painted(true, { NO_COLOR: '1' }),
      painted(true, { TERM: 'dumb' }),
    ]).to.deep.equal([true, false, false, false]);
  });
  it('say the same with and without colour', () => {
    const view = viewOf(attemptAt('waiting-for-human'));
    const coloured = attemptText(view, NOW, paintFor({ isTerminal: true, env: {} }));
    // oxlint-disable-next-line no-control-regex -- colours are what it is about
    expect(coloured.replaceAll(/\u001B\[\d+m/g, '')).to.equal(attemptText(view, NOW, plain));
  });
});

describe('tables', () => {
  it('line up whatever the cells hold, without trailing blanks', () => {
    expect(
      table(
        ['A', 'LONG', 'C'],
        [
          ['x', 'y', 'z'],
          ['wide cell', '', ''],
        ],
        plain,
      ),
    ).to.equal('A          LONG  C\nx          y     z\nwide cell');
  });
  it('leave out labels without a value', () => {
    expect(
      labelled(
        [
          ['a', '1'],
          ['bbb', undefined],
          ['cc', ''],
        ],
        plain,
      ),
    ).to.equal('a  1');
  });
  it('wrap at blanks and keep words that are too long whole', () => {
    expect(wrap('aa bb cccccccccc dd', '  ', 8)).to.equal('  aa bb\n  cccccccccc\n  dd');
  });
});
