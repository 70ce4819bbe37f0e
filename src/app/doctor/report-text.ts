import { VERDICTS, type DoctorFinding, type DoctorVerdict } from './finding.js';

const WORDS: Readonly<Record<DoctorVerdict, string>> = { fault: 'FAULT', warning: 'WARNING', ok: 'ok' };
const PLURALS: Readonly<Record<DoctorVerdict, readonly [one: string, many: string]>> = {
  fault: ['fault', 'faults'],
  warning: ['warning', 'warnings'],
  ok: ['ok', 'ok'],
};
const WIDTH = 120;
const WIDEST_SUBJECT = 24;

/** Worst first; within a verdict in the order of the examination. */
export const worstFirst = (findings: readonly DoctorFinding[]): readonly DoctorFinding[] =>
  findings.toSorted((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));

/** `1 fault, 2 warnings, 9 ok`. */
export function summaryOf(findings: readonly DoctorFinding[]): string {
  const counts = VERDICTS.map((verdict) => {
    const count = findings.filter((f) => f.verdict === verdict).length;
    return count === 0 ? '' : `${count} ${PLURALS[verdict][count === 1 ? 0 : 1]}`;
  });
  return counts.filter((c) => c !== '').join(', ');
}

/** Plain text for people: the summary, then one aligned entry for each finding, worst first. */
export function reportText(findings: readonly DoctorFinding[]): string {
  const widest = Math.max(0, ...findings.map((f) => f.subject.length));
  const width = Math.min(WIDEST_SUBJECT, widest);
  return [summaryOf(findings), '', ...worstFirst(findings).map((f) => entry(f, width))].join('\n');
}

function entry({ verdict, subject, text, mend }: DoctorFinding, width: number): string {
  const indent = ' '.repeat(8 + 1 + width + 2);
  const head = `${WORDS[verdict].padEnd(8)} ${subject.padEnd(width)}  `;
  const lines = [
    ...wrapped(text, WIDTH - indent.length),
    ...(mend === undefined ? [] : wrapped(`-> ${mend}`, WIDTH - indent.length)),
  ];
  const [first = '', ...rest] = lines;
  // A subject too long for its column has a line of its own.
  const begin = subject.length > width ? [head.trimEnd(), indent + first] : [head + first];
  return [...begin, ...rest.map((line) => indent + line)].join('\n');
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
