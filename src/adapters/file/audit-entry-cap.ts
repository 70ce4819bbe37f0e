import { canonicalJson } from '../../base/hash.js';
import type { AuditEntry } from '../../ports/audit-log.js';
import type { EntryBody } from './audit-record.js';

/** A record is at most this long, so that one hostile commit message cannot fill the disk. */
export const MAX_RECORD_BYTES = 64 * 1024;
/** Room for version, number, times, hashes and the list of cuts. */
const ROOM_BYTES = MAX_RECORD_BYTES - 4 * 1024;
/** From generous to meagre; the first under which the record fits is taken. */
const LIMITS: readonly Limits[] = [
  { stringLength: 8_192, items: 500, depth: 12 },
  { stringLength: 1_024, items: 100, depth: 8 },
  { stringLength: 128, items: 20, depth: 5 },
  { stringLength: 64, items: 10, depth: 3 },
];
/** What one unit of room can become at most when it is written: the longest number, or an escaped character, in its field. */
const BYTES_PER_UNIT = 32;
const LISTED_CUTS = 20;
const CUT_PATH_LENGTH = 100;

interface Limits {
  readonly stringLength: number;
  readonly items: number;
  readonly depth: number;
}
interface Walk {
  readonly limits: Limits;
  /** Room left, in characters. Below 0 the walk is over: a huge entry costs no more than one that just fits. */
  left: number;
  readonly cut: Set<string>;
  readonly ancestors: Set<object>;
}

/**
 * The entry as it will be written: plain JSON, at most 64 KiB, whatever it was made of. Whatever had to be shortened is
 * marked in place (`…[12 characters cut]`) and named in `cut`. Big integers become decimal text.
 */
export function capEntry(entry: AuditEntry, written: number): EntryBody {
  for (const limits of LIMITS) {
    const cut = new Set<string>();
    const walk: Walk = { limits, left: ROOM_BYTES, cut, ancestors: new Set() };
    const plain = plainOf(entry, '', walk) as AuditEntry;
    if (walk.left < 0 || !fits(plain, ROOM_BYTES - walk.left)) continue;
    return cut.size === 0 ? { ...plain, written } : { ...plain, written, cut: [...cut].slice(0, LISTED_CUTS) };
  }
  const { subject, kind, at, actor, text } = entry;
  const walk: Walk = { limits: LIMITS[1]!, left: ROOM_BYTES, cut: new Set(), ancestors: new Set() };
  const few = plainOf({ subject, kind, at, actor, text }, '', walk) as AuditEntry;
  return { ...few, written, cut: ['everything but subject, kind, at, actor and text'] };
}

/** An ordinary entry is so far below the limit that nobody has to write it to see that. */
const fits = (plain: unknown, used: number): boolean =>
  used * BYTES_PER_UNIT <= ROOM_BYTES || Buffer.byteLength(canonicalJson(plain)) <= ROOM_BYTES;

function plainOf(value: unknown, path: string, walk: Walk): unknown {
  if (walk.left-- < 0) return undefined;
  switch (typeof value) {
    case 'string':
      return cutString(value, path, walk);
    case 'bigint':
      return cutString(value.toString(), path, walk);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : plainObject(value, path, walk);
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
  }
}

function cutString(text: string, path: string, walk: Walk): string {
  const { limits, cut } = walk;
  walk.left -= Math.min(text.length, limits.stringLength);
  if (text.length <= limits.stringLength) return text;
  cut.add(path.slice(0, CUT_PATH_LENGTH));
  return `${text.slice(0, limits.stringLength)}…[${text.length - limits.stringLength} characters cut]`;
}

function plainObject(value: object, path: string, walk: Walk): unknown {
  // Secrets print themselves as redacted, dates as text.
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const said: unknown = value.toJSON();
    return typeof said === 'object' && said !== null ? plainContainer(said, path, walk) : plainOf(said, path, walk);
  }
  if (value instanceof Error) return cutString(`${value.name}: ${value.message}`, path, walk);
  if (value instanceof Map) return plainContainer(plainMap(value), path, walk);
  if (value instanceof Set) return plainContainer([...value], path, walk);
  return plainContainer(value, path, walk);
}

const plainMap = (map: ReadonlyMap<unknown, unknown>): object =>
  [...map.keys()].every((key) => typeof key === 'string')
    ? Object.fromEntries(map as ReadonlyMap<string, unknown>)
    : [...map];

function plainContainer(value: object, path: string, walk: Walk): unknown {
  const { limits, cut, ancestors } = walk;
  if (ancestors.has(value)) return '[circular]';
  if (ancestors.size >= limits.depth) {
    cut.add(path.slice(0, CUT_PATH_LENGTH));
    return '…[deeper levels cut]';
  }
  ancestors.add(value);
  try {
    return Array.isArray(value) ? plainArray(value, path, walk) : plainRecord(value, path, walk);
  } finally {
    ancestors.delete(value);
  }
}

function plainArray(value: readonly unknown[], path: string, walk: Walk): unknown[] {
  const kept = value.slice(0, walk.limits.items).map((item, i) => plainOf(item, `${path}[${i}]`, walk) ?? null);
  if (value.length <= walk.limits.items) return kept;
  walk.cut.add(path.slice(0, CUT_PATH_LENGTH));
  return [...kept, `…[${value.length - walk.limits.items} items cut]`];
}

function plainRecord(value: object, path: string, walk: Walk): object {
  const kept: Record<string, unknown> = {};
  let present = 0;
  for (const key of Object.keys(value)) {
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field === undefined || typeof field === 'function' || typeof field === 'symbol') continue;
    if (present++ >= walk.limits.items) continue;
    const name = cutString(key, path, walk);
    put(kept, name, plainOf(field, path === '' ? name : `${path}.${name}`, walk));
  }
  if (present <= walk.limits.items) return kept;
  walk.cut.add(path.slice(0, CUT_PATH_LENGTH));
  return { ...kept, '…': `[${present - walk.limits.items} fields cut]` };
}
/** Assigning to `__proto__` would change the prototype instead of making a field. */
function put(record: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(record, name, { value, enumerable: true, writable: true, configurable: true });
  else record[name] = value;
}
