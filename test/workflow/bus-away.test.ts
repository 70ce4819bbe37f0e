import { expect } from 'chai';
import { OperatorError } from '../../src/base/errors.js';
import type { EventBus } from '../../src/ports/event-bus.js';
import { never } from '../support/fakes/call-hooks.js';
import { startOperator } from '../support/operator-process.js';
import { OperatorWorld } from '../support/operator-world.js';

/** What a bus does with an event that is published. */
const TROUBLES = {
  'refuses every event': () => Promise.reject(new OperatorError('BUS_UNAVAILABLE', 'transient', 'NATS: no connection')),
  'never answers': () => never(),
  'loses every event': () => Promise.resolve(),
} satisfies Readonly<Record<string, () => Promise<void>>>;

/** What was recorded and when, over a whole rollback. */
async function recordOf(publish?: () => Promise<void>): Promise<readonly string[]> {
  const world = new OperatorWorld();
  const bus = world.bus();
  let refused = 0;
  const away: EventBus = {
    publish: async () => {
      refused++;
      return publish?.();
    },
    subscribe: (name, handler) => bus.subscribe(name, handler),
    close: () => bus.close(),
  };
  if (publish !== undefined) world.bus = () => away as ReturnType<OperatorWorld['bus']>;
  world.install();
  const operator = await startOperator(world);
  await world.clock.advance(5_000, 1);
  world.breakDown();
  await world.clock.advance(150_000, 1);
  operator.kill();
  expect(world.standing()).to.equal('RollbackComplete');
  expect(refused > 0, 'the trouble must have been met').to.equal(publish !== undefined);
  // Commits of the run have other names each time.
  return world.audit.entries.map((entry) => `${entry.at} ${entry.text.replaceAll(/\b[0-9a-f]{10}\b/g, 'commit')}`);
}

describe('with the event bus away', () => {
  for (const [what, publish] of Object.entries(TROUBLES)) {
    it(`a bus that ${what} makes nothing later: every decision falls at the same millisecond`, async () => {
      expect(await recordOf(publish)).to.deep.equal(await recordOf());
    });
  }
});
