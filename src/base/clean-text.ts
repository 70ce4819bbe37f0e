/** Escape sequences of terminals: colours, titles, links. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const TERMINAL_SEQUENCE = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Visible ASCII with single spaces inside: what nearly every line is, and already clean. */
const CLEAN = /^(?:[!-~]+(?: [!-~]+)*)?$/;
const STACKED_MARKS = /(\p{M}{3})\p{M}+/gu;

/**
 * Foreign text as one line that shows what it holds: no terminal sequences, control, bidi or zero-width characters, no line
 * breaks, NFC. Longer than `maxLength` characters: cut, with an ellipsis as the last one. Cleaning twice changes nothing.
 */
export function cleanLine(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  if (text.length <= maxLength && CLEAN.test(text)) return text;
  const some = Number.isFinite(maxLength) ? text.slice(0, 8 * maxLength + 256) : text;
  const line = some
    .replaceAll(LONE_SURROGATE, '\uFFFD')
    .replaceAll(TERMINAL_SEQUENCE, '')
    .replaceAll(/[\s\u0085]+/gu, ' ')
    .replaceAll(INVISIBLE, '')
    .replaceAll(/ +/g, ' ')
    .replaceAll(STACKED_MARKS, '$1')
    .trim()
    .normalize('NFC');
  const characters = Array.from(line);
  return characters.length <= maxLength
    ? line
    : `${characters
        .slice(0, Math.max(0, maxLength - 1))
        .join('')
        .trimEnd()}…`;
}
