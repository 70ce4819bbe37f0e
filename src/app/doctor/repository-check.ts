import type { OperatorError } from '../../base/errors.js';
import type { OperatorConfig, RepositorySettings as ConfiguredRepository } from '../../config/operator-config.js';
import type { BranchRules, RepositorySettings, SourceControl } from '../../ports/source-control.js';
import { ask, type Check, type Findings } from './finding.js';

const TIMEOUT_MS = 60_000;
const MAX_BRANCHES = 5;
type Reads = Pick<SourceControl, 'getRepository' | 'getBranchRules' | 'findBranchHead'>;

/** One configured repository: is it there, may we push, and do its branch rules let the operator merge at all? */
export class RepositoryCheck implements Check {
  readonly subject: string;
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly github: Reads,
    private readonly config: OperatorConfig,
    private readonly repository: ConfiguredRepository,
    /** Branches that managed applications follow; empty = its default branch. */
    private readonly branches: () => readonly string[],
    private readonly signsCommits: boolean,
  ) {
    this.subject = `github ${repository.owner}/${repository.name}`;
  }

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const settings = await this.github.getRepository(this.repository, signal);
    this.#lookAtSettings(settings, found);
    const followed = this.branches().map((b) => (b === '' || b === 'HEAD' ? settings.defaultBranch : b));
    const branches = [...new Set(followed.length === 0 ? [settings.defaultBranch] : followed)].slice(0, MAX_BRANCHES);
    for (const branch of branches) {
      const head = await ask(found, `branch ${branch}`, () =>
        this.github.findBranchHead(this.repository, branch, signal),
      );
      if (head === undefined) {
        found.warning(
          `${branch} is no branch here, so no merge reaches what follows it`,
          'Let targetRevision name a branch.',
        );
        continue;
      }
      const rules = await ask(found, `the rules of ${branch}`, () =>
        this.github.getBranchRules(this.repository, branch, signal),
      );
      if (rules !== undefined) this.#lookAtRules(branch, rules, settings, found);
    }
  }
  mend({ code, category }: OperatorError): string {
    if (code === 'GITHUB_NOT_FOUND')
      return 'Correct repositories[].url, or install the App (give the token) on this repository.';
    return category === 'denied' ? 'Give the App or token access to this repository.' : 'Correct repositories[].url.';
  }

  #lookAtSettings({ archived, canPush, mergeMethods }: RepositorySettings, found: Findings): void {
    if (archived) found.fault('is archived: nothing can be written', 'Unarchive it, or take it out of repositories.');
    if (!canPush) found.fault('may not be pushed to', 'Give the App `contents: write`, or the account the role write.');
    const wanted = this.repository.mergeMethod;
    if (wanted !== undefined && !mergeMethods.includes(wanted)) {
      found.fault(
        `repositories[].mergeMethod is ${wanted}, and only ${mergeMethods.join(', ') || 'none'} is allowed here`,
        'Write one of those, or leave it out: then the first allowed of merge, squash, rebase is taken.',
      );
    }
    if (!archived && canPush) found.ok(`can be pushed to; merge methods: ${mergeMethods.join(', ') || 'none'}`);
  }

  #lookAtRules(branch: string, rules: BranchRules, settings: RepositorySettings, found: Findings): void {
    const automatic = this.config.environments.staging?.mode === 'auto';
    const barred = (text: string, mend: string): void => {
      if (automatic)
        found.warning(`${text}; environments.staging.mode is auto, and nothing is merged by itself (I8)`, mend);
      else found.ok(text);
    };
    const { requiredApprovals, mergeQueue, requiresSignatures, requiresUpToDate } = rules;
    if (requiredApprovals > 0) {
      barred(
        `${branch} requires ${requiredApprovals} approving ${requiredApprovals === 1 ? 'review' : 'reviews'}`,
        'Take the rule off the branch staging follows, or set environments.staging.mode: propose.',
      );
    }
    if (mergeQueue)
      barred(`${branch} is merged through a merge queue`, 'Merge by people: environments.staging.mode: propose.');
    if (requiresSignatures && !this.signsCommits) {
      barred(
        `${branch} requires signed commits, and those of a token are not signed`,
        'Use a GitHub App: GitHub signs its commits.',
      );
    }
    const methods = settings.mergeMethods.filter((m) => rules.mergeMethods?.includes(m) ?? true);
    if (methods.length === 0)
      barred(`${branch} allows no merge method that the repository allows`, 'Allow one in both places.');
    if (requiresUpToDate) found.ok(`${branch} must be up to date before a merge: a rollback is rebuilt when it moves`);
    this.#lookAtChecks(branch, rules, found);
  }
  #lookAtChecks(branch: string, rules: BranchRules, found: Findings): void {
    const names = [...new Set([...rules.requiredChecks, ...this.repository.requiredChecks].map((c) => c.name))];
    if (names.length > 0) return found.ok(`${branch}: expected checks ${names.join(', ')}`);
    if (this.repository.allowNoChecks) return found.ok(`${branch}: no check is expected, and ci.allowNoChecks is true`);
    found.warning(
      `${branch}: no check is expected, so I6 only holds when one runs on the pull request by itself`,
      'Require one on the branch or in repositories[].ci.required, or set ci.allowNoChecks: true.',
    );
  }
}
