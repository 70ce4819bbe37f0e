import { createEtcdStateStore } from '../adapters/etcd/create-etcd-state-store.js';
import { InMemoryStateStore } from '../adapters/memory/in-memory-state-store.js';
import { InProcessEventBus } from '../adapters/memory/in-process-event-bus.js';
import { MemoryShelf } from '../adapters/memory/memory-shelf.js';
import { createNatsEventBus } from '../adapters/nats/create-nats-event-bus.js';
import type { Clock } from '../base/clock.js';
import type { OperatorError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { OperatorConfig } from '../config/operator-config.js';
import { SecretFile } from '../config/secret-file.js';
import type { OperatorEvent } from '../model/events.js';
import type { EventBus } from '../ports/event-bus.js';
import type { StateStore } from '../ports/state-store.js';

/** The store of a configuration. No call is made yet; the client of etcd is loaded only when it is asked for. */
export async function createStore(
  { store, instance }: Pick<OperatorConfig, 'store' | 'instance'>,
  clock: Clock,
  logger: Logger,
): Promise<StateStore> {
  if (store.kind === 'memory') return new InMemoryStateStore(new MemoryShelf(), clock);
  const { endpoints, username, passwordFile, caFile, certFile, keyFile } = store;
  const password = passwordFile === undefined ? undefined : new SecretFile('store.passwordFile', passwordFile);
  const user =
    username === undefined || password === undefined
      ? undefined
      : { name: () => username, password: () => password.current().reveal() };
  return createEtcdStateStore(
    {
      endpoints,
      instance,
      ...(user === undefined ? {} : { user }),
      ...(caFile === undefined ? {} : { caFile }),
      ...(certFile === undefined ? {} : { certFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    },
    { clock, onTrouble: troubleLog(logger, 'state store') },
  );
}

/** The bus of a configuration; NATS connects in the background. */
export async function createBus(
  { bus, instance }: Pick<OperatorConfig, 'bus' | 'instance'>,
  clock: Clock,
  logger: Logger,
): Promise<EventBus> {
  const onHandlerError = (error: unknown, event: OperatorEvent): void =>
    logger.error('an event handler failed', { event: event.type, correlationId: event.correlationid, error });
  if (bus.kind === 'in-process') return new InProcessEventBus(onHandlerError);
  const { servers, tokenFile, credentialsFile, caFile } = bus;
  const token = tokenFile === undefined ? undefined : new SecretFile('bus.tokenFile', tokenFile);
  const credentials =
    credentialsFile === undefined ? undefined : new SecretFile('bus.credentialsFile', credentialsFile);
  return createNatsEventBus(
    {
      servers,
      instance,
      ...(token === undefined ? {} : { credential: { kind: 'token' as const, token: () => token.current().reveal() } }),
      ...(credentials === undefined
        ? {}
        : { credential: { kind: 'credentials' as const, content: () => credentials.current().reveal() } }),
      ...(caFile === undefined ? {} : { caFile }),
    },
    { clock, onHandlerError, onTrouble: troubleLog(logger, 'event bus') },
  );
}

/** What passes by itself is a warning, what needs hands an error. */
const troubleLog =
  (logger: Logger, of: string) =>
  (error: OperatorError): void => {
    const passes = error.category === 'transient' || error.category === 'unknown';
    if (passes) logger.warn(`trouble with the ${of}`, { error });
    else logger.error(`trouble with the ${of}`, { error });
  };
