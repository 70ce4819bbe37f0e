import { expect } from 'chai';
import type { Daemon } from '../../src/app/daemon.js';
import type { LoadedConfig } from '../../src/config/load-config.js';
import { EtcdWorld, until } from '../support/etcd-world.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../support/real-etcd.js';
import { hasNats, startNats, type RealNats } from '../support/real-nats.js';
import { DaemonBench } from './daemon-bench.js';

describe('the daemon on a real etcd and a real NATS', () => {
  let bench: DaemonBench;
  let etcd: RealEtcd;
  let nats: RealNats;
  let loaded: LoadedConfig;
  before(async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  });
  after(async () => {
    await Promise.all([etcd?.server.close(), nats?.server.close()]);
  });
  beforeEach(async () => {
    bench = await DaemonBench.open();
    loaded = bench.configure(storeAndBus());
  });
  afterEach(() => bench.close());
  const storeAndBus = (): string =>
    `store: { kind: etcd, endpoints: ["${etcd.url}"] }\nbus: { kind: nats, servers: ["${nats.url}"] }`;
  const start = (stopping?: AbortSignal): Promise<Daemon> => bench.start(loaded, stopping);

  it('starts, stops, and a second start takes over at once', async () => {
    for (let n = 0; n < 2; n++) {
      const began = Date.now();
      const daemon = await start();
      expect(Date.now() - began).to.be.lessThan(3_000);
      await daemon.stop();
    }
    expect(bench.log).to.include('"store":"etcd","bus":"nats"');
  });
  it('does not take up what was red while the environment was off, though it was let loose by a restart', async () => {
    const world = await EtcdWorld.open(etcd);
    const at = async (scope: string): Promise<number> => {
      const text = await world.raw.get(`/ai-operator/v1/shop/baselines/${encodeURIComponent(scope)}`).string();
      return text === null ? 0 : (JSON.parse(text) as { value: number }).value;
    };
    try {
      const daemon = await bench.start(bench.configure(storeAndBus(), 'off'));
      await until(async () => (await at('off/staging')) > 0);
      await daemon.stop();
      const before = Date.now();
      expect(await at('environment/staging')).to.be.lessThan(before);
      const loose = await start();
      expect(await at('environment/staging')).to.be.within(before, Date.now());
      await until(async () => (await at('off/staging')) === 0);
      await loose.stop();
    } finally {
      await world.close();
    }
  });
  it('waits aloud while etcd and NATS are not there, alive but not ready, and starts when etcd comes', async () => {
    await Promise.all([etcd.server.kill(), nats.server.kill()]);
    const starting = start();
    let daemon: Daemon | undefined;
    try {
      await until(() => bench.log.includes('the state store is not to be had'));
      expect([await bench.at('/livez'), await bench.at('/readyz'), bench.audited]).to.deep.equal([200, 503, false]);
    } finally {
      await etcd.server.start();
      daemon = await starting;
      await daemon.stop();
      await nats.server.start();
    }
    expect(bench.audited).to.equal(true);
  });
  it('ends a start that waits for etcd when it is asked to stop, without a trace', async () => {
    await etcd.server.kill();
    try {
      const stopping = new AbortController();
      const starting = start(stopping.signal).then(
        () => 'started',
        () => 'ended',
      );
      await until(() => bench.log.includes('the state store is not to be had'));
      const began = Date.now();
      stopping.abort();
      expect(await starting).to.equal('ended');
      expect(Date.now() - began).to.be.lessThan(5_000);
      expect(bench.audited).to.equal(false);
    } finally {
      await etcd.server.start();
    }
  });
  it('stops within its time though etcd and NATS hang', async () => {
    const daemon = await start();
    etcd.server.freeze();
    nats.server.freeze();
    try {
      const began = Date.now();
      await daemon.stop();
      expect(Date.now() - began).to.be.lessThan(12_000);
    } finally {
      etcd.server.thaw();
      nats.server.thaw();
    }
  });
  it('is ended by another one that takes over, and that one goes on', async () => {
    const first = await start();
    // The same instance, elsewhere.
    const other = await DaemonBench.open();
    try {
      const second = await other.start(other.configure(storeAndBus()));
      expect(await first.operator.ended).to.match(/took over/);
      expect(second.operator.isServing).to.equal(true);
    } finally {
      await first.stop();
      await other.close();
    }
  });
});
