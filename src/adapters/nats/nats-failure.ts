import { asOperatorError, OperatorError } from '../../base/errors.js';

const REFUSALS: readonly string[] = [
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'PERMISSIONS_VIOLATION',
  'BAD_AUTHENTICATION',
  'BAD_CREDS',
];
const TLS_TROUBLE = /certificate|wrong version number|SSL routines|altnames|EPROTO|ERR_TLS|unable to (?:verify|get)/i;
/** What the library's bare codes mean, where they say too little. */
const IN_WORDS: Readonly<Record<string, string>> = {
  TIMEOUT: 'no answer in time; check that a NATS server listens there',
  // No responders: nobody answers for the API of JetStream.
  '503': 'JetStream does not answer: it is switched off there (`jetstream {}` switches it on), or has no leader',
  MAX_PAYLOAD_EXCEEDED: 'the event is larger than the server takes (max_payload); nothing waits for it',
};

/**
 * What an error of the client means: BUS_REFUSED (config) for wrong credentials or rights, BUS_TLS (config) for no secure
 * connection, BUS_CONFIG (config) for a server without JetStream, BUS_UNAVAILABLE (transient) for everything else.
 */
export function natsFailure(error: unknown, doing: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const { code = '' } = error as { readonly code?: string };
  const said = asOperatorError(error).message;
  const fail = (name: string, why: string): OperatorError =>
    new OperatorError(name, 'config', `NATS: ${doing}: ${why}`, { cause: error });
  if (REFUSALS.includes(code) || /(?:authorization|permissions) violation/i.test(said)) {
    return fail(
      'BUS_REFUSED',
      `${said}. Check bus.tokenFile, credentialsFile, or username and passwordFile, and what that user may do.`,
    );
  }
  if (code === 'SERVER_OPT_NA')
    return fail(
      'BUS_TLS',
      'the server offers no encryption, and bus asks for it (tls:// or caFile). Switch one of them.',
    );
  if (TLS_TROUBLE.test(`${said} ${code}`))
    return fail(
      'BUS_TLS',
      `no secure connection: ${said}. Check bus.caFile and the names in the server's certificate.`,
    );
  if (/jetstream not enabled/i.test(said))
    return fail(
      'BUS_CONFIG',
      `${said}. Switch JetStream on: \`jetstream {}\` in its configuration, and for the account.`,
    );
  const why = IN_WORDS[code] ?? (code !== '' && !said.includes(code) ? `${said} (${code})` : said);
  return unavailable(`${doing}: ${why}`, error);
}
/** Nothing waits for the bus: events only shorten latency. */
export const unavailable = (why: string, cause?: unknown): OperatorError =>
  new OperatorError('BUS_UNAVAILABLE', 'transient', `NATS: ${why}`, { cause });
