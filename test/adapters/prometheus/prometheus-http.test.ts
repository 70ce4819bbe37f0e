import { expect } from 'chai';
import { PrometheusHttp, type PrometheusSettings } from '../../../src/adapters/prometheus/prometheus-http.js';
import { healthQuery } from '../../../src/adapters/prometheus/health-query.js';
import { rangeChunks } from '../../../src/adapters/prometheus/range-chunks.js';
import { SystemClock } from '../../../src/base/clock.js';
import { Secret } from '../../../src/base/secret.js';
import type { HealthHistory } from '../../../src/ports/metrics-backend.js';
import { failureOf } from '../../support/failure.js';
import { LocalHttp, type Answer } from '../../support/local-http.js';

const MINUTE = 60_000;
const matrix = (result: unknown, more: Record<string, unknown> = {}): Answer => ({
  json: { status: 'success', data: { resultType: 'matrix', result }, ...more },
});

describe('Prometheus over HTTP (PrometheusHttp)', () => {
  const signal = new AbortController().signal;
  const window = { from: 1_795_417_680_000, to: 1_795_417_800_000 };
  let server: LocalHttp;
  const open: PrometheusHttp[] = [];
  beforeEach(async () => {
    server = await LocalHttp.start();
  });
  afterEach(async () => {
    for (const backend of open.splice(0)) await backend.close();
    await server.close();
  });
  const backend = (settings: Partial<PrometheusSettings> = {}): PrometheusHttp => {
    const made = new PrometheusHttp(
      { url: `${server.url}/prometheus`, timeoutMs: 10_000, ...settings },
      new SystemClock(),
      { count: 1, backoffMs: [1] },
    );
    open.push(made);
    return made;
  };
  const history = (answer: Answer, settings: Partial<PrometheusSettings> = {}): Promise<HealthHistory> => {
    server.answer = () => answer;
    return backend(settings).healthHistory('argocd/shop', window, signal);
  };
  const kindOf = async (answer: Answer): Promise<string> => {
    const { kind } = await history(answer);
    return kind;
  };

  it('reads a matrix into one sample per instant', async () => {
    const answer = matrix([
      {
        metric: { health_status: 'Healthy' },
        values: [
          [1_795_417_680, '1'],
          [1_795_417_740, '1'],
        ],
      },
      { metric: { health_status: 'Degraded' }, values: [[1_795_417_740, '1']] },
      { metric: {}, values: [[1_795_417_680, '1']] },
    ]);
    expect(await history(answer)).to.deep.equal({
      kind: 'samples',
      stepMs: MINUTE,
      samples: [
        { at: 1_795_417_680_000, statuses: ['Healthy', 'Unknown'] },
        { at: 1_795_417_740_000, statuses: ['Degraded', 'Healthy'] },
      ],
    });
    const [request] = server.requests;
    expect([request?.path, Object.fromEntries(request?.query ?? [])]).to.deep.equal([
      '/prometheus/api/v1/query_range',
      {
        query:
          'max by (health_status) (argocd_app_info{exported_namespace="argocd",name="shop"} or argocd_app_info{exported_namespace="",namespace="argocd",name="shop"})',
        start: '1795417680',
        end: '1795417740',
        step: '60',
        timeout: '10s',
        partial_response: 'false',
      },
    ]);
  });

  it('an empty answer is no fault: it is a window of gaps', async () => {
    expect(await history(matrix([]))).to.deep.equal({ kind: 'samples', stepMs: MINUTE, samples: [] });
  });

  it('a warning means that a part is missing: unavailable; an info does not', async () => {
    expect(await history(matrix([], { warnings: ['store gateway down'] }))).to.deep.equal({
      kind: 'unavailable',
      why: 'Prometheus answered with a warning: store gateway down',
    });
    expect(await kindOf(matrix([], { infos: ['metric might not be a counter'] }))).to.equal('samples');
  });

  it('NaN, infinity, another shape and a stated error are unavailable', async () => {
    for (const value of ['NaN', '+Inf', 'many'])
      expect(await kindOf(matrix([{ metric: {}, values: [[1, value]] }]))).to.equal('unavailable');
    expect(await kindOf({ json: { status: 'success', data: { resultType: 'vector', result: [] } } })).to.equal(
      'unavailable',
    );
    expect(await kindOf({ json: { status: 'error', error: 'x' } })).to.equal('unavailable');
    expect(await kindOf({ json: { hello: 1 } })).to.equal('unavailable');
    expect(await kindOf({ text: '<html></html>', type: 'text/html' })).to.equal('unavailable');
  });

  it('an error of the server is unavailable, with the reason, after it was asked again', async () => {
    const down = await history({
      status: 503,
      json: { status: 'error', errorType: 'timeout', error: 'query timed out in expression evaluation' },
    });
    expect(down.kind === 'unavailable' ? down.why : '').to.match(/query timed out in expression evaluation/);
    expect(server.requests).to.have.length(2);
    expect(await kindOf({ status: 422, json: { status: 'error', error: 'too many samples' } })).to.equal('unavailable');
    expect(await kindOf({ status: 401, text: 'no' })).to.equal('unavailable');
    expect((await history('hang', { timeoutMs: 50 })).kind).to.equal('unavailable');
    const left = backend();
    await server.close();
    expect((await left.healthHistory('argocd/shop', window, signal)).kind).to.equal('unavailable');
  });

  it('one chunk that fails makes the whole history unavailable', async () => {
    server.answer = () =>
      server.requests.length === 1 ? matrix([]) : { status: 400, json: { status: 'error', error: 'x' } };
    expect((await backend().healthHistory('argocd/shop', { from: 0, to: 11_001 * MINUTE }, signal)).kind).to.equal(
      'unavailable',
    );
    expect(server.requests).to.have.length(2);
  });

  it('shows who it is: bearer, basic, tenant; a rotated token is used at once', async () => {
    let token = 'first';
    server.answer = () => matrix([]);
    const rotating = backend({
      auth: { kind: 'bearer', token: () => new Secret(token) },
      headers: { 'x-scope-orgid': 'tenant-1' },
    });
    await rotating.healthHistory('argocd/shop', window, signal);
    token = 'second';
    await rotating.healthHistory('argocd/shop', window, signal);
    await backend({ auth: { kind: 'basic', user: 'me', password: () => new Secret('pw') } }).healthHistory(
      'argocd/shop',
      window,
      signal,
    );
    expect(server.requests.map((r) => [r.headers.authorization, r.headers['x-scope-orgid']])).to.deep.equal([
      ['Bearer first', 'tenant-1'],
      ['Bearer second', 'tenant-1'],
      ['Basic bWU6cHc=', undefined],
    ]);
  });

  it('probing throws what is wrong', async () => {
    const probed = (answer: Answer): Promise<string> => {
      server.answer = () => answer;
      return failureOf(backend().probe(signal));
    };
    const vector = (result: unknown, more: Record<string, unknown> = {}): Answer => ({
      json: { status: 'success', data: { resultType: 'vector', result }, ...more },
    });
    expect(await probed(vector([]))).to.equal('PROMETHEUS_NO_SERIES config');
    expect(await probed(vector([], { warnings: ['x'] }))).to.equal('PROMETHEUS_PARTIAL transient');
    expect(await probed({ status: 401, text: 'no' })).to.equal('PROMETHEUS_UNAUTHENTICATED denied');
    expect(await probed(vector([{ metric: {}, value: [1, '12'] }]))).to.equal('nothing was thrown');
  });

  it('writes label values so that they stay values', () => {
    expect(
      healthQuery('a/b"} or vector(1) #\\\n', { namespaceLabel: 'namespace', labels: { cluster: 'hub' } }),
    ).to.equal(
      'max by (health_status) (argocd_app_info{cluster="hub",namespace="a",name="b\\"} or vector(1) #\\\\\\n"})',
    );
  });

  it('cuts a window into ranges of at most 11,000 points that share no instant', () => {
    expect(rangeChunks({ from: 0, to: 5 * MINUTE }, MINUTE, 2)).to.deep.equal([
      { from: 0, to: MINUTE },
      { from: 2 * MINUTE, to: 3 * MINUTE },
      { from: 4 * MINUTE, to: 4 * MINUTE },
    ]);
    expect(rangeChunks({ from: 0, to: 90_000 }, MINUTE)).to.deep.equal([{ from: 0, to: MINUTE }]);
    expect(rangeChunks({ from: 0, to: 11_000 * MINUTE }, MINUTE)).to.have.length(1);
    expect(rangeChunks({ from: 0, to: 11_001 * MINUTE }, MINUTE)).to.have.length(2);
    expect(rangeChunks({ from: 5, to: 5 }, MINUTE)).to.deep.equal([]);
  });
});
