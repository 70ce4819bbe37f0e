import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type NatsConnection,
  type NatsError,
  type StreamInfo,
} from 'nats';
import { OperatorError } from '../../base/errors.js';
import { streamOf, subjectsOf } from './event-message.js';
import type { NatsTiming } from './nats-settings.js';

export const CONSUMER = 'operator';
const HOUR_MS = 3_600_000;
const DUPLICATE_WINDOW_MS = 120_000;
const MOST_MESSAGES = 100_000;
const STREAM_NOT_FOUND = 10_059;
const CONSUMER_NOT_FOUND = 10_014;

/** JetStream's own number of an error. */
const errorNumber = (error: unknown): number | undefined => (error as Partial<NatsError>).api_error?.err_code;

/** The stream of an operator. Throws BUS_CONFIG (config) when one of that name takes other subjects. */
export async function findStream(manager: JetStreamManager, instance: string): Promise<StreamInfo | undefined> {
  const [name, subjects] = [streamOf(instance), subjectsOf(instance)];
  try {
    const found = await manager.streams.info(name);
    if (found.config.subjects.includes(subjects)) return found;
    const taken = found.config.subjects.join(', ');
    const message = `NATS: the stream ${name} takes ${taken}, not ${subjects}: delete it or rename this operator (instance).`;
    throw new OperatorError('BUS_CONFIG', 'config', message);
  } catch (error) {
    if (errorNumber(error) === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}
/** Makes the stream of an operator if it is not there. One that somebody else configured is used if it takes our subjects. */
export async function ensureStream(
  connection: NatsConnection,
  instance: string,
  { callMs }: Pick<NatsTiming, 'callMs'>,
): Promise<JetStreamManager> {
  const manager = await connection.jetstreamManager({ timeout: callMs, checkAPI: false });
  const [name, subjects] = [streamOf(instance), subjectsOf(instance)];
  if ((await findStream(manager, instance)) !== undefined) return manager;
  await manager.streams.add({
    name,
    subjects: [subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    // A nudge is worth nothing after an hour: the sweep has looked many times since.
    max_age: nanos(HOUR_MS),
    max_msgs: MOST_MESSAGES,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  });
  return manager;
}
/** Makes stream and durable consumer if they are not there. */
export async function ensureConsumer(
  connection: NatsConnection,
  instance: string,
  timing: Pick<NatsTiming, 'callMs' | 'ackWaitMs'>,
): Promise<JetStreamManager> {
  const manager = await ensureStream(connection, instance, timing);
  const stream = streamOf(instance);
  try {
    await manager.consumers.info(stream, CONSUMER);
  } catch (error) {
    if (errorNumber(error) !== CONSUMER_NOT_FOUND) throw error;
    await manager.consumers.add(stream, {
      durable_name: CONSUMER,
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(timing.ackWaitMs),
      // With a limit, a message that reached it is parked and everything looks healthy; the bus counts by itself.
      max_deliver: -1,
    });
  }
  return manager;
}
