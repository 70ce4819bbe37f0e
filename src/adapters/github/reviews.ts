import { z } from 'zod';
import type { RepositoryId, Review } from '../../ports/source-control.js';
import { actorSchema, toActor } from './actor.js';
import { inRepository, timeSchema } from './fields.js';
import type { OctokitClient } from './octokit-client.js';

const reviewsSchema = z.array(
  z.object({
    id: z.number(),
    user: actorSchema,
    state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED', 'PENDING']),
    commit_id: z.string().nullish(),
    submitted_at: timeSchema.optional(),
  }),
);

/**
 * Submitted reviews, oldest first. One still being written has no time yet and is seen by its author alone: it is left
 * out.
 */
export async function listReviews(
  client: OctokitClient,
  repo: RepositoryId,
  number: number,
  signal: AbortSignal,
): Promise<readonly Review[]> {
  const parameters = { ...inRepository(repo), pull_number: number };
  const call = {
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    parameters,
    schema: reviewsSchema,
    fresh: true,
  };
  const found = await client.list(call, { maxPages: 10 }, signal);
  return found.flatMap(({ id, user, state, commit_id: commit, submitted_at: submittedAt }) =>
    submittedAt === undefined ? [] : [{ id, author: toActor(user), state, commit: commit ?? '', submittedAt }],
  );
}
