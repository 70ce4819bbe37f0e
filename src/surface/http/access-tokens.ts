import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import { ROLES, type Role } from '../role.js';

/** Who a request comes from. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

const MAX_FILE_BYTES = 256 * 1024;
const MAX_TOKEN_LENGTH = 1_024;
const HASH_OF_NOTHING = createHash('sha256').digest('hex');

const tokensFile = z
  .array(
    z.strictObject({
      name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'use 1 to 64 letters, digits and . _ @ -'),
      role: z.enum(ROLES),
      sha256: z
        .string()
        .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the token, 64 hex digits')
        .refine((h) => h.toLowerCase() !== HASH_OF_NOTHING, 'is the hash of an empty token'),
    }),
  )
  .min(1, 'names nobody')
  .refine((list) => new Set(list.map((t) => t.name)).size === list.length, 'a name stands there twice')
  .refine(
    (list) => new Set(list.map((t) => t.sha256.toLowerCase())).size === list.length,
    'a token stands there twice',
  );

/**
 * Who may use the API. The file (YAML or JSON) is a list of `{name, role, sha256}`; it holds hashes only, so reading it gives
 * nobody a token. Make one: `openssl rand -hex 32 | tee token | tr -d '\n' | sha256sum`.
 */
export class AccessTokens {
  private constructor(private readonly entries: readonly { readonly principal: Principal; readonly hash: Buffer }[]) {}

  /** Throws HTTP_TOKENS_UNREADABLE or HTTP_TOKENS_INVALID (config), naming the file and every fault. */
  static async load(file: string): Promise<AccessTokens> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      throw new OperatorError(
        'HTTP_TOKENS_UNREADABLE',
        'config',
        `http.tokensFile ${file} cannot be read: ${String(error)}`,
        { cause: error },
      );
    }
    return AccessTokens.parse(text, file);
  }

  static parse(text: string, source: string): AccessTokens {
    const invalid = (why: string, cause?: unknown): OperatorError =>
      new OperatorError('HTTP_TOKENS_INVALID', 'config', `http.tokensFile ${source}: ${why}`, { cause });
    if (text.length > MAX_FILE_BYTES) throw invalid(`is larger than ${MAX_FILE_BYTES} bytes`);
    let raw: unknown;
    try {
      raw = parseYaml(text, { maxAliasCount: 0 });
    } catch (error) {
      throw invalid('is neither YAML nor JSON', error);
    }
    const parsed = tokensFile.safeParse(raw);
    if (!parsed.success) {
      throw invalid(
        `${parsed.error.issues.map((i) => `${place(i.path)}${i.message}`).join('; ')}. It must be a list of {name, role: ${ROLES.join('|')}, sha256}`,
      );
    }
    return new AccessTokens(
      parsed.data.map(({ name, role, sha256 }) => ({ principal: { name, role }, hash: Buffer.from(sha256, 'hex') })),
    );
  }

  get count(): number {
    return this.entries.length;
  }

  /** The owner of the token in an `Authorization` header; undefined = none, or one that nobody has. Takes as long either way. */
  authenticate(authorization: string | undefined): Principal | undefined {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (token === undefined || token.length > MAX_TOKEN_LENGTH) return undefined;
    const presented = createHash('sha256').update(token).digest();
    let owner: Principal | undefined;
    for (const { principal, hash } of this.entries) {
      if (timingSafeEqual(presented, hash)) owner = principal;
    }
    return owner;
  }
}

const place = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? '' : `[${path.map(String).join('].')}: `.replace(/\[(\d+)\]?/, '[$1]');
