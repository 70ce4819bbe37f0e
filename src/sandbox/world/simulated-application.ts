import type { ApplicationKey, EpochMs, HealthStatus } from '../../model/application.js';
import { applicationKey } from '../../model/application.js';
import type { JsonObject } from '../json-path.js';
import type { RenderedSource } from '../rendering/manifest-renderer.js';
import { RenderFailure } from '../rendering/render-failure.js';
import { referenceKey, referenceOf } from '../workloads/cluster.js';
import type { Cluster, ObjectReference } from '../workloads/cluster.js';
import type { ApplicationSettings } from './application-settings.js';
import { isSimulated } from './application-settings.js';
import { flappingPhase, noSwitches } from './application-switches.js';
import type { ApplicationSwitches } from './application-switches.js';
import { automatedSync } from './automated-sync.js';
import { applicationHealth } from './application-health.js';
import { compareResources, withTracking } from './comparison.js';
import type { ComparedResource } from './comparison.js';
import { HealthTimeline } from './health-timeline.js';
import { retryPauseMs } from './sync-operation.js';
import type { DeploymentRecord, SyncOperation } from './sync-operation.js';
import { applyTargets } from './apply-targets.js';

/** What an application lives on. */
export interface ApplicationSurroundings {
  readonly cluster: Cluster;
  readonly speed: number;
  /** Already divided by the speed. */
  readonly pollMs: number;
  readonly syncMs: number;
  /** The commit a target revision names now; undefined = none. */
  resolve(revision: string): Promise<string | undefined>;
  /** Throws RenderFailure. */
  render(settings: ApplicationSettings, commit: string): Promise<RenderedSource>;
}

/** One entry of `status.conditions`. */
export interface SimulatedCondition {
  readonly type: 'ComparisonError' | 'SyncError';
  readonly message: string;
  readonly since: EpochMs;
}

/**
 * One Argo CD Application and the controller that looks after it. All its waits are divided by the world's speed
 * already.
 */
export class SimulatedApplication {
  settings: ApplicationSettings;
  readonly key: ApplicationKey;
  readonly switches: ApplicationSwitches = noSwitches();
  readonly timeline = new HealthTimeline();
  health: { status: HealthStatus; since: EpochMs } = { status: 'Healthy', since: 0 };
  sync: { status: 'Synced' | 'OutOfSync' | 'Unknown'; revision: string } = { status: 'Unknown', revision: '' };
  reconciledAt: EpochMs = 0;
  sourceType = '';
  resources: readonly ComparedResource[] = [];
  conditions: readonly SimulatedCondition[] = [];
  history: readonly DeploymentRecord[] = [];
  operation: SyncOperation | undefined;
  refreshPending: 'normal' | 'hard' | undefined;
  /** Resources in the cluster that are this application's. */
  readonly managed = new Map<string, ObjectReference>();
  #targets: readonly JsonObject[] = [];
  #turn: Promise<void> = Promise.resolve();
  #flappingSince: EpochMs | undefined;

  constructor(
    settings: ApplicationSettings,
    readonly surroundings: ApplicationSurroundings,
    private readonly pollOffsetMs: number,
  ) {
    this.settings = settings;
    this.key = applicationKey(settings.namespace, settings.name);
  }

  get owner(): string {
    return this.settings.namespace === 'argocd'
      ? this.settings.name
      : `${this.settings.namespace}_${this.settings.name}`;
  }
  get targets(): readonly JsonObject[] {
    return this.#targets;
  }
  get isOperationRunning(): boolean {
    return this.operation?.phase === 'Running';
  }

  /** Lets the controller do whatever is due. One turn at a time. */
  tick(now: EpochMs): Promise<void> {
    return this.#exclusively(async () => {
      if (this.switches.frozen) return;
      this.observeHealth(now);
      if (!isSimulated(this.settings)) {
        this.#pretend(now);
        return;
      }
      if (this.operation?.phase === 'Running' && this.operation.dueAt <= now) await this.#continueOperation(now);
      const asked = this.refreshPending !== undefined && !this.switches.refreshIgnored;
      if (asked || now >= this.reconciledAt + this.surroundings.pollMs + this.pollOffsetMs) await this.#reconcile(now);
    });
  }
  /** A refresh: compares with the newest commit at once. */
  refresh(now: EpochMs): Promise<void> {
    return this.#exclusively(async () => {
      if (isSimulated(this.settings)) await this.#reconcile(now);
      else this.#pretend(now);
    });
  }
  /** What the source renders to at a commit, marked as this application's. Throws RenderFailure. */
  async renderAt(commit: string): Promise<RenderedSource> {
    const rendered = await this.surroundings.render(this.settings, commit);
    const namespace = this.settings.destination.namespace;
    return { ...rendered, manifests: rendered.manifests.map((m) => withTracking(m, this.owner, namespace)) };
  }
  /**
   * Puts a commit into the cluster as it was done at `at`, without an operation that anybody sees running (the seeded
   * past).
   */
  async deployPast(revision: string, at: EpochMs): Promise<void> {
    const { manifests, sourceType } = await this.renderAt(revision);
    this.sourceType = sourceType;
    const resources = applyTargets(this, manifests, true, at);
    const startedAt = at - 2000;
    this.operation = {
      revision,
      prune: true,
      partial: false,
      startedAt,
      finishedAt: at,
      phase: 'Succeeded',
      message: 'successfully synced (all tasks run)',
      retryCount: 0,
      dueAt: at,
      resources,
    };
    this.#addHistory(revision, startedAt, at);
  }

  /** Recomputes health from the cluster; a change is stamped with `now`. */
  observeHealth(now: EpochMs): void {
    this.#sicken(now);
    const status = applicationHealth(this);
    if (status !== this.health.status) this.health = { status, since: now };
    if (status === 'Degraded' && this.switches.doomedOnceDegraded) this.switches.doomed = true;
    this.timeline.record({ from: now, health: this.health.status, sync: this.sync.status });
  }

  #sicken(now: EpochMs): void {
    const phases = this.switches.flapping;
    this.#flappingSince = phases ? (this.#flappingSince ?? now) : undefined;
    const phase = phases && flappingPhase(phases, now - (this.#flappingSince ?? now));
    const ill = phase?.health === 'Degraded';
    for (const reference of this.managed.values()) {
      const rollout = this.surroundings.cluster.find(reference)?.rollout;
      rollout?.ail(ill || (this.switches.doomed && rollout.isComplete));
    }
  }

  /** An application of another shape is always in sync. */
  #pretend(now: EpochMs): void {
    this.reconciledAt = now;
    this.refreshPending = undefined;
    this.sync = { status: 'Synced', revision: '' };
  }

  async #reconcile(now: EpochMs): Promise<void> {
    const { source, destination } = this.settings;
    try {
      const wanted = typeof source['targetRevision'] === 'string' ? source['targetRevision'] : 'HEAD';
      const revision = await this.surroundings.resolve(wanted);
      if (revision === undefined) throw new RenderFailure(`unable to resolve '${wanted}' to a commit SHA`);
      const { manifests, sourceType } = await this.renderAt(revision);
      this.#targets = manifests;
      this.sourceType = sourceType;
      this.resources = compareResources(
        manifests,
        this.managed.values(),
        this.surroundings.cluster,
        destination.namespace,
      );
      const synced = this.resources.every((resource) => resource.status === 'Synced');
      this.sync = { status: synced ? 'Synced' : 'OutOfSync', revision };
      this.conditions = this.conditions.filter(
        (c) => c.type !== 'ComparisonError' && !(synced && c.type === 'SyncError'),
      );
    } catch (error) {
      if (!(error instanceof RenderFailure)) throw error;
      this.sync = { ...this.sync, status: 'Unknown' };
      this.addCondition(
        'ComparisonError',
        `Failed to load target state: failed to generate manifest for source 1 of 1: ${error.message}`,
        now,
      );
    }
    this.reconciledAt = now;
    if (!this.switches.refreshIgnored) this.refreshPending = undefined;
    this.observeHealth(now);
    automatedSync(this, now);
  }

  addCondition(type: SimulatedCondition['type'], message: string, now: EpochMs): void {
    const same = this.conditions.find((c) => c.type === type && c.message === message);
    if (!same) this.conditions = [...this.conditions.filter((c) => c.type !== type), { type, message, since: now }];
  }

  async #continueOperation(now: EpochMs): Promise<void> {
    const operation = this.operation;
    if (!operation || this.switches.operationHeld) return;
    operation.finishedAt = undefined;
    const failure = this.switches.syncFailure;
    if (failure !== undefined) this.#failOperation(operation, failure, now);
    else {
      const targets = operation.partial ? this.#driftedTargets() : (await this.renderAt(operation.revision)).manifests;
      operation.resources = applyTargets(this, targets, operation.prune && !operation.partial, now);
      operation.phase = 'Succeeded';
      operation.message = 'successfully synced (all tasks run)';
      operation.finishedAt = now;
      if (!operation.partial) this.#addHistory(operation.revision, operation.startedAt, now);
    }
    if (!this.isOperationRunning) await this.#reconcile(now);
  }

  #failOperation(operation: SyncOperation, failure: string, now: EpochMs): void {
    operation.finishedAt = now;
    if (operation.retryCount >= this.settings.retryLimit) {
      operation.phase = 'Failed';
      operation.message = `${failure} (retried ${operation.retryCount} times).`;
      return;
    }
    operation.retryCount += 1;
    const pause = retryPauseMs(operation.retryCount, this.surroundings.speed);
    operation.dueAt = now + pause;
    const next = new Date(operation.dueAt).toISOString();
    operation.message = `${failure}. Retrying attempt #${operation.retryCount} at ${next}.`;
  }

  #driftedTargets(): readonly JsonObject[] {
    const drifted = new Set(
      this.resources.filter((r) => r.status === 'OutOfSync').map((r) => referenceKey(r.reference)),
    );
    return this.#targets.filter((t) => drifted.has(referenceKey(referenceOf(t, this.settings.destination.namespace))));
  }

  #addHistory(revision: string, deployStartedAt: EpochMs, deployedAt: EpochMs): void {
    const id = (this.history.at(-1)?.id ?? -1) + 1;
    this.history = [...this.history, { id, revision, deployStartedAt, deployedAt }].slice(-this.settings.historyLimit);
  }

  #exclusively(fn: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(fn);
    // the next turn comes whatever became of this one; its caller hears of the failure
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
