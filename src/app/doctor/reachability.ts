import { connect } from 'node:net';
import type { Findings } from './finding.js';

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 2379, 'http:': 2379, 'nats:': 4222, 'tls:': 4222 };

/** The addresses of a list at which something listens; each of the others becomes a fault that names `key`. */
export async function reachable(
  addresses: readonly string[],
  key: string,
  found: Findings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tried = await Promise.all(
    addresses.map(async (address) => ((await tryAddress(address, key, found, signal)) ? [address] : [])),
  );
  return tried.flat();
}

async function tryAddress(address: string, key: string, found: Findings, signal: AbortSignal): Promise<boolean> {
  const { hostname, port, protocol } = new URL(address);
  const at = {
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  };
  const trouble = await connectTrouble(at, signal);
  if (trouble === undefined) return true;
  found.fault(
    `${hostname}:${at.port} cannot be reached: ${trouble}`,
    `Correct ${key}, or let the network policy pass the operator there.`,
  );
  return false;
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
