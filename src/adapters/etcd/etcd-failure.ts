import {
  ClientClosedError,
  EtcdAuthenticationFailedError,
  EtcdInvalidAuthTokenError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  GRPCFailedPreconditionError,
  GRPCInvalidArgumentError,
  GRPCResourceExhastedError,
  GRPCUnauthenticatedError,
} from 'etcd3';
import { OperatorError } from '../../base/errors.js';

/** An answer that is too big for the client; read less at once. */
export const ANSWER_TOO_LARGE = 'STORE_ANSWER_TOO_LARGE';
/** The lease is gone on the server. */
export const LEASE_GONE = 'STORE_LEASE_GONE';

const TLS_TROUBLE =
  /certificate|self.signed|wrong version number|SSL routines|tlsv1|ssl3|handshake|altnames|EPROTO|ERR_TLS|unable to (?:verify|get)/i;

/**
 * What an error of the client means. Category `unknown`: the call may have been carried out (deadline, unavailable, reset);
 * every other category: it certainly was not.
 */
export function etcdFailure(error: unknown, doing: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const said = tidy(error instanceof Error ? error.message : String(error));
  const fail = (code: string, category: OperatorError['category'], why: string): OperatorError =>
    new OperatorError(code, category, `etcd: ${doing}: ${why}`, { cause: error });
  if (error instanceof EtcdLeaseInvalidError) return fail(LEASE_GONE, 'transient', said);
  if (isRefusal(error, said)) {
    return fail(
      'STORE_REFUSED',
      'config',
      `${said}. Check store.username and store.passwordFile, and the role of that user (read and write below the operator's prefix).`,
    );
  }
  if (error instanceof GRPCResourceExhastedError) return exhausted(said, fail);
  if (error instanceof GRPCInvalidArgumentError) {
    return fail('STORE_RECORD_TOO_LARGE', 'terminal', `the server refuses the request: ${said}`);
  }
  if (error instanceof ClientClosedError) return fail('STORE_UNAVAILABLE', 'transient', 'the connection is closed');
  if (TLS_TROUBLE.test(said)) {
    return fail(
      'STORE_TLS',
      'config',
      `no secure connection: ${said}. Check http or https in endpoints, caFile, certFile and keyFile.`,
    );
  }
  return fail(
    'STORE_UNAVAILABLE',
    'unknown',
    said.includes('Protocol error')
      ? `what listens there is not etcd (${said}). Nothing is done until etcd answers; check the endpoints.`
      : `${said}. Nothing is done until etcd answers; check the endpoints (host, port, http or https) and the server.`,
  );
}

/** The library's words without its own time stamps: equal troubles read equal. */
const tidy = (message: string): string =>
  message
    .replace(/^\w+Error: /, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[^)]*\)/, '')
    .replace(/\.? ?Resolution note:\s*/, '')
    .replace(/\.\s*$/, '')
    .trim();
const isRefusal = (error: unknown, said: string): boolean =>
  error instanceof EtcdAuthenticationFailedError ||
  error instanceof EtcdInvalidAuthTokenError ||
  error instanceof EtcdPermissionDeniedError ||
  error instanceof GRPCUnauthenticatedError ||
  (error instanceof GRPCFailedPreconditionError && said.includes('authentication')) ||
  said.includes('user name is empty');

function exhausted(
  said: string,
  fail: (code: string, category: 'transient' | 'terminal', why: string) => OperatorError,
): OperatorError {
  if (said.includes('database space exceeded')) {
    return fail(
      'STORE_UNAVAILABLE',
      'transient',
      'its space is used up (NOSPACE). Nothing is done until there is room: compact, defragment, raise --quota-backend-bytes, then disarm the alarm.',
    );
  }
  if (said.includes('Received message larger than max') && !said.includes('grpc: received'))
    return fail(ANSWER_TOO_LARGE, 'transient', said);
  if (said.includes('larger than max'))
    return fail('STORE_RECORD_TOO_LARGE', 'terminal', `the server refuses the request: ${said}`);
  return fail('STORE_UNAVAILABLE', 'transient', said);
}
