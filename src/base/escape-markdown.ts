import { cleanLine } from './clean-text.js';

/**
 * Every ASCII character that can mean something to Markdown, HTML, GitHub's autolinks, mentions, emoji or maths inside a line.
 * As character references they are text and nothing else (CommonMark 2.5), also in a table cell.
 */
const ACTIVE = /[\\`*_[\]<>&~|$^#@:]/g;
const reference = (character: string): string => `&#${character.charCodeAt(0)};`;
const encode = (line: string): string => line.replaceAll(ACTIVE, reference).replaceAll(/(www)\./gi, '$1&#46;');

/** GitHub looks for mentions and issue numbers after it has decoded references: a zero-width space between the parts stops it. */
const apart = (encoded: string): string =>
  encoded
    .replaceAll('&#64;', '&#64;&#8203;')
    .replaceAll('&#35;', '&#35;&#8203;')
    .replaceAll('&#58;//', '&#58;&#8203;//')
    .replaceAll('&#46;', '&#46;&#8203;')
    .replaceAll(/\b(gh)-(?=\d)/gi, '$1-&#8203;');

/**
 * A foreign name or message as inline code: never a link, image, mention, issue reference, comment or markup, whatever it
 * holds. One line of at most `maxLength` characters before encoding. GitHub links nothing inside code.
 */
export function markdownCode(text: string, maxLength = 200): string {
  const line = cleanLine(text, maxLength);
  return `<code>${line === '' ? '–' : encode(line)}</code>`;
}

/** A sentence that may hold foreign parts, as plain prose on one line; as harmless as `markdownCode`. Must not begin a line of its own. */
export const markdownText = (text: string, maxLength = 500): string => apart(encode(cleanLine(text, maxLength)));

/** Like `markdownText`, but what stands between paired backticks becomes code. */
export function markdownSentence(text: string, maxLength = 1_000): string {
  const parts = cleanLine(text, maxLength).split('`');
  if (parts.length % 2 === 0) return markdownText(text, maxLength);
  return parts.map((part, i) => (i % 2 === 1 ? markdownCode(part, maxLength) : apart(encode(part)))).join('');
}
