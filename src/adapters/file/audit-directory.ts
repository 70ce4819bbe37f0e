import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './audit-trouble.js';

/** One line of a segment, without its newline. */
export interface AuditLine {
  readonly bytes: Buffer;
  /** Ended by a newline; only the last line of a file may not be: a write that was cut off. */
  readonly complete: boolean;
}
/** The segments of an audit log, wherever they lie. */
export interface AuditDirectory {
  /** Names of the segments in the order they were begun. */
  list(): Promise<readonly string[]>;
  lines(segment: string): AsyncIterable<AuditLine>;
}

const SEGMENT_NAME = /^audit-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z-([0-9a-f]{8})\.jsonl$/;
/** No record comes near it; what is longer is not read into memory whole. */
const LONGEST_LINE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** `audit-20260101T000000000Z-1a2b3c4d.jsonl`: sorts by time, UTC. */
export const segmentName = (at: number, boot: string): string =>
  `audit-${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}-${boot}.jsonl`;

/** When a segment was begun, by its name; undefined = not the name of a segment. */
export function segmentTime(name: string): number | undefined {
  const match = SEGMENT_NAME.exec(name);
  if (match === null) return undefined;
  const [, y, mo, d, h, mi, s, ms] = match;
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** The segments in a folder; a folder that does not exist holds none. */
export function auditDirectory(directory: string): AuditDirectory {
  return {
    async list() {
      const names = await readdir(directory).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      return names.filter((name) => segmentTime(name) !== undefined).toSorted();
    },
    lines: (segment) => linesOf(path.join(directory, segment)),
  };
}

async function* linesOf(file: string): AsyncGenerator<AuditLine> {
  const handle = await open(file, 'r');
  try {
    yield* linesIn(handle.createReadStream({ autoClose: false, highWaterMark: 256 * 1024 }));
  } finally {
    await handle.close();
  }
}

/** Splits bytes into lines; of an endless line only the beginning is kept: enough to see that it is not a record. */
export async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<AuditLine> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const tail = chunk.subarray(from, end);
      yield { bytes: rest.length === 0 ? tail : Buffer.concat([...rest, tail]), complete: true };
      rest = [];
      restBytes = 0;
      from = end + 1;
    }
    if (from < chunk.length && restBytes < LONGEST_LINE_BYTES) {
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
    }
  }
  if (restBytes > 0) yield { bytes: Buffer.concat(rest), complete: false };
}
