import type { GitHubSandbox, PullRequestView } from '../github/github-sandbox.js';
import { OPERATOR } from './rail-entry.js';
import type { RailEntry } from './rail-entry.js';

const GITHUB = 'GitHub';

/** Tells what happens to the pull requests, and what their checks come to. */
export class PullRequestWatch {
  readonly #states = new Map<number, 'open' | 'merged' | 'closed'>();
  readonly #checks = new Map<string, string>();

  constructor(
    private readonly github: GitHubSandbox,
    private readonly operatorLogin: string,
  ) {}

  async look(now: number): Promise<readonly RailEntry[]> {
    const entries: RailEntry[] = [];
    for (const pull of this.github.pullRequests()) {
      if (pull.state === 'open' || this.#states.get(pull.number) === 'open')
        entries.push(...(await this.#checkEntries(pull, now)));
      entries.push(...this.#stateEntries(pull, now));
    }
    return entries;
  }

  /** An account as the rail calls it. */
  nameOf(login: string): string {
    return login === this.operatorLogin ? OPERATOR : login;
  }

  #stateEntries(pull: PullRequestView, now: number): readonly RailEntry[] {
    const state = pull.merged ? 'merged' : pull.state;
    const before = this.#states.get(pull.number);
    if (state === before) return [];
    this.#states.set(pull.number, state);
    const opening: RailEntry = {
      at: Math.max(pull.createdAt, now - 100),
      who: GITHUB,
      rank: 'event',
      text: `pull request #${pull.number} by ${this.nameOf(pull.author)}`,
      details: [{ text: pull.title }],
    };
    const opened = before === undefined ? [opening] : [];
    if (state === 'open')
      return before === undefined
        ? opened
        : [{ at: now, who: GITHUB, rank: 'event', text: `#${pull.number} is open again` }];
    return [...opened, { at: now, who: GITHUB, rank: 'event', text: this.#endWords(pull) }];
  }
  #endWords({ number, base, merged, mergedBy, mergeCommit, closedBy }: PullRequestView): string {
    if (!merged) return `#${number} is closed by ${this.nameOf(closedBy ?? 'somebody')}`;
    return `#${number} is merged into ${base} by ${this.nameOf(mergedBy ?? 'somebody')}: ${(mergeCommit ?? '').slice(0, 10)}`;
  }

  async #checkEntries(pull: PullRequestView, now: number): Promise<readonly RailEntry[]> {
    if (pull.author !== this.operatorLogin) return [];
    const entries: RailEntry[] = [];
    for (const { name, kind, status, conclusion } of await this.github.checksOf(pull.headSha)) {
      const words = status === 'completed' ? (conclusion ?? status) : status.replaceAll('_', ' ');
      const key = `${pull.headSha} ${kind} ${name}`;
      if (this.#checks.get(key) === words) continue;
      this.#checks.set(key, words);
      const mood =
        words === 'success' ? { mood: 'good' as const } : words === 'failure' ? { mood: 'bad' as const } : {};
      entries.push({
        at: now,
        who: GITHUB,
        rank: 'event',
        ...mood,
        text: `check ${name} on #${pull.number}: ${words}`,
      });
    }
    return entries;
  }
}
