import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError } from '../../base/errors.js';
import { codeOf } from './audit-trouble.js';

/** Signs the checkpoints of an audit log with Ed25519. */
export interface AuditSigner {
  /** First 16 hex digits of the SHA-256 of the public key. */
  readonly keyId: string;
  /** PEM, for whoever verifies. */
  readonly publicKey: string;
  sign(text: string): string;
}
/** Checks what an AuditSigner signed. */
export interface AuditSignatureCheck {
  readonly keyId: string;
  isSigned(text: string, signature: string): boolean;
}

/** Where the public half lies: `audit-signing-key.pem` -> `audit-signing-key.pub.pem`. */
export const publicKeyFileOf = (signingKeyFile: string): string => `${signingKeyFile.replace(/\.pem$/, '')}.pub.pem`;

/**
 * Reads the private key, or creates it (0600) when there is none, and sees that the public key lies beside it.
 * Throws AUDIT_KEY_INVALID (config) when a file is not the Ed25519 key it should be; errors of the file system as they are.
 */
export async function openSigningKey(file: string, publicFile = publicKeyFileOf(file)): Promise<AuditSigner> {
  const privateKey = await readOrCreate(file);
  const publicKey = createPublicKey(privateKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const beside = await createOnce(publicFile, pem, 0o644);
  if (beside !== pem) {
    throw invalidKey(
      `${publicFile} is not the public half of ${file}. Find out who changed it; remove it to have it written anew`,
    );
  }
  return {
    keyId: keyIdOf(publicKey),
    publicKey: pem,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('hex'),
  };
}

/** Throws AUDIT_KEY_INVALID (config) when the text is not an Ed25519 public key in PEM. */
export function signatureCheck(publicKeyPem: string): AuditSignatureCheck {
  const key = keyFrom('the public key', () => createPublicKey(publicKeyPem));
  return {
    keyId: keyIdOf(key),
    // Only the one spelling that is written: upper-case digits would decode to the same bytes.
    isSigned: (text, signature) =>
      /^[0-9a-f]{128}$/.test(signature) && verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex')),
  };
}

async function readOrCreate(file: string): Promise<KeyObject> {
  const fresh = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const pem = await createOnce(file, fresh, 0o600);
  return keyFrom(file, () => createPrivateKey(pem));
}

/** Creates the file unless it exists, and answers what it holds. Never seen half written: it gets its name when it is complete. */
async function createOnce(file: string, content: string, mode: number): Promise<string> {
  const present = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (present !== undefined) return present;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}

function keyFrom(name: string, parse: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = parse();
  } catch (error) {
    throw invalidKey(`${name} is not a key in PEM. Put the Ed25519 key back from your backup`, { cause: error });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw invalidKey(`${name} is not an Ed25519 key but ${String(key.asymmetricKeyType)}`);
}

const invalidKey = (why: string, options: ErrorOptions = {}): OperatorError =>
  new OperatorError('AUDIT_KEY_INVALID', 'config', `Audit signing: ${why}.`, options);

const keyIdOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
