import type { Clock } from '../../base/clock.js';
import { duration } from '../../base/time-words.js';
import type { OperatorError } from '../../base/errors.js';
import type { ApplicationKey } from '../../model/application.js';
import type { MetricsBackend } from '../../ports/metrics-backend.js';
import { UPTIME_WINDOW_MS, uptimeOf } from '../../stages/3-resolution/uptime.js';
import type { Check, Findings } from './finding.js';

const TIMEOUT_MS = 60_000;
const ASKED_APPLICATIONS = 5;

/** Are Argo CD's metrics there, for our applications, and for as long as an uptime of 24 h needs? */
export class PrometheusCheck implements Check {
  readonly subject = 'prometheus';
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly clock: Clock,
    private readonly backend: MetricsBackend | undefined,
    /** Managed applications, those of staging first. */
    private readonly applications: () => Promise<readonly ApplicationKey[]>,
  ) {}

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    if (this.backend === undefined) {
      found.warning(
        'is not configured: candidates are judged by their checks alone, and nothing is merged by itself (I5)',
        'Set prometheus.url.',
      );
      return;
    }
    found.ok(`answers: ${await this.backend.probe(signal)}`);
    const asked = (await this.applications()).slice(0, ASKED_APPLICATIONS);
    for (const app of asked) await this.#lookAtHistory(this.backend, app, found, signal);
  }
  mend({ code }: OperatorError): string {
    if (code === 'PROMETHEUS_NO_SERIES')
      return 'Let Prometheus scrape argocd-metrics:8082 (a ServiceMonitor of its Helm chart).';
    return 'Correct prometheus.url, tokenFile or caFile. Until then no rollback is merged by itself (I5).';
  }

  async #lookAtHistory(
    backend: MetricsBackend,
    app: ApplicationKey,
    found: Findings,
    signal: AbortSignal,
  ): Promise<void> {
    const to = this.clock.now();
    const span = { from: to - UPTIME_WINDOW_MS, to };
    const history = await backend.healthHistory(app, span, signal);
    if (history.kind === 'unavailable') {
      return found.warning(`${app}: the last 24 h could not be read: ${history.why}`);
    }
    const [first] = history.samples.filter((s) => s.statuses.length > 0);
    if (first === undefined) {
      return found.warning(
        `no argocd_app_info of ${app} in the last 24 h`,
        'Check prometheus.namespaceLabel, and that this Prometheus scrapes this Argo CD.',
      );
    }
    const uptime = uptimeOf([span], [{ span, history }]);
    if (uptime.kind === 'measured')
      return found.ok(`${app}: the last 24 h are covered to ${Math.floor(uptime.coverage * 100)} %`);
    found.warning(
      `${app}: ${uptime.why} of the last 24 h, the oldest is ${duration(to - first.at)} old`,
      'Keep metrics for more than a day (storage.tsdb.retention.time), and scrape without gaps.',
    );
  }
}
