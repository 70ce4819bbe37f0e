import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ArgoCdHttpApi } from '../../src/adapters/argocd/argocd-http-api.js';
import type { ClientNodeKubernetes } from '../../src/adapters/kubernetes/client-node-kubernetes.js';
import { createKubernetes } from '../../src/adapters/kubernetes/create-kubernetes.js';
import { PrometheusHttp } from '../../src/adapters/prometheus/prometheus-http.js';
import { SystemClock } from '../../src/base/clock.js';
import { Secret } from '../../src/base/secret.js';
import { readerOf } from '../../src/sandbox/argocd/argocd-access.js';
import { ArgoCdSandbox } from '../../src/sandbox/argocd/argocd-server.js';
import { FaultPlan } from '../../src/sandbox/faults.js';
import type { GitRepository } from '../../src/sandbox/git-repository.js';
import { Journal } from '../../src/sandbox/journal.js';
import { KubernetesSandbox } from '../../src/sandbox/kubernetes/kubernetes-server.js';
import { PrometheusSandbox } from '../../src/sandbox/prometheus/prometheus-server.js';
import type { ApplicationSettings } from '../../src/sandbox/world/application-settings.js';
import { World } from '../../src/sandbox/world.js';
import { ManualClock } from './manual-clock.js';

/** Where the clock of the world stands at first. */
export const START = Date.UTC(2026, 0, 20, 12);
const REPOSITORY = 'https://git.example/acme/gitops.git';
const ONCE = { count: 1, backoffMs: [1] };

/** An application of the world that is synced by itself. */
export const settings = (name: string, project: string, namespace = 'argocd'): ApplicationSettings => ({
  name,
  namespace,
  project,
  destination: { server: 'https://kubernetes.default.svc', namespace: name },
  source: { repoURL: REPOSITORY, path: 'apps/shop', targetRevision: 'main' },
  labels: {},
  annotations: {},
  automated: { prune: true, selfHeal: true },
  syncOptions: [],
  retryLimit: 5,
  historyLimit: 10,
  syncWindows: [],
});

/** A world on a clock of its own, with the three upstreams of it. */
export class Upstreams {
  readonly clock = new ManualClock(START);
  readonly journal = new Journal();
  readonly faults = new FaultPlan();
  readonly signal = new AbortController().signal;
  #closing: (() => Promise<void>)[] = [];
  constructor(readonly folder: string) {}
  readonly later = (close: () => Promise<void>): void => {
    this.#closing.push(close);
  };
  async close(): Promise<void> {
    for (const close of this.#closing.toReversed()) await close();
    await rm(this.folder, { recursive: true });
  }
  world(repository: GitRepository): World {
    const { clock } = this;
    return new World({
      clock,
      repository,
      repositoryUrl: REPOSITORY,
      defaultBranch: 'main',
      speed: 1,
      brokenImages: { 'shop:bad': 'CrashLoopBackOff' },
    });
  }
  async argocd(
    world: World,
    objects: readonly string[],
  ): Promise<{ readonly api: ArgoCdHttpApi; readonly sandbox: ArgoCdSandbox; readonly token: string }> {
    const sandbox = await ArgoCdSandbox.start({ world, clock: this.clock, journal: this.journal, faults: this.faults });
    const token = sandbox.sessions.issue(readerOf('ai-operator', objects));
    const api = new ArgoCdHttpApi(
      { url: sandbox.url, token: () => new Secret(token), timeoutMs: 10_000, refreshWaitMs: 500 },
      new SystemClock(),
      ONCE,
    );
    this.later(() => sandbox.close());
    this.later(() => api.close());
    return { api, sandbox, token };
  }
  async kubernetes(world: World): Promise<ClientNodeKubernetes> {
    const sandbox = await KubernetesSandbox.start({
      world,
      clock: this.clock,
      journal: this.journal,
      faults: this.faults,
    });
    this.later(() => sandbox.close());
    const file = path.join(this.folder, 'kubeconfig');
    await writeFile(
      file,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: sandbox.url, 'insecure-skip-tls-verify': true } }],
        users: [{ name: 'u', user: { token: sandbox.token } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    return createKubernetes({ access: { kind: 'kubeconfig', file }, timeoutMs: 10_000 }, new SystemClock(), ONCE);
  }
  async prometheus(world: World, exportedNamespace: boolean): Promise<PrometheusHttp> {
    const sandbox = await PrometheusSandbox.start({
      world,
      clock: this.clock,
      journal: this.journal,
      faults: this.faults,
      exportedNamespace,
    });
    const backend = new PrometheusHttp({ url: sandbox.url, timeoutMs: 10_000 }, new SystemClock(), ONCE);
    this.later(() => sandbox.close());
    this.later(() => backend.close());
    return backend;
  }
}
export const startUpstreams = async (): Promise<Upstreams> =>
  new Upstreams(await mkdtemp(path.join(tmpdir(), 'upstreams-')));
