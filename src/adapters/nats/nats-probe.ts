import { connect } from 'nats';
import { streamOf } from './event-message.js';
import { findStream } from './event-stream.js';
import { natsFailure } from './nats-failure.js';
import { natsOptions } from './nats-options.js';
import { NATS_TIMING, type NatsSettings } from './nats-settings.js';

/** What a look at NATS found. */
export interface NatsProbe {
  readonly server: string;
  readonly version: string;
  readonly stream: string;
  /** Events it holds; absent = the stream is not there yet. */
  readonly events?: number;
}

/**
 * Logs in and reads the stream of the operator from JetStream; makes and publishes nothing. Throws what `natsFailure`
 * makes of an error.
 */
export async function probeNats(settings: NatsSettings): Promise<NatsProbe> {
  const server = settings.servers.join(', ');
  const asked = { reconnect: false, ignoreAuthErrorAbort: false };
  const options = { ...natsOptions(settings, NATS_TIMING, () => undefined), ...asked };
  try {
    const connection = await connect(options);
    try {
      const manager = await connection.jetstreamManager({ timeout: NATS_TIMING.callMs, checkAPI: false });
      const found = await findStream(manager, settings.instance);
      const version = connection.info?.version ?? 'unknown';
      const events = found === undefined ? {} : { events: found.state.messages };
      return { server: connection.getServer(), version, stream: streamOf(settings.instance), ...events };
    } finally {
      await connection.close();
    }
  } catch (error) {
    throw natsFailure(error, `look at ${server}`);
  }
}
