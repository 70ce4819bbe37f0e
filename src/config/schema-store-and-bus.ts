import { group, path, word } from './scalars.js';

/** `store`: where attempts, latches and budgets are kept. */
export const storeSchema = group({
  kind: word(['memory'], ['etcd'])
    .default('memory')
    .describe('memory: gone with the process, so modes above propose need development: true.'),
}).describe('Where attempts, latches, vetoes and budgets are kept.');

/** `bus`: how the modules hear of each other. */
export const busSchema = group({
  kind: word(['in-process'], ['nats'])
    .default('in-process')
    .describe('in-process: a full production choice, since the store is the truth.'),
}).describe('How events travel.');

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
  ['store.endpoints', 'belongs to etcd, which is not available in this version; remove it and write `kind: memory`'],
  ['bus.servers', 'belongs to NATS, which is not available in this version; remove it and write `kind: in-process`'],
  ['mcp', 'not available in this version; the native adapters are used'],
]);
