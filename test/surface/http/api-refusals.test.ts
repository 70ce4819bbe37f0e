import { expect } from 'chai';
import { ABORT, ask, serve, tokenOf, type Served } from './api-client.js';

describe('the API server refuses', () => {
  let served: Served;
  beforeEach(async () => {
    served = await serve();
  });
  afterEach(async () => {
    await served.server.close();
  });
  const BODIES: readonly (readonly [string, string, number])[] = [
    ['no body', '', 400],
    ['no JSON', 'reason=because', 400],
    ['truncated JSON', '{"reason":"beca', 400],
    ['an array', '["reason"]', 400],
    ['null', 'null', 400],
    ['no reason', '{}', 400],
    ['a reason that is no text', '{"reason":42}', 400],
    ['a reason too short', '{"reason":"no"}', 400],
    ['a reason of blanks and invisible characters', JSON.stringify({ reason: '  \u200B\u200B\u200B\n\t  ' }), 400],
    ['a reason too long', JSON.stringify({ reason: 'x'.repeat(501) }), 400],
    ['an unknown key', '{"reason":"because","force":true}', 400],
    ['a __proto__ key', '{"reason":"because","__proto__":{"role":"admin"}}', 400],
    ['a constructor key', '{"reason":"because","constructor":{"prototype":{"role":"admin"}}}', 400],
    ['a deep body', `{"reason":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 400],
    ['a body over 64 KiB', JSON.stringify({ reason: 'x'.repeat(70_000) }), 413],
  ];
  for (const [name, body, status] of BODIES) {
    it(`${name} with ${status}, and orders nothing`, async () => {
      const reply = await ask(served.server, { method: 'POST', path: ABORT, role: 'operator', body });
      expect([reply.status, served.operator.orders]).to.deep.equal([status, []]);
    });
  }
  it('a body that is not declared as JSON', async () => {
    const reply = await ask(served.server, {
      method: 'POST',
      path: ABORT,
      role: 'operator',
      body: '{"reason":"because"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect([reply.status, served.operator.orders]).to.deep.equal([415, []]);
  });
  it('a body over 64 KiB that does not say its length', async () => {
    const reply = await fetch(`${served.server.url}${ABORT}`, {
      method: 'POST',
      duplex: 'half',
      headers: { authorization: `Bearer ${tokenOf('operator')}`, 'content-type': 'application/json' },
      body: new Blob(Array.from({ length: 80 }, () => 'x'.repeat(1_024))).stream(),
    } as RequestInit);
    expect([reply.status, served.operator.orders]).to.deep.equal([413, []]);
  });
  it('paths that try to be others', async () => {
    const paths = [
      '/api/v1/apps/argocd/..%2f..%2fconfig',
      '/api/v1/apps/%zz/shop',
      '/api/v1/apps/ARGOCD/shop',
      '/api/v1/attempts/a/b',
      '/api/v1/attempts/%00',
      '//api/v1/apps',
      '/api/v1/apps/',
      '/api/v1/operator:shutdown',
      '/API/v1/apps',
    ];
    const replies = await Promise.all(paths.map((path) => ask(served.server, { path, role: 'admin' })));
    expect(replies.map((r) => r.json['code'])).to.deep.equal(paths.map(() => 'no-such-route'));
  });
  it('a host name that is not its own, so that no foreign page can point its name here', async () => {
    const hosts = [
      'evil.example',
      'evil.example:8080',
      '127.0.0.1.evil.example',
      'localhost.evil.example:80',
      'localhost@evil.example',
    ];
    const replies = await Promise.all(
      hosts.map((host) => ask(served.server, { path: '/readyz', role: 'admin', headers: { host } })),
    );
    expect(replies.map((r) => r.status)).to.deep.equal(hosts.map(() => 421));
    for (const host of ['localhost', 'LOCALHOST:9', '127.0.0.1:1234', '[::1]:1']) {
      expect((await ask(served.server, { path: '/readyz', headers: { host } })).status).to.equal(200, host);
    }
  });
});
