import type { RepositoryContent, TreeChange, TreeEntry } from '../ports/source-control.js';
import { type Closure, type ClosureResult, inScopes } from './closure-builder.js';
import { differingPaths, sameEntry } from './closure-equality.js';
import { generatePathCovers } from './generate-paths.js';
import { type Refusal, refuse } from './refusal.js';
import { baseNameOf, byPath, directoryOf } from './repository-path.js';
import { treeOid } from './tree-hash.js';

/** More is no pull request that a person could review, nor one request that GitHub surely takes. */
export const MAX_RESTORE_CHANGES = 1000;

/** One file that a restore touches, as seen from the branch head. */
export interface ChangedPath {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'removed';
}

/** What has to change on top of the head so that the application renders from the candidate's files again. */
export interface RestorePlan {
  readonly kind: 'plan';
  /** Commit the plan stands on. */
  readonly head: string;
  readonly candidate: string;
  /** Removals first, then the rest, each by path: a file may take the place of a directory and the other way round. */
  readonly changes: readonly TreeChange[];
  readonly changed: readonly ChangedPath[];
  /** Id of the tree after the changes; what GitHub answers has to be this. */
  readonly tree: string;
}

/** Both commits with the application's closure at each; a refused closure refuses the plan. */
export interface RestoreInput {
  readonly head: RepositoryContent;
  readonly candidate: RepositoryContent;
  readonly headClosure: ClosureResult;
  readonly candidateClosure: ClosureResult;
}

/** The files after some changes. */
export function applyChanges(
  files: ReadonlyMap<string, TreeEntry>,
  changes: readonly TreeChange[],
): ReadonlyMap<string, TreeEntry> {
  const after = new Map(files);
  for (const change of changes) {
    if (change.entry) after.set(change.path, change.entry);
    else after.delete(change.path);
  }
  return after;
}

/** The content a planned restore leads to; the commit it will have is not known yet. */
export const plannedContent = (head: RepositoryContent, plan: RestorePlan): RepositoryContent => ({
  revision: `planned:${plan.tree}`,
  tree: plan.tree,
  files: applyChanges(head.files, plan.changes),
});

function directoriesAbove(path: string): readonly string[] {
  const above: string[] = [];
  for (let d = directoryOf(path); d !== ''; d = directoryOf(d)) above.push(d);
  return above;
}

/** Files of the head that have to go: what the candidate's closure would take in, and what stands in its place. */
function removedPaths(head: RepositoryContent, closure: Closure): readonly string[] {
  const directories = new Set([...closure.files.keys()].flatMap(directoriesAbove));
  return [...head.files.keys()]
    .filter((path) => !closure.files.has(path))
    .filter(
      (path) =>
        directories.has(path) ||
        directoriesAbove(path).some((directory) => closure.files.has(directory)) ||
        inScopes(closure.scopes, path),
    )
    .toSorted(byPath);
}

function removal(path: string, at: TreeEntry | undefined): TreeChange {
  return at ? { path, baseMode: at.mode } : { path };
}

function delta(head: RepositoryContent, closure: Closure): readonly TreeChange[] {
  const removals = removedPaths(head, closure).map((path) => removal(path, head.files.get(path)));
  const puts = [...closure.files]
    .filter(([path, entry]) => !sameEntry(entry, head.files.get(path)))
    .map(([path, entry]): TreeChange => ({ path, entry }))
    .toSorted((a, b) => byPath(a.path, b.path));
  return [...removals, ...puts];
}

const isProtected = (path: string): boolean => path.startsWith('.github/') || baseNameOf(path) === 'CODEOWNERS';

function refusalOfChanges(changes: readonly TreeChange[], closures: readonly Closure[]): Refusal | undefined {
  if (changes.length === 0) {
    return refuse('no-git-delta', 'the files of this application are the same at the branch head and at the candidate');
  }
  if (changes.length > MAX_RESTORE_CHANGES) {
    return refuse('too-many-changes', `${changes.length} files would change, at most ${MAX_RESTORE_CHANGES} may`);
  }
  const shielded = changes.find((change) => isProtected(change.path));
  if (shielded) return refuse('protected-files', `${shielded.path} would change`);
  for (const { generatePaths } of closures) {
    if (!generatePaths) continue;
    const unseen = changes.find(({ path }) => !generatePaths.some((entry) => generatePathCovers(entry, path)));
    if (unseen) return refuse('outside-generate-paths', `${unseen.path} would change, and Argo CD does not watch it`);
  }
  return undefined;
}

function changedKind(change: TreeChange, head: RepositoryContent): ChangedPath['kind'] {
  if (!change.entry) return 'removed';
  return head.files.has(change.path) ? 'modified' : 'added';
}

/**
 * Plans a restore (semantics 6): the candidate's closure comes back as it was, files of the head that would be part of
 * it go away, every other file stays. A file that only the bad version used and that lies outside the application's own
 * directories stays as well: nothing of this application reads it any more, and others may.
 */
export function planRestore(input: RestoreInput): RestorePlan | Refusal {
  const { head, candidate, headClosure, candidateClosure } = input;
  if (candidateClosure.kind === 'refusal') return candidateClosure;
  if (headClosure.kind === 'refusal') return headClosure;
  if (candidateClosure.path === '' || headClosure.path === '') {
    return refuse('root-path', 'the application renders from the root of the repository');
  }
  if (candidateClosure.files.size === 0) return refuse('candidate-empty', `no file at ${candidate.revision}`);
  if (headClosure.files.size === 0) return refuse('path-missing', `no file is left at ${head.revision}`);
  if (treeOid(head.files) !== head.tree) {
    return refuse('tree-not-reproducible', `the files listed at ${head.revision} are not the tree ${head.tree}`);
  }
  const changes = delta(head, candidateClosure);
  const refused = refusalOfChanges(changes, [headClosure, candidateClosure]);
  if (refused) return refused;
  const changed = changes
    .map((change): ChangedPath => ({ path: change.path, kind: changedKind(change, head) }))
    .toSorted((a, b) => byPath(a.path, b.path));
  return {
    kind: 'plan',
    head: head.revision,
    candidate: candidate.revision,
    changes,
    changed,
    tree: treeOid(applyChanges(head.files, changes)),
  };
}

/** A restore as planned and as it came out. */
export interface PostConditionInput {
  readonly plan: RestorePlan;
  /** What the branch of the pull request really holds. */
  readonly result: RepositoryContent;
  /** The application's closure there. */
  readonly resultClosure: ClosureResult;
  readonly head: RepositoryContent;
  readonly candidateClosure: Closure;
}

/** Why the result is not the planned restore; undefined = it is. */
export function postConditionViolation(input: PostConditionInput): string | undefined {
  const { plan, result, resultClosure, head, candidateClosure } = input;
  if (head.revision !== plan.head) return `the plan stands on ${plan.head}, not on ${head.revision}`;
  const planned = new Set(plan.changes.map((change) => change.path));
  const stray = differingPaths(head.files, result.files).find((path) => !planned.has(path));
  if (stray !== undefined) return `${stray} differs from the branch head and was not to be touched`;
  if (resultClosure.kind === 'refusal') return `the closure cannot be computed: ${resultClosure.detail}`;
  const [wrong] = differingPaths(resultClosure.files, candidateClosure.files);
  if (wrong !== undefined) return `${wrong} is not what it was at the candidate`;
  return result.tree === plan.tree ? undefined : `the tree is ${result.tree}, planned was ${plan.tree}`;
}

/** Post-condition of semantics 6: the closure is the candidate's, all else the head's, the tree the planned one. */
export const satisfiesPostCondition = (input: PostConditionInput): boolean =>
  postConditionViolation(input) === undefined;
