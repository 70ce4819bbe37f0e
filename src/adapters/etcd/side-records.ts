import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import type { ApplicationKey, EpochMs } from '../../model/application.js';
import type { HealthCheck } from '../../model/health-check.js';
import {
  RETENTION_MS,
  SPEND_KINDS,
  type ApplicationMark,
  isReadable,
  isUnreadable,
  type LedgerEntry,
  type Pause,
  type PauseScope,
  type Spend,
  type StoredMark,
  type StoredSpend,
} from '../../model/mark.js';
import type { BaselineScope, Residue } from '../../ports/state-store.js';
import type { Change, EtcdConnection, StoredText } from './etcd-connection.js';
import type { FencedWriter } from './fenced-writer.js';
import { LeaseBook } from './lease-book.js';
import { clauseOf, unreadable, type RecordReader } from './record-reader.js';
import type { RecordKind, RecordValues } from './record-shapes.js';
import { applicationIn, lastSegment, type StoreKeys } from './store-keys.js';
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

  /** A mark that cannot be read is one of the application in its key; one of no application is left to `pauses`. */
  async marks(now: EpochMs, app?: ApplicationKey): Promise<readonly StoredMark[]> {
    const { keys, reader } = this.parts;
    const found: StoredMark[] = [];
    for await (const stored of reader.below(app === undefined ? keys.all('marks') : keys.marksOf(app))) {
      const application = keys.applicationOf(stored.key);
      const isOfKey = (mark: ApplicationMark): boolean => keys.mark(mark) === stored.key;
      const mark = reader.valueOr('mark', stored, isOfKey, (why) =>
        application === undefined ? undefined : ({ kind: 'unreadable', application, why } as const),
      );
      if (mark !== undefined && (!isReadable(mark) || mark.until > now)) found.push(mark);
    }
    return found;
  }
  async putMark(mark: ApplicationMark): Promise<void> {
    const [change] = await this.residue({ marks: [mark] });
    if (change !== undefined) await this.#overwrite('mark', change);
  }
  async dropMark(mark: Pick<ApplicationMark, 'kind' | 'application' | 'attempt'>): Promise<void> {
    await this.#drop('mark', this.parts.keys.mark(mark));
  }
  /** A spend that cannot be read is one of the kind in its key; a key that names none may be of every kind. */
  async spends(since: EpochMs): Promise<readonly StoredSpend[]> {
    const { keys, reader, clock } = this.parts;
    const oldest = Math.max(since, clock.now() - RETENTION_MS);
    const found: StoredSpend[] = [];
    for await (const stored of reader.below(keys.all('spends'))) {
      const attempt = lastSegment(stored.key) ?? stored.key;
      const named = SPEND_KINDS.filter((kind) => keys.spend({ kind, attempt }) === stored.key);
      const spend = reader.valueOr(
        'spend',
        stored,
        (s) => keys.spend(s) === stored.key,
        (unreadable) =>
          (named.length === 0 ? SPEND_KINDS : named).map((kind): StoredSpend => ({ kind, attempt, unreadable })),
      );
      found.push(...[spend].flat().filter((s) => isUnreadable(s) || s.at >= oldest));
    }
    return found;
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

  /** One that cannot be read counts as set just now: what is red already is nobody's case. The installation's is set anew. */
  async baselines(): Promise<ReadonlyMap<BaselineScope, EpochMs>> {
    const { keys, reader, clock } = this.parts;
    const found = new Map<BaselineScope, EpochMs>();
    for await (const stored of reader.below(keys.all('baselines'))) {
      const scope = lastSegment(stored.key);
      const isOfKey = scope !== undefined && keys.baseline(scope as BaselineScope) === stored.key;
      const at = reader.valueOr(
        'baseline',
        stored,
        () => isOfKey,
        () => (isOfKey && scope !== 'installation' ? clock.now() : undefined),
      );
      if (at !== undefined) found.set(scope as BaselineScope, at);
    }
    return found;
  }
  async putBaseline(scope: BaselineScope, at: EpochMs): Promise<void> {
    const key = this.parts.keys.baseline(scope);
    await this.#overwrite('baseline', { kind: 'put', key, text: encodeRecord(key, at) });
  }
  /**
   * A pause that cannot be read still pauses: its scope stands in its key, and an unknown is never a yes. So does what
   * stands among the marks under a key that names no application: it may bar any of them.
   */
  async pauses(): Promise<readonly Pause[]> {
    const { keys, reader } = this.parts;
    const found: Pause[] = [];
    for await (const stored of reader.below(keys.all('pauses'))) {
      const isOfKey = (pause: Pause): boolean => keys.pause(pause.scope) === stored.key;
      const named = applicationIn(stored.key);
      const scope = named !== undefined && keys.pause(named) === stored.key ? named : 'operator';
      found.push(reader.valueOr('pause', stored, isOfKey, (why) => killOf(scope, why)));
    }
    for await (const stored of reader.below(keys.all('marks'))) {
      if (keys.applicationOf(stored.key) !== undefined) continue;
      const stray = { because: 'corrupt', why: 'its key names no application' } as const;
      reader.report(stored, stray);
      found.push(killOf('operator', clauseOf(stored.key, stray)));
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

const killOf = (scope: PauseScope, why: string): Pause => ({ scope, kill: true, by: 'unknown', why, at: 0 });

/** Two records that contradict each other: only a human can have done that. */
export const contradiction = (why: string): OperatorError =>
  new OperatorError('STORE_RECORD_CORRUPT', 'terminal', `etcd: ${why}. Nothing was written; mend it with etcdctl.`);
