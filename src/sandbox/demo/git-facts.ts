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

/** For a merged rollback: what it changed on the branch, and how the branch now differs from the good version (not at all). */
export async function restorationOf(git: GitProcess, view: AttemptView): Promise<{ readonly undone: GitSaying; readonly left: GitSaying } | undefined> {
  const { candidate, target, pullRequest, merge, bad } = view;
  const [badRevision] = bad.revisions;
  if (candidate === undefined || target === undefined || merge === undefined || badRevision === undefined) return undefined;
  const files = pullRequest?.files.map((file) => file.path) ?? [];
  const inside = files.every((file) => file.startsWith(`${target.path}/`));
  const paths = inside ? [target.path] : files;
  const diff = (from: string): Promise<GitSaying> => say(git, ['diff', STAT, from.slice(0, 10), target.branch, '--', ...paths]);
  return { undone: await diff(badRevision), left: await diff(candidate.revision) };
}

async function say(git: GitProcess, args: readonly string[]): Promise<GitSaying> {
  const output = await git.text(args);
  return { command: `git ${args.join(' ')}`.replace(STAT, '--stat'), output: output.trimEnd() };
}
