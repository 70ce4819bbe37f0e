import { connect } from 'node:net';
import { expect } from 'chai';
import { ApiServer } from '../../../src/surface/http/api-server.js';
import { failureOf } from '../../support/failure.js';
import { ManualClock } from '../../support/manual-clock.js';
import { FakeOperator } from '../fake-operator.js';
import { ABORT, ask, order, serve, tokenOf } from './api-client.js';

describe('the API server without tokens', () => {
  it('answers reads on the loopback and takes no orders', async () => {
    const { server, operator } = await serve({ tokens: false });
    try {
      expect((await ask(server, { path: '/api/v1/apps' })).status).to.equal(200);
      const refused = await order(server, ABORT, 'admin');
      expect([refused.status, refused.json['code'], operator.orders]).to.deep.equal([403, 'no-tokens-configured', []]);
    } finally {
      await server.close();
    }
  });
  it('does not start on an address that others can reach', async () => {
    expect(await failureOf(serve({ tokens: false, listen: { host: '0.0.0.0' } }))).to.equal(
      'HTTP_TOKENS_MISSING config',
    );
  });
  it('says nothing more to others once a reload took the tokens away', async () => {
    const operator = new FakeOperator();
    let tokens: unknown = {};
    const server = await ApiServer.start({
      queries: operator,
      commands: operator,
      clock: new ManualClock(),
      onError: () => undefined,
      listen: { host: '0.0.0.0', port: 0 },
      tokens: () => tokens as undefined,
    });
    tokens = undefined;
    try {
      expect((await ask(server, { path: '/api/v1/apps' })).json['code']).to.equal('no-tokens-configured');
    } finally {
      await server.close();
    }
  });
});

describe('the API server under bad conditions', () => {
  it('names the key to change when its port is taken', async () => {
    const first = await serve();
    try {
      expect(await failureOf(serve({ listen: { port: Number(new URL(first.server.url).port) } }))).to.equal(
        'HTTP_LISTEN_FAILED config',
      );
    } finally {
      await first.server.close();
    }
  });
  it('hangs up on clients that send their headers too slowly, and serves others meanwhile', async () => {
    const { server } = await serve({ listen: { headersTimeoutMs: 80, requestTimeoutMs: 100 } });
    const port = Number(new URL(server.url).port);
    const slow = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    try {
      const ended = slow.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket
              .on('close', () => {
                resolve();
              })
              .on('error', () => undefined)
              .on('data', () => undefined);
            socket.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\nx-slow: ');
          }),
      );
      expect((await ask(server, { path: '/readyz' })).status).to.equal(200);
      await Promise.all(ended);
    } finally {
      for (const socket of slow) socket.destroy();
      await server.close();
    }
  });
  it('answers a body that never comes whole, and notes no error of its own', async () => {
    const { server, errors, operator } = await serve({ listen: { headersTimeoutMs: 80, requestTimeoutMs: 100 } });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    try {
      await new Promise<void>((resolve) => {
        socket
          .on('close', () => {
            resolve();
          })
          .on('error', () => undefined)
          .on('data', () => undefined);
        socket.write(
          `POST ${ABORT} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${tokenOf('operator')}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"rea`,
        );
      });
      expect([errors, operator.orders]).to.deep.equal([[], []]);
    } finally {
      socket.destroy();
      await server.close();
    }
  });
});
