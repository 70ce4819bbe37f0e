import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Range } from 'etcd3';
import { connect } from 'nats';
import { EtcdWorld, fillUp } from '../support/etcd-world.js';
import { hasEtcd, startEtcd } from '../support/real-etcd.js';
import { hasNats, startNats, startNatsWithoutJetStream } from '../support/real-nats.js';
import { TlsFiles } from '../support/tls-files.js';
import { startWrongServer } from '../support/wrong-servers.js';
import { DoctorBench, textOf } from './doctor-bench.js';

describe('doctor at etcd and NATS', function () {
  this.timeout(60_000);
  let bench: DoctorBench;
  const closings: (() => Promise<unknown> | void)[] = [];
  before(async function () {
    if (!hasEtcd() || !hasNats()) return this.skip();
    bench = await DoctorBench.start();
    await bench.write('password', 'right');
    await bench.write('wrong', 'wrong');
  });
  afterEach(async () => {
    for (const close of closings.splice(0).toReversed()) await close();
  });
  after(() => bench?.close());
  const file = (name: string): string => join(bench.directory, name);

  describe('etcd:', () => {
    let world: EtcdWorld;
    async function open(options: Parameters<typeof startEtcd>[0] = {}): Promise<void> {
      const etcd = await startEtcd(options);
      closings.push(() => etcd.server.close());
      const opened = await EtcdWorld.open(etcd);
      closings.push(() => opened.close());
      world = opened;
    }
    async function says(store: object, instance: string = world.instance): Promise<string> {
      return textOf(await bench.diagnose({ instance, store: { kind: 'etcd', ...store } }), 'store');
    }

    it('says where it may write and who writes, leaves nothing behind and takes nobody off its place', async () => {
      await open();
      const endpoints = [world.etcd.url];
      expect(await says({ endpoints })).to.equal(
        `ok: etcd lets read and write below ${world.key('')}; nobody is the writer at present`,
      );
      const term = await world.store().takeOver(world.instance);
      expect(await says({ endpoints })).to.include(`the writer is ${world.instance}#`);
      expect(term.isHeld()).to.equal(true);
      expect(await world.raw.getAll().prefix(world.key('')).keys()).to.deep.equal([world.key('leader')]);
    });
    it('names the member that is away, and looks at the others', async () => {
      await open();
      expect(await says({ endpoints: ['http://127.0.0.1:1', world.etcd.url] }))
        .to.match(/^fault: 127\.0\.0\.1:1 cannot be reached: .* -> Correct store\.endpoints/)
        .and.to.match(/\nok: etcd lets read and write/);
    });
    it('tells a wrong password, no user, a missing right and a user too many apart, each with its mend', async () => {
      await open();
      const endpoints = [world.etcd.url];
      const asOperator = { endpoints, username: 'operator', passwordFile: file('password') };
      expect(await says(asOperator)).to.match(/^fault: .*not enabled.* -> Remove store\.username and passwordFile/);
      const root = await world.raw.user('root').create('root-secret');
      await world.raw.role('root').create();
      await root.addRole('root');
      const operator = await world.raw.user('operator').create('right');
      const role = await world.raw.role('operator').create();
      await role.grant({
        permission: 'Readwrite',
        range: Range.prefix('/ai-operator/v1/mine/'),
      });
      await operator.addRole('operator');
      await world.raw.auth.authEnable();
      expect(await says(asOperator, 'mine')).to.match(/^ok: etcd lets read and write below \/ai-operator\/v1\/mine\//);
      expect(await says(asOperator, 'other')).to.match(
        /^fault: .*permission denied.* -> Grant the right: `etcdctl .*readwrite \/ai-operator\/v1\/other\/`/,
      );
      for (const store of [{ endpoints }, { ...asOperator, passwordFile: file('wrong') }])
        expect(await says(store, 'mine')).to.match(
          /^fault: .*STORE_REFUSED\] -> Correct store\.username and store\.passwordFile/,
        );
    });
    it('says that its space is used up, and how to free it', async () => {
      await open({ quotaBytes: 4 * 1024 * 1024 });
      await fillUp(world);
      expect(await says({ endpoints: [world.etcd.url] })).to.match(
        /^fault: .*NOSPACE.* -> Compact and defragment etcd/,
      );
    });
    it('does not take a web server for etcd, nor http for https', async () => {
      await open();
      const wrong = await startWrongServer('a web server');
      closings.push(() => wrong.close());
      expect(await says({ endpoints: [`http://127.0.0.1:${wrong.port}`] })).to.match(
        /^fault: .*what listens there is not etcd.* -> Correct store\.endpoints/,
      );
      const tls = new TlsFiles();
      closings.push(() => tls.remove());
      await open({ tls });
      expect(await says({ endpoints: [world.etcd.url] })).to.match(/^fault: .*STORE_TLS\] -> Correct https/);
      expect(await says({ endpoints: [world.etcd.url], caFile: tls.certFile })).to.match(/^ok: /);
    });
    it('warns of an etcd that is slow', async () => {
      await open();
      world.proxy.delay(200);
      expect(await says({ endpoints: [`http://127.0.0.1:${world.proxy.port}`] })).to.match(
        /warning: one write took \d+ ms.* -> Give etcd a faster disk/,
      );
    });
  });

  describe('NATS:', () => {
    async function says(bus: object): Promise<string> {
      return textOf(await bench.diagnose({ instance: 'shop', bus: { kind: 'nats', ...bus } }), 'bus');
    }
    async function serve(options: Parameters<typeof startNats>[0] = {}): Promise<readonly string[]> {
      const nats = await startNats(options);
      closings.push(() => nats.server.close());
      return [nats.url];
    }

    it('logs in, finds JetStream and the stream, and makes nothing', async () => {
      const servers = await serve();
      const client = await connect({ servers: [...servers] });
      closings.push(() => client.close());
      const manager = await client.jetstreamManager();
      expect(await says({ servers })).to.match(
        /^ok: logged in to NATS \d\S+ at \S+, JetStream answers; the stream ai-operator-shop will be made at the start$/,
      );
      expect((await manager.getAccountInfo()).streams).to.equal(0);
      await manager.streams.add({ name: 'ai-operator-shop', subjects: ['ai-operator.shop.>'] });
      expect(await says({ servers })).to.match(/; ai-operator-shop holds 0 event\(s\)$/);
    });
    it('tells wrong credentials, missing rights and a missing JetStream apart, each with its mend', async () => {
      const users = join(bench.directory, 'nats.conf');
      const rights = '{ publish: ["elsewhere"], subscribe: ["_INBOX.>"] }';
      writeFileSync(
        users,
        `authorization { users: [{ user: u, password: right }, { user: v, password: right, permissions: ${rights} }] }`,
      );
      const servers = await serve({ args: ['-c', users] });
      expect(await says({ servers, username: 'u', passwordFile: file('password') })).to.match(/^ok: /);
      for (const credential of [{}, { username: 'u', passwordFile: file('wrong') }])
        expect(await says({ servers, ...credential })).to.match(
          /^fault: .*Authorization Violation.* -> Correct the credential of bus/,
        );
      expect(await says({ servers, username: 'v', passwordFile: file('password') })).to.match(
        /^fault: .*Permissions Violation.* -> .*publish to `ai-operator\.shop\.>` and `\$JS\.>`/,
      );
      const plain = await startNatsWithoutJetStream();
      closings.push(() => plain.server.close());
      expect(await says({ servers: [plain.url] })).to.match(
        /^fault: .*JetStream does not answer.* -> Switch JetStream on/,
      );
    });
    it('does not use a stream of other subjects, a web server, or a server without the encryption asked for', async () => {
      const servers = await serve();
      const client = await connect({ servers: [...servers] });
      closings.push(() => client.close());
      await (await client.jetstreamManager()).streams.add({ name: 'ai-operator-shop', subjects: ['other.>'] });
      expect(await says({ servers })).to.match(/^fault: .*takes other\.>.* -> Delete that stream/);
      const encrypted = servers.map((server) => server.replace('nats:', 'tls:'));
      expect(await says({ servers: encrypted })).to.match(/^fault: .*offers no encryption.* -> Correct tls:\/\//);
      const wrong = await startWrongServer('a web server');
      closings.push(() => wrong.close());
      expect(await says({ servers: [`nats://127.0.0.1:${wrong.port}`] })).to.match(
        /^fault: .*check that a NATS server listens there.* -> Correct bus\.servers/,
      );
    });
  });
});
