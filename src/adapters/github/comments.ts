import { z } from 'zod';
import type { Comment, RepositoryId } from '../../ports/source-control.js';
import { actorSchema, toActor } from './actor.js';
import { fullName, inRepository, sameName, timeSchema } from './fields.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const commentSchema = z.object({
  id: z.number(),
  user: actorSchema,
  body: z.string().nullish(),
  created_at: timeSchema,
  updated_at: timeSchema,
});

/** Comments of a pull request's conversation, oldest first. */
export async function listComments(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  signal: AbortSignal,
): Promise<readonly Comment[]> {
  const parameters = { ...inRepository(repo), issue_number: number };
  const call = {
    route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    parameters,
    schema: z.array(commentSchema),
  };
  const found = await client.list(call, { maxPages: 30 }, signal);
  return found.map((c) => ({
    id: c.id,
    author: toActor(c.user),
    body: c.body ?? '',
    createdAt: c.created_at,
    edited: c.updated_at !== c.created_at,
  }));
}

/** Creates or rewrites the one comment of `login` that carries `marker`; nothing is sent when it says that already. */
export async function upsertComment(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  comment: { readonly login: string; readonly marker: string; readonly body: string },
  signal: AbortSignal,
): Promise<void> {
  const body = comment.body.includes(comment.marker) ? comment.body : `${comment.body}\n\n${comment.marker}`;
  const all = await listComments(client, repo, number, signal);
  // Anybody may copy the marker into a comment of his own.
  const ours = all.find((c) => sameName(c.author.login, comment.login) && c.body.includes(comment.marker));
  if (ours?.body === body) return;
  const call =
    ours === undefined
      ? {
          route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
          parameters: { ...inRepository(repo), issue_number: number, body },
        }
      : {
          route: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}',
          parameters: { ...inRepository(repo), comment_id: ours.id, body },
        };
  const written = await client.call({ ...call, schema: commentSchema, kind: 'write' }, signal);
  if (ours !== undefined && written.id !== ours.id)
    throw malformed(`comment ${ours.id} of ${fullName(repo)}#${number}`, `comment ${written.id}`, 'write');
}

/** Adds labels; those that are there stay. */
export async function addLabels(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (labels.length === 0) return;
  const parameters = { ...inRepository(repo), issue_number: number, labels };
  await client.call(
    {
      route: 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels',
      parameters,
      schema: z.array(z.object({ name: z.string() })),
      kind: 'repeatable-write',
    },
    signal,
  );
}
