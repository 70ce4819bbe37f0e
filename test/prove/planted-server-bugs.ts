import { bug, type PlantedBug } from './planted-bug.js';

const ETCD = 'adapters/etcd/fenced-writer.js';
const NATS = 'adapters/nats/nats-event-bus.js';

/** What only a real server can tell: out of reach of the schedules, which run on the store and the bus in memory. */
export const SERVER_BUGS: readonly PlantedBug[] = [
  bug(
    'etcd-without-fence',
    'a writer that was replaced goes on writing to etcd',
    ETCD,
    'transaction([fence, ...conditions], changes)',
    'transaction(conditions, changes)',
    'adapters/etcd/etcd-state-store',
  ),
  bug(
    'etcd-without-compare',
    'a version in etcd that changed meanwhile is overwritten',
    ETCD,
    'transaction([fence, ...conditions], changes)',
    'transaction([fence], changes)',
    'adapters/etcd/etcd-state-store',
  ),
  bug(
    'etcd-own-write-unknown',
    "a write to etcd whose answer was lost counts as somebody else's",
    ETCD,
    "const byUs = own.kind === 'put' ? present?.text === own.text : isUnanswered && present === undefined;",
    'const byUs = false;',
    'adapters/etcd/lost-answers',
  ),
  bug(
    'etcd-term-without-end',
    'a writer that could not renew its lease keeps taking itself for the writer',
    'adapters/etcd/leadership.js',
    'return this.clock.monotonic() - term.renewedAt >= this.timing.demoteMs;',
    'return false;',
    'adapters/etcd/leadership',
  ),
  bug(
    'nats-not-deduplicated',
    'an event that is published again after a lost answer arrives twice',
    NATS,
    '{ msgID: id, headers }',
    '{ headers }',
    'adapters/nats/nats-event-bus',
    'adapters/nats/nats-trouble',
  ),
  bug(
    'nats-refusal-acknowledged',
    'an event from NATS that nobody took is not delivered again',
    NATS,
    'message.nak(this.#timing.nakDelayMs)',
    'message.ack()',
    'adapters/nats/nats-event-bus',
    'adapters/nats/nats-trouble',
  ),
  bug(
    'nats-silence-unnoticed',
    'a consumer of NATS that stops without a word stays stopped',
    'adapters/nats/event-consumption.js',
    'missing < 2',
    'missing < Infinity',
    'adapters/nats/nats-trouble',
  ),
  bug(
    'nats-debt-is-life',
    'a consumer of NATS that stops stays stopped as long as an event waits to be delivered again',
    'adapters/nats/event-consumption.js',
    'CONSUMER)).num_waiting > 0',
    'CONSUMER)).num_ack_pending > 0',
    'adapters/nats/nats-trouble',
  ),
  bug(
    'nats-closed-unanswered',
    'a stop cuts off what is being published to NATS',
    NATS,
    'this.#link.close(Promise.allSettled(this.#publishing))',
    'this.#link.close(Promise.resolve())',
    'adapters/nats/nats-close',
  ),
  bug(
    'nats-closed-undrained',
    'a stop does not wait until NATS has what was written last',
    'adapters/nats/nats-link.js',
    'sending.then(() => connection.drain())',
    'sending',
    'adapters/nats/nats-close',
  ),
  bug(
    'deadline-collected',
    'the deadline of a call to an upstream is lost when garbage is collected',
    'adapters/upstream/deadline.js',
    'return await Promise.race([act(controller.signal), disobeyed]);',
    'return await act(AbortSignal.any([signal, AbortSignal.timeout(ms)]));',
    'adapters/upstream/deadlines',
  ),
];
