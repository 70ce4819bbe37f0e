import { expect } from 'chai';
import { EVENT_NAMES, type OperatorEvent } from '../../src/model/events.js';
import { parseTraceparent, rootPlace } from '../../src/model/trace-place.js';
import type { EventBus } from '../../src/ports/event-bus.js';
import { failureOf } from '../support/failure.js';
import { eventOf } from '../support/observations.js';

export interface BusUnderTest {
  readonly bus: EventBus;
  /** What the bus reported of failing handlers. */
  readonly reported: readonly unknown[];
  close(): Promise<void>;
}

const PATIENCE_MS = 5_000;
/** Waits until the bus has done its part; a bus over a network needs some milliseconds. */
async function until(done: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!done()) {
    if (Date.now() > end) throw new Error(`the bus did not deliver within ${PATIENCE_MS} ms`);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
const idsOf = (events: readonly OperatorEvent[]): readonly string[] => [...new Set(events.map((e) => e.id))].toSorted();

/** What every EventBus promises (semantics 12): each event at least once, in any order. Run it over each implementation. */
export function eventBusContract(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`EventBus contract: ${name}`, () => {
    let world: BusUnderTest;
    let bus: EventBus;
    beforeEach(async () => {
      world = await open();
      ({ bus } = world);
    });
    afterEach(() => world.close());

    for (const eventName of EVENT_NAMES) {
      it(`delivers ${eventName} as it was published, to each of its subscribers and to nobody else`, async () => {
        const [first, second, others]: [OperatorEvent[], OperatorEvent[], OperatorEvent[]] = [[], [], []];
        bus.subscribe(eventName, (e) => first.push(e));
        bus.subscribe(eventName, (e) => second.push(e));
        for (const other of EVENT_NAMES) if (other !== eventName) bus.subscribe(other, (e) => others.push(e));
        const event = eventOf(eventName);
        await bus.publish(event);
        await until(() => first.length > 0 && second.length > 0);
        expect([first[0], second[0]]).to.deep.equal([event, event]);
        expect(others).to.deep.equal([]);
      });
    }
    it('carries the trace of its attempt in every event, though nobody traces: valid, and not sampled', async () => {
      const seen: OperatorEvent[] = [];
      for (const n of EVENT_NAMES) bus.subscribe(n, (e) => seen.push(e));
      await Promise.all(EVENT_NAMES.map((n, at) => bus.publish(eventOf(n, at))));
      await until(() => idsOf(seen).length === EVENT_NAMES.length);
      for (const { traceparent = '', correlationid, type } of seen) {
        expect(parseTraceparent(traceparent), type).to.deep.equal(rootPlace(correlationid));
        expect(traceparent, type).to.match(/-00$/);
      }
    });
    it('delivers every one of a thousand events published at once', async () => {
      const seen: OperatorEvent[] = [];
      bus.subscribe('degradation.detected', (e) => seen.push(e));
      const events = Array.from({ length: 1_000 }, (_, n) => eventOf('degradation.detected', n));
      await Promise.all(events.map((e) => bus.publish(e)));
      await until(() => idsOf(seen).length >= events.length);
      expect(idsOf(seen)).to.deep.equal(idsOf(events));
    });
    it('never runs a handler inside publish, and delivers what was said then', async () => {
      let inside = true;
      let calledInside = false;
      const seen: OperatorEvent[] = [];
      bus.subscribe('pr.created', (e) => {
        calledInside ||= inside;
        seen.push(e);
      });
      const event = structuredClone(eventOf('pr.created'));
      const published = bus.publish(event);
      (event.data as { url: string }).url = 'changed afterwards';
      inside = false;
      await published;
      await until(() => seen.length > 0);
      expect(calledInside).to.equal(false);
      expect(seen[0]).to.deep.equal(eventOf('pr.created'));
    });
    it('refuses what does not fit the catalogue before anybody sees it', async () => {
      const seen: OperatorEvent[] = [];
      for (const n of EVENT_NAMES) bus.subscribe(n, (e) => seen.push(e));
      const good = eventOf('pr.created');
      const wrong = { ...good, data: { ...good.data, pullRequest: 'seven' } } as unknown as OperatorEvent;
      const unknown = { ...good, type: 'io.ai-devops-operator.pr.exploded' } as unknown as OperatorEvent;
      const inherited = { ...good, type: 'io.ai-devops-operator.constructor' } as unknown as OperatorEvent;
      for (const bad of [wrong, unknown, inherited])
        expect(await failureOf(bus.publish(bad))).to.equal('EVENT_INVALID bug');
      await bus.publish(eventOf('pr.created', 2));
      await until(() => seen.length > 0);
      expect(idsOf(seen)).to.deep.equal([eventOf('pr.created', 2).id]);
    });
    it('reports the error of a handler, thrown or rejected, and spreads it to nobody', async () => {
      const seen: OperatorEvent[] = [];
      const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
      bus.subscribe('rollback.aborted', () => {
        throw thrown;
      });
      bus.subscribe('rollback.aborted', (() => Promise.reject(rejected)) as () => void);
      bus.subscribe('rollback.aborted', (e) => seen.push(e));
      await bus.publish(eventOf('rollback.aborted', 1));
      await bus.publish(eventOf('rollback.aborted', 2));
      await until(() => idsOf(seen).length === 2 && world.reported.length >= 4);
      expect(world.reported).to.include.members([thrown, rejected]);
    });
    it('stops delivering to a subscriber that has left, and to no other', async () => {
      const [left, stayed]: [OperatorEvent[], OperatorEvent[]] = [[], []];
      const handler = (e: OperatorEvent): number => left.push(e);
      const leave = bus.subscribe('rollback.merged', handler);
      bus.subscribe('rollback.merged', (e) => stayed.push(e));
      leave();
      leave();
      await bus.publish(eventOf('rollback.merged'));
      await until(() => stayed.length > 0);
      expect(left).to.deep.equal([]);
    });
    it('takes an event that nobody listens to', async () => {
      await bus.publish(eventOf('rollback.completed'));
    });
    it('refuses to publish when it is closed, and closing twice is fine', async () => {
      await bus.close();
      await bus.close();
      expect(await failureOf(bus.publish(eventOf('pr.created')))).to.equal('BUS_UNAVAILABLE transient');
    });
  });
}
