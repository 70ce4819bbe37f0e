import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { Actor } from '../../ports/source-control.js';
import { actorSchema, toActor } from './actor.js';
import { serverTime } from './github-failure.js';
import type { OctokitClient } from './octokit-client.js';

/** What `doctor` shows of the connection to GitHub. */
export interface GitHubProbe {
  readonly actor: Actor;
  /** Of a classic token; undefined = GitHub does not tell (fine-grained tokens, Apps). */
  readonly scopes?: readonly string[];
  /** Of an App's installation: `contents` -> `write`, ... */
  readonly permissions?: Readonly<Record<string, string>>;
  /**
   * By how much our clock is ahead of GitHub's, milliseconds, to about a second; undefined = its answer had no date.
   */
  readonly clockAheadMs?: number;
  /** undefined = not limited (GitHub Enterprise Server). */
  readonly rateLimit?: { readonly limit: number; readonly remaining: number; readonly resetsAt: number };
}

const appSchema = z.object({ slug: z.string().min(1) });
const userSchema = actorSchema.unwrap();
const installationSchema = z.object({
  permissions: z.record(z.string(), z.string()),
  suspended_at: z.string().nullish(),
});
const rateSchema = z.object({
  resources: z.object({ core: z.object({ limit: z.number(), remaining: z.number(), reset: z.number() }) }),
});

/** The account the operator acts as: `<slug>[bot]` for an App, else the token's own. */
export async function readSelf(client: OctokitClient, signal: AbortSignal): Promise<Actor> {
  if (client.authentication.kind === 'app') {
    const app = await client.call({ route: 'GET /app', schema: appSchema, as: 'app' }, signal);
    return { login: `${app.slug}[bot]`, kind: 'bot' };
  }
  return toActor(await client.call({ route: 'GET /user', schema: userSchema }, signal));
}

/** Asks GitHub who we are and what we may do. Throws as the port's reads do, and `GITHUB_SUSPENDED` (config). */
export async function probeGitHub(
  client: OctokitClient,
  installationId: number | undefined,
  now: () => number,
  signal: AbortSignal,
): Promise<GitHubProbe> {
  const actor = await readSelf(client, signal);
  const permissions = installationId === undefined ? undefined : await readPermissions(client, installationId, signal);
  const rate = await client.find({ route: 'GET /rate_limit', schema: rateSchema, fresh: true }, signal);
  const whoAmI = installationId === undefined ? { route: 'GET /user' } : { route: 'GET /app', as: 'app' as const };
  const { headers } = await client.exchange({ ...whoAmI, schema: z.unknown(), fresh: true }, signal);
  const date = serverTime(headers);
  const scopes = headers['x-oauth-scopes'];
  const core = rate?.resources.core;
  return {
    actor,
    ...(scopes === undefined
      ? {}
      : {
          scopes: scopes
            .split(',')
            .map((s) => s.trim())
            .filter((s) => s !== ''),
        }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(date === undefined ? {} : { clockAheadMs: now() - date }),
    ...(core === undefined
      ? {}
      : { rateLimit: { limit: core.limit, remaining: core.remaining, resetsAt: core.reset * 1000 } }),
  };
}
async function readPermissions(
  client: OctokitClient,
  installationId: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const parameters = { installation_id: installationId };
  const found = await client.call(
    { route: 'GET /app/installations/{installation_id}', parameters, schema: installationSchema, as: 'app' },
    signal,
  );
  if (found.suspended_at === null || found.suspended_at === undefined) return found.permissions;
  throw new OperatorError(
    'GITHUB_SUSPENDED',
    'config',
    `installation ${installationId} of the GitHub App is suspended since ${found.suspended_at}`,
  );
}
