import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { ABSENT, holds, type Change, type Condition, type EtcdConnection, type StoredText } from './etcd-connection.js';
import { successor, type Leadership } from './leadership.js';
import { patiently } from './patiently.js';

export type WriteResult =
  | { readonly kind: 'written'; readonly revision: string }
  /** A condition did not hold; what the keys held. */
  | { readonly kind: 'conflict'; readonly found: ReadonlyMap<string, StoredText> };

type Fence = ReturnType<Leadership['fence']>;

/** A key can be changed by others of this process between read and write; a write of ours can land late. */
const MOST_ROUNDS = 8;

/**
 * Writes behind the fence: one transaction, refused when another has taken over. An unknown answer is resolved by sending
 * the same transaction again: its conditions let it happen once, and its text, which holds a nonce, tells whether it was
 * this one that did.
 */
export class FencedWriter {
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #inFlight = new Set<Promise<unknown>>();
  constructor(
    private readonly connection: EtcdConnection,
    private readonly leadership: Leadership,
    private readonly clock: Pick<Clock, 'sleep'>,
    private readonly pausesMs: readonly number[],
  ) {}

  /** The first change is the one the write is recognised by; every key of a condition is looked at after a refusal. */
  write(conditions: readonly Condition[], changes: readonly [Change, ...Change[]]): Promise<WriteResult> {
    return this.#tracked(this.#write(conditions, changes));
  }

  /**
   * Reads a key, lets `decide` say what it shall hold (undefined = nothing to do), and writes it if it is still the same;
   * else once more. Changes of one key wait for each other.
   */
  async update(
    key: string,
    decide: (present: StoredText | undefined) => Promise<readonly [Change, ...Change[]] | undefined>,
  ): Promise<void> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(() => this.#update(key, decide));
    const settled = mine.catch(() => undefined);
    this.#queues.set(key, settled);
    try {
      await mine;
    } finally {
      if (this.#queues.get(key) === settled) this.#queues.delete(key);
    }
  }
  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled(this.#inFlight);
  }

  async #update(
    key: string,
    decide: (present: StoredText | undefined) => Promise<readonly [Change, ...Change[]] | undefined>,
  ): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      // Before the read: who is not the writer shall hear that, and not what the key holds.
      this.leadership.fence();
      const present = await patiently(this.clock, this.pausesMs, () => this.connection.get(key));
      const changes = await decide(present);
      if (changes === undefined) return;
      const result = await this.write([{ key, revision: present?.revision ?? ABSENT }], changes);
      if (result.kind === 'written') return;
    }
    throw new OperatorError(
      'STORE_UNAVAILABLE',
      'transient',
      `etcd: ${key} changes faster than it can be written: somebody else writes it.`,
    );
  }
  async #write(conditions: readonly Condition[], changes: readonly [Change, ...Change[]]): Promise<WriteResult> {
    let isUnanswered = false;
    return patiently(this.clock, this.pausesMs, async () => {
      const fence = this.leadership.fence();
      const sent = this.connection.transaction([fence, ...conditions], changes);
      const revision = await sent.catch((error: unknown) => {
        isUnanswered = true;
        throw error;
      });
      if (revision !== undefined) return { kind: 'written', revision };
      return this.#refused(fence, conditions, changes[0], isUnanswered);
    });
  }
  /** Looks why; `isUnanswered` = an earlier try may have been carried out. A transaction that reads for the rare refusal costs each of the others, so this is a second call. */
  async #refused(
    fence: Fence,
    conditions: readonly Condition[],
    own: Change,
    isUnanswered: boolean,
  ): Promise<WriteResult> {
    const found = await this.connection.look([...new Set([fence.key, own.key, ...conditions.map((c) => c.key)])]);
    const leader = found.get(fence.key);
    if (leader?.revision !== fence.revision) throw this.leadership.demote(successor(leader));
    const present = found.get(own.key);
    const byUs = own.kind === 'put' ? present?.text === own.text : isUnanswered && present === undefined;
    if (byUs) return { kind: 'written', revision: present?.revision ?? ABSENT };
    if (conditions.some((condition) => !holds(condition, found.get(condition.key)))) return { kind: 'conflict', found };
    throw new OperatorError(
      'STORE_UNAVAILABLE',
      'unknown',
      `etcd: ${own.key} changed and changed back while it was written: somebody else writes there.`,
    );
  }
  async #tracked<T>(write: Promise<T>): Promise<T> {
    this.#inFlight.add(write);
    try {
      return await write;
    } finally {
      this.#inFlight.delete(write);
    }
  }
}
