import type { Commit } from '../ports/source-control.js';
import { parseCommitMessage } from './commit-message.js';

/**
 * Is this the one commit of a rollback, made by our account (`self`, its login) and amended by nobody? Whoever amends a
 * commit keeps its author and its trailers, and becomes its committer.
 */
export const isOwnCommit = (commit: Commit, self: string): boolean =>
  commit.authorLogin === self &&
  commit.committerLogin === self &&
  commit.parents.length === 1 &&
  parseCommitMessage(commit.message) !== undefined;
