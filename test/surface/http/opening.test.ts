import { expect } from 'chai';
import { ApiServer } from '../../../src/surface/http/api-server.js';
import { ManualClock } from '../../support/manual-clock.js';
import { FakeOperator } from '../fake-operator.js';
import { ask } from './api-client.js';

describe('the API while the operator starts or stops', () => {
  it('takes no question and no order, and says to ask again', async () => {
    const operator = new FakeOperator();
    let isOpen = false;
    const server = await ApiServer.start({
      queries: operator,
      commands: operator,
      clock: new ManualClock(),
      listen: { host: '127.0.0.1', port: 0 },
      tokens: () => undefined,
      isOpen: () => isOpen,
      onError: () => undefined,
    });
    try {
      for (const path of ['/api/v1/apps', '/readyz', '/readyz?verbose']) {
        const reply = await ask(server, { path });
        expect([reply.status, reply.json['code'], reply.headers['retry-after']]).to.deep.equal([
          503,
          'unavailable',
          '5',
        ]);
      }
      isOpen = true;
      expect((await ask(server, { path: '/api/v1/apps' })).status).to.equal(200);
    } finally {
      await server.close();
    }
  });
});
