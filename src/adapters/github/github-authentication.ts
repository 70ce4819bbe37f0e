import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { z } from 'zod';
import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { githubFailure } from './github-failure.js';
import type { GitHubCredential } from './github-settings.js';

/** How calls prove who they are. */
export interface Authentication {
  readonly kind: GitHubCredential['kind'];
  /** Value of the `authorization` header. */
  header(signal: AbortSignal): Promise<string>;
  /** After a 401, which says that nothing was done: true = the call is worth another try. */
  renew(refusedHeader: string, tries: number, signal: AbortSignal): Promise<boolean>;
  /** Speaks as the App itself, by signed JWT; undefined for a token. */
  app(): Octokit | undefined;
  /** What the newest token of an App's installation may do (`contents: write`); undefined for a token. */
  permissions(): Readonly<Record<string, string>> | undefined;
}

/** A token somebody else keeps fresh. */
export class TokenAuthentication implements Authentication {
  readonly kind = 'token';
  constructor(private readonly token: () => string) {}
  header(): Promise<string> {
    const token = readSecret(this.token, 'token').trim();
    if (token === '') throw new OperatorError('GITHUB_CREDENTIAL', 'config', 'the GitHub token is empty');
    return Promise.resolve(`Bearer ${token}`);
  }
  async renew(refusedHeader: string, tries: number): Promise<boolean> {
    return tries === 0 && (await this.header()) !== refusedHeader;
  }
  app(): undefined {
    return undefined;
  }
  permissions(): undefined {
    return undefined;
  }
}

/** A GitHub refuses a new token for some seconds, until all its servers know it (@octokit/auth-app allows 5 s). */
const YOUNG_TOKEN_MS = 5000;
const mintedSchema = z.object({ token: z.string().min(1), permissions: z.record(z.string(), z.string()) });

/**
 * Tokens of a GitHub App's installation, minted and kept by @octokit/auth-app; the key is read anew when it changes.
 */
export class AppAuthentication implements Authentication {
  readonly kind = 'app';
  #key = '';
  #app: Octokit | undefined;
  #newest: { readonly header: string; readonly since: number; readonly permissions: Readonly<Record<string, string>> } =
    { header: '', since: 0, permissions: {} };
  constructor(
    private readonly credential: Extract<GitHubCredential, { kind: 'app' }>,
    private readonly clock: Clock,
    /** Deadline of a request for a token, as `makeOctokit` sets it. */
    private readonly timeoutMs: number,
    private readonly makeOctokit: (options: {
      readonly authStrategy: typeof createAppAuth;
      readonly auth: object;
    }) => Octokit,
  ) {}
  header(signal: AbortSignal): Promise<string> {
    return this.#mint(false, signal);
  }
  async renew(refusedHeader: string, tries: number, signal: AbortSignal): Promise<boolean> {
    if (tries >= 3) return false;
    const age = this.clock.monotonic() - this.#newest.since;
    if (this.#newest.header === refusedHeader && age < YOUNG_TOKEN_MS)
      await this.clock.sleep(1000 * (tries + 1), signal);
    else if (this.#newest.header === refusedHeader) await this.#mint(true, signal);
    return true;
  }
  app(): Octokit {
    const key = readSecret(this.credential.privateKey, 'private key');
    if (this.#app === undefined || key !== this.#key) {
      const { appId, installationId } = this.credential;
      this.#app = this.makeOctokit({ authStrategy: createAppAuth, auth: { appId, installationId, privateKey: key } });
      this.#key = key;
    }
    return this.#app;
  }
  permissions(): Readonly<Record<string, string>> {
    return this.#newest.permissions;
  }
  async #mint(refresh: boolean, signal: AbortSignal): Promise<string> {
    const app = this.app();
    try {
      // Through the App's own Octokit, whose hook mends a clock that is off.
      const { token, permissions } = mintedSchema.parse(
        await untilAborted(app.auth({ type: 'installation', refresh }), signal),
      );
      const header = `Bearer ${token}`;
      if (header !== this.#newest.header) this.#newest = { header, since: this.clock.monotonic(), permissions };
      return header;
    } catch (error) {
      if (error instanceof z.ZodError)
        throw new OperatorError(
          'GITHUB_MALFORMED',
          'transient',
          'GITHUB: the answer to the request for a token has no token',
        );
      throw this.#mintFailure(error, signal);
    }
  }
  #mintFailure(error: unknown, signal: AbortSignal): OperatorError {
    const { appId, installationId } = this.credential;
    if (error instanceof Error && !('request' in error) && !signal.aborted) {
      return new OperatorError(
        'GITHUB_CREDENTIAL',
        'config',
        `the private key of GitHub App ${appId} cannot sign: ${error.message}`,
      );
    }
    return githubFailure(error, {
      name: `POST /app/installations/${installationId}/access_tokens`,
      // Tokens may be minted twice; and the call that needed this one was not sent.
      kind: 'repeatable-write',
      timeoutMs: this.timeoutMs,
      signal,
      now: this.clock.now(),
      refused: (refusal) =>
        refusal.status === 404 && refusal.spoken
          ? new OperatorError(
              'GITHUB_NOT_INSTALLED',
              'config',
              `GitHub App ${appId} has no installation ${installationId}: install it, or mend github.installationId`,
              { status: 404 },
            )
          : undefined,
    });
  }
}

function readSecret(read: () => string, what: string): string {
  try {
    return read();
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError('GITHUB_CREDENTIAL', 'config', `the GitHub ${what} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

/** Stops waiting on abort; what is waited for is shared, so it goes on. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
    if (signal.aborted) onAbort();
  });
}
