import { expect } from 'chai';
import { createEtcdClient } from '../../src/adapters/etcd/etcd-client.js';
import { SystemClock } from '../../src/base/clock.js';
import { asOperatorError } from '../../src/base/errors.js';
import { EtcdWorld, fillUp, makeRoom, until } from '../support/etcd-world.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../support/real-etcd.js';
import { hasNats, startNats, startNatsWithoutJetStream, type RealNats } from '../support/real-nats.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { TlsFiles } from '../support/tls-files.js';
import { startWrongServer, WRONG_KINDS } from '../support/wrong-servers.js';
import { DaemonBench } from './daemon-bench.js';

const DAY_MS = 86_400_000;
const PREFIX = '/ai-operator/v1/shop/';

describe('the daemon on a bad etcd or NATS', () => {
  let bench: DaemonBench;
  const closings: (() => Promise<unknown> | void)[] = [];
  before(function () {
    if (!hasEtcd() || !hasNats()) this.skip();
  });
  beforeEach(async () => {
    bench = await DaemonBench.open();
  });
  afterEach(async () => {
    await bench.close();
    for (const close of closings.splice(0).toReversed()) await close();
  });
  async function etcdOf(options: Parameters<typeof startEtcd>[0] = {}): Promise<RealEtcd> {
    const etcd = await startEtcd(options);
    closings.push(() => etcd.server.close());
    return etcd;
  }
  async function natsOf(options: Parameters<typeof startNats>[0] = {}): Promise<RealNats> {
    const nats = await startNats(options);
    closings.push(() => nats.server.close());
    return nats;
  }
  const store = (endpoint: string, more = ''): string => `store: { kind: etcd, endpoints: ["${endpoint}"]${more} }`;
  const bus = (server: string, more = ''): string => `bus: { kind: nats, servers: ["${server}"]${more} }`;

  /** It lives, is not ready, says why, touches nothing, and ends at once when asked to. */
  async function waitsAloud(yaml: string, said: RegExp): Promise<void> {
    const stopping = new AbortController();
    const starting = bench.start(bench.configure(yaml), stopping.signal).then(
      () => 'started',
      () => 'ended',
    );
    await until(() => said.test(bench.log), 15_000);
    expect([await bench.at('/livez'), await bench.at('/readyz'), bench.audited]).to.deep.equal([200, 503, false]);
    expect(await bench.metric(/^ai_operator_writer \d$/m)).to.equal('ai_operator_writer 0');
    expect(bench.upstream.calls).to.deep.equal([]);
    const began = Date.now();
    stopping.abort();
    expect(await starting).to.equal('ended');
    expect(Date.now() - began).to.be.lessThan(5_000);
  }
  /** The start ends with an error that says what to mend, and has touched nothing. */
  async function endsWith(yaml: string, code: string, said: RegExp): Promise<void> {
    const error = asOperatorError(
      await bench.start(bench.configure(yaml)).then(
        () => new Error('it started'),
        (e: unknown) => e,
      ),
    );
    expect([error.code, error.category]).to.deep.equal([code, 'config']);
    expect(error.message).to.match(said);
    expect([bench.audited, bench.upstream.calls]).to.deep.equal([false, []]);
  }

  for (const kind of WRONG_KINDS) {
    it(`${kind} instead of etcd: waits aloud`, async () => {
      const wrong = await startWrongServer(kind);
      closings.push(() => wrong.close());
      await waitsAloud(store(`http://127.0.0.1:${wrong.port}`), /the state store is not to be had; nothing is done/);
    });
  }
  it('an etcd that is full: waits aloud, and starts when there is room', async () => {
    const etcd = await etcdOf({ quotaBytes: 4 * 1024 * 1024 });
    const world = await EtcdWorld.open(etcd);
    closings.push(() => world.close());
    await fillUp(world);
    const starting = bench.start(bench.configure(store(etcd.url)));
    await until(() => bench.log.includes('NOSPACE'));
    expect([await bench.at('/livez'), await bench.at('/readyz'), bench.audited]).to.deep.equal([200, 503, false]);
    await makeRoom(world);
    expect((await starting).operator.isServing).to.equal(true);
  });
  it('credentials and certificates that etcd refuses: ends at once, and says what to mend', async () => {
    const etcd = await etcdOf();
    const admin = createEtcdClient({ endpoints: [etcd.url], instance: 'x' }, 5_000);
    closings.push(() => admin.close());
    const root = await admin.user('root').create('root-secret');
    await admin.role('root').create();
    await root.addRole('root');
    await admin.user('operator').create('password');
    await admin.auth.authEnable();
    const mend = /Check store\.username and store\.passwordFile/;
    await endsWith(store(etcd.url), 'STORE_REFUSED', mend);
    await endsWith(store(etcd.url, ', username: operator, passwordFile: wrong-password'), 'STORE_REFUSED', mend);
    await endsWith(
      store(etcd.url, ', username: operator, passwordFile: password'),
      'STORE_REFUSED',
      /permission denied/,
    );
    const noFile = store(etcd.url, ', username: operator, passwordFile: nowhere');
    expect(() => bench.configure(noFile)).to.throw(/store\.passwordFile.*nowhere/);
    const tls = new TlsFiles();
    closings.push(() => tls.remove());
    await endsWith(store((await etcdOf({ tls })).url), 'STORE_TLS', /self.signed certificate.*caFile/);
  });
  it("other programs' data below its prefix: named key by key, left as it is, and the rest goes on", async () => {
    const etcd = await etcdOf();
    const admin = createEtcdClient({ endpoints: [etcd.url], instance: 'x' }, 5_000);
    closings.push(() => admin.close());
    const foreign = ['attempts/a', 'active/b', 'owed/c', 'marks/d/latch/e', 'spends/f', 'baselines/g', 'elsewhere'];
    for (const key of foreign) await admin.put(PREFIX + key).value('{"v":1,"what":"is this"}');
    await admin.put(`${PREFIX}attempts/large`).value(Buffer.alloc(1_400_000, 0xff));
    const daemon = await bench.start(bench.configure(store(etcd.url)));
    expect([daemon.operator.isServing, await bench.at('/livez')]).to.deep.equal([true, 200]);
    for (const key of ['active/b', 'owed/c', 'spends/f', 'baselines/g']) expect(bench.log).to.include(PREFIX + key);
    const kept = await admin.getAll().prefix(PREFIX).keys();
    expect(kept).to.include.members([...foreign, 'attempts/large'].map((key) => PREFIX + key));
  });
  it('a leader that is nobody: waits aloud, and names the key to delete', async () => {
    const etcd = await etcdOf();
    const admin = createEtcdClient({ endpoints: [etcd.url], instance: 'x' }, 5_000);
    closings.push(() => admin.close());
    await admin.put(`${PREFIX}leader`).value('hello');
    await waitsAloud(store(etcd.url), /hello is the writer; .*`etcdctl del \/ai-operator\/v1\/shop\/leader`/);
  });
  it('an etcd and a NATS that answer slowly: starts, serves, and stays the writer', async () => {
    const [etcd, nats] = await Promise.all([etcdOf(), natsOf()]);
    const proxies = [await TcpProxy.start(etcd.port), await TcpProxy.start(nats.port)];
    for (const proxy of proxies) {
      closings.push(() => proxy.close());
      proxy.delay(150);
    }
    const [e, n] = proxies.map((p) => `127.0.0.1:${p.port}`);
    const daemon = await bench.start(bench.configure(`${store(`http://${e}`)}\n${bus(`nats://${n}`)}`));
    await until(async () => (await bench.metric(/^ai_operator_bus_connected \d$/m)) === 'ai_operator_bus_connected 1');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect([daemon.operator.isServing, await bench.at('/livez')]).to.deep.equal([true, 200]);
    expect(await bench.metric(/^ai_operator_writer \d$/m)).to.equal('ai_operator_writer 1');
  });
  it('a clock that jumps a day ahead and two back: it stays the writer, and alive', async () => {
    const etcd = await etcdOf();
    let leapMs = 0;
    const clock = Object.assign(new SystemClock(), { now: () => Date.now() + leapMs });
    const daemon = await bench.start(bench.configure(store(etcd.url)), undefined, clock);
    for (leapMs of [DAY_MS, -DAY_MS]) {
      // Longer than the lease is renewed.
      await new Promise((resolve) => setTimeout(resolve, 3_500));
      expect([daemon.operator.isServing, await bench.at('/livez')]).to.deep.equal([true, 200]);
      expect(await bench.metric(/^ai_operator_writer \d$/m)).to.equal('ai_operator_writer 1');
    }
    await daemon.stop();
    expect(bench.log).not.to.include('no longer the writer');
  });

  /** NATS is no reason to stand still: it serves, and says once what is wrong there. */
  async function servesAndSays(yaml: string, said: RegExp): Promise<void> {
    const daemon = await bench.start(bench.configure(yaml));
    await until(() => said.test(bench.log));
    expect([daemon.operator.isServing, await bench.at('/livez')]).to.deep.equal([true, 200]);
    expect(await bench.metric(/^ai_operator_writer \d$/m)).to.equal('ai_operator_writer 1');
  }
  it('NATS with a user: wrong and missing passwords are told, nothing waits, and the right one connects', async () => {
    const nats = await natsOf({ args: ['--user', 'operator', '--pass', 'password'] });
    await servesAndSays(bus(nats.url), /BUS_REFUSED.*bus\.tokenFile/);
    await bench.close();
    bench = await DaemonBench.open();
    await servesAndSays(bus(nats.url, ', username: operator, passwordFile: wrong-password'), /BUS_REFUSED/);
    await bench.close();
    bench = await DaemonBench.open();
    await bench.start(bench.configure(bus(nats.url, ', username: operator, passwordFile: password')));
    await until(async () => (await bench.metric(/^ai_operator_bus_connected \d$/m)) === 'ai_operator_bus_connected 1');
    expect(bench.log).not.to.include('trouble with the event bus');
  });
  it('NATS that is a web server, wants TLS, or has no JetStream: serves, and says which', async () => {
    const wrong = await startWrongServer('a web server');
    closings.push(() => wrong.close());
    await servesAndSays(bus(`nats://127.0.0.1:${wrong.port}`), /check that a NATS server listens there/);
    const tls = new TlsFiles();
    closings.push(() => tls.remove());
    const secure = await natsOf({ args: ['--tls', '--tlscert', tls.certFile, '--tlskey', tls.keyFile] });
    await bench.close();
    bench = await DaemonBench.open();
    await servesAndSays(bus(secure.url), /BUS_TLS.*bus\.caFile/);
    const plain = await startNatsWithoutJetStream();
    closings.push(() => plain.server.close());
    await bench.close();
    bench = await DaemonBench.open();
    await servesAndSays(bus(plain.url), /JetStream does not answer/);
  });
});
