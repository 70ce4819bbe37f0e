import type { AttemptView } from '../../model/attempt-view.js';
import type { GitProcess } from '../git-process.js';

/** A command of git and what it said. */
export interface GitSaying {
  /** As a person would type it in the repository. */
  readonly command: string;
  readonly output: string;
}

const SHOWN_COMMITS = 12;
const STAT = '--stat=72';

/** Everything on the branch, as a picture. */
export function logOf(git: GitProcess, branch: string): Promise<GitSaying> {
  return say(git, ['log', '--oneline', '--graph', `-${SHOWN_COMMITS}`, branch]);
}

/**
 * For a merged rollback: what the merge undid of the bad version, and what is left between the good version and the
 * branch (nothing); for a rollback that another one followed, the merge stands for the branch.
 */
export async function restorationOf(
  git: GitProcess,
  view: AttemptView,
  isNewest: boolean,
): Promise<{ readonly undone: GitSaying; readonly left: GitSaying } | undefined> {
  const { candidate, target, pullRequest, merge, bad } = view;
  const [badRevision] = bad.revisions;
  if (candidate === undefined || target === undefined || merge === undefined || badRevision === undefined)
    return undefined;
  const files = pullRequest?.files.map((file) => file.path) ?? [];
  const inside = files.every((file) => file.startsWith(`${target.path}/`));
  const paths = inside ? [target.path] : files;
  const diff = (from: string, to: string): Promise<GitSaying> =>
    say(git, ['diff', STAT, from.slice(0, 10), to, '--', ...paths]);
  const merged = merge.commit.slice(0, 10);
  return {
    undone: await diff(badRevision, merged),
    left: await diff(candidate.revision, isNewest ? target.branch : merged),
  };
}

async function say(git: GitProcess, args: readonly string[]): Promise<GitSaying> {
  const output = await git.text(args);
  return { command: `git ${args.join(' ')}`.replace(STAT, '--stat'), output: output.trimEnd() };
}
