import type { EventBus } from '../../ports/event-bus.js';
import type { NatsSurroundings } from './nats-event-bus.js';
import type { NatsSettings } from './nats-settings.js';

/** Loads the client library (only when NATS is asked for), makes the bus, and lets it connect in the background. */
export async function createNatsEventBus(settings: NatsSettings, surroundings: NatsSurroundings): Promise<EventBus> {
  const { NatsEventBus } = await import('./nats-event-bus.js');
  return new NatsEventBus(settings, surroundings);
}
