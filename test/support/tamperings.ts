import { lineOf, referenceTo, seal } from '../../src/adapters/file/audit-record.js';
import { T0 } from './attempt-parts.js';
import { entryOf } from './audit.js';
import { lineAt, rechained, recordAt, withLines, type LogCopy, type Place } from './audit-tampering.js';

type Signer = NonNullable<Parameters<typeof rechained>[2]>;

/** An entry that nobody wrote. */
export const FORGED = { ...entryOf(99, { text: 'forged: a human approved it' }), written: T0 };
const forgedAfter = (log: LogCopy, place: Place): string =>
  lineOf(seal(FORGED, referenceTo(recordAt(log, place)), () => ''));
const middleFlipped = (text: string): string => {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1);
};

/** Everything somebody could do to one record of a log, by name; `stranger` is a key that is not the log's. */
export const tamperingsBy = (stranger: Signer): Readonly<Record<string, (copy: LogCopy, place: Place) => LogCopy>> => ({
  'a byte edited': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) => lines.with(line, middleFlipped(lines[line]!))),
  'a line deleted': (copy, { segment, line }) => withLines(copy, segment, (lines) => lines.toSpliced(line, 1)),
  'a line doubled': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) => lines.toSpliced(line, 0, lines[line]!)),
  'two lines swapped': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) =>
      line + 1 < lines.length ? lines.with(line, lines[line + 1]!).with(line + 1, lines[line]!) : lines.toReversed(),
    ),
  'a forged line inserted': (copy, place) =>
    withLines(copy, place.segment, (lines) => lines.toSpliced(place.line + 1, 0, forgedAfter(copy, place))),
  'a forged line in its place': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) =>
      lines.with(
        line,
        line === 0
          ? lineOf(
              seal(
                FORGED,
                { number: recordAt(copy, { segment, line }).n - 1, hash: recordAt(copy, { segment, line }).prev },
                () => '',
              ),
            )
          : forgedAfter(copy, { segment, line: line - 1 }),
      ),
    ),
  'a field added': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) =>
      lines.with(line, lineOf({ ...recordAt(copy, { segment, line }), zz: 'added' } as never)),
    ),
  'a signature added or changed': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) =>
      lines.with(line, lineOf({ ...recordAt(copy, { segment, line }), signature: 'ab'.repeat(64) } as never)),
    ),
  'its JSON respelled': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) => lines.with(line, lines[line]!.replace('":', '": '))),
  'the line moved to another segment': (copy, { segment, line }) => {
    const moved = lineAt(copy, { segment, line });
    return withLines(
      withLines(copy, segment, (lines) => lines.toSpliced(line, 1)),
      segment === 0 ? 1 : 0,
      (lines) => [...lines, moved],
    );
  },
  'the segment cut off from here': (copy, { segment, line }) =>
    withLines(copy, segment, (lines) => lines.slice(0, line)),
  'cut: the log ends before it': (copy, { segment, line }) => ({
    segments: withLines(copy, segment, (lines) => lines.slice(0, line)).segments.slice(0, segment + 1),
  }),
  'cut: the log ends in the middle of it': (copy, { segment, line }) => ({
    segments: withLines(copy, segment, (lines) => [...lines.slice(0, line), lines[line]!.slice(0, 50)]).segments.slice(
      0,
      segment + 1,
    ),
  }),
  'everything from here chained anew': (copy, at) =>
    rechained(copy, (record, place) =>
      place.segment === at.segment && place.line === at.line ? { ...record, at: record.at + 1 } : undefined,
    ),
  'everything chained anew and signed with another key': (copy, at) =>
    rechained(
      copy,
      (record, place) =>
        place.segment === at.segment && place.line === at.line ? { ...record, at: record.at + 1 } : undefined,
      stranger,
    ),
});
