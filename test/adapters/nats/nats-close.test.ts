import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { NatsEventBus } from '../../../src/adapters/nats/nats-event-bus.js';
import { SystemClock } from '../../../src/base/clock.js';
import { until } from '../../support/etcd-world.js';
import { eventOf } from '../../support/observations.js';
import { hasNats, startNats, type RealNats } from '../../support/real-nats.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

describe('NatsEventBus when it is closed', () => {
  let nats: RealNats;
  let proxy: TcpProxy;
  let bus: NatsEventBus;
  let raw: NatsConnection;
  let manager: JetStreamManager;
  let stream: string;
  before(async function () {
    if (!hasNats()) return this.skip();
    nats = await startNats();
  });
  after(() => nats?.server.close());
  beforeEach(async () => {
    const instance = randomUUID();
    stream = `ai-operator-${instance}`;
    proxy = await TcpProxy.start(nats.port);
    raw = await connect({ servers: nats.url });
    manager = await raw.jetstreamManager();
    await new Promise<void>((resolve) => {
      bus = new NatsEventBus(
        { servers: [`nats://127.0.0.1:${proxy.port}`], instance },
        { clock: new SystemClock(), onHandlerError: () => {}, onTrouble: () => {}, onConnected: () => resolve() },
      );
    });
  });
  afterEach(async () => {
    await bus.close();
    await raw.close();
    await proxy.close();
  });

  it('finishes what is being published: nothing of it fails, and all of it is stored', async () => {
    // There is no stream yet: the first answer is a refusal, and all the work comes after it.
    const published = Array.from({ length: 20 }, (_, n) => bus.publish(eventOf('pr.created', n)));
    await Promise.all([...published, bus.close()]);
    expect((await manager.streams.info(stream)).state.messages).to.equal(20);
  });
  it('ends only when the server has what was written last: that an event is noted', async () => {
    let isClosed = false;
    let wasClosed: boolean | undefined;
    let closed = Promise.resolve();
    bus.subscribe('pr.created', () => {
      closed = bus.close().then(() => {
        isClosed = true;
      });
    });
    proxy.when(
      (request) => request.includes('+ACK'),
      () => {
        proxy.hold('up');
        wasClosed = isClosed;
      },
    );
    await bus.publish(eventOf('pr.created'));
    await until(() => wasClosed !== undefined);
    expect(wasClosed, 'closed with the acknowledgement on its way').to.equal(false);
    proxy.heal();
    await closed;
    await until(async () => (await manager.consumers.info(stream, 'operator')).ack_floor.stream_seq === 1);
  });
});
