import { z } from 'zod';
import type { PullRequestStatus, PullRequestSummary, RepositoryId } from '../../ports/source-control.js';
import { actorSchema, toActor } from './actor.js';
import { fullName, inRepository, oidSchema, sameName, timeSchema } from './fields.js';
import { malformed, type GitHubCall } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const summarySchema = z.object({
  number: z.number().int().positive(),
  state: z.enum(['open', 'closed']),
  draft: z.boolean().optional(),
  title: z.string(),
  head: z.object({ ref: z.string(), sha: oidSchema, repo: z.object({ full_name: z.string() }).nullable() }),
  base: z.object({ ref: z.string(), sha: oidSchema, repo: z.object({ full_name: z.string() }) }),
  user: actorSchema,
  labels: z.array(z.object({ name: z.string().nullish() })),
  created_at: timeSchema,
  merged_at: timeSchema.nullable(),
  html_url: z.string(),
});
type FoundSummary = z.infer<typeof summarySchema>;

function toSummary(found: FoundSummary): PullRequestSummary {
  return {
    number: found.number,
    state: found.state,
    merged: found.merged_at !== null,
    draft: found.draft === true,
    title: found.title,
    headBranch: found.head.ref,
    sameRepository: found.head.repo !== null && sameName(found.head.repo.full_name, found.base.repo.full_name),
    headSha: found.head.sha,
    baseBranch: found.base.ref,
    author: toActor(found.user),
    labels: found.labels.map((label) => label.name ?? '').filter((name) => name !== ''),
    createdAt: found.created_at,
    url: found.html_url,
  };
}
/** A pull request of another repository in an answer about this one makes the whole answer worthless. */
function checkRepository(found: FoundSummary, repo: RepositoryId): void {
  if (!sameName(found.base.repo.full_name, fullName(repo)))
    throw malformed(`pull request #${found.number} of ${fullName(repo)}`, `repository ${found.base.repo.full_name}`);
}

async function listSummaries(
  client: OctokitClient,
  repo: RepositoryId,
  call: Omit<GitHubCall<unknown>, 'schema'>,
  signal: AbortSignal,
): Promise<readonly PullRequestSummary[]> {
  const found = await client.list({ ...call, schema: z.array(summarySchema) }, { maxPages: 10 }, signal);
  for (const one of found) checkRepository(one, repo);
  return found.map((one) => toSummary(one)).toSorted((a, b) => b.number - a.number);
}

/** The pull requests of one branch of this repository towards another, in all states, newest first. */
export async function findPullRequests(
  client: OctokitClient,
  repo: RepositoryId,
  headBranch: string,
  baseBranch: string,
  signal: AbortSignal,
): Promise<readonly PullRequestSummary[]> {
  // GitHub ignores a `head` it does not understand, so what it answers is filtered once more.
  const parameters = { ...inRepository(repo), state: 'all', head: `${repo.owner}:${headBranch}`, base: baseBranch };
  const found = await listSummaries(
    client,
    repo,
    { route: 'GET /repos/{owner}/{repo}/pulls', parameters, fresh: true },
    signal,
  );
  return found.filter((pr) => pr.headBranch === headBranch && pr.baseBranch === baseBranch && pr.sameRepository);
}

/** All open pull requests on a base branch, read anew. */
export async function listOpenPullRequests(
  client: OctokitClient,
  repo: RepositoryId,
  baseBranch: string,
  signal: AbortSignal,
): Promise<readonly PullRequestSummary[]> {
  const parameters = { ...inRepository(repo), state: 'open', base: baseBranch };
  const found = await listSummaries(
    client,
    repo,
    { route: 'GET /repos/{owner}/{repo}/pulls', parameters, fresh: true },
    signal,
  );
  return found.filter((pr) => pr.baseBranch === baseBranch && pr.state === 'open');
}

/** Pull requests GitHub connects with a commit, newest first. */
export function listPullRequestsOf(
  client: OctokitClient,
  repo: RepositoryId,
  sha: string,
  signal: AbortSignal,
): Promise<readonly PullRequestSummary[]> {
  return listSummaries(
    client,
    repo,
    {
      route: 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls',
      parameters: { ...inRepository(repo), commit_sha: sha },
    },
    signal,
  );
}

/** GitHub lists no more files of a pull request than this. */
const MOST_FILES = 3000;
const filesSchema = z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() }));

/** Paths it changes, both names of a rename; undefined = too many to tell. */
export async function listPullRequestFiles(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const parameters = { ...inRepository(repo), pull_number: number };
  const call = {
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
    parameters,
    schema: filesSchema,
    fresh: true,
  };
  const files = await client.list(call, { maxPages: MOST_FILES / 100 + 1, enough: MOST_FILES }, signal);
  if (files.length >= MOST_FILES) return undefined;
  return [
    ...new Set(
      files.flatMap((file) => [
        file.filename,
        ...(file.previous_filename === undefined ? [] : [file.previous_filename]),
      ]),
    ),
  ];
}

const statusSchema = summarySchema.extend({
  body: z.string().nullable(),
  locked: z.boolean(),
  commits: z.number().int(),
  auto_merge: z.unknown(),
  merged: z.boolean(),
  mergeable: z.boolean().nullish(),
  mergeable_state: z.string(),
  merge_commit_sha: oidSchema.nullish(),
  merged_by: actorSchema.optional(),
});
const issueSchema = z.object({ number: z.number(), closed_by: actorSchema.optional() });

/** Everything about one pull request, always fresh. */
export async function getPullRequestStatus(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  signal: AbortSignal,
): Promise<PullRequestStatus> {
  const parameters = { ...inRepository(repo), pull_number: number };
  const found = await client.call(
    { route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}', parameters, schema: statusSchema, fresh: true },
    signal,
  );
  checkRepository(found, repo);
  if (found.number !== number || found.merged !== (found.merged_at !== null)) {
    throw malformed(
      `GET /repos/${fullName(repo)}/pulls/${number}`,
      `#${found.number}, merged ${String(found.merged)} at ${found.merged_at ?? 'no time'}`,
    );
  }
  const closedUnmerged = found.state === 'closed' && !found.merged;
  const closer = closedUnmerged ? await findCloser(client, repo, number, signal) : undefined;
  return {
    ...toSummary(found),
    body: found.body ?? '',
    baseSha: found.base.sha,
    locked: found.locked,
    commits: found.commits,
    autoMerge: found.auto_merge !== null && found.auto_merge !== undefined,
    mergeable: found.mergeable ?? null,
    mergeableState: found.mergeable_state,
    ...(found.merge_commit_sha === null || found.merge_commit_sha === undefined
      ? {}
      : { mergeCommit: found.merge_commit_sha }),
    ...(found.merged_by === undefined || found.merged_by === null ? {} : { mergedBy: toActor(found.merged_by) }),
    ...(found.merged_at === null ? {} : { mergedAt: found.merged_at }),
    ...(closer === undefined ? {} : { closedBy: closer }),
  };
}
/** Only the issue behind a pull request knows who closed it. */
async function findCloser(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  signal: AbortSignal,
): Promise<PullRequestStatus['closedBy']> {
  const parameters = { ...inRepository(repo), issue_number: number };
  const issue = await client.call(
    { route: 'GET /repos/{owner}/{repo}/issues/{issue_number}', parameters, schema: issueSchema, fresh: true },
    signal,
  );
  return issue.closed_by === undefined || issue.closed_by === null ? undefined : toActor(issue.closed_by);
}
