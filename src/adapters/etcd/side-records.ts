import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import {
  RETENTION_MS,
  type ApplicationMark,
  type LedgerEntry,
  type Pause,
  type PauseScope,
  type Spend,
} from '../../model/mark.js';
import type { BaselineScope, Residue } from '../../ports/state-store.js';
import type { Change, EtcdConnection, StoredText } from './etcd-connection.js';
import type { FencedWriter } from './fenced-writer.js';
import { LeaseBook } from './lease-book.js';
import { unreadable, type RecordReader } from './record-reader.js';
import type { RecordKind, RecordValues } from './record-shapes.js';
import { lastSegment, type StoreKeys } from './store-keys.js';
import { decodeRecord, encodeRecord, LARGEST_RECORD_BYTES } from './stored-record.js';

/** What the records of one store share. */
export interface StoreParts {
  readonly keys: StoreKeys;
  readonly reader: RecordReader;
  readonly writer: FencedWriter;
  readonly connection: EtcdConnection;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly pausesMs: readonly number[];
}
const KEPT_CHECKS = 8;
const KEPT_LEDGER = 200;

/** What is stored beside attempts: checks, marks, spends, ledger, baselines, pauses. */
export class SideRecords {
  constructor(private readonly parts: StoreParts) {}

  async checks(app: ApplicationKey): Promise<readonly HealthCheck[]> {
    const { keys, reader } = this.parts;
    return (await reader.one('checks', keys.checks(app)))?.value ?? [];
  }
  async recordCheck(app: ApplicationKey, check: HealthCheck, keep = KEPT_CHECKS): Promise<readonly HealthCheck[]> {
    const added = [structuredClone(check)];
    return this.#append('checks', this.parts.keys.checks(app), added, keep);
  }
  async ledger(app: ApplicationKey): Promise<readonly LedgerEntry[]> {
    const { keys, reader } = this.parts;
    return (await reader.one('ledger', keys.ledger(app)))?.value ?? [];
  }
  async appendLedger(app: ApplicationKey, entry: LedgerEntry): Promise<void> {
    await this.#append('ledger', this.parts.keys.ledger(app), [structuredClone(entry)], KEPT_LEDGER);
  }

  async marks(now: EpochMs, app?: ApplicationKey): Promise<readonly ApplicationMark[]> {
    const { keys } = this.parts;
    const marks = await this.#all('mark', app === undefined ? keys.all('marks') : keys.marksOf(app), (m) =>
      keys.mark(m),
    );
    return marks.filter((mark) => mark.until > now);
  }
  async putMark(mark: ApplicationMark): Promise<void> {
    const [change] = await this.residue({ marks: [mark] });
    if (change !== undefined) await this.#overwrite('mark', change);
  }
  async dropMark(mark: Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>): Promise<void> {
    await this.#drop('mark', this.parts.keys.mark(mark));
  }
  async spends(since: EpochMs): Promise<readonly Spend[]> {
    const { keys, clock } = this.parts;
    const oldest = Math.max(since, clock.now() - RETENTION_MS);
    const spends = await this.#all('spend', keys.all('spends'), (s) => keys.spend(s));
    return spends.filter((spend) => spend.at >= oldest);
  }
  /** Changes that write marks and spends, each with a lease of its own life, for the transaction of a transition. */
  async residue({ marks = [], spends = [] }: Residue): Promise<readonly Change[]> {
    const { keys, connection, clock, pausesMs } = this.parts;
    const leases = new LeaseBook(connection, clock, pausesMs);
    const put = async (key: string, value: ApplicationMark | Spend, until: EpochMs): Promise<Change> => ({
      kind: 'put',
      key,
      text: encodeRecord(key, value),
      lease: await leases.until(until),
    });
    const changes = await Promise.all([
      ...marks.map((mark) => put(keys.mark(mark), mark, mark.until)),
      ...spends.map((spend) => put(keys.spend(spend), spend, spend.at + RETENTION_MS)),
    ]);
    // A transaction must not write a key twice; the last one counts.
    return [...new Map(changes.map((change) => [change.key, change])).values()];
  }

  async baselines(): Promise<ReadonlyMap<BaselineScope, EpochMs>> {
    const { keys, reader } = this.parts;
    const found = new Map<BaselineScope, EpochMs>();
    for await (const stored of reader.below(keys.all('baselines'))) {
      const scope = lastSegment(stored.key);
      const record = reader.read(
        'baseline',
        stored,
        () => scope !== undefined && keys.baseline(scope as BaselineScope) === stored.key,
      );
      if (record !== undefined) found.set(scope as BaselineScope, record.value);
    }
    return found;
  }
  async putBaseline(scope: BaselineScope, at: EpochMs): Promise<void> {
    const key = this.parts.keys.baseline(scope);
    await this.#overwrite('baseline', { kind: 'put', key, text: encodeRecord(key, at) });
  }
  /** A pause that cannot be read still pauses: its scope stands in its key, and an unknown is never a yes. */
  async pauses(): Promise<readonly Pause[]> {
    const { keys, reader } = this.parts;
    const found: Pause[] = [];
    for await (const stored of reader.below(keys.all('pauses'))) {
      const record = reader.read('pause', stored, (pause) => keys.pause(pause.scope) === stored.key);
      found.push(record?.value ?? pauseOfUnreadable(stored));
    }
    return found;
  }
  async putPause(pause: Pause): Promise<void> {
    const key = this.parts.keys.pause(pause.scope);
    await this.#overwrite('pause', { kind: 'put', key, text: encodeRecord(key, pause) });
  }
  async dropPause(scope: PauseScope): Promise<void> {
    await this.#drop('pause', this.parts.keys.pause(scope));
  }

  async #all<K extends RecordKind>(
    kind: K,
    prefix: string,
    keyOf: (value: RecordValues[K]) => string,
  ): Promise<readonly RecordValues[K][]> {
    const { reader } = this.parts;
    const values: RecordValues[K][] = [];
    for await (const stored of reader.below(prefix)) {
      const record = reader.read(kind, stored, (value) => keyOf(value) === stored.key);
      if (record !== undefined) values.push(record.value);
    }
    return values;
  }
  async #append<K extends 'checks' | 'ledger'>(
    kind: K,
    key: string,
    added: RecordValues[K],
    most: number,
  ): Promise<RecordValues[K]> {
    let list = added;
    await this.parts.writer.update(key, async (present) => {
      const before = present === undefined ? [] : (this.parts.reader.read(kind, present)?.value ?? []);
      list = [...before, ...added].slice(-most) as unknown as RecordValues[K];
      return [{ kind: 'put', key, text: encodeRecord(key, list) }, ...this.#setAside(kind, present)];
    });
    return list;
  }
  #overwrite(kind: RecordKind, change: Extract<Change, { kind: 'put' }> | Change): Promise<void> {
    return this.parts.writer.update(change.key, async (present) => [change, ...this.#setAside(kind, present)]);
  }
  #drop(kind: RecordKind, key: string): Promise<void> {
    return this.parts.writer.update(key, async (present) =>
      present === undefined ? undefined : [{ kind: 'delete', key }, ...this.#setAside(kind, present)],
    );
  }
  /** What cannot be read is never lost: when its key is written, it moves to `quarantine/`. A newer record is not touched. */
  #setAside(kind: RecordKind, present: StoredText | undefined): readonly Change[] {
    if (present === undefined) return [];
    const decoded = decodeRecord(kind, present);
    if (decoded.kind === 'read') return [];
    if (decoded.because === 'newer' || present.bytes.length > LARGEST_RECORD_BYTES) {
      throw unreadable(present.key, decoded.because, decoded.why);
    }
    const { keys } = this.parts;
    return [{ kind: 'put', key: keys.quarantine(present.key, present.revision), text: present.bytes }];
  }
}

function pauseOfUnreadable({ key }: StoredText): Pause {
  const segment = lastSegment(key);
  const scope: PauseScope =
    segment !== undefined && /^[^/]+\/[^/]+$/.test(segment) ? (segment as ApplicationKey) : 'operator';
  return { scope, kill: true, by: 'unknown', why: `the record ${key} cannot be read`, at: 0 };
}

/** Two records that contradict each other: only a human can have done that. */
export const contradiction = (why: string): OperatorError =>
  new OperatorError('STORE_RECORD_CORRUPT', 'terminal', `etcd: ${why}. Nothing was written; mend it with etcdctl.`);
