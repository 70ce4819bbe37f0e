import { readFileSync, statSync } from 'node:fs';
import { OperatorError } from '../base/errors.js';
import { Secret } from '../base/secret.js';
import { fileTrouble } from './file-trouble.js';
import type { GitHubSettings } from './operator-config.js';

/** A secret that is asked for each time it is used, so that a rotated one is used at once. */
export interface SecretSource {
  /** Throws `SECRET_UNREADABLE`: `config` before it was ever read, `transient` afterwards (a rotation under way). */
  current(): Secret;
}

/** A secret in a file, read again whenever the file changed. */
export class SecretFile implements SecretSource {
  #seen = '';
  #secret: Secret | undefined;
  constructor(
    /** The key that names the file, for messages: `argocd.tokenFile`. */
    private readonly key: string,
    private readonly file: string,
  ) {}

  current(): Secret {
    try {
      const { mtimeMs, size, ino } = statSync(this.file);
      const seen = `${ino}/${mtimeMs}/${size}`;
      if (this.#secret !== undefined && seen === this.#seen) return this.#secret;
      const text = readFileSync(this.file, 'utf8').trim();
      if (text === '') throw this.#unreadable('is empty');
      this.#secret = new Secret(text);
      this.#seen = seen;
      return this.#secret;
    } catch (error) {
      throw error instanceof OperatorError ? error : this.#unreadable(fileTrouble(error), error);
    }
  }
  #unreadable(why: string, cause?: unknown): OperatorError {
    const category = this.#secret === undefined ? 'config' : 'transient';
    return new OperatorError('SECRET_UNREADABLE', category, `${this.key}: ${this.file} ${why}`, { cause });
  }
}

/** A secret by its file or, without one, by its value from the environment; undefined = neither is there. */
export function secretSource(
  key: string,
  file: string | undefined,
  value: Secret | undefined,
): SecretSource | undefined {
  if (file !== undefined) return new SecretFile(key, file);
  return value === undefined ? undefined : { current: () => value };
}

/** Who the operator is on GitHub. */
export type GitHubCredentials =
  | { readonly kind: 'token'; readonly token: SecretSource }
  | {
      readonly kind: 'app';
      readonly appId: number;
      readonly installationId: number;
      readonly privateKey: SecretSource;
    };

/** The one identity a valid configuration holds. */
export function githubCredentials(github: GitHubSettings): GitHubCredentials {
  const { appId, installationId } = github;
  const privateKey = secretSource('github.privateKeyFile', github.privateKeyFile, github.privateKey);
  if (appId !== undefined && installationId !== undefined && privateKey !== undefined) {
    return { kind: 'app', appId, installationId, privateKey };
  }
  const token = secretSource('github.tokenFile', github.tokenFile, github.token);
  if (token !== undefined) return { kind: 'token', token };
  throw new OperatorError(
    'CONFIG_NO_GITHUB_IDENTITY',
    'bug',
    'github names neither a token nor an App; the loader should have refused it',
  );
}
