import type { AttemptView } from '../../../model/attempt-view.js';
import type { EpochMs } from '../../../model/application.js';

/** What a body says beside the attempt itself. */
export interface BodyFacts {
  readonly now: EpochMs;
  readonly version: string;
  readonly instance: string;
  readonly development: boolean;
  readonly storeKind: string;
}

/** How much of everything is shown; smaller when the whole would not fit. */
export interface BodyLimits {
  /** Characters of one foreign text. */
  readonly text: number;
  /** Rows of a table or list. */
  readonly rows: number;
}

/** A part of the body as Markdown; undefined = there is nothing to say. Pure. */
export type Section = (view: AttemptView, facts: BodyFacts, limits: BodyLimits) => string | undefined;

/** A table of cells that are Markdown already. */
export function markdownTable(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `and 12 more`, where a list was cut. */
export const andMore = (all: number, shown: number): string => (all > shown ? `… and ${all - shown} more.` : '');

/** Parts that have something to say, a blank line between them. */
export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((p) => p !== undefined && p !== '').join('\n\n');
