import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import { RequestBody } from '../body.js';
import type { CheckRecord, ReportedCheck } from '../checks.js';
import { paged } from '../paging.js';
import { noSuchCommit, notFound, refusal, validationFailed } from '../refusals.js';
import { reads, writes } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { checkRunShape } from '../shapes/check.js';

const STATUSES = ['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending'];
const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'];

/** `check-runs`. Which App reports is part of a run; a person cannot report one. */
export function addCheckRoutes(routes: Routes, appId: number): void {
  routes.repo('GET', '/commits/*ref/check-runs', reads('checks'), listRuns);
  routes.repo('POST', '/check-runs', writes('checks'), (call) => createRun(call, appId));
  routes.repo('GET', '/check-runs/:id', reads('checks'), (call) => json(200, checkRunShape(call.forge, runOf(call))));
  routes.repo('PATCH', '/check-runs/:id', writes('checks'), updateRun);
}

/** Names a commit in a path by branch, tag or id. */
export async function commitOf({ forge, params }: AccountCall): Promise<string> {
  const sha = await forge.repository.resolve(params.get('ref'));
  if (sha === undefined) throw noSuchCommit(params.get('ref'));
  return sha;
}

async function listRuns(call: AccountCall): Promise<Reply> {
  const { forge, request } = call;
  const { query } = request;
  const sha = await commitOf(call);
  const found = query.get('filter') === 'all' ? await forge.checks.all(sha) : await forge.checks.latest(sha);
  const matches = (name: string, value: string | number | undefined): boolean =>
    query.get(name) === null || query.get(name) === String(value);
  const items = found
    .filter((check) => check.kind === 'check-run' && matches('check_name', check.name))
    .filter((check) => matches('status', check.status) && matches('app_id', check.appId))
    .toReversed();
  return paged({
    request,
    links: forge.links,
    items,
    shape: (check) => checkRunShape(forge, check),
    wrap: (check_runs, total_count) => ({ total_count, check_runs }),
  });
}

function runOf({ forge, params }: AccountCall): CheckRecord {
  const run = forge.checks.findReported(Number(params.get('id')));
  if (run?.kind !== 'check-run') throw notFound();
  return run;
}

async function createRun({ forge, request, account }: AccountCall, appId: number): Promise<Reply> {
  if (account.type !== 'Bot') throw refusal(403, 'You must authenticate via a GitHub App.');
  const body = new RequestBody(request);
  const sha = body.text('head_sha');
  if ((await forge.repository.objectType(sha)) !== 'commit') throw refusal(422, `No commit found for SHA: ${sha}`);
  const run: ReportedCheck = {
    kind: 'check-run',
    name: body.text('name'),
    sha,
    appId,
    creator: account,
    startedAt: forge.now(),
    ...progress(forge.now(), body, 'queued'),
  };
  return json(201, checkRunShape(forge, forge.checks.report(run)));
}

function updateRun(call: AccountCall): Reply {
  const { forge, request } = call;
  const run = runOf(call);
  const { completedAt: _completedAt, conclusion: _conclusion, ...kept } = run;
  const body = new RequestBody(request);
  const next: CheckRecord = {
    ...kept,
    name: body.optionalText('name') ?? run.name,
    ...progress(forge.now(), body, run.status),
  };
  forge.checks.replace(next);
  return json(200, checkRunShape(forge, next));
}

/** A conclusion completes a run; a completed one needs a conclusion. */
function progress(
  now: number,
  body: RequestBody,
  before: string,
): Pick<CheckRecord, 'status' | 'conclusion' | 'completedAt'> {
  const conclusion = body.optionalText('conclusion');
  const status = conclusion === undefined ? (body.optionalText('status') ?? before) : 'completed';
  const bad = (field: string): Error => validationFailed({ resource: 'CheckRun', field, code: 'invalid' });
  if (!STATUSES.includes(status)) throw bad('status');
  if (status !== 'completed') return { status };
  if (conclusion === undefined || !CONCLUSIONS.includes(conclusion)) throw bad('conclusion');
  return { status, conclusion, completedAt: now };
}
