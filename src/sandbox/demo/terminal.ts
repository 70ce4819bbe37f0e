const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;
export type Colour = keyof typeof CODES;
/** Signs before a line. They only repeat what the words say. */
export interface Signs {
  readonly state: string;
  readonly step: string;
  readonly pass: string;
  readonly fail: string;
  readonly unknown: string;
  /** Where a line was cut. */
  readonly ellipsis: string;
}
/** What the demo writes to. */
export interface Terminal {
  /** Columns that are used. */
  readonly width: number;
  readonly signs: Signs;
  paint(colour: Colour, text: string): string;
}

/** Room for the name of a rule. */
const NARROWEST = 36;
/** Longer lines are hard to read, however wide the window is. */
const WIDEST = 110;
const UNKNOWN_WIDTH = 80;
const GLYPHS: Signs = { state: '●', step: '·', pass: '✓', fail: '✗', unknown: '?', ellipsis: '…' };
const ASCII: Signs = { state: '*', step: '-', pass: '+', fail: 'x', unknown: '?', ellipsis: '...' };

/** No colour unless it is a terminal that wants it (no-color.org); no sign outside ASCII unless the locale is UTF-8. */
export function terminalOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const coloured = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '') ?? '';
  return {
    width: Math.min(WIDEST, Math.max(NARROWEST, stream.columns ?? UNKNOWN_WIDTH)),
    signs: /utf-?8/i.test(locale) ? GLYPHS : ASCII,
    paint: (colour, text) => {
      const [on, off] = CODES[colour];
      return coloured && text !== '' ? `\u001B[${on}m${text}\u001B[${off}m` : text;
    },
  };
}
