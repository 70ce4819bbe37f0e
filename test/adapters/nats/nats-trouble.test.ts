import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { NatsEventBus } from '../../../src/adapters/nats/nats-event-bus.js';
import type { NatsSettings, NatsTiming } from '../../../src/adapters/nats/nats-settings.js';
import { SystemClock } from '../../../src/base/clock.js';
import type { OperatorError } from '../../../src/base/errors.js';
import type { OperatorEvent } from '../../../src/model/events.js';
import { until } from '../../support/etcd-world.js';
import { failureOf } from '../../support/failure.js';
import { eventOf } from '../../support/observations.js';
import { hasNats, startNats, type RealNats } from '../../support/real-nats.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const QUICK: Partial<NatsTiming> = {
  publishMs: 400,
  quietMs: 300,
  callMs: 500,
  retryMs: 100,
  deadManMs: 200,
  ackWaitMs: 1_000,
  nakDelayMs: 50,
  closeMs: 300,
};
const UNAVAILABLE = 'BUS_UNAVAILABLE transient';

describe('NatsEventBus in trouble', () => {
  let nats: RealNats;
  let instance: string;
  let troubles: OperatorError[];
  let reported: unknown[];
  let seen: OperatorEvent[];
  const closings: (() => Promise<unknown>)[] = [];
  before(function () {
    if (!hasNats()) this.skip();
  });
  beforeEach(async () => {
    nats = await startNats();
    instance = randomUUID();
    [troubles, reported, seen] = [[], [], []];
  });
  afterEach(async () => {
    nats.server.thaw();
    for (const close of closings.splice(0).toReversed()) await close();
    await nats.server.close();
  });

  function busOf(settings: Partial<NatsSettings> = {}, timing: Partial<NatsTiming> = {}): NatsEventBus {
    const around = {
      clock: new SystemClock(),
      onHandlerError: (e: unknown) => reported.push(e),
      onTrouble: (e: OperatorError) => troubles.push(e),
    };
    const bus = new NatsEventBus(
      { servers: [nats.url], instance, ...settings },
      { ...around, timing: { ...QUICK, ...timing } },
    );
    closings.push(() => bus.close());
    return bus;
  }
  const listen = (bus: NatsEventBus): (() => void) => bus.subscribe('pr.created', (e) => seen.push(e));
  const ids = (): readonly string[] => [...new Set(seen.map((e) => e.id))];
  const event = (n: number): OperatorEvent => eventOf('pr.created', n);
  async function raw(): Promise<{ nc: NatsConnection; jsm: JetStreamManager }> {
    const nc = await connect({ servers: nats.url });
    closings.push(() => nc.close());
    return { nc, jsm: await nc.jetstreamManager() };
  }
  const stream = (): string => `ai-operator-${instance}`;
  /** As a caller would: until it is handed over. */
  async function publishUntilTaken(bus: NatsEventBus, e: OperatorEvent): Promise<void> {
    await until(async () => (await failureOf(bus.publish(e))) === 'nothing was thrown');
  }

  it('is killed and comes back: publishing fails at once meanwhile, and everything handed over is delivered', async () => {
    const bus = busOf();
    listen(bus);
    await bus.publish(event(1));
    await until(() => ids().length === 1);
    await nats.server.kill();
    await until(async () => (await failureOf(bus.publish(event(2)))) === UNAVAILABLE);
    const began = Date.now();
    for (let n = 0; n < 50; n++) expect(await failureOf(bus.publish(event(2)))).to.equal(UNAVAILABLE);
    expect(Date.now() - began, 'nothing waits for a bus that is known to be down').to.be.lessThan(500);
    await nats.server.start();
    await publishUntilTaken(bus, event(3));
    await until(() => ids().includes(event(3).id));
    expect(troubles.map((t) => t.code)).to.include('BUS_UNAVAILABLE');
    expect(troubles.length, 'and says so a few times, not for every attempt').to.be.lessThan(8);
  });
  it('is not there at the start: subscribing works, publishing fails, and it is found when it comes', async () => {
    await nats.server.kill();
    const bus = busOf();
    listen(bus);
    expect(await failureOf(bus.publish(event(1)))).to.equal(UNAVAILABLE);
    expect(troubles[0]?.message).to.include(nats.url);
    await nats.server.start();
    await publishUntilTaken(bus, event(2));
    await until(() => ids().includes(event(2).id));
  });
  it('hangs: a publish gives up in time, the next ones at once, and closing is capped', async () => {
    const bus = busOf();
    listen(bus);
    await bus.publish(event(1));
    nats.server.freeze();
    let began = Date.now();
    expect(await failureOf(bus.publish(event(2)))).to.equal(UNAVAILABLE);
    expect(Date.now() - began).to.be.within(350, 700);
    began = Date.now();
    for (let n = 0; n < 20; n++) expect(await failureOf(bus.publish(event(3)))).to.equal(UNAVAILABLE);
    expect(Date.now() - began).to.be.lessThan(150);
    nats.server.thaw();
    await publishUntilTaken(bus, event(4));
    await until(() => ids().includes(event(4).id));
    nats.server.freeze();
    began = Date.now();
    await bus.close();
    expect(Date.now() - began).to.be.lessThan(800);
  });
  it('loses an answer: the same event again is stored once', async () => {
    const proxy = await TcpProxy.start(nats.port);
    closings.push(() => proxy.close());
    const bus = busOf({ servers: [`nats://127.0.0.1:${proxy.port}`] });
    await bus.publish(event(1));
    proxy.dropAnswersTo((request) => request.includes(event(2).id));
    expect(await failureOf(bus.publish(event(2)))).to.equal(UNAVAILABLE);
    expect(proxy.spoiled).to.be.greaterThan(0);
    proxy.heal();
    await publishUntilTaken(bus, event(2));
    const { jsm } = await raw();
    expect((await jsm.streams.info(stream())).state.messages).to.equal(2);
  });
  for (const [what, destroy] of [
    ['its consumer is deleted', (jsm: JetStreamManager) => jsm.consumers.delete(stream(), 'operator')],
    ['its stream is deleted', (jsm: JetStreamManager) => jsm.streams.delete(stream())],
  ] as const) {
    it(`notices that ${what}, makes it anew and delivers again`, async () => {
      const bus = busOf();
      listen(bus);
      await bus.publish(event(1));
      await until(() => ids().length === 1);
      const { jsm } = await raw();
      await destroy(jsm);
      await until(() => troubles.some((t) => t.message.includes('begins anew')));
      await publishUntilTaken(bus, event(2));
      await until(() => ids().includes(event(2).id));
    });
  }
  for (const [when, isRefused] of [
    ['', false],
    [', also while an event waits to be delivered again', true],
  ] as const) {
    it(`notices that no pull of its own waits on the server, of which nobody tells, and delivers again${when}`, async () => {
      const proxy = await TcpProxy.start(nats.port);
      closings.push(() => proxy.close());
      const bus = busOf({ servers: [`nats://127.0.0.1:${proxy.port}`] }, { nakDelayMs: 60_000 });
      bus.subscribe('pr.created', (e) => {
        seen.push(e);
        if (isRefused && e.id === event(1).id) throw new Error('not now');
      });
      await publishUntilTaken(bus, event(1));
      await until(() => ids().length === 1);
      await nats.server.stop();
      // A server that starts knows of no pull; the library sends one, and looks after it only 10 s later.
      proxy.swallow((request) => request.includes('CONSUMER.MSG.NEXT'));
      await nats.server.start();
      await until(() => proxy.spoiled === 1);
      troubles = [];
      await publishUntilTaken(bus, event(2));
      await until(() => ids().includes(event(2).id));
      const why = 'NATS: the consumer stopped (no pull waits on the server) and begins anew';
      expect(troubles.map((t) => t.message)).to.deep.equal([why]);
    });
  }
  it('delivers after a restart what was handed over before it and not noted', async () => {
    const first = busOf();
    await first.publish(event(1));
    await first.close();
    listen(busOf());
    await until(() => ids().includes(event(1).id));
  });
  it('delivers again what a handler failed to note, gives up in the end, and spoils nothing else', async () => {
    const bus = busOf();
    let tried = 0;
    bus.subscribe('rollback.aborted', () => {
      tried++;
      throw new Error('not now');
    });
    listen(bus);
    await bus.publish(eventOf('rollback.aborted', 1));
    await bus.publish(event(2));
    await until(() => ids().includes(event(2).id) && tried >= 5);
    const { jsm } = await raw();
    await until(async () => (await jsm.consumers.info(stream(), 'operator')).num_ack_pending === 0);
    expect(tried).to.be.within(5, 7);
    expect(reported).to.have.length(tried);
  });
  it('drops and counts what other programs put under its subjects, once each, and goes on', async () => {
    const bus = busOf();
    listen(bus);
    await bus.publish(event(1));
    const { nc } = await raw();
    const subject = `ai-operator.${instance}.pr.created`;
    const good = event(5);
    const foreign: readonly (readonly [string, string | Uint8Array])[] = [
      [subject, 'hello'],
      [subject, ''],
      [subject, new Uint8Array([0xff, 0xfe])],
      [subject, JSON.stringify({ ...good, type: 'io.ai-devops-operator.constructor' })],
      [subject, JSON.stringify({ ...good, data: { ...good.data, pullRequest: 'seven' } })],
      [subject, JSON.stringify({ ...good, correlationid: 7 })],
      [subject, 'x'.repeat(900_000)],
      [`ai-operator.${instance}.rollback.merged`, JSON.stringify(good)],
      [`ai-operator.${instance}.what.else`, JSON.stringify(good)],
    ];
    const js = nc.jetstream();
    for (const [at, text] of foreign) await js.publish(at, text);
    await bus.publish(event(2));
    await until(() => ids().includes(event(2).id));
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(ids()).to.deep.equal([event(1).id, event(2).id]);
    expect(bus.foreignMessages, 'terminated: not delivered again').to.equal(foreign.length);
    expect(troubles.every((t) => t.message.length < 500)).to.equal(true);
  });
  it('carries CloudEvents with their trace context where tools look for it', async () => {
    const bus = busOf();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const traced = { ...event(1), traceparent };
    listen(bus);
    await bus.publish(traced);
    await until(() => seen.length > 0);
    expect(seen[0]).to.deep.equal(traced);
    const { jsm } = await raw();
    const stored = await jsm.streams.getMessage(stream(), { seq: 1 });
    expect([
      stored.header.get('traceparent'),
      stored.header.get('content-type'),
      stored.header.get('Nats-Msg-Id'),
    ]).to.deep.equal([traceparent, 'application/cloudevents+json', event(1).id]);
    expect(JSON.parse(stored.string())).to.include({ specversion: '1.0', datacontenttype: 'application/json' });
  });
  it('uses no stream that somebody else configured for other subjects, and says so', async () => {
    const { jsm } = await raw();
    await jsm.streams.add({ name: stream(), subjects: ['other.>'] });
    const bus = busOf();
    listen(bus);
    await until(() => troubles.some((t) => t.code === 'BUS_CONFIG'));
    expect(await failureOf(bus.publish(event(1)))).to.equal(UNAVAILABLE);
  });
  it('with a wrong token waits aloud, and connects with the right one once it is there', async () => {
    await nats.server.close();
    nats = await startNats({ token: 'right' });
    let token = 'wrong';
    const bus = busOf({ credential: { kind: 'token', token: () => token } });
    listen(bus);
    await until(() => troubles.some((t) => t.code === 'BUS_REFUSED' && t.category === 'config'));
    expect(await failureOf(bus.publish(event(1)))).to.equal(UNAVAILABLE);
    token = 'right';
    await publishUntilTaken(bus, event(2));
    await until(() => ids().includes(event(2).id));
  });
  it('bears connections that are cut again and again: nothing that was handed over is lost', async () => {
    const proxy = await TcpProxy.start(nats.port);
    closings.push(() => proxy.close());
    const bus = busOf({ servers: [`nats://127.0.0.1:${proxy.port}`] });
    listen(bus);
    await bus.publish(event(0));
    let cuts = 0;
    let sent = 0;
    const timer = setInterval(() => {
      cuts++;
      proxy.reset();
    }, 150);
    try {
      for (; sent < 20 || cuts < 6; sent++) {
        await publishUntilTaken(bus, event(sent + 1));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      clearInterval(timer);
    }
    await until(() => ids().length === sent + 1);
  });
});
