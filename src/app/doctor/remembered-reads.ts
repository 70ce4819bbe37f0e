import type { RepositoryId, SourceControl } from '../../ports/source-control.js';

type Reads = Pick<
  SourceControl,
  'getRepository' | 'getBranchRules' | 'listOpenPullRequests' | 'findBranchHead' | 'listChecks'
>;

/** Answers of one examination, asked for once: fifty applications on one branch cost as many calls as one. */
export class RememberedReads implements Reads {
  readonly #answers = new Map<string, Promise<unknown>>();
  constructor(private readonly source: Reads) {}

  getRepository(repo: RepositoryId, signal: AbortSignal): ReturnType<Reads['getRepository']> {
    return this.#once(repo, 'repository', () => this.source.getRepository(repo, signal));
  }
  getBranchRules(repo: RepositoryId, branch: string, signal: AbortSignal): ReturnType<Reads['getBranchRules']> {
    return this.#once(repo, `rules ${branch}`, () => this.source.getBranchRules(repo, branch, signal));
  }
  listOpenPullRequests(
    repo: RepositoryId,
    branch: string,
    signal: AbortSignal,
  ): ReturnType<Reads['listOpenPullRequests']> {
    return this.#once(repo, `open ${branch}`, () => this.source.listOpenPullRequests(repo, branch, signal));
  }
  findBranchHead(repo: RepositoryId, branch: string, signal: AbortSignal): ReturnType<Reads['findBranchHead']> {
    return this.#once(repo, `head ${branch}`, () => this.source.findBranchHead(repo, branch, signal));
  }
  listChecks(repo: RepositoryId, sha: string, signal: AbortSignal): ReturnType<Reads['listChecks']> {
    return this.#once(repo, `checks ${sha}`, () => this.source.listChecks(repo, sha, signal));
  }
  #once<T>({ owner, name }: RepositoryId, question: string, read: () => Promise<T>): Promise<T> {
    const key = `${owner}/${name} ${question}`;
    const known = this.#answers.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const answer = read();
    this.#answers.set(key, answer);
    // A question that failed is asked again by whoever wants it next.
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }
}
