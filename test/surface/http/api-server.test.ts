import { expect } from 'chai';
import { OperatorError } from '../../../src/base/errors.js';
import { API_ROUTES } from '../../../src/surface/http/api-server.js';
import { ROLES, roleReaches, type Role } from '../../../src/surface/role.js';
import { attemptId } from '../../support/attempt-parts.js';
import { ABORT, ask, order, serve, tokenOf, type Served } from './api-client.js';

const concrete = (path: string): string =>
  path.replace('{namespace}', 'argocd').replace('{name}', 'shop').replace('{id}', attemptId());

/** Least role of every address (reliability facts 4.1; semantics 1 and 10), written down here once more on purpose. */
const LEAST: Readonly<Record<string, Role | 'anyone'>> = {
  'GET /readyz': 'anyone',
  'GET /api/v1/summary': 'viewer',
  'GET /api/v1/apps': 'viewer',
  'GET /api/v1/apps/{namespace}/{name}': 'viewer',
  'GET /api/v1/attempts': 'viewer',
  'GET /api/v1/attempts/{id}': 'viewer',
  'GET /api/v1/quarantine': 'viewer',
  'GET /api/v1/config': 'viewer',
  'POST /api/v1/attempts/{id}:abort': 'operator',
  'POST /api/v1/apps/{namespace}/{name}:pause': 'operator',
  'POST /api/v1/apps/{namespace}/{name}:resume': 'operator',
  'POST /api/v1/apps/{namespace}/{name}:retry': 'operator',
  'POST /api/v1/quarantine/{id}:lift': 'approver',
  'POST /api/v1/operator:pause': 'operator',
  'POST /api/v1/operator:resume': 'operator',
  'POST /api/v1/operator:kill': 'operator',
};

describe('the API server', () => {
  let served: Served;
  beforeEach(async () => {
    served = await serve();
  });
  afterEach(async () => {
    await served.server.close();
  });

  describe('lets in', () => {
    it('nobody to an address whose role is not written down', () => {
      expect(API_ROUTES.map((r) => `${r.method} ${r.path}`).toSorted()).to.deep.equal(Object.keys(LEAST).toSorted());
    });
    for (const route of API_ROUTES) {
      const key = `${route.method} ${route.path}`;
      const least = LEAST[key] ?? 'admin';
      for (const role of [undefined, ...ROLES]) {
        const may = least === 'anyone' || (role !== undefined && roleReaches(role, least));
        it(`${role ?? 'nobody'} to ${key}: ${may ? 'yes' : 'no'}`, async () => {
          const path = concrete(route.path);
          const reply =
            route.method === 'GET'
              ? await ask(served.server, { path, ...(role === undefined ? {} : { role }) })
              : await order(served.server, path, role);
          expect(reply.status).to.equal(
            may
              ? route.path.endsWith(':abort') || /:(?:lift|retry)$/.test(route.path)
                ? 202
                : 200
              : role === undefined
                ? 401
                : 403,
            reply.text,
          );
          expect(served.operator.orders).to.have.length(may && route.method === 'POST' ? 1 : 0);
        });
      }
    }
    it('only readers to the verbose readiness, which names dependencies', async () => {
      expect((await ask(served.server, { path: '/readyz?verbose' })).status).to.equal(401);
      const reply = await ask(served.server, { path: '/readyz?verbose', role: 'viewer' });
      expect(reply.text).to.equal(
        '[+]argocd ok\n[+]github ok\n[-]prometheus failed (not required): no answer (ECONNREFUSED)\nready\n',
      );
    });
    it('no token that is wrong, empty, in the query, or of another scheme', async () => {
      const token = tokenOf('admin');
      const headers = [
        '',
        'Bearer',
        'Bearer ',
        `Basic ${token}`,
        token,
        `Bearer ${token}x`,
        `Bearer ${token.slice(1)}`,
        `Bearer ${token} ${token}`,
      ];
      const replies = await Promise.all(
        headers.map((authorization) => ask(served.server, { path: '/api/v1/apps', headers: { authorization } })),
      );
      expect(replies.map((r) => r.status)).to.deep.equal([401, 401, 401, 401, 401, 429, 429, 429]);
      expect((await ask(served.server, { path: `/api/v1/apps?access_token=${token}` })).status).to.equal(429);
    });
    it('a valid token also while its address is locked out for bad ones', async () => {
      for (let i = 0; i < 6; i++) await ask(served.server, { path: '/api/v1/apps' });
      const refused = await ask(served.server, { path: '/api/v1/apps' });
      expect([refused.status, refused.headers['retry-after']]).to.deep.equal([429, '60']);
      expect((await order(served.server, ABORT, 'operator')).status).to.equal(202);
      await served.clock.advance(61_000);
      expect((await ask(served.server, { path: '/api/v1/apps' })).status).to.equal(401);
    });
  });

  it('hands on who ordered what, by which door, and why', async () => {
    await order(served.server, ABORT, 'operator', '  fix\u0000 forward\nin #812 ');
    await ask(served.server, {
      method: 'POST',
      path: '/api/v1/operator:kill',
      role: 'admin',
      body: '{"reason":"strange"}',
      headers: { 'user-agent': 'ai-operator-cli/0.1.0' },
    });
    expect(served.operator.orders).to.deep.equal([
      `abort ${attemptId()} by some-operator (operator) via api: fix forward in #812`,
      'kill operator by some-admin (admin) via cli: strange',
    ]);
  });

  describe('answers', () => {
    it('not ready with 503 and a line for each dependency', async () => {
      served.operator.ready = false;
      const reply = await ask(served.server, { path: '/readyz?verbose', role: 'viewer' });
      expect(reply.status).to.equal(503);
      expect(reply.text).to.contain('[-]github failed: the credential was not accepted (401), last success ');
    });
    it('every refusal as a problem with type, title, status, detail and code', async () => {
      const refusals = [
        await ask(served.server, { path: '/nothing', role: 'admin' }),
        await ask(served.server, { path: '/api/v1/apps' }),
        await ask(served.server, { path: '/api/v1/attempts/00000000-0000-4000-8000-000000009999', role: 'viewer' }),
        await ask(served.server, { method: 'DELETE', path: '/api/v1/apps', role: 'admin' }),
        await order(served.server, ABORT, 'viewer'),
      ];
      expect(
        refusals.map((r) => [r.status, r.json['status'], r.json['code'], r.headers['content-type']]),
      ).to.deep.equal([
        [404, 404, 'no-such-route', 'application/problem+json; charset=utf-8'],
        [401, 401, 'unauthenticated', 'application/problem+json; charset=utf-8'],
        [404, 404, 'not-found', 'application/problem+json; charset=utf-8'],
        [405, 405, 'method-not-allowed', 'application/problem+json; charset=utf-8'],
        [403, 403, 'role-too-low', 'application/problem+json; charset=utf-8'],
      ]);
      for (const r of refusals) {
        expect(r.json['type']).to.equal(`urn:ai-operator:problem:${String(r.json['code'])}`);
        for (const member of ['title', 'detail']) expect(r.json[member], member).to.be.a('string').with.length.above(8);
      }
    });
    it('what a command refuses by its own reasons as 404, 409, 403 or 503', async () => {
      const gone = await order(
        served.server,
        '/api/v1/attempts/00000000-0000-4000-8000-000000009999:abort',
        'operator',
      );
      const ended = await order(served.server, `/api/v1/attempts/${attemptId(2)}:abort`, 'operator');
      served.operator.result = { kind: 'role-too-low', needs: 'approver', why: 'The kill switch is on.' };
      const killed = await order(served.server, '/api/v1/operator:resume', 'operator');
      served.operator.result = { kind: 'unavailable', why: 'The store cannot be reached.' };
      const away = await order(served.server, '/api/v1/operator:pause', 'operator');
      const [attempt] = served.operator.views;
      if (attempt === undefined) throw new Error('the operator shows an attempt');
      served.operator.result = {
        kind: 'too-late',
        attempt,
        why: 'The abort came too late: it is merged; verification goes on.',
      };
      const late = await order(served.server, ABORT, 'operator');
      expect([late.status, late.json['code'], late.json['detail']]).to.deep.equal([
        409,
        'conflict',
        'The abort came too late: it is merged; verification goes on.',
      ]);
      expect(late.json['result']).to.have.property('kind', 'too-late');
      expect([gone, ended, killed, away].map((r) => [r.status, r.json['detail']])).to.deep.equal([
        [404, 'There is no attempt 00000000-0000-4000-8000-000000009999.'],
        [409, 'The attempt has ended: Nothing: the application is healthy again.'],
        [403, 'The kill switch is on. It needs the role approver.'],
        [503, 'The store cannot be reached.'],
      ]);
    });
    it('security headers on everything, also on refusals', async () => {
      for (const path of ['/readyz', '/nothing', '/api/v1/apps']) {
        const { headers } = await ask(served.server, { path });
        expect([
          headers['x-content-type-options'],
          headers['cache-control'],
          String(headers['content-security-policy']).startsWith("default-src 'none'"),
          headers['x-powered-by'],
          headers['access-control-allow-origin'],
        ]).to.deep.equal(['nosniff', 'no-store', true, undefined, undefined], path);
      }
    });
    it('an error inside with an id that is in the log, and nothing about its cause', async () => {
      served.operator.failure = new Error('password=hunter2 at /etc/secret');
      const broken = await ask(served.server, { path: '/api/v1/apps', role: 'viewer' });
      served.operator.failure = new OperatorError('STORE_UNAVAILABLE', 'transient', 'etcd at 10.0.0.1 is away');
      const away = await ask(served.server, { path: '/api/v1/apps', role: 'viewer' });
      expect([broken.status, away.status, away.json['error']]).to.deep.equal([500, 503, 'STORE_UNAVAILABLE']);
      expect(broken.text + away.text).not.to.match(/hunter2|10\.0\.0\.1|secret/);
      expect(broken.json['requestId']).to.match(/^[0-9a-f-]{36}$/);
      expect(served.errors.map((e) => e.code)).to.deep.equal(['UNEXPECTED', 'STORE_UNAVAILABLE']);
    });
    it('HEAD like GET, without a body', async () => {
      const reply = await ask(served.server, { method: 'HEAD', path: '/readyz' });
      expect([reply.status, reply.text]).to.deep.equal([200, '']);
    });
  });
});
