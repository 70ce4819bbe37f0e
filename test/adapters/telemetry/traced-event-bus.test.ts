import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { InProcessEventBus } from '../../../src/adapters/memory/in-process-event-bus.js';
import { createNatsEventBus } from '../../../src/adapters/nats/create-nats-event-bus.js';
import { createTracer } from '../../../src/adapters/telemetry/create-tracer.js';
import { TracedEventBus } from '../../../src/adapters/telemetry/traced-event-bus.js';
import { SystemClock } from '../../../src/base/clock.js';
import { makeEvent, type OperatorEvent } from '../../../src/model/events.js';
import { rootPlace, traceparentOf, type TracePlace } from '../../../src/model/trace-place.js';
import type { EventBus } from '../../../src/ports/event-bus.js';
import type { Tracer } from '../../../src/ports/tracer.js';
import { hasNats, startNats } from '../../support/real-nats.js';

const attempt = randomUUID();
const event = (id = randomUUID()): OperatorEvent =>
  makeEvent({
    name: 'rollback.merged',
    id,
    instance: 'test',
    at: 0,
    application: 'argocd/shop',
    attempt,
    data: { attempt, application: 'argocd/shop', environment: 'staging', commit: 'c0ffee', by: 'operator' },
  }) as OperatorEvent;

describe('TracedEventBus', () => {
  let tracer: Tracer;
  before(async () => {
    const around = { clock: new SystemClock(), onLost: () => {}, onTrouble: () => {}, onRecovered: () => {} };
    tracer = await createTracer({ otlpUrl: 'http://127.0.0.1:9', instance: 'test', version: '0' }, around);
  });
  after(() => tracer.close());

  /** Publishes one event from inside a span and one from outside; answers what arrived, and where the handler ran. */
  async function carried(bus: EventBus): Promise<readonly { traceparent: string; ranIn: TracePlace | undefined }[]> {
    const arrived: { traceparent: string; ranIn: TracePlace | undefined }[] = [];
    let twoArrived: () => void = () => {};
    const two = new Promise<void>((resolve) => (twoArrived = resolve));
    const leave = bus.subscribe('rollback.merged', ({ traceparent = '' }) => {
      const here = tracer.current();
      arrived.push({ traceparent, ranIn: here && { traceId: here.traceId, spanId: here.spanId } });
      if (arrived.length === 2) twoArrived();
    });
    await tracer.within({ ...rootPlace(attempt), spanId: '00000000000000aa' }, () => bus.publish(event()));
    await bus.publish(event());
    await two;
    leave();
    return arrived;
  }
  const inside = { ...rootPlace(attempt), spanId: '00000000000000aa' };
  const expected = [inside, rootPlace(attempt)].map((place) => ({ traceparent: traceparentOf(place), ranIn: place }));

  it('carries the present span, or the run of the attempt, in the envelope, and the handler runs in it', async () => {
    const bus = new TracedEventBus(new InProcessEventBus(() => {}), tracer);
    expect(await carried(bus)).to.deep.equal(expected);
    await bus.close();
  });
  it('does the same over NATS', async function () {
    if (!hasNats()) return this.skip();
    const nats = await startNats();
    try {
      const around = { clock: new SystemClock(), onHandlerError: () => {}, onTrouble: () => {} };
      const inner = await createNatsEventBus({ servers: [nats.url], instance: randomUUID() }, around);
      const bus = new TracedEventBus(inner, tracer);
      try {
        expect(await carried(bus)).to.have.deep.members(expected);
      } finally {
        await bus.close();
      }
    } finally {
      await nats.server.close();
    }
  });
  it('does not let an event name a trace that is not its attempt', async () => {
    const inner = new InProcessEventBus(() => {});
    const places: unknown[] = [];
    new TracedEventBus(inner, tracer).subscribe('rollback.merged', () => void places.push(tracer.current()));
    for (const traceparent of [traceparentOf(rootPlace(randomUUID())), 'nonsense'])
      await inner.publish({ ...event(), traceparent });
    await new Promise((resolve) => setImmediate(resolve));
    expect(places).to.deep.equal([undefined, undefined]);
    await inner.close();
  });
});
