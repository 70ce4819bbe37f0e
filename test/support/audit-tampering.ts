import { readFile } from 'node:fs/promises';
import { linesIn, type AuditDirectory } from '../../src/adapters/file/audit-directory.js';
import {
  lineOf,
  seal,
  type AuditRecord,
  type RecordBody,
  type SegmentReference,
} from '../../src/adapters/file/audit-record.js';
import type { AuditWorld } from './audit.js';

/** A whole log in memory, to be tampered with: segments in order, each a list of lines with their newlines. */
export interface LogCopy {
  readonly segments: readonly { readonly name: string; readonly lines: readonly string[] }[];
}
/** One line of the copy. */
export interface Place {
  readonly segment: number;
  readonly line: number;
}

export async function copyOf(world: AuditWorld): Promise<LogCopy> {
  const names = await world.segments();
  const texts = await Promise.all(names.map((name) => readFile(world.file(name), 'utf8')));
  return {
    segments: names.map((name, i) => ({
      name,
      lines: texts[i]!.split('\n')
        .slice(0, -1)
        .map((line) => `${line}\n`),
    })),
  };
}
export const placesIn = (log: LogCopy): readonly Place[] =>
  log.segments.flatMap(({ lines }, segment) => lines.map((_, line) => ({ segment, line })));
export const lineAt = (log: LogCopy, { segment, line }: Place): string => log.segments[segment]!.lines[line]!;
export const recordAt = (log: LogCopy, place: Place): AuditRecord => JSON.parse(lineAt(log, place)) as AuditRecord;

/** Replaces the lines of one segment. */
export const withLines = (
  log: LogCopy,
  segment: number,
  change: (lines: readonly string[]) => readonly string[],
): LogCopy => ({
  segments: log.segments.map((s, i) => (i === segment ? { ...s, lines: change(s.lines) } : s)),
});
/** The directory reader over a copy. */
export const asDirectory = (log: LogCopy): AuditDirectory =>
  bytesAsDirectory(new Map(log.segments.map((s) => [s.name, Buffer.from(s.lines.join(''))])));
export const bytesAsDirectory = (files: ReadonlyMap<string, Buffer>): AuditDirectory => ({
  list: async () => [...files.keys()].toSorted(),
  lines: (name) => linesIn(inChunks(files.get(name) ?? Buffer.alloc(0))),
});
async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

/**
 * What the ablest tamperer does: changes the records he likes and chains everything after them anew, through all segments.
 * `sign` signs the checkpoints he must rewrite; without it the old signatures are kept, for want of a key.
 */
export function rechained(
  log: LogCopy,
  change: (record: AuditRecord, place: Place) => RecordBody | undefined,
  sign?: { readonly key: string; sign(text: string): string },
): LogCopy {
  const renewed = new Map<string, string>();
  const renew = <R extends SegmentReference>(reference: R): R => ({
    ...reference,
    hash: renewed.get(reference.hash) ?? reference.hash,
  });
  return {
    segments: log.segments.map(({ name, lines }, segment) => ({
      name,
      lines: lines.map((text, line) => {
        const record = JSON.parse(text) as AuditRecord;
        const { v: _v, n, prev, hash, ...body } = { ...record, ...change(record, { segment, line }) } as AuditRecord;
        const rest = {
          ...body,
          ...('previous' in body && body.previous !== undefined ? { previous: renew(body.previous) } : {}),
        } as RecordBody & { signature?: string };
        const { signature, ...unsigned } = rest;
        const keyed = unsigned.kind === 'checkpoint' && sign !== undefined ? { ...unsigned, key: sign.key } : unsigned;
        const sealed = seal(
          keyed as RecordBody,
          { number: n - 1, hash: renewed.get(prev) ?? prev },
          sign?.sign ?? (() => signature ?? ''),
        );
        if (sealed.hash !== hash) renewed.set(hash, sealed.hash);
        return lineOf(sealed);
      }),
    })),
  };
}
