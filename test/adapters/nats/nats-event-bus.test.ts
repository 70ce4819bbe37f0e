import { randomUUID } from 'node:crypto';
import { NatsEventBus } from '../../../src/adapters/nats/nats-event-bus.js';
import { SystemClock } from '../../../src/base/clock.js';
import { eventBusContract } from '../../contract/event-bus.contract.js';
import { hasNats, startNats, type RealNats } from '../../support/real-nats.js';

describe('NatsEventBus against a real nats-server', () => {
  let nats: RealNats;
  before(async function () {
    if (!hasNats()) this.skip();
    nats = await startNats();
  });
  after(async () => {
    await nats?.server.close();
  });

  eventBusContract('NATS', async () => {
    const reported: unknown[] = [];
    const bus = new NatsEventBus(
      { servers: [nats.url], instance: randomUUID() },
      {
        clock: new SystemClock(),
        onHandlerError: (error) => reported.push(error),
        onTrouble: () => {},
        timing: { nakDelayMs: 100 },
      },
    );
    return { bus, reported, close: () => bus.close() };
  });
});
