import { expect } from 'chai';
import { HealthServer, type Vitals } from '../../../src/surface/http/health-server.js';

describe('the health server', () => {
  const vitals = { live: true, ok: true, broken: false };
  const asked: Vitals = {
    alive: () => vitals.live,
    ready: () => vitals.ok,
    metrics: () =>
      vitals.broken
        ? Promise.reject(new Error('no'))
        : Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
  };
  let server: HealthServer;
  const get = async (path: string, method = 'GET'): Promise<readonly [number, string]> => {
    const response = await fetch(server.url + path, { method });
    return [response.status, await response.text()];
  };
  beforeEach(async () => {
    Object.assign(vitals, { live: true, ok: true, broken: false });
    server = await HealthServer.start({ host: '0.0.0.0', port: 0 }, asked);
  });
  afterEach(async () => {
    await server.close();
  });

  it('is alive while an upstream is down, and only not ready', async () => {
    vitals.ok = false;
    expect([await get('/livez'), await get('/healthz'), await get('/readyz')]).to.deep.equal([
      [200, 'ok\n'],
      [200, 'ok\n'],
      [503, 'not ready\n'],
    ]);
  });
  it('is not alive when its own loop stands still', async () => {
    vitals.live = false;
    expect(await get('/livez')).to.deep.equal([503, 'not alive\n']);
  });
  it('serves metrics with their content type', async () => {
    const response = await fetch(`${server.url}/metrics`);
    expect([response.headers.get('content-type'), await response.text()]).to.deep.equal([
      'text/plain; version=0.0.4',
      'up 1\n',
    ]);
  });
  it('answers 500 when metrics cannot be rendered, and stays up', async () => {
    vitals.broken = true;
    expect((await get('/metrics'))[0]).to.equal(500);
    expect((await get('/livez'))[0]).to.equal(200);
  });
  it('knows nothing else, and changes nothing', async () => {
    expect([
      (await get('/api/v1/apps'))[0],
      (await get('/livez', 'POST'))[0],
      (await get('/readyz?verbose'))[1],
    ]).to.deep.equal([404, 405, 'ok\n']);
  });
});
