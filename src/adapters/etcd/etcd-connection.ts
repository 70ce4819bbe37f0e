import type { Etcd3, ICompare, IKeyValue, IRequestOp } from 'etcd3';
import { OperatorError } from '../../base/errors.js';
import { inTime } from '../../base/in-time.js';
import { createEtcdClient } from './etcd-client.js';
import { ANSWER_TOO_LARGE, etcdFailure, LEASE_GONE } from './etcd-failure.js';
import type { EtcdSettings, EtcdTiming } from './etcd-settings.js';

/** What stands under a key. */
export interface StoredText {
  readonly key: string;
  readonly text: string;
  /** The same as it came: other programs' values need not be text. */
  readonly bytes: Buffer;
  /** Mod revision, a decimal number. */
  readonly revision: string;
}
/** The mod revision of a key that does not exist. */
export const ABSENT = '0';
/** What must hold for a transaction: a key at a revision, or with a text. */
export type Condition = { readonly key: string } & ({ readonly revision: string } | { readonly text: string });
export type Change =
  | { readonly kind: 'put'; readonly key: string; readonly text: string | Buffer; readonly lease?: string }
  | { readonly kind: 'delete'; readonly key: string };
const PAGE = 48;
const late = (ms: number): DOMException => new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Single calls to etcd: one try each, with a deadline. Throws what `etcdFailure` makes of an error. */
export class EtcdConnection {
  #client: Etcd3 | undefined;
  #closed = false;
  constructor(
    private readonly settings: EtcdSettings,
    private readonly timing: Pick<EtcdTiming, 'callTimeoutMs'>,
  ) {}

  /** All of `changes` or, when a condition does not hold, none: the revision they were made at, or undefined. */
  async transaction(conditions: readonly Condition[], changes: readonly Change[]): Promise<string | undefined> {
    const request = { compare: conditions.map(compareOf), success: changes.map(operationOf) };
    const answer = await this.#call(`write ${changes[0]?.key ?? 'nothing'}`, (client) => client.kv.txn(request));
    return answer.succeeded ? answer.header.revision : undefined;
  }
  /** What the keys hold at one moment; what is not there is left out. */
  async look(keys: readonly string[]): Promise<ReadonlyMap<string, StoredText>> {
    const success = keys.map((key): IRequestOp => ({ request_range: { key: Buffer.from(key) } }));
    const answer = await this.#call(`read ${keys[0] ?? 'nothing'}`, (client) => client.kv.txn({ success }));
    const found = answer.responses.flatMap((r) => r.response_range.kvs.map(storedOf));
    return new Map(found.map((s) => [s.key, s]));
  }
  async get(key: string): Promise<StoredText | undefined> {
    const { kvs } = await this.#call(`read ${key}`, (client) => client.kv.range({ key: Buffer.from(key) }));
    return kvs[0] === undefined ? undefined : storedOf(kvs[0]);
  }
  /** In the order asked for; what is not there is left out. */
  async getMany(keys: readonly string[]): Promise<readonly StoredText[]> {
    const found: StoredText[] = [];
    for (let at = 0; at < keys.length; at += PAGE) {
      const page = await Promise.all(keys.slice(at, at + PAGE).map((key) => this.get(key)));
      found.push(...page.filter((stored) => stored !== undefined));
    }
    return found;
  }
  /** One page of the keys that begin with `prefix`, ascending; `from` is the `next` of the page before. */
  async page(
    prefix: string,
    from: Buffer = Buffer.from(prefix),
  ): Promise<{ readonly stored: readonly StoredText[]; readonly next?: Buffer }> {
    for (let limit = PAGE; ; limit = Math.ceil(limit / 4)) {
      try {
        const range = { key: from, range_end: endOf(prefix), limit };
        const { kvs, more } = await this.#call(`read ${prefix}`, (client) => client.kv.range(range));
        const last = kvs.at(-1);
        const stored = kvs.map(storedOf);
        return more && last !== undefined ? { stored, next: Buffer.concat([last.key, Buffer.from([0])]) } : { stored };
      } catch (error) {
        // Records of other programs may be larger than ours ever are.
        if (!(error instanceof OperatorError) || error.code !== ANSWER_TOO_LARGE || limit === 1) throw error;
      }
    }
  }

  async grantLease(seconds: number): Promise<string> {
    return (await this.#call('grant a lease', (client) => client.leaseClient.leaseGrant({ TTL: seconds }))).ID;
  }
  async revokeLease(lease: string): Promise<void> {
    await this.#call('revoke a lease', (client) => client.leaseClient.leaseRevoke({ ID: lease }));
  }
  /** Renews a lease once. Throws LEASE_GONE when the server no longer has it. */
  async renewLease(lease: string): Promise<void> {
    const seconds = await this.#call('renew the lease', (client) => this.#renew(client, lease));
    if (Number(seconds) <= 0) throw new OperatorError(LEASE_GONE, 'transient', `etcd: the lease ${lease} has run out`);
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #renew(client: Etcd3, lease: string): Promise<string> {
    const stream = await client.leaseClient.leaseKeepAlive({ deadline: Date.now() + this.timing.callTimeoutMs });
    try {
      return await new Promise<string>((resolve, reject) => {
        stream.on('data', (answer) => resolve(answer.TTL));
        stream.on('error', reject);
        stream.on('end', () => reject(new Error('the stream ended without an answer')));
        stream.write({ ID: lease });
      });
    } finally {
      stream.end();
    }
  }
  async #call<T>(doing: string, call: (client: Etcd3) => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new OperatorError('STORE_UNAVAILABLE', 'transient', `etcd: ${doing}: the store is disconnected`);
    try {
      const client = (this.#client ??= createEtcdClient(this.settings, this.timing.callTimeoutMs));
      return await inTime(call(client), this.#longestMs, () => late(this.#longestMs));
    } catch (error) {
      const failure = etcdFailure(error, doing);
      // The next call makes a new client, with credentials read again.
      if (failure.category === 'config' || isTimeout(error)) this.#drop();
      throw failure;
    }
  }
  /** The library logs in again, and calls again, as often as the server refuses its token: the deadline is of each call. */
  get #longestMs(): number {
    return (this.settings.endpoints.length + 1) * this.timing.callTimeoutMs;
  }
  #drop(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}

const storedOf = (kv: IKeyValue): StoredText => ({
  key: kv.key.toString(),
  text: kv.value.toString(),
  bytes: kv.value,
  revision: kv.mod_revision,
});
/** Whether a condition holds of what its key was found to hold. */
export const holds = (condition: Condition, found: StoredText | undefined): boolean =>
  'revision' in condition ? (found?.revision ?? ABSENT) === condition.revision : found?.text === condition.text;
function compareOf(condition: Condition): ICompare {
  const key = Buffer.from(condition.key);
  return 'revision' in condition
    ? { key, result: 'Equal', target: 'Mod', mod_revision: condition.revision }
    : { key, result: 'Equal', target: 'Value', value: Buffer.from(condition.text) };
}
function operationOf(change: Change): IRequestOp {
  const key = Buffer.from(change.key);
  if (change.kind === 'delete') return { request_delete_range: { key } };
  const { text, lease } = change;
  return { request_put: { key, value: Buffer.from(text), ...(lease === undefined ? {} : { lease }) } };
}
/** Prefixes end with `/`; the next character is `0`. */
const endOf = (prefix: string): Buffer => Buffer.from(`${prefix.slice(0, -1)}0`);
