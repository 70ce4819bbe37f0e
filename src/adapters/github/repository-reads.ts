import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { Commit, MergeMethod, RepositoryId, RepositorySettings } from '../../ports/source-control.js';
import { fullName, inRepository, oidSchema, sameName, timeSchema } from './fields.js';
import type { Refusal } from './github-failure.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const repositorySchema = z.object({
  full_name: z.string(),
  default_branch: z.string().min(1),
  archived: z.boolean(),
  disabled: z.boolean().optional(),
  allow_merge_commit: z.boolean().optional(),
  allow_squash_merge: z.boolean().optional(),
  allow_rebase_merge: z.boolean().optional(),
  permissions: z.object({ push: z.boolean() }).optional(),
});

/** A repository; an archived one counts as one that cannot be pushed to. Throws `GITHUB_NOT_FOUND` (denied). */
export async function getRepository(
  client: OctokitClient,
  repo: RepositoryId,
  signal: AbortSignal,
): Promise<RepositorySettings> {
  const found = await client.call(
    {
      route: 'GET /repos/{owner}/{repo}',
      parameters: inRepository(repo),
      schema: repositorySchema,
      refused: (refusal) => notShown(refusal, repo),
    },
    signal,
  );
  if (!sameName(found.full_name, fullName(repo)))
    throw malformed(`GET /repos/${fullName(repo)}`, `repository ${found.full_name}`);
  const methods: readonly (readonly [MergeMethod, boolean | undefined])[] = [
    ['merge', found.allow_merge_commit],
    ['squash', found.allow_squash_merge],
    ['rebase', found.allow_rebase_merge],
  ];
  // An installation's repositories do not show its permissions; its token does.
  const canWrite = found.permissions?.push === true || client.authentication.permissions()?.['contents'] === 'write';
  const archived = found.archived || found.disabled === true;
  return {
    defaultBranch: found.default_branch,
    archived,
    mergeMethods: methods.filter(([, allowed]) => allowed === true).map(([method]) => method),
    canPush: !archived && canWrite,
  };
}

const refSchema = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: oidSchema }) });

/**
 * Commit id of a branch; undefined = there is none. GitHub hides with the same 404 what may not be seen, so absence is
 * believed only of a repository that can be read.
 */
export async function findBranchHead(
  client: OctokitClient,
  repo: RepositoryId,
  branch: string,
  signal: AbortSignal,
  fresh = false,
): Promise<string | undefined> {
  const parameters = { ...inRepository(repo), ref: `heads/${branch}` };
  const found = await client.find(
    {
      route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
      parameters,
      schema: refSchema,
      fresh,
      refused: emptyRepository,
    },
    signal,
  );
  if (found === undefined) {
    await getRepository(client, repo, signal);
    return undefined;
  }
  if (found.ref !== `refs/heads/${branch}` || found.object.type !== 'commit') {
    throw malformed(`GET /repos/${fullName(repo)}/git/ref/heads/${branch}`, `${found.ref} (${found.object.type})`);
  }
  return found.object.sha;
}
/** GitHub does not tell a repository that is not there from one that the credential may not see. */
function notShown(refusal: Refusal, repo: RepositoryId): OperatorError | undefined {
  if (refusal.status !== 404 || !refusal.spoken) return undefined;
  const why = `GITHUB: ${fullName(repo)} is not there, or the credential may not see it: correct repositories[].url, or install the App (give the token) on it`;
  return new OperatorError('GITHUB_NOT_FOUND', 'denied', why, { status: 404 });
}
function emptyRepository(refusal: Refusal): OperatorError | undefined {
  return refusal.status === 409 && /empty/i.test(refusal.text)
    ? new OperatorError('GITHUB_NOT_FOUND', 'terminal', `GITHUB: ${refusal.text}`, { status: 409 })
    : undefined;
}

const commitSchema = z.object({
  sha: oidSchema,
  parents: z.array(z.object({ sha: oidSchema })),
  author: z.object({ login: z.string().optional() }).nullish(),
  committer: z.object({ login: z.string().optional() }).nullish(),
  commit: z.object({
    message: z.string(),
    tree: z.object({ sha: oidSchema }),
    author: z.object({ name: z.string().optional(), email: z.string().optional() }).nullable(),
    committer: z.object({ date: timeSchema, email: z.string().optional() }),
  }),
});
type FoundCommit = z.infer<typeof commitSchema>;
/** GitHub's own hand: it commits what was made through its API and signs it. */
const GITHUB_ITSELF = { login: 'web-flow', email: 'noreply@github.com' };

function committerOf({ author, committer, commit }: FoundCommit): string | undefined {
  if (committer?.login !== undefined) return committer.login === GITHUB_ITSELF.login ? author?.login : committer.login;
  const { email } = commit.committer;
  const isAuthor = email !== undefined && (email === GITHUB_ITSELF.email || email === commit.author?.email);
  return isAuthor ? author?.login : undefined;
}
function toCommit(found: FoundCommit): Commit {
  const authorLogin = found.author?.login;
  const committerLogin = committerOf(found);
  return {
    sha: found.sha,
    tree: found.commit.tree.sha,
    parents: found.parents.map((p) => p.sha),
    message: found.commit.message,
    ...(authorLogin === undefined ? {} : { authorLogin }),
    ...(committerLogin === undefined ? {} : { committerLogin }),
    authorName: found.commit.author?.name ?? '',
    committedAt: found.commit.committer.date,
  };
}

/** One commit. Throws `GITHUB_NOT_FOUND` (terminal). */
export async function getCommit(
  client: OctokitClient,
  repo: RepositoryId,
  sha: string,
  signal: AbortSignal,
): Promise<Commit> {
  const found = await client.call(
    {
      route: 'GET /repos/{owner}/{repo}/commits/{ref}',
      // One file of its diff is one too many, but fewer cannot be asked for.
      parameters: { ...inRepository(repo), ref: sha, per_page: 1 },
      schema: commitSchema,
      refused: (refusal) =>
        refusal.status === 422 && /no commit found/i.test(refusal.text)
          ? new OperatorError('GITHUB_NOT_FOUND', 'terminal', `GITHUB: ${fullName(repo)}: ${refusal.text}`, {
              status: 422,
            })
          : undefined,
    },
    signal,
  );
  if (found.sha !== sha) throw malformed(`GET /repos/${fullName(repo)}/commits/${sha}`, `commit ${found.sha}`);
  return toCommit(found);
}

/** Commits that touch a path, newest first. */
export async function listCommits(
  client: OctokitClient,
  repo: RepositoryId,
  query: { readonly revision: string; readonly path?: string; readonly limit: number },
  signal: AbortSignal,
): Promise<readonly Commit[]> {
  const path = query.path === undefined || query.path === '' || query.path === '.' ? {} : { path: query.path };
  const call = {
    route: 'GET /repos/{owner}/{repo}/commits',
    parameters: { ...inRepository(repo), sha: query.revision, ...path },
    schema: z.array(commitSchema),
  };
  const found = await client.list(call, { maxPages: Math.ceil(query.limit / 100), enough: query.limit }, signal);
  return found.map((commit) => toCommit(commit));
}

const comparisonSchema = z.object({ status: z.enum(['ahead', 'behind', 'diverged', 'identical']) });

/**
 * Whether one commit is reachable from another; each is reachable from itself. Unrelated histories are no ancestors.
 */
export async function isAncestor(
  client: OctokitClient,
  repo: RepositoryId,
  ancestor: string,
  descendant: string,
  signal: AbortSignal,
): Promise<boolean> {
  const unrelated = new OperatorError(
    'GITHUB_UNRELATED',
    'terminal',
    `${ancestor} and ${descendant} have no common ancestor`,
  );
  try {
    const { status } = await client.call(
      {
        route: 'GET /repos/{owner}/{repo}/compare/{basehead}',
        parameters: { ...inRepository(repo), basehead: `${ancestor}...${descendant}`, per_page: 1 },
        schema: comparisonSchema,
        refused: (refusal) =>
          refusal.status === 404 && /no common ancestor/i.test(refusal.text) ? unrelated : undefined,
      },
      signal,
    );
    return status === 'ahead' || status === 'identical';
  } catch (error) {
    if (error === unrelated) return false;
    throw error;
  }
}
