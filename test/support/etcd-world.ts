import { randomUUID } from 'node:crypto';
import { AlarmAction, AlarmType, type Etcd3 } from 'etcd3';
import { createEtcdClient } from '../../src/adapters/etcd/etcd-client.js';
import type { EtcdSettings, EtcdTiming } from '../../src/adapters/etcd/etcd-settings.js';
import { EtcdStateStore } from '../../src/adapters/etcd/etcd-state-store.js';
import { SystemClock, type Clock } from '../../src/base/clock.js';
import type { OperatorError } from '../../src/base/errors.js';
import { startEtcd, type RealEtcd } from './real-etcd.js';
import { TcpProxy } from './tcp-proxy.js';

/** Short enough that a test may wait for them, in the proportions of production. */
export const QUICK: Partial<EtcdTiming> = {
  callTimeoutMs: 300,
  renewMs: 200,
  waitMs: 50,
  demoteMs: 5_000,
  disconnectMs: 500,
};

/** A real etcd with a proxy before it, and stores of one operator on both. */
export class EtcdWorld {
  readonly instance = randomUUID();
  readonly troubles: OperatorError[] = [];
  /** Past the proxy and past the store: what really stands there. */
  readonly raw: Etcd3;
  readonly #stores: EtcdStateStore[] = [];
  private constructor(
    readonly etcd: RealEtcd,
    readonly proxy: TcpProxy,
    private readonly ownsEtcd: boolean,
  ) {
    this.raw = createEtcdClient({ endpoints: [etcd.url], instance: this.instance }, 5_000);
  }
  /** On the etcd given (a new instance on it), else on one of its own. */
  static async open(etcd?: RealEtcd): Promise<EtcdWorld> {
    const used = etcd ?? (await startEtcd());
    return new EtcdWorld(used, await TcpProxy.start(used.port), etcd === undefined);
  }

  /** A handle; `through` the proxy or straight. */
  store(
    through: 'proxy' | 'straight' = 'straight',
    timing: Partial<EtcdTiming> = {},
    clock: Clock = new SystemClock(),
    settings: Partial<EtcdSettings> = {},
  ): EtcdStateStore {
    const port = through === 'proxy' ? this.proxy.port : this.etcd.port;
    const store = new EtcdStateStore(
      { endpoints: [`http://127.0.0.1:${port}`], instance: this.instance, ...settings },
      { clock, onTrouble: (error) => this.troubles.push(error), timing: { ...QUICK, ...timing } },
    );
    this.#stores.push(store);
    return store;
  }
  key(rest: string): string {
    return `/ai-operator/v1/${this.instance}/${rest}`;
  }
  /** How often a key has been written since it was created; 0 = it is not there. */
  async writes(rest: string): Promise<number> {
    const { kvs } = await this.raw.get(this.key(rest)).exec();
    return Number(kvs[0]?.version ?? 0);
  }
  async text(rest: string): Promise<string | null> {
    return this.raw.get(this.key(rest)).string();
  }
  async put(rest: string, text: string | Buffer): Promise<void> {
    await this.raw.put(this.key(rest)).value(text).exec();
  }
  /** Codes of what was reported, each once. */
  get codes(): readonly string[] {
    return [...new Set(this.troubles.map((t) => t.code))];
  }
  async close(): Promise<void> {
    this.proxy.heal();
    await Promise.all(this.#stores.map((store) => store.disconnect()));
    this.raw.close();
    await this.proxy.close();
    if (this.ownsEtcd) await this.etcd.server.close();
  }
}
/** Waits until something holds, looking often. */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = 8_000): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it did not come to pass within ${patienceMs} ms: ${holds.toString()}`);
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

/** Writes until etcd (of a small quota) takes no more, and raises its alarm. */
export async function fillUp(world: EtcdWorld): Promise<void> {
  for (let n = 0; n < 60; n++) {
    try {
      await world.put(`filler/${n}`, Buffer.alloc(400_000));
    } catch {
      return;
    }
  }
  throw new Error('etcd takes everything: is its quota small?');
}
/** Takes away what `fillUp` wrote, frees the space and ends the alarm, as an administrator would. Throws when etcd was not full. */
export async function makeRoom(world: EtcdWorld): Promise<void> {
  const { raw } = world;
  await raw.delete().prefix(world.key('filler/'));
  const { header } = await raw.get('x').exec();
  await raw.kv.compact({ revision: header.revision, physical: true });
  await raw.maintenance.defragment();
  const { alarms } = await raw.maintenance.alarm({ action: AlarmAction.Get });
  if (!alarms.some(({ alarm }) => alarm === 'Nospace')) throw new Error('etcd was not full');
  for (const { memberID } of alarms)
    await raw.maintenance.alarm({ action: AlarmAction.Deactivate, alarm: AlarmType.Nospace, memberID });
}
