import { randomUUID } from 'node:crypto';
import { createEtcdClient } from '../../../src/adapters/etcd/etcd-client.js';
import { lastSegment, StoreKeys } from '../../../src/adapters/etcd/store-keys.js';
import type { AttemptId, RollbackAttempt } from '../../../src/model/rollback-attempt.js';

/** One write of a key; `text` undefined = it was deleted. */
export interface KeyChange {
  readonly key: string;
  readonly revision: number;
  readonly text: string | undefined;
}
/** One stored version of an attempt; `value` undefined = it was forgotten. */
export interface StoredVersion {
  readonly id: AttemptId;
  readonly revision: number;
  readonly value: RollbackAttempt | undefined;
}
/** A key of the judge's own: when its write is seen, everything before it has been. */
const LAST = 'last';

/** Every write that etcd ever took from an operator, in order: what is stored is judged, not what a daemon says of it. */
export class StoredHistory {
  constructor(
    readonly changes: readonly KeyChange[],
    private readonly keys: StoreKeys,
  ) {}

  static async read(url: string, instance: string): Promise<StoredHistory> {
    const keys = new StoreKeys(instance);
    const client = createEtcdClient({ endpoints: [url], instance }, 5_000);
    const changes: KeyChange[] = [];
    const [last, mark] = [`${keys.root}${LAST}`, randomUUID()];
    try {
      const watcher = await client.watch().prefix(keys.root).startRevision('1').create();
      const whole = new Promise<void>((resolve, reject) => {
        watcher.once('error', reject);
        watcher.on('data', ({ events }) => {
          for (const { type, kv } of events) {
            const key = kv.key.toString();
            if (key === last) {
              if (kv.value.toString() === mark) resolve();
            } else
              changes.push({
                key,
                revision: Number(kv.mod_revision),
                text: type === 'Put' ? kv.value.toString() : undefined,
              });
          }
        });
      });
      await client.put(last).value(mark);
      await whole;
      await watcher.cancel();
    } finally {
      client.close();
    }
    return new StoredHistory(changes, keys);
  }

  below(kind: 'attempts' | 'active'): readonly KeyChange[] {
    return this.changes.filter(({ key }) => key.startsWith(this.keys.all(kind)));
  }
  /** What a key is of: `attempts`, `checks`, `marks`, ..., `leader`. */
  kindOf({ key }: KeyChange): string {
    return key.slice(this.keys.root.length).split('/')[0] ?? '';
  }
  /** Who became the writer, in order. */
  get takeOvers(): readonly KeyChange[] {
    return this.changes.filter(({ key, text }) => key === this.keys.leader && text !== undefined);
  }
  get versions(): readonly StoredVersion[] {
    return this.below('attempts').map(({ key, revision, text }) => ({
      id: lastSegment(key) ?? '',
      revision,
      value: text === undefined ? undefined : (JSON.parse(text) as { readonly value: RollbackAttempt }).value,
    }));
  }
  /** The versions of each attempt. */
  get attempts(): ReadonlyMap<AttemptId, readonly StoredVersion[]> {
    const attempts = new Map<AttemptId, StoredVersion[]>();
    for (const version of this.versions) attempts.set(version.id, [...(attempts.get(version.id) ?? []), version]);
    return attempts;
  }
}
