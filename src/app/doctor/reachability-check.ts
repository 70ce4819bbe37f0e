import { connect } from 'node:net';
import type { OperatorConfig } from '../../config/operator-config.js';
import type { Check, Findings } from './finding.js';

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 2379, 'http:': 2379, 'nats:': 4222, 'tls:': 4222 };

/** Does something listen where etcd and NATS are configured? No more: a second writer would end the running one. */
export function reachabilityChecks({ store, bus }: Pick<OperatorConfig, 'store' | 'bus'>): readonly Check[] {
  return [
    ...(store.kind === 'etcd' ? [check('store', 'store.endpoints', store.endpoints)] : []),
    ...(bus.kind === 'nats' ? [check('bus', 'bus.servers', bus.servers)] : []),
  ];
}

const check = (subject: string, key: string, addresses: readonly string[]): Check => ({
  subject,
  timeoutMs: 2 * CONNECT_TIMEOUT_MS,
  mend: () => `Correct ${key}.`,
  look: async (found, signal) => {
    await Promise.all(addresses.map((address) => tryAddress(address, key, found, signal)));
  },
});

async function tryAddress(address: string, key: string, found: Findings, signal: AbortSignal): Promise<void> {
  const { hostname, port, protocol } = new URL(address);
  const at = {
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  };
  const trouble = await connectTrouble(at, signal);
  const shown = `${hostname}:${at.port}`;
  if (trouble === undefined) found.ok(`${shown} accepts connections (nothing more was tried)`);
  else
    found.fault(
      `${shown} cannot be reached: ${trouble}`,
      `Correct ${key}, or let the network policy pass the operator there.`,
    );
}

/** Undefined = it accepts connections. */
function connectTrouble(
  at: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...at, signal });
    const end = (trouble: string | undefined): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => end(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error) => end(error.message || error.name));
  });
}
