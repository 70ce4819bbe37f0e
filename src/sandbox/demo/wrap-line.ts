import { cleanLine } from '../../base/clean-text.js';
import type { Terminal } from './terminal.js';

/**
 * Breaks a text at blanks into lines of at most `width` characters. A longer word is broken after a slash where that is
 * possible, so that paths and branch names stay readable. Foreign text: control characters are taken out.
 */
export function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of cleanLine(text)
    .split(' ')
    .flatMap((one) => pieces(one, width))) {
    const longer = line === '' ? word.text : `${line}${word.glued ? '' : ' '}${word.text}`;
    if (longer.length <= width) line = longer;
    else {
      lines.push(line);
      line = word.text;
    }
  }
  return [...lines, line];
}

/** A text cut to `width`, with a sign where it was cut. Blanks stay as they are. */
export function cutLine(text: string, width: number, { signs }: Pick<Terminal, 'signs'>): string {
  return text.length <= width
    ? text
    : `${text.slice(0, Math.max(0, width - signs.ellipsis.length)).trimEnd()}${signs.ellipsis}`;
}

interface Piece {
  readonly text: string;
  /** It continues the word of the piece before it. */
  readonly glued: boolean;
}
function pieces(word: string, width: number): readonly Piece[] {
  const found: Piece[] = [];
  let rest = word;
  while (rest.length > width) {
    const slash = rest.lastIndexOf('/', width - 1);
    const at = slash > 0 ? slash + 1 : width;
    found.push({ text: rest.slice(0, at), glued: found.length > 0 });
    rest = rest.slice(at);
  }
  return [...found, { text: rest, glued: found.length > 0 }];
}
