import { z } from 'zod';
import { OperatorError } from '../../base/errors.js';
import type { Check, CheckState, RepositoryId } from '../../ports/source-control.js';
import { fullName, inRepository, timeSchema } from './fields.js';
import { malformed } from './github-call.js';
import type { OctokitClient } from './octokit-client.js';

const runSchema = z.object({
  id: z.number(),
  name: z.string(),
  head_sha: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  started_at: timeSchema.nullish(),
  completed_at: timeSchema.nullish(),
  app: z.object({ id: z.number() }).nullish(),
  check_suite: z.object({ id: z.number() }).nullish(),
});
type Run = z.infer<typeof runSchema>;
const statusSchema = z.object({
  id: z.number(),
  context: z.string(),
  state: z.string(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
type Status = z.infer<typeof statusSchema>;
const runsPage = z.object({ total_count: z.number(), check_runs: z.array(runSchema) });
const statusesPage = z.object({ sha: z.string(), total_count: z.number(), statuses: z.array(statusSchema) });

const RUN_PENDING = new Set(['queued', 'in_progress', 'waiting', 'requested', 'pending']);
/** GitHub's own rule for required checks. */
const RUN_PASSED = new Set(['success', 'neutral', 'skipped']);

function runState(run: Run): CheckState {
  if (run.status === 'completed') return RUN_PASSED.has(run.conclusion ?? '') ? 'success' : 'failure';
  return RUN_PENDING.has(run.status) ? 'pending' : 'failure';
}
function toCheck(run: Run): Check {
  return {
    name: run.name,
    kind: 'check-run',
    ...(run.app === null || run.app === undefined ? {} : { appId: run.app.id }),
    state: runState(run),
    conclusion: run.status === 'completed' ? (run.conclusion ?? 'none') : run.status,
    ...(run.completed_at === null || run.completed_at === undefined ? {} : { completedAt: run.completed_at }),
    ...(run.started_at === null || run.started_at === undefined ? {} : { startedAt: run.started_at }),
  };
}
function fromStatus(status: Status): Check {
  const state = status.state === 'success' || status.state === 'pending' ? status.state : 'failure';
  return {
    name: status.context,
    kind: 'status',
    state,
    conclusion: status.state,
    ...(state === 'pending' ? {} : { completedAt: status.updated_at }),
    startedAt: status.created_at,
  };
}
/** The item with the highest id per key. */
function newest<T extends { readonly id: number }>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const kept = new Map<string, T>();
  for (const item of items.toSorted((a, b) => a.id - b.id)) kept.set(key(item), item);
  return [...kept.values()];
}

/**
 * Check runs and commit statuses of one commit, the newest per name, app and suite: two workflows of one app may each
 * have a job of that name, and neither speaks for the other. The combined state is not used: GitHub calls a commit
 * without any status `pending`.
 */
export async function listChecks(
  client: OctokitClient,
  repo: RepositoryId,
  sha: string,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const parameters = { ...inRepository(repo), ref: sha };
  const name = `checks of ${fullName(repo)}@${sha}`;
  const runPages = await client.pages(
    {
      route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      parameters: { ...parameters, filter: 'latest' },
      schema: runsPage,
      fresh: true,
    },
    10,
    signal,
  );
  const statusPages = await client.pages(
    { route: 'GET /repos/{owner}/{repo}/commits/{ref}/status', parameters, schema: statusesPage, fresh: true },
    10,
    signal,
  );
  const runs = runPages.flatMap((page) => page.check_runs);
  const statuses = statusPages.flatMap((page) => page.statuses);
  if (runs.some((run) => run.head_sha !== sha) || statusPages.some((page) => page.sha !== sha))
    throw malformed(name, 'checks of another commit');
  const total = Math.max(...runPages.map((p) => p.total_count)) + Math.max(...statusPages.map((p) => p.total_count));
  if (runs.length + statuses.length < total) {
    throw new OperatorError(
      'GITHUB_LIST_INCOMPLETE',
      'transient',
      `GITHUB: ${name}: ${runs.length + statuses.length} of ${total} were listed`,
    );
  }
  return [
    ...newest(runs, (run) => `${run.app?.id ?? ''} ${run.check_suite?.id ?? ''} ${run.name}`).map((run) =>
      toCheck(run),
    ),
    ...newest(statuses, (status) => status.context).map((status) => fromStatus(status)),
  ];
}
