import {
  credsAuthenticator,
  tokenAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type ConnectionOptions,
} from 'nats';
import { asOperatorError, type OperatorError } from '../../base/errors.js';
import type { NatsSettings, NatsTiming } from './nats-settings.js';

type Credential = NonNullable<NatsSettings['credential']>;

/** How the library connects. Throws what reading the credential throws; later `onUnreadable` hears of it. */
export function natsOptions(
  { servers, instance, caFile, credential }: NatsSettings,
  { callMs, retryMs }: Pick<NatsTiming, 'callMs' | 'retryMs'>,
  onUnreadable: (error: OperatorError) => void,
): ConnectionOptions {
  // The library does not look at the scheme: without this, `tls://` would talk to a plain server in clear text.
  const encrypted = caFile !== undefined || servers.some((server) => server.startsWith('tls:'));
  return {
    servers: [...servers],
    name: `ai-operator ${instance}`,
    timeout: callMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryMs / 4,
    reconnectJitter: retryMs / 8,
    pingInterval: 5_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(encrypted ? { tls: caFile === undefined ? {} : { caFile } } : {}),
    ...(credential === undefined ? {} : { authenticator: authenticatorOf(credential, onUnreadable) }),
  };
}

/** A file that cannot be read during a rotation must not break the library's reconnect: the last value serves until then. */
function authenticatorOf(credential: Credential, onUnreadable: (error: OperatorError) => void): Authenticator {
  const read = secretOf(credential);
  let last = read();
  const current = (): string => {
    try {
      last = read();
    } catch (error) {
      onUnreadable(asOperatorError(error));
    }
    return last;
  };
  switch (credential.kind) {
    case 'token':
      return tokenAuthenticator(current);
    case 'password':
      return usernamePasswordAuthenticator(credential.user, current);
    case 'credentials':
      return credsAuthenticator(() => new TextEncoder().encode(current()));
  }
}
function secretOf(credential: Credential): () => string {
  if (credential.kind === 'token') return credential.token;
  return credential.kind === 'password' ? credential.password : credential.content;
}
