import { everyInterval } from '../base/clock.js';
import type { Clock } from '../base/clock.js';
import { OperatorError } from '../base/errors.js';
import { sha256 } from '../base/hash.js';
import type { ApplicationKey, EpochMs } from '../model/application.js';
import { applicationKey } from '../model/application.js';
import type { CommitReader } from './rendering/commit-files.js';
import { ManifestRenderer } from './rendering/manifest-renderer.js';
import type { RenderedSource } from './rendering/manifest-renderer.js';
import { RenderFailure } from './rendering/render-failure.js';
import { Cluster } from './workloads/cluster.js';
import type { PodFailure } from './workloads/pod-failure.js';
import { objectsAt, stringAt } from './json-path.js';
import type { JsonObject } from './json-path.js';
import { IN_CLUSTER, destinationServer, isSimulated } from './world/application-settings.js';
import type { ApplicationSettings } from './world/application-settings.js';
import { seedTimeline } from './world/health-timeline.js';
import type { PastGap } from './world/health-timeline.js';
import { SimulatedApplication } from './world/simulated-application.js';

/** The world's own waits, as they would be in real life: the world divides them by `speed`. */
export interface WorldTiming {
  /** How often the controller looks at git by itself (plus up to half as much, different for each application). */
  readonly pollMs: number;
  /** How long a sync operation takes. */
  readonly syncMs: number;
  /** From a pod's creation to its readiness. */
  readonly podStartMs: number;
  /** When an ignored refresh gives up. */
  readonly refreshDeadlineMs: number;
}
/** About what an ordinary installation does. */
export const DEFAULT_WORLD_TIMING: WorldTiming = {
  pollMs: 120_000,
  syncMs: 4_000,
  podStartMs: 10_000,
  refreshDeadlineMs: 60_000,
};
const OBSERVE_MS = 200;

/** The part of a git repository the world needs. */
export interface WorldRepository extends CommitReader {
  /** The commit a revision names; undefined = none. */
  resolve(revision: string): Promise<string | undefined>;
  readCommit(sha: string): Promise<WorldCommit>;
}
/** Who made a commit, and its message. */
export interface WorldCommit {
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string; readonly at: EpochMs };
}

/** What a world stands on. */
export interface WorldOptions {
  readonly clock: Clock;
  readonly repository: WorldRepository;
  /** The `repoURL` that applications name it by. */
  readonly repositoryUrl: string;
  readonly defaultBranch: string;
  readonly speed: number;
  readonly timing?: Partial<WorldTiming>;
  readonly brokenImages?: Readonly<Record<string, PodFailure>>;
}

/** A commit that was deployed in the past. */
export interface PastDeployment {
  readonly revision: string;
  readonly at: EpochMs;
  /** Share of the time it was up, 0..1. */
  readonly uptime: number;
}

/** Whether Argo CD's own cluster can be read by the operator. */
export const CLUSTER_STATES = ['readable', 'forbidden', 'down'] as const;
/** One of CLUSTER_STATES. */
export type ClusterState = (typeof CLUSTER_STATES)[number];
/** What Prometheus is worth. */
export const METRICS_STATES = ['ok', 'no-data', 'partial', 'down'] as const;
/** One of METRICS_STATES. */
export type MetricsState = (typeof METRICS_STATES)[number];

const FULL_ID = /^[0-9a-f]{40}$/;
/** GitHub and Argo CD treat these two as one repository. */
const normalizedUrl = (url: string): string => url.toLowerCase().replace(/\.git$/, '');

/**
 * Everything the servers show but GitHub's part: applications with their controller, clusters, what Prometheus has
 * scraped. What an application's health is follows from the manifests at the synced commit alone (an image listed as
 * broken never gets ready), and from the named switches.
 */
export class World {
  readonly brokenImages: Map<string, PodFailure>;
  clusterState: ClusterState = 'readable';
  metricsState: MetricsState = 'ok';
  readonly timing: WorldTiming;
  readonly speed: number;
  readonly clock: Clock;
  readonly startedAt: EpochMs;
  readonly renderer: ManifestRenderer;
  readonly #applications = new Map<ApplicationKey, SimulatedApplication>();
  readonly #clusters = new Map<string, Cluster>();
  readonly #stopping = new AbortController();
  #heads = new Map<string, Promise<string | undefined>>();
  #loop: Promise<void> | undefined;

  constructor(private readonly options: WorldOptions) {
    this.timing = { ...DEFAULT_WORLD_TIMING, ...options.timing };
    this.clock = options.clock;
    this.speed = options.speed;
    this.startedAt = options.clock.now();
    this.brokenImages = new Map(Object.entries(options.brokenImages ?? {}));
    this.renderer = new ManifestRenderer(options.repository);
  }

  /** In order of namespace and name. */
  get applications(): readonly SimulatedApplication[] {
    return [...this.#applications.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  }
  find(namespace: string, name: string): SimulatedApplication | undefined {
    return this.#applications.get(applicationKey(namespace, name));
  }
  /** Throws `SANDBOX_NO_SUCH_APPLICATION`. The key may be the bare name of an application in `argocd`. */
  get(key: string): SimulatedApplication {
    const found = this.#applications.get((key.includes('/') ? key : `argocd/${key}`) as ApplicationKey);
    if (!found) throw new OperatorError('SANDBOX_NO_SUCH_APPLICATION', 'config', `the world has no application ${key}`);
    return found;
  }
  /** The cluster an application is deployed to; made when first asked for. */
  cluster(server: string): Cluster {
    const known = this.#clusters.get(server);
    if (known) return known;
    const made = new Cluster({
      podStartMs: Math.max(1, this.timing.podStartMs / this.speed),
      observeMs: OBSERVE_MS / this.speed,
      speed: this.speed,
      failureOf: (template, owner) => this.#failureOf(template, owner),
    });
    this.#clusters.set(server, made);
    return made;
  }
  get ownCluster(): Cluster {
    return this.cluster(IN_CLUSTER);
  }

  addApplication(settings: ApplicationSettings): SimulatedApplication {
    const pollMs = this.timing.pollMs / this.speed;
    const jitter = Number.parseInt(sha256(settings.name).slice(0, 4), 16) / 0xffff;
    const app = new SimulatedApplication(
      settings,
      {
        cluster: this.cluster(destinationServer(settings.destination)),
        speed: this.speed,
        pollMs,
        syncMs: this.timing.syncMs / this.speed,
        resolve: (revision) => this.resolve(revision),
        render: (of, commit) => this.#render(of, commit),
      },
      (jitter * pollMs) / 2,
    );
    app.health = { status: 'Healthy', since: this.startedAt };
    this.#applications.set(app.key, app);
    return app;
  }
  removeApplication(key: string): void {
    this.#applications.delete(this.get(key).key);
  }

  /**
   * Writes an application's past: history, what runs now, and what Prometheus has scraped. Never divided by the speed.
   */
  async seedPast(key: string, past: readonly PastDeployment[], gaps: readonly PastGap[] = []): Promise<void> {
    const app = this.get(key);
    for (const deployment of past) await app.deployPast(deployment.revision, deployment.at);
    seedTimeline(app.timeline, past, gaps, this.clock.now());
    const last = past.at(-1);
    if (last) app.health = { status: 'Healthy', since: last.at + OBSERVE_MS + this.timing.podStartMs };
  }

  /** The commit a target revision names: HEAD and '' are the default branch; then branches, tags, ids. */
  resolve(revision: string): Promise<string | undefined> {
    if (FULL_ID.test(revision)) return this.options.repository.resolve(revision);
    const known = this.#heads.get(revision);
    if (known) return known;
    const asked = this.#resolveName(revision === '' || revision === 'HEAD' ? this.options.defaultBranch : revision);
    this.#heads.set(revision, asked);
    return asked;
  }

  /** The same, never from what was looked up earlier in this turn. */
  resolveNow(revision: string): Promise<string | undefined> {
    this.#heads = new Map();
    return this.resolve(revision);
  }

  /** Author and message of a commit; undefined = there is none. */
  async commit(revision: string): Promise<WorldCommit | undefined> {
    const sha = await this.options.repository.resolve(revision);
    return sha === undefined ? undefined : this.options.repository.readCommit(sha);
  }

  /** Lets everything happen that is due now. */
  async tick(): Promise<void> {
    const now = this.clock.now();
    // branch heads are asked for once per turn, however many applications look at them
    this.#heads = new Map();
    for (const cluster of this.#clusters.values()) cluster.advance(now);
    await Promise.all(this.applications.map((app) => app.tick(now)));
  }
  /** Refreshes one application now, on the newest commit. */
  async refresh(app: SimulatedApplication): Promise<void> {
    this.#heads = new Map();
    const now = this.clock.now();
    app.surroundings.cluster.advance(now);
    await app.refresh(now);
  }
  /** Ticks by itself until `stop`. */
  start(): void {
    const tickMs = Math.min(250, Math.max(20, 1000 / this.speed));
    this.#loop ??= everyInterval(
      this.clock,
      () => tickMs,
      () => this.tick(),
      this.#stopping.signal,
    );
    // looked at in `stop`; until then it must not count as unhandled
    this.#loop.catch(() => undefined);
  }
  /** Settles when the ticking ends; rejects with what it died of. */
  get running(): Promise<void> {
    return this.#loop ?? Promise.resolve();
  }
  /** Ends the ticking; throws what it died of, if it did. */
  async stop(): Promise<void> {
    this.#stopping.abort(new OperatorError('SANDBOX_STOPPED', 'cancelled', 'the sandbox is closing'));
    await this.#loop;
  }

  async #resolveName(name: string): Promise<string | undefined> {
    const { repository } = this.options;
    return (
      (await repository.resolve(`refs/heads/${name}`)) ??
      (await repository.resolve(`refs/tags/${name}`)) ??
      (/^[0-9a-f]{7,39}$/.test(name) ? await repository.resolve(name) : undefined)
    );
  }

  async #render(settings: ApplicationSettings, commit: string): Promise<RenderedSource> {
    if (!isSimulated(settings)) throw new RenderFailure('the sandbox renders applications with one source only');
    const url = stringAt(settings.source, 'repoURL') ?? '';
    if (normalizedUrl(url) !== normalizedUrl(this.options.repositoryUrl)) {
      throw new RenderFailure(`authentication required: Repository not found: ${url}`);
    }
    return this.renderer.render(settings.source, commit, settings.name);
  }

  #failureOf(template: JsonObject, owner: string): PodFailure | undefined {
    if (this.#applications.get(owner as ApplicationKey)?.switches.doomed) return 'CrashLoopBackOff';
    const containers = objectsAt(template, 'spec', 'containers');
    for (const container of containers) {
      const failure = this.brokenImages.get(stringAt(container, 'image') ?? '');
      if (failure) return failure;
    }
    return undefined;
  }
}
