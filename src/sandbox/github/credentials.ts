import { createPublicKey, generateKeyPair, randomBytes, verify } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../base/clock.js';
import type { EpochMs } from '../../model/application.js';
import type { Account } from './accounts.js';
import { isObject } from './body.js';
import type { PermissionLevel } from './options.js';
import { refusal } from './refusals.js';

export interface AppIdentity {
  readonly appId: number;
  readonly installationId: number;
  readonly privateKeyPem: string;
}

export type Permissions = Readonly<Record<string, PermissionLevel>>;

/** Who sent a request. `app` is a JSON Web Token of the App itself: good for the App's own routes only. */
export type Caller =
  | { readonly kind: 'app' }
  | { readonly kind: 'token' | 'installation'; readonly account: Account; readonly permissions?: Permissions };

interface IssuedToken {
  readonly caller: Extract<Caller, { readonly account: Account }>;
  readonly expiresAt?: EpochMs;
}

const TOKEN_LIFE_MS = 3_600_000;
const JWT_LIFE_SECONDS = 600;
const CLOCK_SKEW_SECONDS = 60;

let sharedKey: Promise<string> | undefined;

/** One key for all sandboxes of a process: making one takes a tenth of a second. */
export function appPrivateKey(): Promise<string> {
  sharedKey ??= promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).then(({ privateKey }) => privateKey);
  return sharedKey;
}

const badCredentials = (): Error => refusal(401, 'Bad credentials');

/** Tokens of people, of the operator and of its App. */
export class Credentials {
  readonly #clock: Clock;
  readonly #app: AppIdentity;
  readonly #tokens = new Map<string, IssuedToken>();

  constructor(clock: Clock, app: AppIdentity) {
    this.#clock = clock;
    this.#app = app;
  }

  /** A token that does not expire. */
  issue(account: Account, permissions?: Permissions): string {
    const token = `ghp_${randomBytes(18).toString('hex')}`;
    const caller = { kind: 'token' as const, account, ...(permissions === undefined ? {} : { permissions }) };
    this.#tokens.set(token, { caller });
    return token;
  }

  /** A token of the App's installation, good for an hour. */
  issueInstallation(
    account: Account,
    permissions: Permissions,
  ): { readonly token: string; readonly expiresAt: EpochMs } {
    const now = this.#clock.now();
    for (const [old, { expiresAt }] of this.#tokens)
      if (expiresAt !== undefined && expiresAt <= now) this.#tokens.delete(old);
    const token = `ghs_${this.#app.appId}_${randomBytes(24).toString('base64url')}`;
    const expiresAt = now + TOKEN_LIFE_MS;
    this.#tokens.set(token, { caller: { kind: 'installation', account, permissions }, expiresAt });
    return { token, expiresAt };
  }

  /** Every token of this account stops working at once. */
  revoke(login: string): void {
    for (const [token, { caller }] of this.#tokens) if (caller.account.login === login) this.#tokens.delete(token);
  }

  /** Reads the header `Authorization`; refuses with 401. */
  caller(authorization: string | undefined): Caller {
    if (authorization === undefined) throw refusal(401, 'Requires authentication');
    const token = /^(?:bearer|token) (\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw badCredentials();
    if (token.split('.').length === 3 && token.startsWith('ey')) {
      this.#verifyJwt(token);
      return { kind: 'app' };
    }
    const issued = this.#tokens.get(token);
    if (!issued) throw badCredentials();
    if (issued.expiresAt !== undefined && issued.expiresAt <= this.#clock.now()) throw badCredentials();
    return issued.caller;
  }

  #verifyJwt(token: string): void {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = decodePart(payload);
    const key = createPublicKey(this.#app.privateKeyPem);
    const signed = Buffer.from(`${header}.${payload}`);
    const valid = verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'));
    if (decodePart(header)?.['alg'] !== 'RS256' || !claims || !valid) {
      throw refusal(401, 'A JSON web token could not be decoded');
    }
    if (String(claims['iss']) !== String(this.#app.appId)) {
      throw refusal(401, "'Issuer' claim ('iss') must be an Integer");
    }
    this.#assertTimes(claims['iat'], claims['exp']);
  }

  #assertTimes(iat: unknown, exp: unknown): void {
    const now = Math.floor(this.#clock.now() / 1000);
    if (typeof iat !== 'number' || iat > now + CLOCK_SKEW_SECONDS) {
      const what = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
      throw refusal(401, what);
    }
    if (typeof exp !== 'number' || exp <= now) {
      const what = 'must be a numeric value representing the future time at which the assertion expires';
      throw refusal(401, `'Expiration time' claim ('exp') ${what}`);
    }
    if (exp > now + JWT_LIFE_SECONDS + CLOCK_SKEW_SECONDS) {
      throw refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    }
  }
}

function decodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
