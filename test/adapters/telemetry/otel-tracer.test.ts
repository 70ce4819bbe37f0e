import { expect } from 'chai';
import { createTracer } from '../../../src/adapters/telemetry/create-tracer.js';
import { MOST_WAITING_SPANS } from '../../../src/adapters/telemetry/span-delivery.js';
import { SystemClock } from '../../../src/base/clock.js';
import { OperatorError } from '../../../src/base/errors.js';
import { rootPlace, traceIdOf } from '../../../src/model/trace-place.js';
import type { FinishedSpan, Tracer } from '../../../src/ports/tracer.js';
import { failureOf } from '../../support/failure.js';
import { OtlpReceiver } from '../../support/otlp-receiver.js';

const ATTEMPT = '5f0c9f0e-1d2b-4c3a-8f4e-0a1b2c3d4e5f';
const run: FinishedSpan = {
  name: 'RUN rollback',
  kind: 'server',
  place: rootPlace(ATTEMPT),
  startedAt: 1_767_225_600_000,
  endedAt: 1_767_225_601_500,
  attributes: { n: 1 },
};

describe('OtelTracer', () => {
  let receiver: OtlpReceiver;
  let lost: number;
  let troubles: string[];
  let recovered: number[];
  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
    lost = 0;
    troubles = [];
    recovered = [];
  });
  afterEach(() => receiver.close());
  const start = (otlpUrl = receiver.url): Promise<Tracer> =>
    createTracer(
      { otlpUrl, instance: 'one', version: '0.0.0' },
      {
        clock: new SystemClock(),
        onLost: (spans) => (lost += spans),
        onTrouble: (error) => troubles.push(error.code),
        onRecovered: (spans) => recovered.push(spans),
      },
    );

  it('sends a span under the id that was decided beforehand, with the times it was given', async () => {
    const tracer = await start();
    tracer.record(run);
    await tracer.close();
    expect([...receiver.paths]).to.deep.equal(['POST /v1/traces']);
    expect(receiver.spans).to.deep.equal([
      {
        traceId: ATTEMPT.replaceAll('-', ''),
        spanId: rootPlace(ATTEMPT).spanId,
        parent: undefined,
        name: 'RUN rollback',
        kind: 2,
        startedAt: run.startedAt,
        endedAt: run.endedAt,
        attributes: { n: 1 },
      },
    ]);
  });
  it('takes an address that names /v1/traces itself', async () => {
    const tracer = await start(`${receiver.url}/v1/traces`);
    tracer.record(run);
    await tracer.close();
    expect([...receiver.paths]).to.deep.equal(['POST /v1/traces']);
  });
  it('keeps two attempts apart that are worked on at once, over everything awaited', async () => {
    const tracer = await start();
    const other = '00000000-0000-4000-8000-000000000001';
    const look = (attempt: string): Promise<void> =>
      tracer.span('look', rootPlace(attempt), {}, async () => {
        for (let n = 0; n < 5; n++) {
          await new Promise((resolve) => setImmediate(resolve));
          expect(tracer.current()?.traceId).to.equal(traceIdOf(attempt));
        }
      });
    await Promise.all([look(ATTEMPT), look(other)]);
    expect(tracer.current()).to.equal(undefined);
    await tracer.close();
    expect(new Set(receiver.spans.map((s) => s.traceId)).size).to.equal(2);
  });
  it('throws on what a span throws, and names it', async () => {
    const tracer = await start();
    const failing = tracer.span('look', rootPlace(ATTEMPT), {}, async () => {
      throw new OperatorError('GITHUB_UNAVAILABLE', 'transient', 'away');
    });
    expect(await failureOf(failing)).to.equal('GITHUB_UNAVAILABLE transient');
    await tracer.close();
    expect(receiver.spans[0]?.attributes).to.deep.equal({ 'error.type': 'GITHUB_UNAVAILABLE' });
  });
  it('keeps at most its bound, counts the rest as lost, and does not let a collector that hangs hold up the close for more than its 2 s', async () => {
    receiver.answer = 'hang';
    const tracer = await start();
    for (let n = 0; n < 3 * MOST_WAITING_SPANS; n++) tracer.record({ ...run, parent: rootPlace(ATTEMPT) });
    expect(lost).to.equal(2 * MOST_WAITING_SPANS);
    const began = performance.now();
    await tracer.close();
    expect(performance.now() - began).to.be.lessThan(3_000);
  });
  it('says once that a collector is away, counts what is lost, and says when it is back', async () => {
    receiver.answer = 400;
    const tracer = await start();
    const batch = async (): Promise<void> => {
      for (let n = 0; n < 512; n++) tracer.record(run);
      const deadline = Date.now() + 5_000;
      const before = [lost, receiver.spans.length];
      while (lost === before[0] && receiver.spans.length === before[1] && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await batch();
    await batch();
    expect([troubles, lost, recovered]).to.deep.equal([['TRACES_NOT_SENT'], 1_024, []]);
    receiver.answer = 200;
    await batch();
    await tracer.close();
    expect([troubles, lost, recovered]).to.deep.equal([['TRACES_NOT_SENT'], 1_024, [1_024]]);
  });
});
