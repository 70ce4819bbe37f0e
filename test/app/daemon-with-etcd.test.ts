import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { startDaemon, type Daemon } from '../../src/app/daemon.js';
import { createOutside } from '../../src/app/outside.js';
import { SystemClock } from '../../src/base/clock.js';
import { createLogger } from '../../src/base/logger.js';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { until } from '../support/etcd-world.js';
import { LocalHttp } from '../support/local-http.js';
import { hasEtcd, startEtcd, type RealEtcd } from '../support/real-etcd.js';
import { hasNats, startNats, type RealNats } from '../support/real-nats.js';
import { freePort } from '../support/server-process.js';

const BUILD = { version: '0.0.0-test', commit: 'test' };

describe('the daemon on a real etcd and a real NATS', () => {
  let folder: string;
  let upstream: LocalHttp;
  let etcd: RealEtcd;
  let nats: RealNats;
  let health: string;
  let loaded: LoadedConfig;
  let log: string;
  before(async function () {
    if (!hasEtcd() || !hasNats()) this.skip();
    [etcd, nats] = await Promise.all([startEtcd(), startNats()]);
  });
  after(async () => {
    await Promise.all([etcd?.server.close(), nats?.server.close()]);
  });
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'daemon-etcd-'));
    upstream = await LocalHttp.start();
    const port = await freePort();
    health = `http://127.0.0.1:${port}`;
    log = '';
    for (const name of ['argocd.token', 'github.token'])
      writeFileSync(path.join(folder, name), 'secret\n', { mode: 0o600 });
    writeFileSync(
      path.join(folder, 'operator.yaml'),
      `environments: { staging: { match: { projects: [staging] }, mode: observe } }
argocd: { url: "${upstream.url}", tokenFile: argocd.token }
github: { tokenFile: github.token, apiUrl: "${upstream.url}" }
repositories: [{ url: https://github.com/acme/gitops }]
kubernetes: { enabled: false }
audit: { directory: audit }
killFile: kill
store: { kind: etcd, endpoints: ["${etcd.url}"] }
bus: { kind: nats, servers: ["${nats.url}"] }
http: { port: 0 }
httpMetrics: { host: 127.0.0.1, port: ${port} }
`,
    );
    loaded = loadConfig({ file: 'operator.yaml', env: {}, workingDirectory: folder });
  });
  afterEach(async () => {
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });
  async function start(stopping?: AbortSignal): Promise<Daemon> {
    const lines = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        log += chunk.toString();
        done();
      },
    });
    const logger = createLogger({ level: 'info', format: 'json' }, lines);
    const outside = await createOutside(loaded.config, new SystemClock(), logger, BUILD, () => {});
    return startDaemon(loaded, outside, BUILD, () => loaded, stopping);
  }
  const at = async (address: string): Promise<number> => (await fetch(`${health}${address}`)).status;
  const audited = (): boolean => existsSync(path.join(folder, 'audit'));

  it('starts, stops, and a second start takes over at once', async () => {
    for (let n = 0; n < 2; n++) {
      const began = Date.now();
      const daemon = await start();
      expect(Date.now() - began).to.be.lessThan(3_000);
      await daemon.stop();
    }
    expect(log).to.include('"store":"etcd","bus":"nats"');
  });
  it('waits aloud while etcd and NATS are not there, alive but not ready, and starts when etcd comes', async () => {
    await Promise.all([etcd.server.kill(), nats.server.kill()]);
    const starting = start();
    let daemon: Daemon | undefined;
    try {
      await until(() => log.includes('the state store is not to be had'));
      expect([await at('/livez'), await at('/readyz'), audited()]).to.deep.equal([200, 503, false]);
    } finally {
      await etcd.server.start();
      daemon = await starting;
      await daemon.stop();
      await nats.server.start();
    }
    expect(audited()).to.equal(true);
  });
  it('ends a start that waits for etcd when it is asked to stop, without a trace', async () => {
    await etcd.server.kill();
    try {
      const stopping = new AbortController();
      const starting = start(stopping.signal).then(
        () => 'started',
        () => 'ended',
      );
      await until(() => log.includes('the state store is not to be had'));
      const began = Date.now();
      stopping.abort();
      expect(await starting).to.equal('ended');
      expect(Date.now() - began).to.be.lessThan(5_000);
      expect(audited()).to.equal(false);
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
    const text = readFileSync(path.join(folder, 'operator.yaml'), 'utf8');
    const elsewhere = text
      .replace(/port: \d+ }\n$/, `port: ${await freePort()} }\n`)
      .replace('directory: audit', 'directory: audit2');
    writeFileSync(path.join(folder, 'second.yaml'), elsewhere);
    loaded = loadConfig({ file: 'second.yaml', env: {}, workingDirectory: folder });
    const second = await start();
    try {
      expect(await first.operator.ended).to.match(/took over/);
      expect(second.operator.isServing).to.equal(true);
    } finally {
      await first.stop();
      await second.stop();
    }
  });
});
