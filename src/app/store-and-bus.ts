import { createEtcdStateStore } from '../adapters/etcd/create-etcd-state-store.js';
import type { EtcdSettings } from '../adapters/etcd/etcd-settings.js';
import { InMemoryStateStore } from '../adapters/memory/in-memory-state-store.js';
import { InProcessEventBus } from '../adapters/memory/in-process-event-bus.js';
import { MemoryShelf } from '../adapters/memory/memory-shelf.js';
import { createNatsEventBus } from '../adapters/nats/create-nats-event-bus.js';
import type { NatsSettings } from '../adapters/nats/nats-settings.js';
import type { Clock } from '../base/clock.js';
import type { OperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { EtcdStoreSettings, NatsBusSettings, OperatorConfig } from '../config/operator-config.js';
import { SecretFile } from '../config/secret-file.js';
import type { OperatorEvent } from '../model/events.js';
import type { EventBus } from '../ports/event-bus.js';
import type { OperatorMetrics } from '../ports/operator-metrics.js';
import type { StateStore } from '../ports/state-store.js';

/** The store of a configuration. No call is made yet; the client of etcd is loaded only when it is asked for. */
export async function createStore(
  { store, instance }: Pick<OperatorConfig, 'store' | 'instance'>,
  clock: Clock,
  logger: Logger,
): Promise<StateStore> {
  if (store.kind === 'memory') return new InMemoryStateStore(new MemoryShelf(), clock);
  return createEtcdStateStore(etcdSettings(store, instance), { clock, onTrouble: troubleLog(logger, 'state store') });
}

/** The bus of a configuration; NATS connects in the background. */
export async function createBus(
  { bus, instance }: Pick<OperatorConfig, 'bus' | 'instance'>,
  clock: Clock,
  logger: Logger,
  metrics: Pick<OperatorMetrics, 'busConnected' | 'eventRedelivered'>,
): Promise<EventBus> {
  const onHandlerError = (error: unknown, event: OperatorEvent): void =>
    logger.error('an event handler failed', { event: event.type, correlationId: event.correlationid, error });
  if (bus.kind === 'in-process') return new InProcessEventBus(onHandlerError);
  return createNatsEventBus(natsSettings(bus, instance), {
    clock,
    onHandlerError,
    onTrouble: troubleLog(logger, 'event bus'),
    onConnected: (up) => metrics.busConnected(up),
    onRedelivered: () => metrics.eventRedelivered(),
  });
}

/** What passes by itself is a warning, what needs hands an error. */
const troubleLog =
  (logger: Logger, of: string) =>
  (error: OperatorError): void => {
    const passes = error.category === 'transient' || error.category === 'unknown';
    if (passes) logger.warn(`trouble with the ${of}`, { error });
    else logger.error(`trouble with the ${of}`, { error });
  };

/** How etcd is reached; files are read when a client is made. */
export function etcdSettings(store: EtcdStoreSettings, instance: string): EtcdSettings {
  const { endpoints, username, passwordFile, caFile, certFile, keyFile } = store;
  const password = passwordFile === undefined ? undefined : new SecretFile('store.passwordFile', passwordFile);
  const user =
    username === undefined || password === undefined
      ? undefined
      : { name: () => username, password: () => password.current().reveal() };
  return {
    endpoints,
    instance,
    ...(user === undefined ? {} : { user }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
  };
}
/** How NATS is reached; files are read at every connect. */
export function natsSettings(bus: NatsBusSettings, instance: string): NatsSettings {
  const { servers, caFile } = bus;
  const credential = natsCredential(bus);
  return {
    servers,
    instance,
    ...(credential === undefined ? {} : { credential }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}
function natsCredential(bus: NatsBusSettings): NatsSettings['credential'] {
  const { credentialsFile, tokenFile, username, passwordFile } = bus;
  const secret = (key: string, file: string): (() => string) => {
    const read = new SecretFile(`bus.${key}`, file);
    return () => read.current().reveal();
  };
  if (credentialsFile !== undefined)
    return { kind: 'credentials', content: secret('credentialsFile', credentialsFile) };
  if (tokenFile !== undefined) return { kind: 'token', token: secret('tokenFile', tokenFile) };
  if (username === undefined || passwordFile === undefined) return undefined;
  return { kind: 'password', user: username, password: secret('passwordFile', passwordFile) };
}
