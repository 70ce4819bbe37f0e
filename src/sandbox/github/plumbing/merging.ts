import { OperatorError } from '../../../base/errors.js';
import type { GitCommit } from '../../git-objects.js';
import type { GitRepository } from '../../git-repository.js';

/** Three-way merge of two commits: the tree, or undefined on a conflict or without a common history. */
export async function mergeTrees(repository: GitRepository, ours: string, theirs: string): Promise<string | undefined> {
  const result = await repository.git.try(['merge-tree', '--write-tree', '--no-messages', ours, theirs]);
  if (result.code > 1) {
    if ((await repository.mergeBase(ours, theirs)) === undefined) return undefined;
    throw new OperatorError('SANDBOX_GIT_FAILED', 'bug', `git merge-tree ${ours} ${theirs}: ${result.stderr}`);
  }
  return result.code === 0 ? result.stdout.toString('utf8').trim() : undefined;
}

/** The tree of `commit` replayed onto `onto`; undefined on a conflict. */
export async function replayTree(
  repository: GitRepository,
  commit: GitCommit,
  onto: string,
): Promise<string | undefined> {
  const target = await repository.readCommit(onto);
  const parents = commit.parents.slice(0, 1);
  // merge-tree of git 2.39 takes no merge base: a stand-in with the tree of `onto` and the parent of `commit`
  // makes that parent the base.
  const standIn = await repository.writeCommit({ ...target, parents, message: 'stand-in' });
  return mergeTrees(repository, standIn, commit.sha);
}
