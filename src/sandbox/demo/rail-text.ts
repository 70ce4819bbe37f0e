import { cleanLine } from '../../base/clean-text.js';
import type { EpochMs } from '../../model/application.js';
import type { RailDetail, RailEntry } from './rail-entry.js';
import type { Terminal } from './terminal.js';
import { cutLine, wrapLine } from './wrap-line.js';

const TIME_WIDTH = 8;
const WHO_WIDTH = 9;
/** Below this the column of names is given up. */
const ROOMY = 60;
const NAMED_SUBJECTS = 3;
/** Room that a text needs to stand beside its label. */
const LEAST_BESIDE = 20;

const MOOD_COLOURS = { good: 'green', bad: 'red' } as const;

/** Where a line stands on the rail. */
export interface RailPlace {
  /** When the first application turned Degraded; undefined = none has yet. */
  readonly degradedAt: EpochMs | undefined;
  /** Who the line before was about; the same name is not repeated. */
  readonly whoBefore: string | undefined;
  /** The applications to be named. */
  readonly subjects: readonly string[];
}

/** `  12.3 s`, or blanks before anything was Degraded. */
export function railTime(at: EpochMs, degradedAt: EpochMs | undefined): string {
  const seconds = degradedAt === undefined || at < degradedAt ? '' : `${((at - degradedAt) / 1000).toFixed(1)} s`;
  return seconds.padStart(TIME_WIDTH);
}

/** One entry as it is printed, in one or more lines. */
export function railText(entry: RailEntry, place: RailPlace, terminal: Terminal): string {
  const roomy = terminal.width >= ROOMY;
  const margin = TIME_WIDTH + 2 + (roomy ? WHO_WIDTH + 1 : 0);
  const width = terminal.width - margin;
  const who = entry.who === place.whoBefore ? '' : cleanLine(entry.who, roomy ? WHO_WIDTH : 20);
  const sign = entry.rank === 'event' ? '' : `${terminal.signs[entry.rank]} `;
  const about = subjectWords(place.subjects);
  const named = roomy || who === '' ? '' : `${who}: `;
  const [first = '', ...rest] = wrapLine(`${named}${about}${entry.text}`, width - sign.length);
  const tint = (text: string): string => {
    const told = entry.mood === undefined ? text : terminal.paint(MOOD_COLOURS[entry.mood], text);
    return entry.rank === 'state' ? terminal.paint('bold', told) : told;
  };
  const indent = ' '.repeat(margin);
  const time = terminal.paint('dim', railTime(entry.at, place.degradedAt));
  const name = roomy ? `${terminal.paint('dim', who)}${' '.repeat(WHO_WIDTH + 1 - who.length)}` : '';
  const inset = ' '.repeat(sign.length);
  return [
    `${time}  ${name}${tint(`${sign}${first}`)}`,
    ...rest.map((line) => `${indent}${' '.repeat(sign.length)}${tint(line)}`),
    ...detailLines(entry.details ?? [], width - inset.length, terminal).map((line) => `${indent}${inset}${line}`),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

function subjectWords(subjects: readonly string[]): string {
  if (subjects.length === 0) return '';
  if (subjects.length === 1) return `${subjects[0] ?? ''}: `;
  const named = subjects.slice(0, NAMED_SUBJECTS).join(', ');
  const more = subjects.length - NAMED_SUBJECTS;
  return `${subjects.length} applications (${named}${more > 0 ? ` and ${more} more` : ''}): `;
}

const VERDICT_COLOURS = { pass: 'green', fail: 'red', unknown: 'yellow' } as const;

function detailLines(details: readonly RailDetail[], width: number, terminal: Terminal): readonly string[] {
  const labelWidth = Math.max(0, ...details.map((detail) => detail.label?.length ?? 0));
  return details.flatMap((detail) => {
    const { label, verdict, text, cut } = detail;
    if (label === undefined) return wrapLine(text, width).map((line) => terminal.paint('dim', line));
    const mark = verdict === undefined ? '' : `${terminal.signs[verdict]} `;
    const before = `${verdict === undefined ? '' : terminal.paint(VERDICT_COLOURS[verdict], mark)}${label}`;
    const lead = mark.length + labelWidth + 2;
    const beside = width - lead;
    if (beside < LEAST_BESIDE) {
      const below = cut === true ? [] : wrapLine(text, width - 2);
      return [before, ...below.map((line) => `  ${terminal.paint('dim', line)}`)];
    }
    const [first = '', ...rest] = cut === true ? [cutLine(cleanLine(text), beside, terminal)] : wrapLine(text, beside);
    const gap = ' '.repeat(labelWidth - label.length + 2);
    return [
      `${before}${gap}${terminal.paint('dim', first)}`,
      ...rest.map((line) => ' '.repeat(lead) + terminal.paint('dim', line)),
    ];
  });
}
