import { connect } from 'node:net';
import { expect } from 'chai';
import { FaultPlan } from '../../src/sandbox/faults.js';
import type { Fault } from '../../src/sandbox/faults.js';
import { json, RefusalError } from '../../src/sandbox/http-message.js';
import { SandboxHttpServer } from '../../src/sandbox/http-server.js';
import { Journal } from '../../src/sandbox/journal.js';
import { Router } from '../../src/sandbox/router.js';
import { ManualClock } from '../support/manual-clock.js';

describe('an HTTP server of the sandbox', () => {
  let journal: Journal;
  let faults: FaultPlan;
  let server: SandboxHttpServer;
  let effects: string[];

  beforeEach(async () => {
    journal = new Journal();
    faults = new FaultPlan();
    effects = [];
    const router = new Router();
    router.on('POST', '/things/:name', ({ body }, params) => {
      effects.push(params.get('name'));
      return json(201, { made: params.get('name'), body });
    });
    router.on('GET', '/refuse', () => {
      throw new RefusalError(json(409, { message: 'no' }));
    });
    router.on('GET', '/broken', () => {
      throw new Error('boom');
    });
    router.on('GET', '/watch', () => ({
      status: 200,
      stream: async (sink) => {
        sink.write('one\n');
        await new Promise<void>((resolve) => {
          sink.signal.addEventListener('abort', () => {
            effects.push('watch ended');
            resolve();
          });
        });
      },
    }));
    server = await SandboxHttpServer.start({
      name: 'argocd',
      clock: new ManualClock(),
      journal,
      faults,
      handle: async (request) => (await router.dispatch(request, undefined)) ?? json(404, { message: 'Not Found' }),
    });
  });
  afterEach(() => server.close());

  const post = (name: string, body = '{"a":1}'): Promise<Response> =>
    fetch(`${server.url}/things/${name}`, { method: 'POST', body });
  const isLost = (request: Promise<Response>): Promise<boolean> =>
    request.then(
      () => false,
      (error: unknown) => error instanceof TypeError,
    );
  const plan = (fault: Fault, times?: number): void => {
    faults.add({ server: 'argocd', method: 'POST', ...(times === undefined ? {} : { times }), fault });
  };

  it('writes every request down, in order, with what became of it', async () => {
    expect(await (await post('a%2Fb?x=1')).json()).to.deep.equal({ made: 'a/b', body: { a: 1 } });
    await (await fetch(`${server.url}/refuse`)).text();
    await (await fetch(`${server.url}/nowhere`)).text();
    const common = { at: Date.UTC(2026, 0, 1), server: 'argocd', answered: true, query: '' };
    expect(journal.entries).to.deep.equal([
      {
        ...common,
        seq: 1,
        method: 'POST',
        path: '/things/a%2Fb',
        query: 'x=1',
        status: 201,
        applied: true,
        body: { a: 1 },
      },
      { ...common, seq: 2, method: 'GET', path: '/refuse', status: 409, applied: false },
      { ...common, seq: 3, method: 'GET', path: '/nowhere', status: 404, applied: false },
    ]);
  });

  it('answers 500 when its own handler fails, and keeps the failure', async () => {
    expect((await fetch(`${server.url}/broken`)).status).to.equal(500);
    expect(journal.entries[0]?.failure).to.include('boom');
  });

  it('loses a request before or after its effect', async () => {
    plan({ kind: 'lose-before' });
    plan({ kind: 'lose-after' });
    expect(await isLost(post('one'))).to.equal(true);
    expect(effects).to.deep.equal([]);
    expect(await isLost(post('two'))).to.equal(true);
    expect(effects).to.deep.equal(['two']);
    expect(journal.entries.map(({ applied, answered }) => [applied, answered])).to.deep.equal([
      [false, false],
      [true, false],
    ]);
    expect((await post('three')).status).to.equal(201);
  });

  it('answers a planned status as often as planned, without an effect', async () => {
    plan({ kind: 'status', status: 503, retryAfterSeconds: 7, body: '<html>' }, 2);
    const answers = [await post('a'), await post('b'), await post('c')];
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 201]);
    expect([answers[0]?.headers.get('retry-after'), await answers[0]?.text()]).to.deep.equal(['7', '<html>']);
    expect(effects).to.deep.equal(['c']);
  });

  it('cuts an answer in half or blows it up after the effect', async () => {
    plan({ kind: 'garbage' });
    plan({ kind: 'huge', bytes: 100_000 });
    const cut = await post('a');
    expect(cut.status).to.equal(200);
    expect(await cut.text()).to.equal('{"made":"a","b');
    expect(await (await post('b')).text()).to.have.lengthOf(100_000);
    expect(effects).to.deep.equal(['a', 'b']);
  });

  it('is slow for a while and never answers when told to hang', async () => {
    plan({ kind: 'slow', ms: 30 });
    plan({ kind: 'hang' });
    const begun = performance.now();
    expect((await post('a')).status).to.equal(201);
    expect(performance.now() - begun).to.be.greaterThan(25);
    const hung = isLost(post('b'));
    await (await fetch(`${server.url}/nowhere`)).text();
    await server.close();
    expect(await hung).to.equal(true);
    expect(effects).to.deep.equal(['a']);
  });

  it('ends a stream when the client leaves and when it closes', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${server.url}/watch`, { signal: leaving.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).to.equal('one\n');
    leaving.abort();
    while (effects.length === 0) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
    }
    await fetch(`${server.url}/watch`);
    await server.close();
    expect(effects).to.deep.equal(['watch ended', 'watch ended']);
  });

  it('closes although a client keeps its connection open', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    await server.close();
    await server.close();
    socket.destroy();
  });

  it('refuses a body over its cap', async () => {
    expect((await post('a', 'x'.repeat(11 * 1024 * 1024))).status).to.equal(413);
    expect(effects).to.deep.equal([]);
  });
});

describe('the journal', () => {
  it('drops the oldest when full and goes on counting', () => {
    const journal = new Journal(4);
    for (let i = 0; i < 7; i++) journal.open({ at: 0, server: 'github', method: 'GET', path: `/${i}`, query: '' });
    expect(journal.entries.map(({ seq }) => seq)).to.deep.equal([4, 5, 6, 7]);
    journal.settle(1, { status: 200 });
    journal.settle(7, { status: 204 });
    expect(journal.find({ path: '/6' })[0]?.status).to.equal(204);
    expect(journal.find({ path: /^\/[45]$/, method: 'GET', server: 'github' })).to.have.lengthOf(2);
    expect(journal.find({ server: 'argocd' })).to.deep.equal([]);
  });
});

describe('the router', () => {
  const router = new Router<string>();
  router.on('GET', '/a/*rest/end', (_request, params, context) => json(200, [context, 'end', params.get('rest')]));
  router.on('GET', '/a/*rest', (_request, params, context) => json(200, [context, 'rest', params.get('rest')]));
  router.on('GET', '/b/:one/c', (_request, params, context) =>
    json(200, [context, params.get('one'), params.get('two')]),
  );
  const request = {
    seq: 1,
    query: new URLSearchParams(),
    headers: {},
    text: '',
    body: undefined,
    signal: new AbortController().signal,
  };
  const ask = async (path: string, method = 'GET'): Promise<unknown> =>
    (await router.dispatch({ ...request, method, path }, 'ctx'))?.json;

  it('decodes parameters after it has split the path', async () => {
    expect(await ask('/a/x/y%2Fz/end')).to.deep.equal(['ctx', 'end', 'x/y/z']);
    expect(await ask('/a/x/y')).to.deep.equal(['ctx', 'rest', 'x/y']);
  });
  it('finds nothing for another method, an incomplete path or a bad encoding', async () => {
    expect([await ask('/a/x', 'POST'), await ask('/b/x/y/c'), await ask('/a/%zz')]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
  it('throws when a handler reads a parameter its pattern does not have', async () => {
    expect(await ask('/b/x/c').catch((error: Error) => error.message)).to.equal('the route has no parameter two');
  });
});
