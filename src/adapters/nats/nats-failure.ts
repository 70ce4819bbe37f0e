import { asOperatorError, OperatorError } from '../../base/errors.js';

const REFUSALS: readonly string[] = [
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'AUTHENTICATION_TIMEOUT',
  'PERMISSIONS_VIOLATION',
  'BAD_AUTHENTICATION',
  'BAD_CREDS',
];

/** What an error of the client means: BUS_REFUSED (config) for wrong credentials, BUS_UNAVAILABLE (transient) for everything else. */
export function natsFailure(error: unknown, doing: string): OperatorError {
  if (error instanceof OperatorError) return error;
  const { code = '' } = error as { readonly code?: string };
  const said = asOperatorError(error).message;
  if (REFUSALS.includes(code) || /authorization violation/i.test(said)) {
    const message = `NATS: ${doing}: ${said}. Check tokenFile or credentialsFile and the user's permissions.`;
    return new OperatorError('BUS_REFUSED', 'config', message, { cause: error });
  }
  const why = code !== '' && !said.includes(code) ? `${said} (${code})` : said;
  return unavailable(`${doing}: ${why}`, error);
}
/** Nothing waits for the bus: events only shorten latency. */
export const unavailable = (why: string, cause?: unknown): OperatorError =>
  new OperatorError('BUS_UNAVAILABLE', 'transient', `NATS: ${why}`, { cause });
