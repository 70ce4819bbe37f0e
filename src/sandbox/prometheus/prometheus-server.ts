import { canonicalJson } from '../../base/hash.js';
import { json } from '../http-message.js';
import type { Reply, SandboxRequest } from '../http-message.js';
import type { JsonObject } from '../json-path.js';
import { WorldServer, type WorldServerOptions } from '../world-server.js';
import { evaluate } from './evaluate.js';
import type { Labels, ScrapeSettings } from './evaluate.js';
import { parsePromQl } from './promql.js';
import { BadRequest, parseInstantSeconds, parseRange } from './time-parameters.js';

export interface PrometheusSandboxOptions extends ScrapeSettings, WorldServerOptions {
  /** When set, every request must carry it as a bearer token (a proxy in front of Prometheus). */
  readonly token?: string;
}

const BUILD = {
  version: '3.14.0',
  revision: 'd34b2f1c',
  branch: 'HEAD',
  buildUser: 'sandbox',
  buildDate: '20260801-00:00:00',
  goVersion: 'go1.25.1',
} as const;
const HTTP_STATUS = { bad_data: 400, execution: 422 } as const;
const PARTIAL = 'not all stores answered: the result is partial';

/** Prometheus over a world: what it would have scraped from Argo CD's controller, seeded and lived. */
export class PrometheusSandbox extends WorldServer {
  private constructor(private readonly options: PrometheusSandboxOptions) {
    super();
  }

  static start(options: PrometheusSandboxOptions): Promise<PrometheusSandbox> {
    return new PrometheusSandbox(options).listen('prometheus', options);
  }

  protected handle(request: SandboxRequest): Reply {
    const { world, token } = this.options;
    if (world.metricsState === 'down') return plain(503, 'Service Unavailable');
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) return plain(401, 'Unauthorized\n');
    const route = `${request.method} ${request.path}`;
    switch (route) {
      case 'GET /-/ready':
        return plain(200, 'Prometheus Server is Ready.\n');
      case 'GET /-/healthy':
        return plain(200, 'Prometheus Server is Healthy.\n');
      case 'GET /api/v1/status/buildinfo':
        return json(200, { status: 'success', data: BUILD });
      case 'GET /api/v1/query':
      case 'POST /api/v1/query':
        return this.#answer(() => this.#query(parametersOf(request)));
      case 'GET /api/v1/query_range':
      case 'POST /api/v1/query_range':
        return this.#answer(() => this.#queryRange(parametersOf(request)));
      default:
        return plain(404, '404 page not found\n');
    }
  }

  #answer(ask: () => JsonObject): Reply {
    try {
      const partial = this.options.world.metricsState === 'partial';
      return json(200, { status: 'success', data: ask(), ...(partial ? { warnings: [PARTIAL] } : {}) });
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return json(HTTP_STATUS[error.errorType], { status: 'error', errorType: error.errorType, error: error.message });
    }
  }

  #query(parameters: URLSearchParams): JsonObject {
    const { world } = this.options;
    const time = parameters.get('time');
    const at = time === null ? world.clock.now() / 1000 : parseInstantSeconds('time', time);
    const expression = parsePromQl(parameters.get('query') ?? '');
    const samples = evaluate(expression, world, at * 1000, this.options);
    return {
      resultType: 'vector',
      result: samples.map(({ labels, value }) => ({ metric: labels, value: [at, String(value)] })),
    };
  }

  #queryRange(parameters: URLSearchParams): JsonObject {
    const { world } = this.options;
    const { start, end, step } = parseRange(parameters);
    const expression = parsePromQl(parameters.get('query') ?? '');
    const series = new Map<string, { readonly metric: Labels; readonly values: [number, string][] }>();
    for (let i = 0; start + i * step <= end; i++) {
      const at = Number((start + i * step).toFixed(3));
      for (const { labels, value } of evaluate(expression, world, at * 1000, this.options)) {
        const key = canonicalJson(labels);
        const one = series.get(key) ?? { metric: labels, values: [] };
        one.values.push([at, String(value)]);
        series.set(key, one);
      }
    }
    return { resultType: 'matrix', result: [...series.values()] };
  }
}

const plain = (status: number, text: string): Reply => ({
  status,
  text,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
});

/** A POST carries its parameters as a form. */
const parametersOf = (request: SandboxRequest): URLSearchParams =>
  request.method === 'POST' ? new URLSearchParams(request.text) : request.query;
