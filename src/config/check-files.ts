import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileTrouble } from './file-trouble.js';
import { written, type KeyPath } from './faults.js';
import type { KeyFault } from './known-keys.js';

interface NamedFile {
  readonly path: KeyPath;
  readonly file: string;
  readonly secret: boolean;
  /** What must be in it, and how that is called. */
  readonly holds?: { readonly pattern: RegExp; readonly words: string };
}

type Values = Readonly<Record<string, unknown>>;

/**
 * Looks at every file that is named: missing, unreadable, empty, of the wrong kind, readable for everybody.
 * Takes the values as written, so that a fault elsewhere does not hide a missing file.
 */
export function checkFiles(
  values: Values,
  workingDirectory: string,
): { readonly faults: readonly KeyFault[]; readonly warnings: readonly string[] } {
  const faults: KeyFault[] = [];
  const warnings: string[] = [];
  for (const named of namedFiles(values)) {
    const file = path.resolve(workingDirectory, named.file);
    try {
      const content = readFileSync(file, 'utf8');
      const trouble = contentTrouble(content, named);
      if (trouble !== undefined) faults.push({ path: named.path, message: `${file} ${trouble}` });
      else if (named.secret && (statSync(file).mode & 0o004) !== 0) {
        warnings.push(
          `${written(named.path)}: ${file} holds a secret and everybody may read it; take the right away (chmod o-r, or defaultMode: 0440 of the volume)`,
        );
      }
    } catch (error) {
      faults.push({ path: named.path, message: `${file} ${fileTrouble(error)}; create it or correct the path` });
    }
  }
  return { faults, warnings };
}

function contentTrouble(content: string, { holds }: NamedFile): string | undefined {
  if (content.trim() === '') return 'is empty; write the secret into it';
  return holds === undefined || holds.pattern.test(content) ? undefined : `does not hold ${holds.words}`;
}

const CERTIFICATE = {
  pattern: /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
  words: 'a certificate; write it as PEM, beginning with -----BEGIN CERTIFICATE-----',
};
const PRIVATE_KEY = {
  pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  words: 'a private key; write it as PEM, as GitHub gave it',
};
const ONE_TOKEN = { pattern: /^\s*[\x21-\x7e]+\s*$/, words: 'one token alone; write nothing else into it' };
const TLS_KEY = { ...PRIVATE_KEY, words: 'a private key; write it as PEM, beginning with -----BEGIN PRIVATE KEY-----' };
const CREDENTIALS = {
  pattern: /-----BEGIN NATS USER JWT-----[\s\S]*SEED-----/,
  words: 'the JWT and the seed of a NATS user',
};
const ADDRESS = { pattern: /^\s*https?:\/\/\S+\s*$/, words: 'one http or https address alone' };

const FILES: readonly (readonly [section: string, key: string, secret: boolean, holds?: NamedFile['holds']])[] = [
  ['argocd', 'tokenFile', true, ONE_TOKEN],
  ['argocd', 'caFile', false, CERTIFICATE],
  ['github', 'tokenFile', true, ONE_TOKEN],
  ['github', 'privateKeyFile', true, PRIVATE_KEY],
  ['github', 'caFile', false, CERTIFICATE],
  ['kubernetes', 'kubeconfigFile', true],
  ['prometheus', 'tokenFile', true, ONE_TOKEN],
  ['prometheus', 'caFile', false, CERTIFICATE],
  ['store', 'passwordFile', true, ONE_TOKEN],
  ['store', 'caFile', false, CERTIFICATE],
  ['store', 'certFile', false, CERTIFICATE],
  ['store', 'keyFile', true, TLS_KEY],
  ['bus', 'credentialsFile', true, CREDENTIALS],
  ['bus', 'tokenFile', true, ONE_TOKEN],
  ['bus', 'passwordFile', true, ONE_TOKEN],
  ['bus', 'caFile', false, CERTIFICATE],
  ['http', 'tokensFile', true],
];
function namedFiles(values: Values): readonly NamedFile[] {
  const webhooks = group(values['notify'])['webhooks'];
  return [
    ...FILES.map(([section, key, secret, holds]) => one([section, key], group(values[section])[key], secret, holds)),
    ...(Array.isArray(webhooks) ? webhooks : []).flatMap((webhook: unknown, i) => [
      one(['notify', 'webhooks', i, 'urlFile'], group(webhook)['urlFile'], true, ADDRESS),
      one(['notify', 'webhooks', i, 'tokenFile'], group(webhook)['tokenFile'], true, ONE_TOKEN),
    ]),
  ].filter((named) => named !== undefined);
}
const group = (value: unknown): Values => (typeof value === 'object' && value !== null ? (value as Values) : {});
function one(key: KeyPath, file: unknown, secret: boolean, holds?: NamedFile['holds']): NamedFile | undefined {
  if (typeof file !== 'string' || file.trim() === '') return undefined;
  return { path: key, file, secret, ...(holds === undefined ? {} : { holds }) };
}
