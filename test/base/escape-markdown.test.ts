import { expect } from 'chai';
import fc from 'fast-check';
import { cleanLine } from '../../src/base/clean-text.js';
import { markdownCode, markdownSentence, markdownText } from '../../src/base/escape-markdown.js';
import { HOSTILE_TEXTS } from '../support/hostile-texts.js';

const anyText = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '@',
        '#',
        '1',
        'a',
        'GH-',
        'www.',
        '://',
        'http',
        '<',
        '>',
        '`',
        '|',
        '\\',
        '[',
        ']',
        '(',
        ')',
        '!',
        '*',
        '_',
        '&',
        ';',
        '\n',
        ' ',
        ':',
        '-->',
        'fixes ',
      ),
      { maxLength: 30 },
    )
    .map((p) => p.join('')),
);
const withoutReferences = (markdown: string): string => markdown.replaceAll(/&#\d{1,5};/g, '');
const decoded = (markdown: string): string =>
  markdown.replaceAll(/&#(\d{1,5});/g, (_, n: string) => String.fromCodePoint(Number(n)));
const inside = (code: string): string => /^<code>(.*)<\/code>$/su.exec(code)?.[1] ?? 'NOT ONE CODE ELEMENT';
/** What may mean something to Markdown, HTML or a table cell. */
const ACTIVE = /[\\`*_[\]<>&~|$^#@:\r\n]/;
/** What GitHub links in text nodes, after references were decoded. */
const LINKED = /@[A-Za-z0-9]|#\d|\bgh-\d|:\/\/|www\.[a-z0-9]/i;

describe('escaping for Markdown', () => {
  describe('markdownCode', () => {
    it('is one code element in which nothing has a meaning', () => {
      fc.assert(
        fc.property(anyText, (text) => {
          expect(withoutReferences(inside(markdownCode(text)))).not.to.match(ACTIVE);
        }),
      );
    });
    it('shows the text unchanged but for what cannot be seen', () => {
      fc.assert(
        fc.property(anyText, (text) => {
          expect(decoded(inside(markdownCode(text)))).to.equal(cleanLine(text, 200) || '–');
        }),
      );
    });
    it('leaves harmless names readable in the source', () => {
      expect(markdownCode('apps/checkout/overlays/staging/kustomization.yaml')).to.equal(
        '<code>apps/checkout/overlays/staging/kustomization.yaml</code>',
      );
    });
  });

  for (const [name, escape] of [
    ['markdownText', markdownText],
    ['markdownSentence', markdownSentence],
  ] as const) {
    describe(name, () => {
      it('holds no character with a meaning outside of its own code elements', () => {
        fc.assert(
          fc.property(anyText, (text) => {
            expect(withoutReferences(escape(text)).replaceAll(/<\/?code>/g, '')).not.to.match(ACTIVE);
          }),
        );
      });
      it('holds no mention, issue reference or address that GitHub would link', () => {
        fc.assert(
          fc.property(anyText, (text) => {
            expect(decoded(escape(text).replaceAll(/<code>.*?<\/code>/gu, '∎'))).not.to.match(LINKED);
          }),
        );
      });
    });
  }

  it('disarms mentions and closing words in prose', () => {
    expect(markdownText('fixes #1 says @octocat')).to.equal('fixes &#35;&#8203;1 says &#64;&#8203;octocat');
  });
  it('makes code of what stands between paired backticks, and of nothing when one is missing', () => {
    expect(markdownSentence('run `ai-operator retry` now')).to.equal('run <code>ai-operator retry</code> now');
    expect(markdownSentence('run `this')).to.equal('run &#96;this');
  });
});
