import { expect } from 'chai';
import { InProcessEventBus } from '../../../src/adapters/memory/in-process-event-bus.js';
import { eventBusContract } from '../../contract/event-bus.contract.js';
import { eventOf } from '../../support/observations.js';

eventBusContract('in-process', async () => {
  const reported: unknown[] = [];
  const bus = new InProcessEventBus((error) => reported.push(error));
  return { bus, reported, close: () => bus.close() };
});

describe('InProcessEventBus', () => {
  it('delivers what was published before close, and nothing after', async () => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    const bus = new InProcessEventBus((error) => errors.push(error));
    bus.subscribe('degradation.detected', (e) => {
      seen.push(e.id);
      void bus.publish(eventOf('degradation.detected', 99)).catch((error: unknown) => errors.push(error));
    });
    for (let n = 1; n <= 3; n++) void bus.publish(eventOf('degradation.detected', n));
    await bus.close();
    expect(seen).to.deep.equal([1, 2, 3].map((n) => eventOf('degradation.detected', n).id));
    await Promise.resolve();
    expect(errors.map((e) => (e as { code: string }).code)).to.deep.equal([
      'BUS_UNAVAILABLE',
      'BUS_UNAVAILABLE',
      'BUS_UNAVAILABLE',
    ]);
  });
});
