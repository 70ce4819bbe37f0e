import type { Account } from './accounts.js';
import type { Forge } from './forge.js';
import type { PullRecord } from './records.js';
import { unprocessable, validationFailed } from './refusals.js';

export interface PullRequestOpening {
  readonly by: Account;
  /** `branch` or `owner:branch`. */
  readonly head: string;
  readonly base: string;
  readonly title: string;
  readonly body?: string;
  readonly draft?: boolean;
}

const TITLE_LIMIT = 256;
const BODY_LIMIT = 65_536;

const custom = (message: string): Error => validationFailed({ resource: 'PullRequest', code: 'custom', message });
const invalid = (field: string): Error => validationFailed({ resource: 'PullRequest', field, code: 'invalid' });

/** Opens a pull request; refuses with 422 as GitHub does. */
export async function openPull(forge: Forge, opening: PullRequestOpening): Promise<PullRecord> {
  const { owner } = forge.options;
  const ownPrefix = `${owner}:`.toLowerCase();
  const headBranch = opening.head.toLowerCase().startsWith(ownPrefix)
    ? opening.head.slice(ownPrefix.length)
    : opening.head;
  if (opening.title.trim() === '')
    throw validationFailed({ resource: 'PullRequest', field: 'title', code: 'missing_field' });
  if (opening.title.length > TITLE_LIMIT) throw custom(`title is too long (maximum is ${TITLE_LIMIT} characters)`);
  if ((opening.body ?? '').length > BODY_LIMIT) throw custom(`body is too long (maximum is ${BODY_LIMIT} characters)`);
  const head = await forge.branchSha(headBranch);
  const base = await forge.branchSha(opening.base);
  if (head === undefined) throw invalid('head');
  if (base === undefined) throw invalid('base');
  await assertWorthMerging(forge, { headBranch, head, baseBranch: opening.base, base });
  assertOnlyOne(forge, headBranch, opening.base);
  const pull: PullRecord = {
    id: forge.nextId(),
    number: forge.pulls.length + 1,
    author: opening.by,
    headBranch,
    baseBranch: opening.base,
    title: opening.title,
    body: opening.body ?? null,
    state: 'open',
    draft: opening.draft ?? false,
    locked: false,
    createdAt: forge.now(),
    updatedAt: forge.now(),
    headSha: head,
    baseSha: base,
    labels: [],
  };
  forge.pulls.push(pull);
  await forge.moveHead(pull, head, pull.createdAt);
  return pull;
}

interface Sides {
  readonly headBranch: string;
  readonly head: string;
  readonly baseBranch: string;
  readonly base: string;
}

async function assertWorthMerging(forge: Forge, { headBranch, head, baseBranch, base }: Sides): Promise<void> {
  if ((await forge.repository.mergeBase(base, head)) === undefined) {
    throw custom(`The ${headBranch} branch has no history in common with ${baseBranch}`);
  }
  if (await forge.repository.isAncestor(head, base)) throw custom(`No commits between ${baseBranch} and ${headBranch}`);
}

function assertOnlyOne(forge: Forge, headBranch: string, baseBranch: string): void {
  const twin = forge.pulls.find(
    (p) => p.state === 'open' && p.headBranch === headBranch && p.baseBranch === baseBranch,
  );
  if (twin) throw custom(`A pull request already exists for ${forge.options.owner}:${headBranch}.`);
}

/** Closes a pull request without merging it. */
export function closePull(forge: Forge, pull: PullRecord, by: Account): void {
  if (pull.state === 'open') forge.close(pull, by);
}

/** A merged one stays closed; so does one whose branch is gone or has a successor. */
export async function reopenPull(forge: Forge, pull: PullRecord): Promise<void> {
  if (pull.state === 'open') return;
  const refused = validationFailed({
    resource: 'PullRequest',
    field: 'state',
    code: 'invalid',
    message: 'state cannot be changed.',
  });
  if (pull.mergedAt !== undefined) throw refused;
  const head = await forge.branchSha(pull.headBranch);
  if (head === undefined) throw refused;
  assertOnlyOne(forge, pull.headBranch, pull.baseBranch);
  pull.state = 'open';
  delete pull.closedAt;
  delete pull.closedBy;
  if (head !== pull.headSha) await forge.moveHead(pull, head, forge.now());
}

/** Points a pull request at another base. */
export async function retargetPull(forge: Forge, pull: PullRecord, baseBranch: string): Promise<void> {
  const base = await forge.branchSha(baseBranch);
  if (base === undefined) throw invalid('base');
  if (pull.state === 'closed') throw unprocessable('Cannot change the base branch of a closed pull request.');
  await assertWorthMerging(forge, { headBranch: pull.headBranch, head: pull.headSha, baseBranch, base });
  assertOnlyOne(forge, pull.headBranch, baseBranch);
  pull.baseBranch = baseBranch;
  pull.baseSha = base;
}
