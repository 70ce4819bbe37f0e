import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/sandbox/json-path.js';
import { mergeDocuments } from '../../../src/sandbox/scenario/merge-documents.js';
import { freePort } from '../../support/free-port.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { KillWorld, type Lane } from '../kill/kill-world.js';
import type { OperatorChild } from '../kill/operator-child.js';
import type { LinkName } from './cells.js';
import { Pulse } from './pulse.js';

/** Checks that come rarely enough for a busy machine to be in time; three in a row have to. */
const UNHURRIED: JsonObject = {
  HEALTH_CHECK_INTERVAL: '500ms',
  HEALTH_RESTORATION_DURATION: '1500ms',
  pullRequestPollInterval: '400ms',
  reevaluationInterval: '1s',
  refreshInterval: '1s',
  sweepInterval: '100ms',
  MERGE_APPROVAL_TIMEOUT: '150s',
};

export interface Running {
  readonly child: OperatorChild;
  readonly pulse: Pulse;
}
/** A sandbox with etcd and NATS, and daemons that reach each of them through a proxy of its own. */
export class NetworkWorld {
  readonly #runs: Running[] = [];
  private constructor(
    readonly inner: KillWorld,
    readonly proxies: Readonly<Record<LinkName, TcpProxy>>,
  ) {}

  static async start(lane: Lane): Promise<NetworkWorld> {
    const inner = await KillWorld.start({ seed: 0, plot: 'bad-deploy', bus: 'nats', injuries: [] }, lane);
    const { urls } = inner.sandbox;
    const to = (url: string): Promise<TcpProxy> => TcpProxy.start(Number(new URL(url).port));
    return new NetworkWorld(inner, {
      etcd: await TcpProxy.start(lane.etcd.port),
      nats: await TcpProxy.start(lane.nats.port),
      argocd: await to(urls.argocd),
      github: await to(urls.github),
      kubernetes: await to(urls.kubernetes),
      prometheus: await to(urls.prometheus),
      webhook: await to(urls.notices),
    });
  }
  /** All there ever were, oldest first. */
  get runs(): readonly Running[] {
    return this.#runs;
  }
  /** Starts a daemon; `over` is laid over its configuration. */
  async startChild(over: JsonObject = {}): Promise<Running> {
    const { proxies } = this;
    const health = await freePort();
    const child = await this.inner.startChild({
      over: mergeDocuments(
        {
          store: { endpoints: [proxies.etcd.url] },
          bus: { servers: [`nats://127.0.0.1:${proxies.nats.port}`] },
          argocd: { url: proxies.argocd.url },
          github: { apiUrl: proxies.github.url },
          prometheus: { url: proxies.prometheus.url },
          notify: {
            webhooks: [
              { name: 'sandbox', url: proxies.webhook.url + new URL(this.inner.sandbox.urls.notices).pathname },
            ],
          },
          kubernetes: { kubeconfigFile: await this.#kubeconfig() },
          timing: UNHURRIED,
          httpMetrics: { host: '127.0.0.1', port: health },
        },
        over,
      ),
    });
    const running = { child, pulse: new Pulse(`http://127.0.0.1:${health}`, () => child.end !== undefined) };
    this.#runs.push(running);
    return running;
  }
  async close(): Promise<void> {
    try {
      await Promise.all(this.#runs.map(({ pulse }) => pulse.stop()));
      await this.inner.close();
    } finally {
      await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
    }
  }

  async #kubeconfig(): Promise<string> {
    const { directory, sandbox } = this.inner;
    const file = join(directory, 'kubeconfig-by-proxy');
    const text = await readFile(join(directory, 'kubeconfig'), 'utf8');
    await writeFile(file, text.replace(sandbox.urls.kubernetes, this.proxies.kubernetes.url), { mode: 0o600 });
    return file;
  }
}
