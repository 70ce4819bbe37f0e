import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { RecentMap } from '../../base/recent-map.js';
import type { EtcdConnection, StoredText } from './etcd-connection.js';
import { patiently } from './patiently.js';
import type { RecordKind, RecordValues } from './record-shapes.js';
import { decodeRecord, type StoredRecord, type Unreadable } from './stored-record.js';

const REMEMBERED_REPORTS = 1_000;

/** Reads records; what cannot be read is reported once and left where it is: the rest goes on. */
export class RecordReader {
  readonly #reported = new RecentMap<string, string>(REMEMBERED_REPORTS);
  constructor(
    private readonly connection: EtcdConnection,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly pausesMs: readonly number[],
    private readonly onTrouble: (error: OperatorError) => void,
  ) {}

  async one<K extends RecordKind>(kind: K, key: string): Promise<StoredRecord<RecordValues[K]> | undefined> {
    const stored = await this.stored(key);
    return stored === undefined ? undefined : this.read(kind, stored);
  }
  stored(key: string): Promise<StoredText | undefined> {
    return this.#patiently(() => this.connection.get(key));
  }
  many(keys: readonly string[]): Promise<readonly StoredText[]> {
    return this.#patiently(() => this.connection.getMany(keys));
  }
  /** Everything below a prefix, page by page. */
  async *below(prefix: string): AsyncGenerator<StoredText> {
    let from: Buffer | undefined;
    do {
      const page = await this.#patiently(() => this.connection.page(prefix, from));
      yield* page.stored;
      from = page.next;
    } while (from !== undefined);
  }
  /** The record, or undefined after reporting why not. */
  read<K extends RecordKind>(
    kind: K,
    stored: StoredText,
    fits?: (value: RecordValues[K]) => boolean,
  ): StoredRecord<RecordValues[K]> | undefined {
    const decoded = decodeRecord(kind, stored, fits);
    if (decoded.kind === 'read') return decoded.record;
    this.report(stored, decoded);
    return undefined;
  }
  /** The value, or, after reporting, what an unreadable record stands for: `why` is a clause that names it and the mend. */
  valueOr<K extends RecordKind, U>(
    kind: K,
    stored: StoredText,
    fits: (value: RecordValues[K]) => boolean,
    standsFor: (why: string) => U,
  ): RecordValues[K] | U {
    const decoded = decodeRecord(kind, stored, fits);
    if (decoded.kind === 'read') return decoded.record.value;
    this.report(stored, decoded);
    return standsFor(clauseOf(stored.key, decoded));
  }
  /** Once per revision of a key. */
  report({ key, revision }: Pick<StoredText, 'key' | 'revision'>, { because, why }: Unreadable): void {
    if (this.#reported.get(key) === revision) return;
    this.#reported.set(key, revision);
    this.onTrouble(unreadable(key, because, why));
  }

  #patiently<T>(call: () => Promise<T>): Promise<T> {
    return patiently(this.clock, this.pausesMs, call);
  }
}

/** Which record cannot be read, why, and the mend. */
export const clauseOf = (key: string, { because, why }: Unreadable): string =>
  because === 'newer'
    ? `the record ${key} was written by a newer operator (${why}): run that version`
    : `the record ${key} cannot be read (${why}): look at it with etcdctl and delete it`;

/** What is said of a record that cannot be read. */
export function unreadable(key: string, because: 'newer' | 'corrupt', why: string): OperatorError {
  if (because === 'newer') {
    const message = `${key} was written by a newer operator: ${why}. It is left alone; run that version.`;
    return new OperatorError('STORE_RECORD_NEWER', 'terminal', message);
  }
  const message = `${key} cannot be read: ${why}. It is kept as it is; look at it with etcdctl and delete it.`;
  return new OperatorError('STORE_RECORD_CORRUPT', 'terminal', message);
}
