import { expect } from 'chai';
import { PrometheusHttp, type PrometheusSettings } from '../../../src/adapters/prometheus/prometheus-http.js';
import { SystemClock } from '../../../src/base/clock.js';
import { splitApplicationKey, type HealthStatus } from '../../../src/model/application.js';
import {
  metricsBackendContract,
  type BackendWithPast,
  type RecordedHealth,
} from '../../contract/metrics-backend.contract.js';
import { failureOf } from '../../support/failure.js';
import {
  hasPrometheus,
  startPrometheus,
  type RealPrometheus,
  type RecordedSeries,
} from '../../support/real-prometheus.js';

const SCRAPE_MS = 30_000;
const HOUR = 3_600_000;
const prometheus = (url: string, settings: Partial<PrometheusSettings> = {}): PrometheusHttp =>
  new PrometheusHttp({ url, timeoutMs: 10_000, ...settings }, new SystemClock(), { count: 0, backoffMs: [] });

const scrapes = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.ceil((to - from) / SCRAPE_MS) }, (_, i) => from + i * SCRAPE_MS);
const appInfo = (
  labels: Readonly<Record<string, string>>,
  status: HealthStatus,
  from: number,
  to: number,
  value?: number,
): RecordedSeries => ({
  metric: 'argocd_app_info',
  labels: { project: 'staging', sync_status: 'Synced', ...labels, health_status: status },
  at: scrapes(from, to),
  ...(value === undefined ? {} : { value }),
});

describe('a real Prometheus', function () {
  this.timeout(60_000);
  before(function () {
    if (!hasPrometheus()) this.skip();
  });

  const withPast =
    (namespaceLabel: 'namespace' | 'exported_namespace') =>
    async (past: readonly RecordedHealth[]): Promise<BackendWithPast> => {
      const series = past.map(({ application, status, from, to }) => {
        const { namespace, name } = splitApplicationKey(application);
        const pod = namespaceLabel === 'namespace' ? {} : { namespace: 'argocd' };
        return appInfo({ ...pod, [namespaceLabel]: namespace, name }, status, from, to);
      });
      const server = await startPrometheus(series);
      const backend = prometheus(server.url);
      return {
        backend,
        close: async () => {
          await backend.close();
          await server.close();
        },
      };
    };
  metricsBackendContract("Prometheus that honours Argo CD's labels", withPast('namespace'));
  metricsBackendContract('Prometheus that renames them to exported_namespace', withPast('exported_namespace'));

  describe('with unusual series', () => {
    const TO = Date.UTC(2026, 0, 20, 12);
    const FROM = TO - HOUR;
    const window = { from: FROM, to: TO };
    const signal = new AbortController().signal;
    let server: RealPrometheus;
    before(async () => {
      server = await startPrometheus([
        appInfo({ namespace: 'argocd', name: 'twin', cluster: 'hub-1' }, 'Healthy', FROM, TO),
        appInfo({ namespace: 'argocd', name: 'twin', cluster: 'hub-2' }, 'Degraded', FROM, TO),
        appInfo({ namespace: 'argocd', name: 'nan' }, 'Healthy', FROM, TO, Number.NaN),
        appInfo({ namespace: 'argocd', name: 'zero' }, 'Degraded', FROM, TO, 0),
        appInfo({ namespace: 'argocd', name: 'zero' }, 'Healthy', FROM, TO),
      ]);
    });
    after(() => server.close());
    const seen = async (name: string, settings: Partial<PrometheusSettings> = {}): Promise<unknown> => {
      const backend = prometheus(server.url, settings);
      const history = await backend.healthHistory(`argocd/${name}`, window, signal);
      await backend.close();
      return history.kind === 'unavailable'
        ? history.why
        : [...new Set(history.samples.map((s) => s.statuses.join('+')))];
    };

    it('shows two statuses at once rather than choose one', async () => {
      expect(await seen('twin')).to.deep.equal(['Degraded+Healthy']);
    });
    it('keeps to the configured labels where several Argo CDs report', async () => {
      expect(await seen('twin', { labels: { cluster: 'hub-1' } })).to.deep.equal(['Healthy']);
      expect(await seen('twin', { labels: { cluster: 'hub-3' } })).to.deep.equal([]);
    });
    it('keeps to the configured namespace label', async () => {
      expect(await seen('twin', { namespaceLabel: 'exported_namespace' })).to.deep.equal([]);
      expect(await seen('twin', { namespaceLabel: 'namespace' })).to.deep.equal(['Degraded+Healthy']);
    });
    it('a NaN is no health: the answer is unavailable', async () => {
      expect(await seen('nan')).to.equal('Prometheus answered the value NaN');
    });
    it('only the value 1 says that a status was held', async () => {
      expect(await seen('zero')).to.deep.equal(['Healthy']);
    });
    it('a label that is no label name is refused before it reaches a query', async () => {
      expect(await seen('twin', { labels: { 'a} or vector(1': 'x' } })).to.match(/is not a label name/);
    });
    it('probing says that no application is known now', async () => {
      const backend = prometheus(server.url);
      expect(await failureOf(backend.probe(signal))).to.equal('PROMETHEUS_NO_SERIES config');
      await backend.close();
    });
  });

  it('probing counts the applications known now', async () => {
    const now = Date.now();
    const past = await startPrometheus([
      appInfo({ namespace: 'argocd', name: 'a' }, 'Healthy', now - HOUR, now),
      appInfo({ namespace: 'argocd', name: 'b' }, 'Degraded', now - HOUR, now),
    ]);
    const backend = prometheus(past.url);
    try {
      expect(await backend.probe(new AbortController().signal)).to.equal('2 series of argocd_app_info');
    } finally {
      await backend.close();
      await past.close();
    }
  });
});
