import type { InMemoryStateStore } from '../../src/adapters/memory/in-memory-state-store.js';
import { InProcessEventBus } from '../../src/adapters/memory/in-process-event-bus.js';
import { MemoryShelf } from '../../src/adapters/memory/memory-shelf.js';
import { canonicalJson } from '../../src/base/hash.js';
import type { OperatorConfig } from '../../src/config/operator-config.js';
import type { Clock } from '../../src/base/clock.js';
import type { ApplicationKey, ApplicationSnapshot, HealthStatus } from '../../src/model/application.js';
import { splitApplicationKey } from '../../src/model/application.js';
import type { RollbackAttempt } from '../../src/model/rollback-attempt.js';
import { FakeArgoCd } from './fakes/fake-argocd.js';
import { FakeGitHub } from './fakes/fake-github.js';
import {
  FakeKillSwitch,
  FakeKubernetes,
  FakeLogger,
  FakeMetricsBackend,
  FakeNotifier,
  FakeOperatorMetrics,
} from './fakes/fake-outside.js';
import { HalfReadStore, type Unread } from './fakes/half-read-store.js';
import { MemoryAuditLog } from './fakes/memory-audit-log.js';
import { ManualClock } from './manual-clock.js';
import { operatorConfig } from './operator-config.js';
import { deploymentOf, snapshotOf } from './snapshots.js';
import { REPOSITORY_URL, SHOP, T0 } from './attempt-parts.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
export const manifestPath = (name: string): string => `apps/${name}/overlays/staging/deployment.yaml`;

/**
 * What outlives one process of the operator: the cluster, git, GitHub, the store's shelf, the audit log, the people. An
 * application `x` renders from `apps/x/overlays/staging`; a version whose file says `bad` degrades, any other is healthy.
 */
export class OperatorWorld {
  readonly clock = new ManualClock(T0);
  readonly shelf = new MemoryShelf();
  readonly github = new FakeGitHub();
  readonly argocd = new FakeArgoCd();
  readonly kubernetes = new FakeKubernetes();
  readonly prometheus = new FakeMetricsBackend();
  readonly audit = new MemoryAuditLog();
  readonly notifier = new FakeNotifier();
  readonly killSwitch = new FakeKillSwitch();
  readonly metrics = new FakeOperatorMetrics();
  readonly logger = new FakeLogger();
  config: OperatorConfig = operatorConfig();
  /** False = Argo CD does not see what is merged. */
  syncs = true;

  readonly unread: Unread = { marks: [], spends: [] };
  constructor() {
    this.github.now = () => this.clock.now();
    this.argocd.reconciledNow = () => this.clock.now();
    this.argocd.onRefresh = (app) => {
      if (this.syncs) this.deploy(app);
    };
    this.argocd.render = (app, revision) => {
      const path = manifestPath(splitApplicationKey(app).name);
      const text = this.github.git.read(revision, path) ?? '';
      return [
        canonicalJson({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: app.replace('/', '-') },
          spec: { template: { text } },
        }),
      ];
    };
    this.kubernetes.status = (w) => {
      const app = [...this.argocd.applications.values()].find(
        (a) => splitApplicationKey(a.application).name === w.name,
      );
      const healthy = app?.health === 'Healthy';
      return {
        ...w,
        desired: 3,
        available: healthy ? 3 : 1,
        updatedAvailable: healthy ? 3 : 0,
        observed: true,
        trackingId: `${w.name}:apps/Deployment:${w.namespace}/${w.name}`,
      };
    };
  }

  /** An application that has been running a good version for two days, with an older one before it. */
  install(name = 'shop', overrides: Partial<ApplicationSnapshot> = {}): ApplicationKey {
    const { git } = this.github;
    const application: ApplicationKey = `argocd/${name}`;
    const older = git.push('main', { [manifestPath(name)]: `${name}: v0\n` });
    const good = git.push('main', { [manifestPath(name)]: `${name}: v1\n` });
    const sources = [{ repoURL: REPOSITORY_URL, path: `apps/${name}/overlays/staging`, targetRevision: 'main' }];
    const ran = (id: number, revision: string, hours: number) => ({
      id,
      revisions: [revision],
      sources,
      deployStartedAt: T0 - hours * HOUR - MINUTE,
      deployedAt: T0 - hours * HOUR,
    });
    this.argocd.set(
      snapshotOf({
        application,
        sources,
        health: 'Healthy',
        healthChangedAt: T0 - 48 * HOUR,
        syncRevisions: [good],
        history: [ran(1, older, 96), ran(2, good, 48)],
        deployed: { revisions: [good], sources, startedAt: T0 - 48 * HOUR - MINUTE, finishedAt: T0 - 48 * HOUR },
        operation: {
          phase: 'Succeeded',
          message: '',
          revision: good,
          startedAt: T0 - 48 * HOUR - MINUTE,
          finishedAt: T0 - 48 * HOUR,
          retryCount: 0,
        },
        ...overrides,
      }),
    );
    return application;
  }
  /** Somebody pushes a bad version and Argo CD deploys it. Answers its commit. */
  breakDown(app: ApplicationKey = SHOP, text = 'bad'): string {
    const { name } = splitApplicationKey(app);
    const bad = this.github.git.push(
      'main',
      { [manifestPath(name)]: `${name}: ${text}\n` },
      { message: text, at: this.clock.now() },
    );
    this.deploy(app);
    return bad;
  }
  /** Argo CD syncs the head of main. */
  deploy(app: ApplicationKey): void {
    const before = this.argocd.get(app);
    const head = this.github.git.head();
    const text = this.github.git.read(head, manifestPath(splitApplicationKey(app).name)) ?? '';
    const now = this.clock.now();
    const done = { startedAt: now, finishedAt: now };
    const health: HealthStatus = text.includes('bad') ? 'Degraded' : 'Healthy';
    if (before.deployed?.revisions[0] === head) return;
    this.argocd.set({
      ...before,
      health,
      healthChangedAt: before.health === health ? (before.healthChangedAt ?? now) : now,
      syncRevisions: [head],
      deployed: { revisions: [head], sources: before.sources, ...done },
      operation: { phase: 'Succeeded', message: '', revision: head, retryCount: 0, ...done },
      history: [
        ...before.history,
        {
          id: before.history.length + 1,
          revisions: [head],
          sources: before.sources,
          deployStartedAt: now,
          deployedAt: now,
        },
      ],
      resources: [deploymentOf(app, health)],
    });
  }
  health(app: ApplicationKey, health: HealthStatus): void {
    this.argocd.change(app, { health, healthChangedAt: this.clock.now(), resources: [deploymentOf(app, health)] });
  }

  attempts(): readonly RollbackAttempt[] {
    return [...this.shelf.attempts.values()].map((s) => s.value);
  }
  /** The one attempt there is. */
  only(): RollbackAttempt {
    const [attempt, ...more] = this.attempts();
    if (attempt === undefined || more.length > 0)
      throw new Error(`${more.length + (attempt === undefined ? 0 : 1)} attempts instead of one`);
    return attempt;
  }
  /** `PRCreated/waiting-for-ci`, `Abort/ci-failed`, `RollbackComplete`. */
  standing(): string {
    const a = this.only();
    return a.state === 'Abort'
      ? `Abort/${a.reason}`
      : a.state === 'RollbackComplete'
        ? a.state
        : `${a.state}/${a.step.name}`;
  }
  /** The clock of the machine the operator runs on; the world's own unless a test sets it wrong. */
  operatorClock(): Clock {
    return this.clock;
  }
  store(): InMemoryStateStore {
    return new HalfReadStore(this.shelf, this.clock, this.unread);
  }
  bus(): InProcessEventBus {
    return new InProcessEventBus((error) => {
      throw error;
    });
  }
}
