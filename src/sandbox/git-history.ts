import type { GitObjectReader } from './git-object-reader.js';

/** Questions about which commits come before which, answered from the commits themselves. */
export class GitHistory {
  constructor(private readonly objects: GitObjectReader) {}

  /** A commit and all before it. Throws `SANDBOX_GIT_FAILED` when it does not exist. */
  async upTo(sha: string): Promise<ReadonlySet<string>> {
    const seen = new Set([sha]);
    // A set goes on to what is added while it is walked.
    for (const next of seen) for (const parent of (await this.objects.commit(next)).parents) seen.add(parent);
    return seen;
  }

  /** How many commits lead to `sha`, without those that lead to `from`. */
  async count(sha: string, from?: string): Promise<number> {
    const [all, known] = await Promise.all([this.upTo(sha), from === undefined ? new Set<string>() : this.upTo(from)]);
    return [...all].filter((commit) => !known.has(commit)).length;
  }

  /** Is `ancestor` among the commits that lead to `descendant` (or the same)? Throws when one does not exist. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    await this.objects.content(ancestor, 'commit');
    return (await this.upTo(descendant)).has(ancestor);
  }
}
