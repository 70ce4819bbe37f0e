import { OperatorError } from '../../base/errors.js';
import type { MergeMethod } from '../../ports/source-control.js';
import type { Account } from './accounts.js';
import type { Forge } from './forge.js';
import { mergeBlockers, isBehind, probeMerge, rulesApplyTo } from './mergeability.js';
import { mergeTrees, replayTree } from './plumbing/merging.js';
import type { PullRecord } from './records.js';
import { refusal } from './refusals.js';

export interface MergeRequest {
  readonly by: Account;
  readonly method: MergeMethod;
  /** The head the caller has seen. */
  readonly sha?: string;
  readonly title?: string;
  readonly message?: string;
  /** An administrator who may pass by the rules; never by the state of the pull request or a conflict. */
  readonly bypassRules?: boolean;
}

const BASE_MOVED = 'Base branch was modified. Review and try the merge again.';
const notMergeable = (message = 'Pull Request is not mergeable'): Error => refusal(405, message);

/** Merges a pull request and answers the new tip of the base. Refuses in GitHub's order and in its words. */
export async function mergePull(forge: Forge, pull: PullRecord, request: MergeRequest): Promise<string> {
  if (pull.state === 'closed') throw notMergeable();
  if (pull.draft) throw notMergeable('Pull Request is still a draft');
  assertMethod(forge, request.method);
  if (request.sha !== undefined && request.sha !== pull.headSha) {
    throw refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  const base = await forge.branchSha(pull.baseBranch);
  if (base === undefined) throw notMergeable();
  if (request.bypassRules !== true) await assertRules(forge, pull, base);
  const seen = pull.probe;
  if (!(await probeMerge(forge, pull, base))) throw notMergeable();
  const movedUnseen = seen !== undefined && seen.base !== base && pull.toldBaseMoved !== base;
  if (movedUnseen && request.bypassRules !== true) {
    pull.toldBaseMoved = base;
    throw notMergeable(BASE_MOVED);
  }
  const commit = await merged(forge, pull, request, base);
  try {
    await forge.repository.updateRef(`refs/heads/${pull.baseBranch}`, commit, base);
  } catch (error) {
    if (error instanceof OperatorError && error.category === 'conflict') throw notMergeable(BASE_MOVED);
    throw error;
  }
  forge.markMerged(pull, { commit, onto: base, by: request.by });
  return commit;
}

function assertMethod(forge: Forge, method: MergeMethod): void {
  if (forge.options.mergeMethods.includes(method)) return;
  const what = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' }[method];
  throw notMergeable(`${what} are not allowed on this repository.`);
}

async function assertRules(forge: Forge, pull: PullRecord, base: string): Promise<void> {
  const blockers = await mergeBlockers(forge, pull);
  if (blockers.length > 0) {
    const prefix = forge.options.branchRules.via === 'ruleset' ? 'Repository rule violations found\n\n' : '';
    throw notMergeable(prefix + blockers.join('\n\n'));
  }
  if (await isBehind(forge, pull, base))
    throw notMergeable('Head branch is out of date. Review and try the merge again.');
}

async function merged(forge: Forge, pull: PullRecord, request: MergeRequest, base: string): Promise<string> {
  if (request.method === 'rebase') return rebased(forge, pull, base);
  const tree = await mergeTrees(forge.repository, base, pull.headSha);
  if (tree === undefined) throw notMergeable();
  if (request.method === 'squash') {
    const message = words(request, `${pull.title} (#${pull.number})`, pull.body ?? '');
    return forge.commitAsGitHub({ tree, parents: [base], message }, pull.author);
  }
  const title = `Merge pull request #${pull.number} from ${forge.options.owner}/${pull.headBranch}`;
  const message = words(request, title, pull.title);
  return forge.commitAsGitHub({ tree, parents: [base, pull.headSha], message }, request.by);
}

function words(request: MergeRequest, title: string, text: string): string {
  const body = request.message ?? text;
  return body === '' ? (request.title ?? title) : `${request.title ?? title}\n\n${body}`;
}

async function rebased(forge: Forge, pull: PullRecord, base: string): Promise<string> {
  const commits = await forge.repository.log(`${base}..${pull.headSha}`, { limit: 1000 });
  let tip = base;
  for (const commit of commits.toReversed()) {
    const tree = commit.parents.length === 1 ? await replayTree(forge.repository, commit, tip) : undefined;
    if (tree === undefined) throw notMergeable("This branch can't be rebased");
    const author = forge.accounts.byEmail(commit.author.email) ?? pull.author;
    tip = await forge.commitAsGitHub({ tree, parents: [tip], message: commit.message }, author);
  }
  return tip;
}

/** May the branch be pushed to, past a pull request? Undefined = yes, else GitHub's words. */
export function pushRefusal(forge: Forge, branch: string): string | undefined {
  const rules = forge.options.branchRules;
  if (!rulesApplyTo(forge, branch)) return undefined;
  const guarded = rules.via === 'ruleset' || rules.requiredApprovals > 0 || rules.mergeQueue;
  if (guarded) return 'Repository rule violations found\n\nChanges must be made through a pull request.';
  const [check] = rules.requiredChecks;
  return check && `Required status check "${check.context}" is expected.`;
}
