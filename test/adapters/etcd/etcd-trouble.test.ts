import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Range } from 'etcd3';
import { EtcdStateStore } from '../../../src/adapters/etcd/etcd-state-store.js';
import { SystemClock } from '../../../src/base/clock.js';
import { openAttempt, put, savedOf } from '../../contract/store-under-test.js';
import { attemptId } from '../../support/attempt-parts.js';
import { abortedFrom, nextVersion } from '../../support/attempts.js';
import { EtcdWorld, fillUp, makeRoom, QUICK } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { latchOf, spendOf } from '../../support/observations.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../../support/real-etcd.js';
import { freePort } from '../../support/free-port.js';

const DAY_SECONDS = 86_400;

describe('EtcdStateStore in trouble', () => {
  let world: EtcdWorld;
  before(function () {
    if (!hasEtcd()) this.skip();
  });
  afterEach(() => world?.close());

  async function messageOf(act: Promise<unknown>): Promise<string> {
    return act.then(
      () => 'nothing was thrown',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }
  const storeAt = (endpoints: readonly string[], more: object = {}): EtcdStateStore =>
    new EtcdStateStore(
      { endpoints, instance: 'x', ...more },
      { clock: new SystemClock(), onTrouble: () => {}, timing: QUICK },
    );

  it('frozen for longer than the deadline: says so in time, and what was sent is not written twice', async () => {
    world = await EtcdWorld.open();
    const store = world.store();
    await store.takeOver('one');
    const opened = savedOf(await store.open(openAttempt()));
    world.etcd.server.freeze();
    const began = Date.now();
    expect(await failureOf(store.save(nextVersion(openAttempt()), opened.revision))).to.equal(
      'STORE_UNAVAILABLE transient',
    );
    expect(Date.now() - began).to.be.lessThan(3_000);
    world.etcd.server.thaw();
    const present = await store.load(attemptId());
    if (present?.revision === opened.revision) savedOf(await store.save(nextVersion(openAttempt()), opened.revision));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await world.writes(`attempts/${attemptId()}`)).to.equal(2);
  });
  it('frozen in the middle of a write and thawed before it gives up: saved, once', async () => {
    world = await EtcdWorld.open();
    const store = world.store('straight', { callTimeoutMs: 400 });
    await store.takeOver('one');
    const opened = savedOf(await store.open(openAttempt()));
    world.etcd.server.freeze();
    const saving = store.save(nextVersion(openAttempt()), opened.revision);
    setTimeout(() => world.etcd.server.thaw(), 600);
    savedOf(await saving);
    expect(await world.writes(`attempts/${attemptId()}`)).to.equal(2);
  });
  it('out of space: refuses writes as unavailable and says NOSPACE, still reads, and goes on when there is room', async () => {
    const etcd = await startEtcd({ quotaBytes: 4 * 1024 * 1024 });
    world = await EtcdWorld.open(etcd);
    try {
      const store = world.store();
      await store.takeOver('one');
      const opened = savedOf(await store.open(openAttempt()));
      await fillUp(world);
      const refused = store.save(nextVersion(openAttempt()), opened.revision, {
        spends: [spendOf({ at: Date.now() })],
      });
      expect(await messageOf(refused)).to.include('NOSPACE');
      expect(await failureOf(store.save(nextVersion(openAttempt()), opened.revision))).to.equal(
        'STORE_UNAVAILABLE transient',
      );
      expect(await store.load(attemptId())).to.deep.equal(opened);
      await makeRoom(world);
      savedOf(await store.save(nextVersion(openAttempt()), opened.revision));
    } finally {
      await world.close();
      await etcd.server.close();
    }
  });
  it('a record that is too large is refused before it is sent, by its name, and nothing is written', async () => {
    world = await EtcdWorld.open();
    const store = world.store();
    await store.takeOver('one');
    const opened = savedOf(await store.open(openAttempt()));
    const large = nextVersion(openAttempt(), { witness: 'x'.repeat(300 * 1024) });
    expect(await failureOf(store.save(large, opened.revision))).to.equal('STORE_RECORD_TOO_LARGE terminal');
    expect(await messageOf(store.save(large, opened.revision))).to.include(
      `attempt ${attemptId()} (argocd/shop, DegradationDetected) is too large`,
    );
    expect(await store.load(attemptId())).to.deep.equal(opened);
    const fits = nextVersion(openAttempt(), { witness: 'x'.repeat(250 * 1024) });
    savedOf(await store.save(fits, opened.revision));
  });
  it('nobody there: unavailable at once; something else there: unavailable too', async () => {
    const nobody = storeAt([`http://127.0.0.1:${await freePort()}`]);
    expect(await failureOf(nobody.takeOver('one'))).to.equal('STORE_UNAVAILABLE transient');
    await nobody.disconnect();
    const web = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => {
      web.listen(0, '127.0.0.1', resolve);
    });
    const wrong = storeAt([`http://127.0.0.1:${(web.address() as AddressInfo).port}`]);
    expect(await failureOf(wrong.takeOver('one'))).to.equal('STORE_UNAVAILABLE transient');
    await wrong.disconnect();
    web.closeAllConnections();
    web.close();
  });
  it('one of two members gone: goes on with the other', async () => {
    world = await EtcdWorld.open();
    const endpoints = [`http://127.0.0.1:${await freePort()}`, world.etcd.url];
    const store = world.store('straight', { pausesMs: [5, 5, 5, 5, 5, 5, 5, 5] }, new SystemClock(), { endpoints });
    await store.takeOver('one');
    for (let n = 1; n <= 5; n++) savedOf(await store.open(openAttempt(n, { application: `argocd/${n}` })));
  });
  it('users: a wrong password is refused as configuration, a corrected one is taken up, a restart of etcd is borne', async () => {
    world = await EtcdWorld.open();
    const root = await world.raw.user('root').create('root-secret');
    await world.raw.role('root').create();
    await root.addRole('root');
    const operator = await world.raw.user('operator').create('right');
    const role = await world.raw.role('operator').create();
    await role.grant({ permission: 'Readwrite', range: Range.prefix('/ai-operator/v1/x/') });
    await operator.addRole('operator');
    await world.raw.auth.authEnable();
    let password = 'wrong';
    const store = storeAt([world.etcd.url], { user: { name: () => 'operator', password: () => password } });
    expect(await failureOf(store.takeOver('one'))).to.equal('STORE_REFUSED config');
    password = 'right';
    await store.takeOver('one');
    savedOf(await store.open(openAttempt()));
    await world.etcd.server.kill();
    await world.etcd.server.start();
    savedOf(await store.open(openAttempt(2, { application: 'argocd/cart' })));
    await store.disconnect();
    const nobody = storeAt([world.etcd.url]);
    expect(await failureOf(nobody.takeOver('one'))).to.equal('STORE_REFUSED config');
    await nobody.disconnect();
    const elsewhere = storeAt([world.etcd.url], {
      instance: 'y',
      user: { name: () => 'operator', password: () => 'right' },
    });
    expect(await failureOf(elsewhere.takeOver('one'))).to.equal('STORE_REFUSED config');
    await elsewhere.disconnect();
  });
  describe('with leases', () => {
    const leaseOf = async (rest: string): Promise<number | undefined> => {
      const { kvs } = await world.raw.get(world.key(rest)).exec();
      const lease = kvs[0]?.lease;
      if (lease === undefined) throw new Error(`${rest} is not there`);
      return lease === '0'
        ? undefined
        : Number((await world.raw.leaseClient.leaseTimeToLive({ ID: lease })).grantedTTL);
    };
    it('keeps a closed attempt seven days, marks and spends for their own time, and open ones for ever', async () => {
      world = await EtcdWorld.open();
      const store = world.store();
      await store.takeOver('one');
      const now = Date.now();
      const residue = { marks: [latchOf({ until: now + 30 * DAY_SECONDS * 1_000 })], spends: [spendOf({ at: now })] };
      await put(store, openAttempt(2, { application: 'argocd/cart' }));
      await put(store, abortedFrom(openAttempt(), 'no-candidate', { closedAt: now }), residue);
      expect(await leaseOf(`attempts/${attemptId(2)}`)).to.equal(undefined);
      expect(await leaseOf(`attempts/${attemptId()}`)).to.be.within(7 * DAY_SECONDS, 7 * DAY_SECONDS + 120);
      expect(await leaseOf(`spends/merge/${attemptId()}`)).to.be.within(7 * DAY_SECONDS - 60, 7 * DAY_SECONDS + 120);
      expect(await leaseOf(`marks/argocd%2Fshop/latch/${attemptId()}`)).to.be.within(
        30 * DAY_SECONDS - 60,
        30 * DAY_SECONDS + 120,
      );
    });
    it('keeps what is owed without a lease, then for what is left of the seven days, and shows nothing that has run out', async () => {
      world = await EtcdWorld.open();
      let leapMs = 0;
      const clock = Object.assign(new SystemClock(), { now: () => Date.now() + leapMs });
      const store = world.store('straight', {}, clock);
      await store.takeOver('one');
      const now = clock.now();
      const owing = abortedFrom(openAttempt(), 'no-candidate', {
        closedAt: now,
        aftercare: { owed: ['reports'], until: now },
      });
      const closed = await put(store, owing);
      expect(await leaseOf(`attempts/${attemptId()}`)).to.equal(undefined);
      leapMs = 5 * DAY_SECONDS * 1_000;
      const done = nextVersion(owing, { aftercare: { owed: [], until: now } });
      savedOf(await store.save(done, closed.revision));
      expect(await leaseOf(`attempts/${attemptId()}`)).to.be.within(2 * DAY_SECONDS - 60, 2 * DAY_SECONDS + 120);
      expect(await store.closed(9)).to.have.length(1);
      leapMs = 7 * DAY_SECONDS * 1_000 + 1_000;
      expect([await store.closed(9), await store.load(attemptId())]).to.deep.equal([[], undefined]);
    });
  });
  describe('with TLS', () => {
    const openssl = (folder: string, ...args: readonly string[]): Buffer =>
      execFileSync('openssl', [...args], { cwd: folder, stdio: 'pipe' });
    it('connects with the right authority and client certificate, and names a wrong one as configuration', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'etcd-tls-'));
      const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];
      for (const name of ['ca', 'other']) {
        openssl(
          folder,
          'req',
          '-x509',
          ...newKey,
          `${name}.key`,
          '-out',
          `${name}.crt`,
          '-days',
          '2',
          '-subj',
          `/CN=${name}`,
        );
      }
      const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
      openssl(folder, 'req', ...newKey, 'tls.key', '-out', 'tls.csr', ...subject);
      const signedBy = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
      openssl(folder, 'x509', '-req', '-in', 'tls.csr', ...signedBy, '-out', 'tls.crt', '-days', '2');
      const file = (name: string): string => path.join(folder, name);
      const etcd: RealEtcd = await startEtcd({
        tls: { certFile: file('tls.crt'), keyFile: file('tls.key'), clientCaFile: file('ca.crt') },
      });
      try {
        const client = { certFile: file('tls.crt'), keyFile: file('tls.key') };
        const outcome = async (endpoint: string, files: object): Promise<string> => {
          const store = storeAt([endpoint], files);
          const said = await failureOf(store.takeOver('one'));
          await store.disconnect();
          return said;
        };
        expect(await outcome(etcd.url, { caFile: file('ca.crt'), ...client })).to.equal('nothing was thrown');
        expect(await outcome(etcd.url, { caFile: file('other.crt'), ...client })).to.equal('STORE_TLS config');
        expect(await outcome(etcd.url, client)).to.equal('STORE_TLS config');
        expect(await outcome(etcd.url, { caFile: file('nowhere.crt') })).to.equal('STORE_CONFIG config');
        expect(await outcome(etcd.url, { caFile: file('ca.crt') })).to.match(
          /^STORE_(TLS config|UNAVAILABLE transient)$/,
        );
        expect(await outcome(etcd.url.replace('https', 'http'), {})).to.equal('STORE_UNAVAILABLE transient');
      } finally {
        await etcd.server.close();
        await rm(folder, { recursive: true });
      }
    });
  });
});
