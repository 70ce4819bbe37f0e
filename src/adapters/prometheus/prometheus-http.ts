import type { z } from 'zod';
import type { Clock } from '../../base/clock.js';
import { asOperatorError, OperatorError } from '../../base/errors.js';
import type { RetryPolicy } from '../../base/retry.js';
import type { Secret } from '../../base/secret.js';
import type { ApplicationKey } from '../../model/application.js';
import type { HealthHistory, HealthSample, MetricsBackend, TimeWindow } from '../../ports/metrics-backend.js';
import { HttpClient } from '../upstream/http-client.js';
import { countQuery, healthQuery, type NamespaceLabel, type SeriesSelection } from './health-query.js';
import { readSamples } from './health-samples.js';
import { instantAnswerSchema, rangeAnswerSchema } from './prometheus-schemas.js';
import { rangeChunks } from './range-chunks.js';

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const STEP_MS = 60_000;

/** How a Prometheus (or Thanos, Mimir, VictoriaMetrics behind the same API) is reached. */
export interface PrometheusSettings {
  /** Base address, with its path prefix if it has one. */
  readonly url: string;
  /** Asked for every call, so that a rotated secret is used at once. */
  readonly auth?:
    | { readonly kind: 'bearer'; readonly token: () => Secret }
    | { readonly kind: 'basic'; readonly user: string; readonly password: () => Secret };
  /** Further headers, as `x-scope-orgid` for a tenant. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly caFile?: string;
  readonly proxy?: string;
  /** Deadline of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Default `auto`. */
  readonly namespaceLabel?: NamespaceLabel;
  /** Labels that tell this Argo CD's series from another's. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Health of the past from Argo CD's own metric `argocd_app_info`. Adding up is left to the reader of the samples
 * (argocd facts 3.3).
 */
export class PrometheusHttp implements MetricsBackend {
  readonly #http: HttpClient;
  readonly #selection: SeriesSelection;
  readonly #timeoutSeconds: number;
  constructor(settings: PrometheusSettings, clock: Clock, retryPolicy: RetryPolicy) {
    this.#selection = { namespaceLabel: settings.namespaceLabel ?? 'auto', labels: settings.labels ?? {} };
    this.#timeoutSeconds = Math.max(1, Math.floor(settings.timeoutMs / 1000));
    const transport = {
      timeoutMs: settings.timeoutMs,
      maxBytes: MAX_ANSWER_BYTES,
      ...(settings.caFile === undefined ? {} : { caFile: settings.caFile }),
      ...(settings.proxy === undefined ? {} : { proxy: settings.proxy }),
    };
    const headers = (): Record<string, string> => ({ ...settings.headers, ...authorization(settings.auth) });
    this.#http = new HttpClient('PROMETHEUS', settings.url, transport, clock, retryPolicy, headers);
  }

  async healthHistory(app: ApplicationKey, window: TimeWindow, signal: AbortSignal): Promise<HealthHistory> {
    const samples: HealthSample[] = [];
    try {
      const query = healthQuery(app, this.#selection);
      for (const chunk of rangeChunks(window, STEP_MS)) {
        const [start, end, step] = [chunk.from, chunk.to, STEP_MS].map((ms) => String(ms / 1000));
        const asked = { query, start, end, step };
        const read = readSamples(await this.#get('api/v1/query_range', asked, rangeAnswerSchema, signal));
        if ('why' in read) return { kind: 'unavailable', why: `Prometheus ${read.why}` };
        samples.push(...read.samples);
      }
    } catch (error) {
      const { category, message } = asOperatorError(error);
      if (category === 'cancelled' || category === 'bug') throw error;
      return { kind: 'unavailable', why: message };
    }
    return { kind: 'samples', stepMs: STEP_MS, samples };
  }

  /** Throws `PROMETHEUS_NO_SERIES` (config) when Argo CD's metrics are not there, and what HttpClient throws. */
  async probe(signal: AbortSignal): Promise<string> {
    const answer = await this.#get('api/v1/query', { query: countQuery(this.#selection) }, instantAnswerSchema, signal);
    const [warning] = answer.warnings ?? [];
    if (warning !== undefined) {
      throw new OperatorError('PROMETHEUS_PARTIAL', 'transient', `PROMETHEUS: answered with a warning: ${warning}`);
    }
    const count = answer.data?.result[0]?.value[1];
    if (count !== undefined) return `${count} series of argocd_app_info`;
    throw new OperatorError(
      'PROMETHEUS_NO_SERIES',
      'config',
      'PROMETHEUS: no argocd_app_info: let it scrape the metrics of the Argo CD application controller ' +
        '(service argocd-metrics, port 8082), and check the configured labels',
    );
  }

  /** Lets go of the connections. */
  async close(): Promise<void> {
    await this.#http.close();
  }

  async #get<T>(
    path: string,
    query: Readonly<Record<string, string | undefined>>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    // Thanos would otherwise leave out what it cannot reach; Prometheus itself does not know the parameter.
    const all = new URLSearchParams({ timeout: `${this.#timeoutSeconds}s`, partial_response: 'false' });
    for (const [name, value] of Object.entries(query)) if (value !== undefined) all.set(name, value);
    const parsed = schema.safeParse(await this.#http.json({ path: `${path}?${all.toString()}` }, signal));
    if (parsed.success) return parsed.data;
    const why = `PROMETHEUS: GET ${path} answered what cannot be read: ${parsed.error.issues[0]?.message ?? ''}`;
    throw new OperatorError('PROMETHEUS_MALFORMED', 'terminal', why);
  }
}

function authorization(auth: PrometheusSettings['auth']): Record<string, string> {
  switch (auth?.kind) {
    case 'bearer':
      return { authorization: `Bearer ${auth.token().reveal()}` };
    case 'basic':
      return { authorization: `Basic ${Buffer.from(`${auth.user}:${auth.password().reveal()}`).toString('base64')}` };
    case undefined:
      return {};
  }
}
