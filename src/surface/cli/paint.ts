import type { CliIo } from './cli-io.js';

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;
export type Colour = keyof typeof CODES;
/** Colours a text, or leaves it as it is. Colour only repeats what the words say. */
export type Paint = (colour: Colour, text: string) => string;

export const plain: Paint = (_colour, text) => text;
const coloured: Paint = (colour, text) => `\u001B[${CODES[colour][0]}m${text}\u001B[${CODES[colour][1]}m`;

/** Colours for a terminal, unless NO_COLOR is set to anything (no-color.org). */
export const paintFor = (io: Pick<CliIo, 'isTerminal' | 'env'>): Paint =>
  io.isTerminal && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb' ? coloured : plain;
