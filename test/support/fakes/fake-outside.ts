import { OperatorError } from '../../../src/base/errors.js';
import { RecentMap } from '../../../src/base/recent-map.js';
import type { Logger } from '../../../src/base/logger.js';
import type { ApplicationKey } from '../../../src/model/application.js';
import type { Pause } from '../../../src/model/mark.js';
import type { PodTrouble, WorkloadReference, WorkloadStatus } from '../../../src/model/workload.js';
import type { KillSwitch } from '../../../src/ports/kill-switch.js';
import type { Kubernetes } from '../../../src/ports/kubernetes.js';
import type { HealthHistory, MetricsBackend, TimeWindow } from '../../../src/ports/metrics-backend.js';
import type { Notice, Notifier } from '../../../src/ports/notifier.js';
import type { OperatorMetrics } from '../../../src/ports/operator-metrics.js';
import { CallHooks } from './call-hooks.js';

/** The cluster: whatever the test says of a workload, by its name. */
export class FakeKubernetes implements Kubernetes {
  readonly hooks = new CallHooks();
  status: (workload: WorkloadReference) => WorkloadStatus = (w) => {
    throw new OperatorError('KUBERNETES_NOT_FOUND', 'terminal', `there is no ${w.kind} ${w.name}`);
  };
  pods: readonly PodTrouble[] = [];
  getDeploymentStatus(workload: WorkloadReference): Promise<WorkloadStatus> {
    return this.hooks.run(`getDeploymentStatus ${workload.name}`, () => this.status(workload));
  }
  listPods(workload: WorkloadReference): Promise<readonly PodTrouble[]> {
    return this.hooks.run(`listPods ${workload.name}`, () => this.pods);
  }
  version(): Promise<string> {
    return Promise.resolve('v1.34.0');
  }
}

/** Histories without a gap: worlds begin at the same instant, so the same windows are asked for again and again. */
const healthy = new RecentMap<string, HealthHistory>(100);
/** Prometheus: always Healthy, one sample a minute, unless a test says otherwise. */
export class FakeMetricsBackend implements MetricsBackend {
  history: (app: ApplicationKey, window: TimeWindow) => HealthHistory = (_app, { from, to }) => {
    const known = healthy.get(`${from} ${to}`);
    if (known !== undefined) return known;
    const stepMs = 60_000;
    const samples = Array.from({ length: Math.ceil((to - from) / stepMs) }, (_, i) => ({
      at: from + i * stepMs,
      statuses: ['Healthy'] as const,
    }));
    const history: HealthHistory = { kind: 'samples', stepMs, samples };
    healthy.set(`${from} ${to}`, history);
    return history;
  };
  healthHistory(app: ApplicationKey, window: TimeWindow): Promise<HealthHistory> {
    return Promise.resolve(this.history(app, window));
  }
  probe(): Promise<string> {
    return Promise.resolve('ok');
  }
}

/** People: what they were told. */
export class FakeNotifier implements Notifier {
  readonly notices: Notice[] = [];
  /** Throws when a receiver is down. */
  before: (notice: Notice) => Promise<void> | void = () => {};
  async notify(notice: Notice): Promise<void> {
    await this.before(notice);
    this.notices.push(notice);
  }
  kinds(): readonly string[] {
    return this.notices.map((n) => n.kind);
  }
}
export class FakeKillSwitch implements KillSwitch {
  pause: Pause | undefined;
  engaged(): Pause | undefined {
    return this.pause;
  }
}

type Counted = keyof OperatorMetrics;
/** Everything that was counted, as `name arg arg`. */
export class FakeOperatorMetrics implements OperatorMetrics {
  readonly counted: string[] = [];
  readonly #note = (name: Counted, ...args: readonly unknown[]): void => {
    this.counted.push([name, ...args.map((a) => (typeof a === 'string' ? a : JSON.stringify(a)))].join(' '));
  };
  applications: OperatorMetrics['applications'] = (c) => this.#note('applications', c);
  attemptsOpen: OperatorMetrics['attemptsOpen'] = (c) => this.#note('attemptsOpen', c);
  pollPeriod: OperatorMetrics['pollPeriod'] = (s) => this.#note('pollPeriod', s);
  sourceSucceeded: OperatorMetrics['sourceSucceeded'] = (...a) => this.#note('sourceSucceeded', ...a);
  upstreamCall: OperatorMetrics['upstreamCall'] = (...a) => this.#note('upstreamCall', ...a);
  degradation: OperatorMetrics['degradation'] = (...a) => this.#note('degradation', ...a);
  attemptEnded: OperatorMetrics['attemptEnded'] = (...a) => this.#note('attemptEnded', ...a);
  stageDuration: OperatorMetrics['stageDuration'] = (...a) => this.#note('stageDuration', ...a);
  timeToRecovery: OperatorMetrics['timeToRecovery'] = (...a) => this.#note('timeToRecovery', ...a);
  ruleEvaluated: OperatorMetrics['ruleEvaluated'] = (...a) => this.#note('ruleEvaluated', ...a);
  transition: OperatorMetrics['transition'] = (...a) => this.#note('transition', ...a);
  githubRateLimitRemaining: OperatorMetrics['githubRateLimitRemaining'] = (n) =>
    this.#note('githubRateLimitRemaining', n);
  auditWriteFailed: OperatorMetrics['auditWriteFailed'] = () => this.#note('auditWriteFailed');
  notification: OperatorMetrics['notification'] = (...a) => this.#note('notification', ...a);
  reportFailed: OperatorMetrics['reportFailed'] = (r) => this.#note('reportFailed', r);
  brake: OperatorMetrics['brake'] = (...a) => this.#note('brake', ...a);
  writer: OperatorMetrics['writer'] = (held) => this.#note('writer', held);
  busConnected: OperatorMetrics['busConnected'] = (up) => this.#note('busConnected', up);
  eventRedelivered: OperatorMetrics['eventRedelivered'] = () => this.#note('eventRedelivered');
  of(name: Counted): readonly string[] {
    return this.counted.filter((c) => c.startsWith(`${name} `) || c === name);
  }
}

/** The log as a list of `level message`. */
export class FakeLogger implements Logger {
  readonly lines: {
    readonly level: string;
    readonly message: string;
    readonly fields: Readonly<Record<string, unknown>>;
  }[] = [];
  debug: Logger['debug'] = (message, fields = {}) => this.lines.push({ level: 'debug', message, fields });
  info: Logger['info'] = (message, fields = {}) => this.lines.push({ level: 'info', message, fields });
  warn: Logger['warn'] = (message, fields = {}) => this.lines.push({ level: 'warn', message, fields });
  error: Logger['error'] = (message, fields = {}) => this.lines.push({ level: 'error', message, fields });
  child(): Logger {
    return this;
  }
  at(level: string): readonly string[] {
    return this.lines.filter((l) => l.level === level).map((l) => l.message);
  }
}
