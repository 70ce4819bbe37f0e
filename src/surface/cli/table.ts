import { cleanLine } from '../../base/clean-text.js';
import type { Colour, Paint } from './paint.js';

/** A cell; colour is put on after the width is known. */
export type Cell = string | { readonly text: string; readonly colour: Colour };
const textOf = (cell: Cell): string => cleanLine(typeof cell === 'string' ? cell : cell.text);
const widthOf = (text: string): number => Array.from(text).length;

/** Columns of text, two spaces between them, without lines or trailing blanks. Cells are cleaned of control characters. */
export function table(headers: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const widths = headers.map((h, i) => Math.max(widthOf(h), ...rows.map((r) => widthOf(textOf(r[i] ?? '')))));
  const line = (cells: readonly Cell[], colour?: Colour): string =>
    cells
      .map((cell, i) => {
        const text = textOf(cell);
        const painted =
          typeof cell === 'string' ? (colour === undefined ? text : paint(colour, text)) : paint(cell.colour, text);
        return i === cells.length - 1 ? painted : painted + ' '.repeat(Math.max(0, (widths[i] ?? 0) - widthOf(text)));
      })
      .join('  ')
      .trimEnd();
  return [line(headers, 'bold'), ...rows.map((r) => line(r))].join('\n');
}

/** `Label   value` lines, labels of one width. Values are cleaned; undefined ones are left out. */
export function labelled(
  entries: readonly (readonly [label: string, value: string | undefined])[],
  paint: Paint,
  indent = '',
): string {
  const shown = entries.filter((e): e is readonly [string, string] => e[1] !== undefined && e[1] !== '');
  const width = Math.max(0, ...shown.map(([label]) => label.length));
  return shown
    .map(([label, value]) => `${indent}${paint('dim', label)}${' '.repeat(width - label.length)}  ${cleanLine(value)}`)
    .join('\n');
}

/** Breaks a sentence at blanks so that lines stay within `width`; every line is indented. */
export function wrap(text: string, indent: string, width = 100): string {
  const lines: string[] = [];
  let line = '';
  for (const word of cleanLine(text).split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line].join('\n');
}
