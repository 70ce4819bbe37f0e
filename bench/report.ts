import { execFileSync } from 'node:child_process';
import os from 'node:os';
import { holds, valueOf, type Row } from './measure.js';

/** Where and when a run took place. */
export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly machine: string;
  readonly loadBefore: string;
  readonly loadAfter: string;
}
export const loadAverage = (): string =>
  os
    .loadavg()
    .map((l) => l.toFixed(2))
    .join(' ');
export function circumstances(loadBefore: string): Circumstances {
  const [cpu] = os.cpus();
  return {
    date: new Date().toISOString(),
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).trim(),
    node: process.version,
    machine: `${os.cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()}`,
    loadBefore,
    loadAfter: loadAverage(),
  };
}

const numberOf = (row: Row, value: number): string =>
  row.unit === 'ms'
    ? `${value.toFixed(value < 10 ? 2 : 0)} ms`
    : row.unit === 'bytes'
      ? `${Math.round(value)} B`
      : String(value);
const cells = (row: Row): readonly string[] => [
  row.id,
  row.what,
  row.baseline,
  numberOf(row, row.ours),
  row.bare === undefined ? '' : numberOf(row, row.bare),
  row.bare === undefined ? '' : `${valueOf(row).toFixed(2)}x`,
  row.bare === undefined ? `<= ${numberOf(row, row.goal)}` : `<= ${row.goal}x`,
  holds(row) ? 'yes' : 'NO',
  row.note ?? '',
];
const HEAD = ['id', 'what', 'baseline of the same run', 'ours', 'bare', 'ratio', 'goal', 'holds', 'note'];

/** The table as Markdown, what falls short included. */
export function markdown(rows: readonly Row[], c: Circumstances): string {
  const line = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;
  return [
    '# Measured',
    '',
    'One run of `npm run bench -- --write`: ours and the bare thing in turn (A B A B), medians; delays are the longest of all rounds.',
    'Every part in a process of its own. Each round begins with a collection of garbage; in P1 of the young alone.',
    'Only the ratios carry over to other machines.',
    '',
    `- date: ${c.date}`,
    `- commit: ${c.commit}`,
    `- node: ${c.node}`,
    `- machine: ${c.machine}`,
    `- load average before and after: ${c.loadBefore}; ${c.loadAfter}`,
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...rows.map((row) => line(cells(row))),
    '',
  ].join('\n');
}
