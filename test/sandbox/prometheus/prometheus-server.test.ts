import { expect } from 'chai';
import { FaultPlan } from '../../../src/sandbox/faults.js';
import { Journal } from '../../../src/sandbox/journal.js';
import { PrometheusSandbox } from '../../../src/sandbox/prometheus/prometheus-server.js';
import { BAD, DEPLOYMENT, HOUR, WorldFixture, deploymentFile } from '../world-fixture.js';

/** Answers of the HTTP API, as far as they are looked at. */
interface Body {
  readonly data: {
    readonly resultType: string;
    readonly version: string;
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values?: readonly unknown[];
      readonly value?: readonly unknown[];
    }[];
  };
  readonly warnings?: readonly string[];
  readonly error: string;
}
const QUERY = 'max by (health_status) (argocd_app_info{namespace="argocd",name="checkout"})';

describe('PrometheusSandbox', () => {
  let fixture: WorldFixture;
  let server: PrometheusSandbox;
  const start = (exportedNamespace: boolean): Promise<PrometheusSandbox> =>
    PrometheusSandbox.start({
      world: fixture.world,
      clock: fixture.clock,
      journal: new Journal(),
      faults: new FaultPlan(),
      exportedNamespace,
    });
  beforeEach(async () => {
    fixture = await WorldFixture.create();
    server = await start(false);
    await fixture.deployed();
  });
  afterEach(async () => {
    await server.close();
    await fixture.close();
  });
  async function ask(
    path: string,
    parameters: Record<string, string> = {},
    method = 'GET',
  ): Promise<{ readonly status: number; readonly body: Body }> {
    const form = new URLSearchParams(parameters);
    const response = await (method === 'GET'
      ? fetch(`${server.url}${path}?${form.toString()}`)
      : fetch(`${server.url}${path}`, { method: 'POST', body: form }));
    const text = await response.text();
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : {}) as Body };
  }
  const seconds = (ms: number): string => String(ms / 1000);
  const range = (query: string, from: number, to: number, step = '60', method = 'GET'): ReturnType<typeof ask> =>
    ask('/api/v1/query_range', { query, start: seconds(from), end: seconds(to), step }, method);

  it('has the seeded 24 hours, one sample per step, by GET and by POST', async () => {
    const now = fixture.clock.now();
    for (const method of ['GET', 'POST']) {
      const { body } = await range(QUERY, now - 24 * HOUR, now, '60', method);
      expect(body.data.resultType).to.equal('matrix');
      expect(body.data.result).to.have.length(1);
      expect(body.data.result[0]?.metric).to.deep.equal({ health_status: 'Healthy' });
      expect(body.data.result[0]?.values).to.have.length(1441);
      expect(body.data.result[0]?.values?.[0]).to.deep.equal([(now - 24 * HOUR) / 1000, '1']);
    }
  });
  it('follows the life of the application', async () => {
    const from = fixture.clock.now();
    await fixture.push({ [DEPLOYMENT]: deploymentFile(BAD) });
    const app = fixture.world.get('checkout');
    await fixture.world.refresh(app);
    await fixture.runUntil(() => app.health.status === 'Degraded', 100);
    const { body } = await range(QUERY, from, fixture.clock.now(), '1');
    expect(body.data.result.map((series) => series.metric['health_status'])).to.deep.equal([
      'Healthy',
      'Progressing',
      'Degraded',
    ]);
    const instant = (await ask('/api/v1/query', { query: QUERY })).body.data;
    expect(instant).to.deep.include({ resultType: 'vector' });
    expect(instant.result[0]?.metric).to.deep.equal({ health_status: 'Degraded' });
  });
  it('answers an empty vector for an application it does not know, for the future and for a time before its past', async () => {
    const now = fixture.clock.now();
    expect((await range(QUERY.replace('checkout', 'none'), now - HOUR, now)).body.data.result).to.deep.equal([]);
    expect((await ask('/api/v1/query', { query: QUERY, time: seconds(now + HOUR) })).body.data.result).to.deep.equal(
      [],
    );
    expect(
      (await ask('/api/v1/query', { query: QUERY, time: seconds(now - 30 * HOUR) })).body.data.result,
    ).to.deep.equal([]);
  });
  it('names the namespace exported_namespace without honor_labels, and finds it by a query that asks for either', async () => {
    await server.close();
    server = await start(true);
    const either =
      'max by (health_status) (argocd_app_info{exported_namespace="argocd",name="checkout"} or argocd_app_info{exported_namespace="",namespace="argocd",name="checkout"})';
    const { result } = (await ask('/api/v1/query', { query: 'argocd_app_info{name=~"check.*"}' })).body.data;
    expect(result[0]?.metric).to.include({
      __name__: 'argocd_app_info',
      exported_namespace: 'argocd',
      project: 'staging',
      sync_status: 'Synced',
    });
    expect((await ask('/api/v1/query', { query: either })).body.data.result).to.have.length(1);
  });
  it('knows up, counts, and says which version it is', async () => {
    expect(
      (await ask('/api/v1/query', { query: 'up{job="argocd-metrics"}' })).body.data.result[0]?.value?.[1],
    ).to.equal('1');
    expect((await ask('/api/v1/query', { query: 'count(argocd_app_info)' })).body.data.result).to.deep.equal([
      { metric: {}, value: [fixture.clock.now() / 1000, '1'] },
    ]);
    expect((await ask('/api/v1/status/buildinfo')).body.data.version).to.match(/^3\./);
    expect((await ask('/-/ready')).status).to.equal(200);
  });

  const now = Date.UTC(2026, 7, 1) / 1000;
  const faults: readonly (readonly [string, Record<string, string>, number, string])[] = [
    [
      'more than 11,000 points',
      { query: QUERY, start: '0', end: '11001', step: '1' },
      400,
      'exceeded maximum resolution of 11,000 points',
    ],
    [
      'an end before the start',
      { query: QUERY, start: '10', end: '5', step: '1' },
      400,
      'end timestamp must not be before start time',
    ],
    ['a step of 0', { query: QUERY, start: '0', end: '5', step: '0' }, 400, 'zero or negative query resolution'],
    ['a time that is none', { query: QUERY, start: 'yesterday', end: '5', step: '1' }, 400, 'cannot parse "yesterday"'],
    ['what is not PromQL', { query: 'max by (', start: String(now), end: String(now), step: '1' }, 400, 'parse error'],
    ['an empty query', { query: '', start: String(now), end: String(now), step: '1' }, 400, 'no expression found'],
    [
      'PromQL beyond the subset',
      { query: 'rate(up[5m])', start: String(now), end: String(now), step: '1' },
      422,
      'does not evaluate',
    ],
  ];
  for (const [what, parameters, status, words] of faults) {
    it(`refuses ${what} with ${status}`, async () => {
      const answer = await ask('/api/v1/query_range', parameters);
      expect(answer.status).to.equal(status);
      expect(answer.body).to.include({ status: 'error', errorType: status === 400 ? 'bad_data' : 'execution' });
      expect(answer.body.error).to.contain(words);
    });
  }
  it('is down, empty or partial when the world says so', async () => {
    fixture.world.metricsState = 'no-data';
    expect((await ask('/api/v1/query', { query: QUERY })).body.data.result).to.deep.equal([]);
    fixture.world.metricsState = 'partial';
    expect((await ask('/api/v1/query', { query: QUERY })).body.warnings).to.have.length(1);
    fixture.world.metricsState = 'down';
    expect((await ask('/api/v1/query', { query: QUERY })).status).to.equal(503);
    expect((await ask('/-/ready')).status).to.equal(503);
  });
});
