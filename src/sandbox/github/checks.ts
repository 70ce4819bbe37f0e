import type { EpochMs } from '../../model/application.js';
import type { Account } from './accounts.js';
import type { CiStep, GitHubSandboxOptions } from './options.js';

const GITHUB_ACTIONS_APP = 15_368;

/** A check run or commit status on one commit. */
export interface CheckRecord {
  readonly id: number;
  readonly kind: 'check-run' | 'status';
  readonly name: string;
  readonly sha: string;
  /** Of a check run always; of a status when an App set it. */
  readonly appId?: number;
  readonly creator?: Account;
  readonly description?: string;
  readonly targetUrl?: string;
  /** Check runs: `queued`, `in_progress`, `completed`, ... Statuses: `completed` unless the state is `pending`. */
  readonly status: string;
  /** Check runs: the conclusion. Statuses: the state. Undefined until completed. */
  readonly conclusion?: string;
  readonly startedAt: EpochMs;
  readonly completedAt?: EpochMs;
}

export type ReportedCheck = Omit<CheckRecord, 'id'>;

/** Counts as passed on GitHub. */
export const PASSING = new Set(['success', 'neutral', 'skipped']);
/** Whether a check would satisfy a branch that requires it. */
export const hasPassed = (check: CheckRecord): boolean =>
  check.status === 'completed' && PASSING.has(check.conclusion ?? '');

export interface ChecksOptions extends Pick<GitHubSandboxOptions, 'ci' | 'historyCi' | 'clock'> {
  readonly nextId: () => number;
  /** Commit time, for what seeded history shows. */
  readonly committedAt: (sha: string) => Promise<EpochMs>;
}

/** CI without timers: what it shows follows from the clock and from when a commit became the head of a pull request. */
export class Checks {
  readonly #options: ChecksOptions;
  readonly #begun = new Map<string, EpochMs>();
  readonly #withoutHistory = new Set<string>();
  readonly #ids = new Map<string, number>();
  #reported: CheckRecord[] = [];

  constructor(options: ChecksOptions) {
    this.#options = options;
  }

  /** A commit became the head of an open pull request. Only the first time counts: checks belong to commits. */
  begin(sha: string, at: EpochMs): void {
    if (!this.#begun.has(sha)) this.#begun.set(sha, at);
  }

  /** A commit that nobody pushed: it has no history of its own. */
  forgetHistory(sha: string): void {
    this.#withoutHistory.add(sha);
  }

  /** What somebody reported over the API, or by hand. */
  report(check: ReportedCheck): CheckRecord {
    const record = { id: this.#options.nextId(), ...check };
    this.#reported.push(record);
    return record;
  }

  findReported(id: number): CheckRecord | undefined {
    return this.#reported.find((check) => check.id === id);
  }

  replace(record: CheckRecord): void {
    this.#reported = this.#reported.map((check) => (check.id === record.id ? record : check));
  }

  /** Everything on a commit, oldest first. */
  async all(sha: string): Promise<readonly CheckRecord[]> {
    const begun = this.#begun.get(sha);
    const own = begun === undefined ? await this.#history(sha) : this.#pipeline(sha, begun);
    return [...own, ...this.#reported.filter((check) => check.sha === sha)];
  }

  /** The newest per kind, name and App. */
  async latest(sha: string): Promise<readonly CheckRecord[]> {
    const newest = new Map<string, CheckRecord>();
    for (const check of await this.all(sha)) {
      newest.set(`${check.kind}\0${check.name}\0${check.kind === 'status' ? '' : check.appId}`, check);
    }
    return [...newest.values()];
  }

  #pipeline(sha: string, begun: EpochMs): readonly CheckRecord[] {
    const now = this.#options.clock.now();
    return this.#options.ci.flatMap((step) => {
      const startedAt = begun + step.registersAfterMs;
      const completedAt = startedAt + step.takesMs;
      if (step.conclusion === 'never-starts' || now < startedAt) return [];
      const done = now >= completedAt && step.conclusion !== 'pending';
      return [this.#record(sha, step, startedAt, done ? completedAt : undefined)];
    });
  }

  async #history(sha: string): Promise<readonly CheckRecord[]> {
    const { ci, historyCi = 'none', committedAt } = this.#options;
    if (historyCi === 'none' || this.#withoutHistory.has(sha)) return [];
    const at = await committedAt(sha);
    const started = ci.filter((step) => step.conclusion !== 'never-starts');
    const steps: readonly Pick<CiStep, 'name' | 'kind' | 'appId'>[] =
      started.length > 0 ? started : [{ name: 'ci', kind: 'check-run' }];
    return steps.map((step) => this.#record(sha, { ...step, conclusion: historyCi }, at, at));
  }

  #record(
    sha: string,
    step: Pick<CiStep, 'name' | 'kind' | 'appId' | 'conclusion'>,
    startedAt: EpochMs,
    completedAt: EpochMs | undefined,
  ): CheckRecord {
    const appId = step.appId ?? (step.kind === 'check-run' ? GITHUB_ACTIONS_APP : undefined);
    return {
      id: this.#idOf(`${sha}\0${step.kind}\0${step.name}\0${appId}`),
      kind: step.kind,
      name: step.name,
      sha,
      ...(appId === undefined ? {} : { appId }),
      status: completedAt === undefined ? 'in_progress' : 'completed',
      startedAt,
      ...(completedAt === undefined ? {} : { completedAt, conclusion: step.conclusion }),
    };
  }

  #idOf(key: string): number {
    const id = this.#ids.get(key) ?? this.#options.nextId();
    this.#ids.set(key, id);
    return id;
  }
}
