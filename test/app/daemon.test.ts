import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { startDaemon, type Daemon } from '../../src/app/daemon.js';
import { createOutside, type Outside } from '../../src/app/outside.js';
import { SystemClock } from '../../src/base/clock.js';
import { createLogger } from '../../src/base/logger.js';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { failureOf } from '../support/failure.js';
import { LocalHttp } from '../support/local-http.js';

const BUILD = { version: '0.0.0-test', commit: 'test' };
const logger = createLogger(
  { level: 'error', format: 'json' },
  new Writable({ write: (_chunk, _encoding, done) => done() }),
);

describe('the start of the daemon', () => {
  let folder: string;
  let upstream: LocalHttp;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'daemon-'));
    upstream = await LocalHttp.start();
  });
  afterEach(async () => {
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (doors: string): LoadedConfig => {
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
${doors}`,
    );
    return loadConfig({ file: 'operator.yaml', env: {}, workingDirectory: folder });
  };
  /** The production outside, with a word in before it becomes the writer. */
  const outsideOf = async (loaded: LoadedConfig, beforeTakeOver: () => Promise<void>): Promise<Outside> => {
    const outside = await createOutside(loaded.config, new SystemClock(), logger, BUILD, () => {});
    const takeOver = outside.store.takeOver.bind(outside.store);
    outside.store.takeOver = async (instance) => {
      await beforeTakeOver();
      return takeOver(instance);
    };
    return outside;
  };

  for (const [door, doors] of [
    ['metrics', (port: string) => `http: { port: 0 }\nhttpMetrics: { host: 127.0.0.1, port: ${port} }\n`],
    ['API', (port: string) => `http: { port: ${port} }\nhttpMetrics: { host: 127.0.0.1, port: 0 }\n`],
  ] as const) {
    it(`fails on a taken ${door} port before it becomes the writer or touches the audit log`, async () => {
      const loaded = load(doors(new URL(upstream.url).port));
      let takenOver = 0;
      const outside = await outsideOf(loaded, () => {
        takenOver += 1;
        return Promise.resolve();
      });
      expect(await failureOf(startDaemon(loaded, outside, BUILD))).to.equal('HTTP_LISTEN_FAILED config');
      expect([takenOver, existsSync(path.join(folder, 'audit'))]).to.deep.equal([0, false]);
    });
  }

  it('answers alive but not ready, and takes no question or order, while it waits to become the writer', async () => {
    const probe = await LocalHttp.start();
    const free = new URL(probe.url).port;
    await probe.close();
    const loaded = load(`http: { port: 0 }\nhttpMetrics: { host: 127.0.0.1, port: ${free} }\n`);
    let arrive: () => void = () => {};
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    let grant: () => void = () => {};
    const outside = await outsideOf(loaded, () => {
      arrive();
      return new Promise((resolve) => (grant = resolve));
    });
    const starting = startDaemon(loaded, outside, BUILD);
    let daemon: Daemon | undefined;
    try {
      await Promise.race([arrived, starting]);
      const at = async (address: string): Promise<number> => (await fetch(`http://127.0.0.1:${free}${address}`)).status;
      expect([await at('/livez'), await at('/readyz')]).to.deep.equal([200, 503]);
      expect(existsSync(path.join(folder, 'audit'))).to.equal(false);
    } finally {
      grant();
      daemon = await starting;
      await daemon.stop();
    }
    expect(existsSync(path.join(folder, 'audit'))).to.equal(true);
  });
});
