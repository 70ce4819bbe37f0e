import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.js';
import { asOperatorError, OperatorError } from '../../base/errors.js';
import { notTheWriter, type WriterTerm } from '../../ports/state-store.js';
import { ABSENT, type EtcdConnection, type StoredText } from './etcd-connection.js';
import { LEASE_GONE } from './etcd-failure.js';
import type { EtcdTiming } from './etcd-settings.js';
import { patiently } from './patiently.js';

/** A wait for another instance is told with the first look and then every so many: five minutes. */
const SAID_EVERY = 300;

/** A term as the writer. */
interface Term {
  readonly lease: string;
  /** Mod revision of `leader`: what every write is guarded by. Keep-alives do not change it, every take-over does. */
  readonly fence: string;
  readonly lost: AbortController;
  /** Monotonic time at which the last successful renewal, or the grant, was sent. */
  renewedAt: number;
  beat: NodeJS.Timeout | undefined;
  demotion: NodeJS.Timeout | undefined;
}

/**
 * Who may write: `leader` holds `<instance>#<boot nonce>` under a lease (semantics 11). A restart of the same instance
 * takes over at once, another instance waits until the lease has run out. Whoever cannot renew demotes itself long
 * before that, by the monotonic clock; whoever is overtaken is refused by the fence even if it has not noticed yet.
 */
export class Leadership {
  #term: Term | undefined;
  #why = 'this handle has not taken over';
  constructor(
    private readonly connection: EtcdConnection,
    private readonly key: string,
    private readonly clock: Pick<Clock, 'monotonic' | 'sleep'>,
    private readonly timing: EtcdTiming,
    private readonly onTrouble: (error: OperatorError) => void,
  ) {}

  /** Resolves when no older writer can write any more. Waits for another instance as long as that one lives, or `signal` aborts. */
  async acquire(instance: string, signal: AbortSignal): Promise<WriterTerm> {
    this.#end('this handle takes over anew');
    const holder = `${instance}#${randomUUID()}`;
    for (let waited = 0; ; waited++) {
      signal.throwIfAborted();
      const present = await this.#read();
      if (present !== undefined && present.text.split('#')[0] !== instance) {
        if (waited % SAID_EVERY === 0) this.onTrouble(waiting(instance, present.text, this.key));
        await this.clock.sleep(this.timing.waitMs, signal);
        continue;
      }
      const term = await this.#put(holder, present);
      if (term === undefined) continue;
      if (signal.aborted) await this.connection.revokeLease(term.lease);
      signal.throwIfAborted();
      this.#term = term;
      this.#schedule(term);
      return { lost: term.lost.signal, isHeld: () => this.#term === term && !this.#isOverdue(term) };
    }
  }
  /** What a write has to be guarded by. Throws NOT_THE_WRITER. */
  fence(): { readonly key: string; readonly revision: string } {
    const term = this.#term;
    if (term === undefined) throw notTheWriter(this.#why);
    if (this.#isOverdue(term)) this.demote(this.#silence());
    if (this.#term === undefined) throw notTheWriter(this.#why);
    return { key: this.key, revision: term.fence };
  }
  /** Ends the term; `lost` aborts. Answers what to throw. */
  demote(why: string): OperatorError {
    const lost = this.#term?.lost;
    this.#end(why);
    const error = notTheWriter(why);
    lost?.abort(error);
    return error;
  }
  /** Nothing more is written. What it answers gives the place up on the server, so that a successor need not wait. */
  resign(): () => Promise<void> {
    const lease = this.#term?.lease;
    this.#end('this handle has disconnected');
    return async () => {
      if (lease !== undefined) await this.connection.revokeLease(lease);
    };
  }

  async #put(holder: string, present: StoredText | undefined): Promise<Term | undefined> {
    let grantedAt = 0;
    const lease = await this.#patiently(async () => {
      grantedAt = this.clock.monotonic();
      return this.connection.grantLease(this.timing.leaseSeconds);
    });
    const put = { kind: 'put', key: this.key, text: holder, lease } as const;
    const seen = { key: this.key, revision: present?.revision ?? ABSENT };
    const revision = await this.#patiently(() => this.connection.transaction([seen], [put]));
    const fence = revision ?? (await this.#fenceOf(holder));
    if (fence === undefined) return undefined;
    return { lease, fence, lost: new AbortController(), renewedAt: grantedAt, beat: undefined, demotion: undefined };
  }
  /** The first try of a take-over may have been carried out though its answer was lost. */
  async #fenceOf(holder: string): Promise<string | undefined> {
    const found = await this.#read();
    return found?.text === holder ? found.revision : undefined;
  }
  #schedule(term: Term, inMs = this.timing.renewMs): void {
    term.beat = setTimeout(() => void this.#renew(term), inMs);
    clearTimeout(term.demotion);
    const leftMs = term.renewedAt + this.timing.demoteMs - this.clock.monotonic();
    term.demotion = setTimeout(() => this.#demoteIfOverdue(term), Math.max(0, leftMs) + 1);
  }
  /** The lease is renewed and `leader` read: a successor of the same instance leaves this lease alone. */
  async #renew(term: Term): Promise<void> {
    const sentAt = this.clock.monotonic();
    try {
      const [present] = await Promise.all([this.connection.get(this.key), this.connection.renewLease(term.lease)]);
      if (this.#term !== term) return;
      if (present?.revision !== term.fence) return void this.demote(successor(present));
      term.renewedAt = sentAt;
      this.#schedule(term);
    } catch (error) {
      if (this.#term !== term) return;
      const failure = asOperatorError(error);
      if (failure.code === LEASE_GONE) return void this.demote('its lease has run out');
      this.onTrouble(failure);
      this.#demoteIfOverdue(term);
      if (this.#term === term) this.#schedule(term, Math.min(1_000, this.timing.renewMs));
    }
  }
  #demoteIfOverdue(term: Term): void {
    if (this.#term === term && this.#isOverdue(term)) this.demote(this.#silence());
  }
  #isOverdue(term: Term): boolean {
    return this.clock.monotonic() - term.renewedAt >= this.timing.demoteMs;
  }
  #silence(): string {
    return `etcd has not renewed the lease for ${this.timing.demoteMs / 1_000} s; look at etcd and the network to it`;
  }
  #end(why: string): void {
    clearTimeout(this.#term?.beat);
    clearTimeout(this.#term?.demotion);
    this.#term = undefined;
    this.#why = why;
  }
  #read(): Promise<StoredText | undefined> {
    return this.#patiently(() => this.connection.get(this.key));
  }
  #patiently<T>(call: () => Promise<T>): Promise<T> {
    return patiently(this.clock, this.timing.pausesMs, call);
  }
}

/** Why the leader is no longer the one that reads it. */
export const successor = (present: StoredText | undefined): string =>
  present === undefined
    ? 'the key `leader` is gone from etcd (its lease ran out, or somebody deleted it)'
    : `another process took over as ${present.text}: a restart, or a second replica (run one)`;
const waiting = (instance: string, holder: string, key: string): OperatorError =>
  new OperatorError(
    'STORE_WAITING',
    'transient',
    `etcd: ${holder.slice(0, 80)} is the writer; ${instance} waits until it stops or its lease runs out. If nothing of that name runs, \`etcdctl del ${key}\`.`,
  );
