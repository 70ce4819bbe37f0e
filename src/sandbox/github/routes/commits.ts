import { json } from '../../http-message.js';
import type { Reply } from '../../http-message.js';
import type { Forge } from '../forge.js';
import { linkHeader, paged, pageOf } from '../paging.js';
import { differences } from '../plumbing/differences.js';
import type { PullRecord } from '../records.js';
import { noSuchCommit, notFound, refusal } from '../refusals.js';
import { reads } from '../routes.js';
import type { AccountCall, Routes } from '../routes.js';
import { commitShape, fileShape } from '../shapes/commit.js';
import { pullItem } from '../shapes/pull.js';

const FILES_LIMIT = 300;
const COMMITS_LIMIT = 250;

/** `commits`, `commits/{ref}`, `commits/{sha}/pulls` and `compare` */
export function addCommitRoutes(routes: Routes): void {
  routes.repo('GET', '/commits', reads('contents'), listCommits);
  routes.repo('GET', '/commits/:sha/pulls', reads('pull_requests'), listPullsOf);
  routes.repo('GET', '/commits/*ref', reads('contents'), readCommit);
  routes.repo('GET', '/compare/*basehead', reads('contents'), compare);
}

async function listCommits({ forge, request }: AccountCall): Promise<Reply> {
  const { query } = request;
  if ((await forge.repository.listRefs('refs/')).length === 0) throw refusal(409, 'Git Repository is empty.');
  const sha = await forge.repository.resolve(query.get('sha') ?? `refs/heads/${forge.options.defaultBranch}`);
  if (sha === undefined) throw notFound();
  const path = query.get('path')?.replace(/^\/+|\/+$/g, '') ?? '';
  const file = path === '' ? {} : { path };
  const { from, size } = pageOf(query);
  const commits = await forge.repository.log(sha, { ...file, limit: size, skip: from });
  const total = await forge.repository.count(sha, path === '' ? undefined : path);
  return json(
    200,
    commits.map((commit) => commitShape(forge, commit)),
    linkHeader(request, forge.links, total),
  );
}

async function readCommit({ forge, params }: AccountCall): Promise<Reply> {
  const ref = params.get('ref');
  const sha = await forge.repository.resolve(ref);
  if (sha === undefined) throw noSuchCommit(ref);
  const commit = await forge.repository.readCommit(sha);
  const [parent] = commit.parents;
  const files = parent === undefined ? [] : await differences(forge.repository, parent, sha);
  const sum = (field: 'additions' | 'deletions'): number => files.reduce((total, file) => total + file[field], 0);
  const stats = {
    additions: sum('additions'),
    deletions: sum('deletions'),
    total: sum('additions') + sum('deletions'),
  };
  const shown = files.slice(0, FILES_LIMIT).map((file) => fileShape(forge, file, sha));
  return json(200, { ...commitShape(forge, commit), stats, files: shown });
}

/** Merged: those that brought the commit in. Not yet on the default branch: those that hold it. */
async function listPullsOf({ forge, params, request }: AccountCall): Promise<Reply> {
  const sha = await forge.repository.resolve(params.get('sha'));
  if (sha === undefined) throw noSuchCommit(params.get('sha'));
  const items: PullRecord[] = [];
  for (const pull of forge.pulls) if (await holds(forge, pull, sha)) items.push(pull);
  return paged({ request, links: forge.links, items, shape: (pull) => pullItem(forge, pull) });
}

async function holds(forge: Forge, pull: PullRecord, sha: string): Promise<boolean> {
  const { repository } = forge;
  const start = pull.mergedOnto ?? (await forge.branchSha(pull.baseBranch)) ?? pull.baseSha;
  if (await repository.isAncestor(sha, start)) return false;
  if (await repository.isAncestor(sha, pull.headSha)) return true;
  return pull.mergeCommit !== undefined && repository.isAncestor(sha, pull.mergeCommit);
}

async function compare({ forge, params, request }: AccountCall): Promise<Reply> {
  const basehead = params.get('basehead');
  const [from = '', to = ''] = basehead.split('...');
  const [base, head] = await Promise.all([
    forge.repository.resolve(bare(forge, from)),
    forge.repository.resolve(bare(forge, to)),
  ]);
  const start = base && head && (await forge.repository.mergeBase(base, head));
  if (!base || !head || !start) throw notFound();
  const { repository, links } = forge;
  const [ahead, behind] = await Promise.all([
    repository.count(`${base}..${head}`),
    repository.count(`${head}..${base}`),
  ]);
  const { from: skip, size } = request.query.has('page') ? pageOf(request.query) : { from: 0, size: COMMITS_LIMIT };
  const commits = (await repository.log(`${base}..${head}`, { limit: Math.max(1, ahead) }))
    .toReversed()
    .slice(skip, skip + size);
  const files = skip > 0 ? [] : await differences(repository, start, head);
  const page = `${links.page}/compare/${basehead}`;
  return json(200, {
    url: `${links.repo}/compare/${basehead}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: commitShape(forge, await repository.readCommit(base)),
    merge_base_commit: commitShape(forge, await repository.readCommit(start)),
    status: standing(ahead, behind),
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits.map((commit) => commitShape(forge, commit)),
    files: files.slice(0, FILES_LIMIT).map((file) => fileShape(forge, file, head)),
  });
}

const bare = (forge: Forge, side: string): string =>
  side.startsWith(`${forge.options.owner}:`) ? side.slice(forge.options.owner.length + 1) : side;

function standing(ahead: number, behind: number): 'identical' | 'ahead' | 'behind' | 'diverged' {
  if (ahead > 0) return behind > 0 ? 'diverged' : 'ahead';
  return behind > 0 ? 'behind' : 'identical';
}
