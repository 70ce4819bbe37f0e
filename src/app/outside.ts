import type { Clock } from '../base/clock.js';
import type { RetryPolicy } from '../base/retry.js';
import { githubCredentials, secretSource, SecretFile } from '../config/secret-file.js';
import { OperatorError } from '../base/errors.js';
import { enrichLogger, type Logger } from '../base/logger.js';
import type { OperatorConfig } from '../config/operator-config.js';
import { ArgoCdHttpApi } from '../adapters/argocd/argocd-http-api.js';
import { FileAuditLog } from '../adapters/file/file-audit-log.js';
import { KillFile } from '../adapters/file/kill-file.js';
import { createGitHub } from '../adapters/github/create-github.js';
import type { GitHubCredential } from '../adapters/github/github-settings.js';
import { createKubernetes } from '../adapters/kubernetes/create-kubernetes.js';
import { FanOutNotifier, type NamedNotifier } from '../adapters/notify/fan-out-notifier.js';
import { LogNotifier } from '../adapters/notify/log-notifier.js';
import { WebhookNotifier } from '../adapters/notify/webhook-notifier.js';
import { PrometheusHttp } from '../adapters/prometheus/prometheus-http.js';
import { createTracer } from '../adapters/telemetry/create-tracer.js';
import { UpstreamMeter, type UpstreamPulse } from '../adapters/telemetry/metered-port.js';
import { PrometheusMetrics } from '../adapters/telemetry/prometheus-metrics.js';
import { traceLogFields } from '../adapters/telemetry/trace-log-fields.js';
import { TracedEventBus } from '../adapters/telemetry/traced-event-bus.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { AuditLog } from '../ports/audit-log.js';
import type { EventBus } from '../ports/event-bus.js';
import type { KillSwitch } from '../ports/kill-switch.js';
import type { Kubernetes } from '../ports/kubernetes.js';
import type { MetricsBackend } from '../ports/metrics-backend.js';
import type { Notifier } from '../ports/notifier.js';
import type { OperatorMetrics, UpstreamName } from '../ports/operator-metrics.js';
import type { SourceControl } from '../ports/source-control.js';
import type { StateStore } from '../ports/state-store.js';
import { NO_TRACER, type Tracer } from '../ports/tracer.js';
import type { BuildFacts } from './build-facts.js';
import { createBus, createStore } from './store-and-bus.js';

const CALL_TIMEOUT_MS = 15_000;

/** Everything the house looks at through its windows. Tests put in what they like; production makes it from the configuration. */
export interface Outside {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly argocd: ArgoCd;
  readonly sourceControl: SourceControl;
  readonly kubernetes: Kubernetes | undefined;
  readonly metricsBackend: MetricsBackend;
  readonly store: StateStore;
  readonly bus: EventBus;
  readonly audit: AuditLog;
  readonly notifier: Notifier;
  readonly killSwitch: KillSwitch;
  readonly metrics: OperatorMetrics;
  /** Absent = no traces. */
  readonly tracer?: Tracer;
  /** What `/metrics` answers. */
  renderMetrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  pulse(source: UpstreamName): UpstreamPulse | undefined;
  /** Lets go of connections, after everything else has stopped. */
  close(): Promise<void>;
}

/** A backend for installations without Prometheus: candidates are then judged by CI alone. */
export const NO_METRICS: MetricsBackend = {
  healthHistory: async () => ({ kind: 'unavailable', why: 'no Prometheus is configured' }),
  probe: async () => {
    throw new OperatorError('PROMETHEUS_NOT_CONFIGURED', 'config', 'no Prometheus is configured (prometheus.url)');
  },
};

/** Standard output is the witness: a log collector keeps what nobody on this machine can take back. */
const toStandardOutput = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * The real outside of a configuration. Nothing is called yet; heavy clients are loaded only when asked for. `print` takes the
 * checkpoints of the audit log.
 */
export async function createOutside(
  config: OperatorConfig,
  clock: Clock,
  logger: Logger,
  build: BuildFacts,
  print = toStandardOutput,
): Promise<Outside> {
  const retry: RetryPolicy = { count: config.timing.MCP_RETRY_COUNT, backoffMs: config.timing.MCP_RETRY_BACKOFF };
  const metrics = new PrometheusMetrics(build);
  const tracer = await tracerOf(config, clock, logger, metrics, build);
  const meters = new Map<UpstreamName, UpstreamMeter>();
  const metered = <P extends object>(source: UpstreamName, port: P): P => {
    const meter = new UpstreamMeter(source, clock, metrics, tracer);
    meters.set(source, meter);
    return meter.wrap(port);
  };
  const argocd = createArgoCd(config, clock, retry);
  const github = createGitHub(gitHubSettings(config), clock, retry);
  const prometheus = createPrometheus(config, clock, retry);
  const bus = meteredBus(await createBus(config, clock, logger, metrics), clock, metrics);
  const kubernetes = await createKubernetesOf(config, clock, retry);
  return {
    clock,
    logger,
    argocd: metered('argocd', argocd),
    sourceControl: metered<SourceControl>('github', github),
    kubernetes: kubernetes === undefined ? undefined : metered<Kubernetes>('kubernetes', kubernetes),
    metricsBackend: prometheus === undefined ? NO_METRICS : metered<MetricsBackend>('prometheus', prometheus),
    store: new UpstreamMeter('store', clock, metrics).wrap(await createStore(config, clock, logger)),
    bus: tracer === NO_TRACER ? bus : new TracedEventBus(bus, tracer),
    audit: createAudit(config, clock, logger, metrics, print),
    notifier: createNotifier(config, clock, retry, logger, metrics),
    killSwitch: new KillFile(config.killFile, () => clock.now()),
    metrics,
    tracer,
    renderMetrics: () => metrics.render(),
    pulse: (source) => meters.get(source)?.pulse,
    close: async () => {
      await Promise.all([argocd.close(), prometheus?.close(), tracer.close()]);
    },
  };
}

/** Only publishing is a call; a bus that is closed has nothing to say any more. */
function meteredBus(bus: EventBus, clock: Clock, metrics: OperatorMetrics): EventBus {
  const { publish } = new UpstreamMeter('bus', clock, metrics).wrap<Pick<EventBus, 'publish'>>({
    publish: (event) => bus.publish(event),
  });
  return { publish, subscribe: (name, handler) => bus.subscribe(name, handler), close: () => bus.close() };
}

/** The Argo CD of a configuration; nothing is called yet. */
export function createArgoCd(config: OperatorConfig, clock: Clock, retry: RetryPolicy): ArgoCdHttpApi {
  const token = secretSource('argocd.tokenFile', config.argocd.tokenFile, config.argocd.token);
  if (token === undefined)
    throw new OperatorError(
      'CONFIG_NO_ARGOCD_TOKEN',
      'bug',
      'argocd names no token; the loader should have refused it',
    );
  return new ArgoCdHttpApi(
    {
      url: config.argocd.url,
      token: () => token.current(),
      timeoutMs: CALL_TIMEOUT_MS,
      ...(config.argocd.caFile === undefined ? {} : { caFile: config.argocd.caFile }),
    },
    clock,
    retry,
  );
}
/** Who the operator is on GitHub and how it gets there. */
export function gitHubSettings(config: OperatorConfig): Parameters<typeof createGitHub>[0] {
  const credentials = githubCredentials(config.github);
  const auth: GitHubCredential =
    credentials.kind === 'token'
      ? { kind: 'token', token: () => credentials.token.current().reveal() }
      : {
          kind: 'app',
          appId: credentials.appId,
          installationId: credentials.installationId,
          privateKey: () => credentials.privateKey.current().reveal(),
        };
  const { apiUrl, caFile, proxy } = config.github;
  return {
    baseUrl: apiUrl,
    auth,
    ...(caFile === undefined ? {} : { caFile }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
/** The Prometheus of a configuration; undefined = none is configured. */
export function createPrometheus(config: OperatorConfig, clock: Clock, retry: RetryPolicy): PrometheusHttp | undefined {
  const { prometheus } = config;
  if (prometheus === undefined) return undefined;
  const token = secretSource('prometheus.tokenFile', prometheus.tokenFile, prometheus.token);
  const label = prometheus.namespaceLabel;
  return new PrometheusHttp(
    {
      url: prometheus.url,
      timeoutMs: CALL_TIMEOUT_MS,
      ...(token === undefined ? {} : { auth: { kind: 'bearer' as const, token: () => token.current() } }),
      ...(prometheus.caFile === undefined ? {} : { caFile: prometheus.caFile }),
      ...(label === 'namespace' || label === 'exported_namespace' ? { namespaceLabel: label } : {}),
    },
    clock,
    retry,
  );
}
/** The cluster of a configuration; undefined = disabled. */
export async function createKubernetesOf(
  config: OperatorConfig,
  clock: Clock,
  retry: RetryPolicy,
): Promise<Kubernetes | undefined> {
  const { kubernetes } = config;
  if ('enabled' in kubernetes) return undefined;
  const access =
    'kubeconfigFile' in kubernetes
      ? { kind: 'kubeconfig' as const, file: kubernetes.kubeconfigFile }
      : { kind: 'in-cluster' as const };
  return createKubernetes({ access, timeoutMs: CALL_TIMEOUT_MS }, clock, retry);
}

/** The tracer of a configuration; its libraries are loaded only when it names a receiver. */
async function tracerOf(
  { tracing, instance }: OperatorConfig,
  clock: Clock,
  logger: Logger,
  metrics: PrometheusMetrics,
  build: BuildFacts,
): Promise<Tracer> {
  if (tracing === undefined) return NO_TRACER;
  const tracer = await createTracer(
    { otlpUrl: tracing.otlpUrl, instance, version: build.version },
    {
      clock,
      onLost: (spans) => metrics.spansDropped(spans),
      onTrouble: (error) => logger.warn('traces are not delivered', { error }),
      onRecovered: (lost) => logger.info('traces are delivered again', { lost }),
    },
  );
  enrichLogger(logger, (fields) => traceLogFields(tracer, fields));
  return tracer;
}
function createAudit(
  config: OperatorConfig,
  clock: Clock,
  logger: Logger,
  metrics: PrometheusMetrics,
  print: (line: string) => void,
): AuditLog {
  const log = new FileAuditLog({
    directory: config.audit.directory,
    signingKeyFile: `${config.audit.directory}/signing-key.pem`,
    clock,
    print,
    onTrouble: (error) => logger.error('a checkpoint of the audit log could not be written', { error }),
  });
  return {
    append: async (entry) => {
      try {
        return await log.append(entry);
      } catch (error) {
        metrics.auditWriteFailed();
        throw error;
      }
    },
    close: () => log.close(),
  };
}
function createNotifier(
  config: OperatorConfig,
  clock: Clock,
  retry: RetryPolicy,
  logger: Logger,
  metrics: PrometheusMetrics,
): Notifier {
  const webhooks = config.notify.webhooks.map((w): NamedNotifier => {
    const url =
      w.urlFile === undefined
        ? w.url
        : new SecretFile(`notify.webhooks[${w.name}].urlFile`, w.urlFile).current().reveal();
    const token =
      w.tokenFile === undefined ? undefined : new SecretFile(`notify.webhooks[${w.name}].tokenFile`, w.tokenFile);
    const address = {
      name: w.name,
      url: url ?? '',
      ...(token === undefined ? {} : { token: () => token.current().reveal() }),
    };
    return { name: w.name, notifier: new WebhookNotifier(address, clock, retry) };
  });
  return new FanOutNotifier([{ name: 'log', notifier: new LogNotifier(logger) }, ...webhooks], metrics);
}
