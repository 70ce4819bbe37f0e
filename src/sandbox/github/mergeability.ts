import { roleAtLeast } from '../../model/repository-role.js';
import type { Account } from './accounts.js';
import { hasPassed } from './checks.js';
import type { CheckRecord } from './checks.js';
import type { Forge } from './forge.js';
import { mergeTrees } from './plumbing/merging.js';
import type { PullRecord } from './records.js';

export interface Mergeability {
  /** null = still computing, or closed. */
  readonly mergeable: boolean | null;
  readonly state: 'draft' | 'dirty' | 'blocked' | 'behind' | 'unstable' | 'clean' | 'unknown';
}

const UNKNOWN: Mergeability = { mergeable: null, state: 'unknown' };

/** What one read of a pull request shows: null on the first reads after its head or base moved, then the truth. */
export async function readMergeability(forge: Forge, pull: PullRecord): Promise<Mergeability> {
  const base = await forge.branchSha(pull.baseBranch);
  if (pull.state === 'closed' || base === undefined) return UNKNOWN;
  const key = `${pull.headSha}:${base}`;
  if (pull.nullReads?.key !== key) pull.nullReads = { key, left: forge.options.mergeableNullReads ?? 1 };
  if (pull.nullReads.left > 0) {
    pull.nullReads.left -= 1;
    return UNKNOWN;
  }
  const mergeable = await probeMerge(forge, pull, base);
  return { mergeable, state: await stateOf(forge, pull, mergeable, base) };
}

async function stateOf(
  forge: Forge,
  pull: PullRecord,
  mergeable: boolean,
  base: string,
): Promise<Mergeability['state']> {
  if (pull.draft) return 'draft';
  if (!mergeable) return 'dirty';
  if ((await mergeBlockers(forge, pull)).length > 0) return 'blocked';
  if (await isBehind(forge, pull, base)) return 'behind';
  const checks = await forge.checks.latest(pull.headSha);
  return checks.every(hasPassed) ? 'clean' : 'unstable';
}

/** Really merges head into base, keeps the commit under `refs/pull/N/merge`, and tells whether that went well. */
export async function probeMerge(forge: Forge, pull: PullRecord, base: string): Promise<boolean> {
  const head = pull.headSha;
  if (pull.probe?.head === head && pull.probe.base === base) return pull.probe.mergeable;
  const tree = await mergeTrees(forge.repository, base, head);
  if (tree !== undefined) {
    const message = `Merge ${head} into ${base}`;
    const commit = await forge.commitAsGitHub({ tree, parents: [base, head], message }, pull.author);
    const ref = `refs/pull/${pull.number}/merge`;
    await forge.repository.updateRef(ref, commit, await forge.repository.resolve(ref));
    forge.checks.forgetHistory(commit);
    pull.testMerge = commit;
  }
  pull.probe = { head, base, mergeable: tree !== undefined };
  pull.baseSha = base;
  return tree !== undefined;
}

export const rulesApplyTo = (forge: Forge, branch: string): boolean => branch === forge.options.defaultBranch;

/** With a strict rule: does the base hold commits the head lacks? */
export async function isBehind(forge: Forge, pull: PullRecord, base: string): Promise<boolean> {
  if (!forge.options.branchRules.strict || !rulesApplyTo(forge, pull.baseBranch)) return false;
  return !(await forge.repository.isAncestor(base, pull.headSha));
}

/** Why the branch's rules forbid a merge, in GitHub's words; empty = they do not. */
export async function mergeBlockers(forge: Forge, pull: PullRecord): Promise<readonly string[]> {
  const rules = forge.options.branchRules;
  if (!rulesApplyTo(forge, pull.baseBranch)) return [];
  if (rules.mergeQueue) return ['Changes must be made through the merge queue'];
  return [
    ...(await checkBlockers(forge, pull)),
    ...reviewBlockers(forge, pull),
    ...(await signatureBlockers(forge, pull)),
  ];
}

async function checkBlockers(forge: Forge, pull: PullRecord): Promise<readonly string[]> {
  const { requiredChecks } = forge.options.branchRules;
  const seen = await forge.checks.latest(pull.headSha);
  const open = requiredChecks.flatMap(({ context, appId }) => {
    const named = seen.filter((check) => check.name === context);
    const counted = named.filter((check) => appId === undefined || check.appId === appId);
    if (counted.length > 0 && counted.every(hasPassed)) return [];
    return [{ context, how: named.length > 0 && counted.length === 0 ? 'foreign' : wordFor(counted) }];
  });
  const [first] = open;
  if (first === undefined) return [];
  if (open.length > 1) return [`${open.length} of ${requiredChecks.length} required status checks are expected.`];
  if (first.how === 'foreign')
    return [`Required status check "${first.context}" was not set by the expected GitHub App.`];
  return [`Required status check "${first.context}" is ${first.how}.`];
}

function wordFor(checks: readonly CheckRecord[]): string {
  if (checks.length === 0) return 'expected';
  return checks.some((check) => check.status !== 'completed') ? 'in progress' : 'failing';
}

/** Only people with write access count, each by their latest opinion; the author's own does not. */
export function latestOpinions(forge: Forge, pull: PullRecord): ReadonlyMap<Account, 'APPROVED' | 'CHANGES_REQUESTED'> {
  const opinions = new Map<Account, 'APPROVED' | 'CHANGES_REQUESTED'>();
  for (const review of forge.reviews) {
    const counts = review.author.type === 'User' && roleAtLeast(forge.accounts.role(review.author), 'write');
    if (review.pull !== pull.number || !counts || review.author.id === pull.author.id) continue;
    if (review.state === 'APPROVED' || review.state === 'CHANGES_REQUESTED') opinions.set(review.author, review.state);
    else if (review.state === 'DISMISSED') opinions.delete(review.author);
  }
  return opinions;
}

function reviewBlockers(forge: Forge, pull: PullRecord): readonly string[] {
  const needed = forge.options.branchRules.requiredApprovals;
  if (needed === 0) return [];
  const opinions = [...latestOpinions(forge, pull).values()];
  if (opinions.includes('CHANGES_REQUESTED')) return ['Changes have been requested by a reviewer with write access.'];
  if (opinions.filter((state) => state === 'APPROVED').length >= needed) return [];
  const reviews = needed === 1 ? 'approving review is' : 'approving reviews are';
  return [`At least ${needed} ${reviews} required by reviewers with write access.`];
}

async function signatureBlockers(forge: Forge, pull: PullRecord): Promise<readonly string[]> {
  if (forge.options.branchRules.signatures !== true) return [];
  const commits = await forge.repository.log(`${pull.baseSha}..${pull.headSha}`, { limit: 250 });
  return commits.every((commit) => forge.isVerified(commit)) ? [] : ['Commits must have verified signatures.'];
}
