import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { startDaemon, type Daemon } from '../../src/app/daemon.js';
import { createOutside } from '../../src/app/outside.js';
import { SystemClock, type Clock } from '../../src/base/clock.js';
import { createLogger } from '../../src/base/logger.js';
import { loadConfig, type LoadedConfig } from '../../src/config/load-config.js';
import { LocalHttp } from '../support/local-http.js';
import { freePort } from '../support/free-port.js';

const BUILD = { version: '0.0.0', commit: 'test' };

/** The whole daemon in this process, on a real store and a real bus; Argo CD and GitHub answer nothing of use. */
export class DaemonBench {
  readonly #daemons: Daemon[] = [];
  /** Everything it has logged, as JSON lines. */
  log = '';
  private constructor(
    readonly folder: string,
    readonly upstream: LocalHttp,
    private readonly port: number,
  ) {}

  static async open(): Promise<DaemonBench> {
    const folder = mkdtempSync(path.join(tmpdir(), 'daemon-'));
    for (const name of ['argocd.token', 'github.token', 'password', 'wrong-password'])
      writeFileSync(path.join(folder, name), `${name}\n`, { mode: 0o600 });
    return new DaemonBench(folder, await LocalHttp.start(), await freePort());
  }
  /** `more` = the YAML of `store` and `bus`. */
  configure(more: string, mode = 'observe'): LoadedConfig {
    const { url } = this.upstream;
    const text = `instance: shop
environments: { staging: { match: { projects: [staging] }, mode: ${mode} } }
argocd: { url: "${url}", tokenFile: argocd.token }
github: { tokenFile: github.token, apiUrl: "${url}" }
repositories: [{ url: https://github.com/acme/gitops }]
kubernetes: { enabled: false }
audit: { directory: audit }
killFile: kill
http: { port: 0 }
httpMetrics: { host: 127.0.0.1, port: ${this.port} }
${more}
`;
    writeFileSync(path.join(this.folder, 'operator.yaml'), text);
    return loadConfig({ file: 'operator.yaml', env: {}, workingDirectory: this.folder });
  }
  async start(loaded: LoadedConfig, stopping?: AbortSignal, clock: Clock = new SystemClock()): Promise<Daemon> {
    const lines = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.log += chunk.toString();
        done();
      },
    });
    const logger = createLogger({ level: 'info', format: 'json' }, lines);
    const outside = await createOutside(loaded.config, clock, logger, BUILD, () => {});
    const daemon = await startDaemon(loaded, outside, BUILD, () => loaded, stopping);
    this.#daemons.push(daemon);
    return daemon;
  }
  /** The status of a path of the health server. */
  async at(address: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.port}${address}`)).status;
  }
  async metric(line: RegExp): Promise<string | undefined> {
    return line.exec(await (await fetch(`http://127.0.0.1:${this.port}/metrics`)).text())?.[0];
  }
  /** A process that did not become the writer leaves no trace here. */
  get audited(): boolean {
    return existsSync(path.join(this.folder, 'audit'));
  }
  async close(): Promise<void> {
    for (const daemon of this.#daemons.splice(0)) await daemon.stop();
    await this.upstream.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
