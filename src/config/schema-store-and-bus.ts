import type { z } from 'zod';
import type { BusSettings, StoreSettings } from './operator-config.js';
import { address, compact, group, list, path, text, word } from './scalars.js';

const ETCD_KEYS = ['endpoints', 'username', 'passwordFile', 'caFile', 'certFile', 'keyFile'] as const;
const NATS_KEYS = ['servers', 'credentialsFile', 'tokenFile', 'username', 'passwordFile', 'caFile'] as const;

/** `store`: where attempts, latches and budgets are kept. */
export const storeSchema = group({
  kind: word(['memory', 'etcd'])
    .default('memory')
    .describe('memory: gone with the process, so modes above propose need development: true. etcd: survives restarts.'),
  endpoints: list(address('https://etcd:2379'), '["https://etcd:2379"]')
    .describe('etcd: addresses of its members, all https or all http.')
    .optional(),
  username: text('a user name', 'ai-operator')
    .describe('etcd: user of the password authentication; needs passwordFile.')
    .optional(),
  passwordFile: path('/run/secrets/etcd/password').describe('etcd: file with its password.').optional(),
  caFile: path('/run/secrets/etcd/ca.crt')
    .describe('etcd: PEM file with the certificate authority of its certificate; absent = those of Node.')
    .optional(),
  certFile: path('/run/secrets/etcd/tls.crt').describe('etcd: client certificate (PEM); needs keyFile.').optional(),
  keyFile: path('/run/secrets/etcd/tls.key').describe('etcd: key of the client certificate (PEM).').optional(),
})
  .describe('Where attempts, latches, vetoes and budgets are kept.')
  .transform((said, context): StoreSettings => {
    const { kind, endpoints = [], ...rest } = said;
    const fault = faultsOf(context);
    if (kind === 'memory') {
      for (const key of ETCD_KEYS)
        if (said[key] !== undefined) fault(key, 'belongs to etcd; write `kind: etcd` or remove it');
      return { kind };
    }
    if (endpoints.length === 0)
      fault('endpoints', 'missing; write the addresses of etcd, such as `["https://etcd:2379"]`');
    const secure = endpoints.filter((endpoint) => endpoint.startsWith('https:')).length;
    if (secure > 0 && secure < endpoints.length) fault('endpoints', 'mixes https and http; write all of them as https');
    if (secure === 0) {
      for (const key of ['caFile', 'certFile', 'keyFile'] as const) {
        if (said[key] !== undefined && endpoints.length > 0)
          fault(key, 'has no effect with http endpoints; write them as https');
      }
    }
    pair(said, 'username', 'passwordFile', fault);
    pair(said, 'certFile', 'keyFile', fault);
    return { kind, endpoints, ...compact(rest) };
  });

const natsAddress = text('a NATS address', 'nats://nats:4222', /^(?:nats|tls):\/\/[^\s/@?#]+$/);
/** `bus`: how the modules hear of each other. */
export const busSchema = group({
  kind: word(['in-process', 'nats'])
    .default('in-process')
    .describe(
      'in-process: a full production choice, since the store is the truth. nats: JetStream, for others to listen.',
    ),
  servers: list(natsAddress, '["nats://nats:4222"]').describe('nats: addresses of its servers.').optional(),
  credentialsFile: path('/run/secrets/nats/user.creds').describe('nats: file with a user JWT and its seed.').optional(),
  tokenFile: path('/run/secrets/nats/token').describe('nats: or a file with a token.').optional(),
  username: text('a user name', 'ai-operator').describe('nats: or a user; needs passwordFile.').optional(),
  passwordFile: path('/run/secrets/nats/password').describe('nats: file with its password.').optional(),
  caFile: path('/run/secrets/nats/ca.crt')
    .describe('nats: PEM file with the certificate authority of its certificate; given, the connection is encrypted.')
    .optional(),
})
  .describe('How events travel.')
  .transform((said, context): BusSettings => {
    const { kind, servers = [], ...rest } = said;
    const fault = faultsOf(context);
    if (kind === 'in-process') {
      for (const key of NATS_KEYS)
        if (said[key] !== undefined) fault(key, 'belongs to NATS; write `kind: nats` or remove it');
      return { kind };
    }
    if (servers.length === 0) fault('servers', 'missing; write the addresses of NATS, such as `["nats://nats:4222"]`');
    const [first, second] = (['credentialsFile', 'tokenFile', 'username'] as const).filter(
      (k) => said[k] !== undefined,
    );
    if (second !== undefined) fault(second, `is given beside ${first}; keep one of them`);
    pair(said, 'username', 'passwordFile', fault);
    return { kind, servers, ...compact(rest) };
  });

type Fault = (key: string, message: string) => void;
const faultsOf =
  (context: z.core.$RefinementCtx): Fault =>
  (key, message) =>
    context.addIssue({ code: 'custom', path: [key], message });
/** Both or none. */
function pair<K extends string>(
  said: { readonly [k in K]?: string | undefined },
  one: K,
  other: K,
  fault: Fault,
): void {
  if (said[one] !== undefined && said[other] === undefined) fault(other, `missing; ${one} needs it`);
  if (said[other] !== undefined && said[one] === undefined) fault(one, `missing; ${other} needs it`);
}

/** `audit`: the append-only log. */
export const auditSchema = group({
  directory: path('/var/lib/ai-operator/audit')
    .default('/var/lib/ai-operator/audit')
    .describe('Folder of the log segments; it must survive a restart.'),
}).describe('The append-only, hash-chained log. If it cannot be written, nothing is done.');

/** Keys of the design that this version does not have, and what to do about them. Worded for an unknown key. */
export const LATER_KEYS: ReadonlyMap<string, string> = new Map([
  ['elasticsearch', 'not available in this version; the audit log goes to audit.directory'],
  ['audit.elasticsearch', 'not available in this version; the audit log goes to audit.directory'],
  ['mcp', 'not available in this version; the native adapters are used'],
]);
