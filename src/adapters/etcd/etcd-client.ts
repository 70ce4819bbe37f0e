import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { Etcd3, type IOptions } from 'etcd3';
import { OperatorError } from '../../base/errors.js';
import type { EtcdSettings } from './etcd-settings.js';

type Policy = NonNullable<NonNullable<IOptions['faultHandling']>['global']>;
const neverAborted = new AbortController().signal;
const never = (): { dispose(): void } => ({ dispose: () => {} });
/**
 * Calls straight through. The library's default repeats writes whose answer was lost and reports its own success as a
 * lost race, and its breaker refuses everything for 5 s after three failures.
 */
const STRAIGHT_THROUGH = {
  onSuccess: never,
  onFailure: never,
  execute: async (fn: (context: { signal: AbortSignal }) => unknown) => fn({ signal: neverAborted }),
} as unknown as Policy;

/** A page of the largest records must fit. */
export const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;

const CHANNEL = {
  // Less than 6 s, or pings without calls, and etcd drops the connection for too many pings.
  'grpc.keepalive_time_ms': 6_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 0,
  'grpc.enable_retries': 0,
  // A new channel connects at once: no backoff is inherited, so the first call after the server is back succeeds.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.max_receive_message_length': LARGEST_ANSWER_BYTES,
};

/** A client with everything off that the library would do on its own. Throws STORE_CONFIG (config) for files it cannot read. */
export function createEtcdClient(settings: EtcdSettings, callTimeoutMs: number): Etcd3 {
  const { endpoints, user } = settings;
  const credentials = credentialsOf(settings);
  try {
    return new Etcd3({
      hosts: [...endpoints],
      ...(credentials === undefined ? {} : { credentials }),
      ...(user === undefined ? {} : { auth: { username: user.name(), password: user.password() } }),
      grpcOptions: CHANNEL,
      // A function: as an object the deadline would be computed once. Without one a call to a frozen server never ends.
      defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + callTimeoutMs }),
      faultHandling: { global: STRAIGHT_THROUGH, host: () => STRAIGHT_THROUGH },
    });
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError(
      'STORE_CONFIG',
      'config',
      `etcd: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function credentialsOf({ endpoints, caFile, certFile, keyFile }: EtcdSettings): IOptions['credentials'] {
  if (!endpoints.some((endpoint) => endpoint.startsWith('https:'))) return undefined;
  const rootCertificate = caFile === undefined ? Buffer.from(rootCertificates.join('\n')) : read('caFile', caFile);
  if (certFile === undefined || keyFile === undefined) return { rootCertificate };
  return { rootCertificate, certChain: read('certFile', certFile), privateKey: read('keyFile', keyFile) };
}
function read(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new OperatorError('STORE_CONFIG', 'config', `store.${key}: ${file} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}
