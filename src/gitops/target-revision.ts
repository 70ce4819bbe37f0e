/** What an application's `targetRevision` follows. */
export type TrackedRevision =
  | {
      /** Follows this ref when it is a branch; whether it is one (and not a tag) only GitHub can say. */
      readonly kind: 'named';
      readonly name: string;
    }
  | {
      /** A commit id: no commit of ours can move it. */
      readonly kind: 'pinned';
      readonly revision: string;
    };

/** Argo CD takes seven hex digits or more for a commit (when no ref has that name). */
const SHORT_COMMIT = /^[0-9a-f]{7,39}$/i;
const COMMIT = /^[0-9a-f]{40}$/i;
const BRANCH_REF = /^refs\/heads\//;

/** Empty, absent and HEAD mean the default branch (Argo CD, util/git). */
export function trackedRevision(targetRevision: string | undefined, defaultBranch: string): TrackedRevision {
  const text = (targetRevision ?? '').trim();
  if (text === '' || text === 'HEAD') return { kind: 'named', name: defaultBranch };
  if (COMMIT.test(text)) return { kind: 'pinned', revision: text.toLowerCase() };
  return { kind: 'named', name: text.replace(BRANCH_REF, '') };
}

/**
 * May an application with this `targetRevision` follow that branch?
 * Seven hex digits may also be the name of a branch, so the name is compared first.
 */
export function followsBranch(targetRevision: string | undefined, branch: string, defaultBranch: string): boolean {
  const tracked = trackedRevision(targetRevision, defaultBranch);
  return tracked.kind === 'named' && tracked.name === branch;
}

/** Looks like a commit id, whole or shortened: refused as a target (R3) unless a branch has that very name. */
export const looksLikeCommit = (targetRevision: string): boolean =>
  COMMIT.test(targetRevision) || SHORT_COMMIT.test(targetRevision);
