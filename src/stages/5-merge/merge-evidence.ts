import type { Clock } from '../../base/clock.js';
import { OperatorError } from '../../base/errors.js';
import { ciVerdict } from '../../governance/ci-verdict.js';
import type { MergeEvidence } from '../../governance/evidence.js';
import { mapKnown, observe, unknown, type Known } from '../../governance/known.js';
import type { PolicyBook } from '../../governance/policy-book.js';
import type { WorkloadReader } from '../../governance/workload-reader.js';
import { isOwnCommit } from '../../gitops/own-commit.js';
import { compilePathGlob, everyPathUnder } from '../../gitops/path-scope.js';
import type { ApplicationSnapshot } from '../../model/application.js';
import type { Policy } from '../../model/policy.js';
import type { AwaitingMergeApproval } from '../../model/rollback-attempt.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { BranchRules, MergeMethod, PullRequestStatus, SourceControl } from '../../ports/source-control.js';
import type { StateStore } from '../../ports/state-store.js';
import { repositoryOf, type BranchDrift } from './branch-drift.js';
import type { OtherApplications } from './other-applications.js';
import type { OpenPullRequests } from './open-pull-requests.js';
import type { RenderProof } from './render-proof.js';

const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];
const DAY_MS = 86_400_000;

/** Reads everything the rules need, fresh, after the head was pinned; independent reads go in parallel (semantics 8). */
export class MergeEvidenceReader {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth' | 'getApplicationSyncStatus'>,
    private readonly sourceControl: SourceControl,
    private readonly store: Pick<StateStore, 'checks' | 'marks' | 'spends'>,
    private readonly policies: PolicyBook,
    private readonly workloads: WorkloadReader,
    private readonly drift: BranchDrift,
    private readonly proof: RenderProof,
    private readonly others: OtherApplications,
    private readonly openPullRequests: OpenPullRequests,
  ) {}

  /** What the configuration says this very moment, without the live annotations; undefined = unmanaged. */
  policyNow(a: AwaitingMergeApproval): Policy | undefined {
    return this.policies.policyOf(a);
  }

  async read(a: AwaitingMergeApproval, signal: AbortSignal): Promise<MergeEvidence> {
    const pinnedAt = this.clock.now();
    const repo = repositoryOf(a);
    const headSha = a.pullRequest.headSha;
    const seen = <T>(source: string, read: () => Promise<T>): Promise<Known<T>> => observe(this.clock, source, read);
    const sc = this.sourceControl;
    const [application, pullRequest, rules, checks, settings, ownCommit, sync] = await Promise.all([
      seen('Argo CD, live', () => this.argocd.getApplicationHealth(a.application, a.project, signal)),
      seen('GitHub', () => sc.getPullRequestStatus(repo, a.pullRequest.number, signal)),
      seen('GitHub', () => sc.getBranchRules(repo, a.target.branch, signal)),
      seen('GitHub checks', () => sc.listChecks(repo, headSha, signal)),
      seen('GitHub', () => sc.getRepository(repo, signal)),
      seen('GitHub', () => this.#ownCommit(a, signal)),
      seen('Argo CD', () => this.argocd.getApplicationSyncStatus(a.application, signal)),
    ]);
    const [workloads, openPullRequests, base] = await Promise.all([
      withValue(application, 'Kubernetes', (app) => seen('Kubernetes', () => this.workloads.ailing(app, signal))),
      withValue(application, 'GitHub', (app) => seen('GitHub', () => this.openPullRequests.read(a, app, signal))),
      withValue(application, 'GitHub', (app) => seen('git', () => this.drift.read(a, app, signal))),
    ]);
    const baseHead = base.kind === 'known' && base.value.head !== '' ? base.value.head : undefined;
    const [mergeRestores, rendered, others] = await Promise.all([
      withValue(application, 'git', (app) =>
        seen('test merge', () => this.#restores(a, app, pullRequest, baseHead, signal)),
      ),
      withValue(application, 'Argo CD manifests', (app) =>
        seen('Argo CD manifests', () =>
          this.proof.ofApplication(
            app,
            { base: need(baseHead), head: headSha, candidate: a.candidate.revision },
            signal,
          ),
        ),
      ),
      seen('Argo CD fleet', () =>
        this.others.weigh(
          {
            application: a.application,
            repo,
            url: a.target.url,
            branch: a.target.branch,
            paths: pathsOf(a),
            baseHead: need(baseHead),
            pullRequestHead: headSha,
          },
          signal,
        ),
      ),
    ]);
    // Last, because checks go on being stored while everything above is read, and the newest are the ones that count.
    const [stored, marks, spends] = await Promise.all([
      this.store.checks(a.application),
      this.store.marks(a.application, pinnedAt),
      this.store.spends(pinnedAt - longestWindow(a)),
    ]);
    const repositoryPolicy = a.policy.repository;
    return {
      headSha,
      pinnedAt,
      policyNow: application.kind === 'known' ? this.policies.policyOf(application.value) : this.policies.policyOf(a),
      outsideStagingPaths: outsideStaging(a),
      checks: stored,
      application,
      workloads,
      sync,
      pullRequest,
      ownCommit,
      rules,
      mergeMethod:
        settings.kind === 'unknown'
          ? settings
          : rules.kind === 'unknown'
            ? rules
            : methodOf(settings.value.mergeMethods, rules.value, repositoryPolicy?.mergeMethod, settings.readAt),
      ci:
        checks.kind === 'unknown'
          ? checks
          : rules.kind === 'unknown'
            ? rules
            : repositoryPolicy === undefined
              ? unknown('the repository is not configured', 'configuration', pinnedAt)
              : mapKnown(checks, (list) =>
                  ciVerdict({
                    checks: list,
                    rules: rules.value,
                    repository: repositoryPolicy,
                    pushedAt: a.pullRequest.openedAt,
                    settleWindowMs: a.policy.timing.ciSettleWindow,
                    now: this.clock.now(),
                  }),
                ),
      openPullRequests,
      baseUnchanged:
        base.kind === 'known' && base.value.kind === 'unknown'
          ? unknown(base.value.why, base.source, base.readAt)
          : mapKnown(base, (d) => d.kind === 'unchanged'),
      mergeRestores,
      rendered,
      others,
      spends,
      marks,
    };
  }

  async #ownCommit(
    a: AwaitingMergeApproval,
    signal: AbortSignal,
  ): Promise<{ readonly byUs: boolean; readonly treeAsPlanned: boolean }> {
    const [commit, self] = await Promise.all([
      this.sourceControl.getCommit(repositoryOf(a), a.pullRequest.headSha, signal),
      this.sourceControl.self(signal),
    ]);
    const { plan } = a.pullRequest;
    // On another parent the same tree is another change.
    return {
      byUs: isOwnCommit(commit, self.login),
      treeAsPlanned: commit.tree === plan.tree && commit.parents[0] === plan.baseSha,
    };
  }
  /** The test merge counts only when it was made on the present head of the base branch. */
  async #restores(
    a: AwaitingMergeApproval,
    app: ApplicationSnapshot,
    pr: Known<PullRequestStatus>,
    baseHead: string | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const testMerge = pr.kind === 'known' ? pr.value.mergeCommit : undefined;
    if (testMerge === undefined)
      throw new OperatorError('GITHUB_NO_TEST_MERGE', 'transient', 'GitHub has not computed the test merge yet');
    const commit = await this.sourceControl.getCommit(repositoryOf(a), testMerge, signal);
    if (commit.parents[0] !== baseHead)
      throw new OperatorError('GITHUB_STALE_TEST_MERGE', 'transient', 'the test merge stands on an older base');
    return this.drift.restores(a, testMerge, app, signal);
  }
}

/** How far back the budgets look. */
const longestWindow = ({ policy: { guards } }: AwaitingMergeApproval): number =>
  Math.max(DAY_MS, guards.fleet.windowMs, ...guards.perApplication.map((p) => p.windowMs));
const pathsOf = (a: AwaitingMergeApproval): readonly string[] => a.pullRequest.plan.files.map((f) => f.path);
function outsideStaging(a: AwaitingMergeApproval): readonly string[] | undefined {
  if (a.policy.stagingPaths.length === 0) return undefined;
  const globs = a.policy.stagingPaths.map(compilePathGlob);
  return pathsOf(a).filter((p) => !everyPathUnder([p], globs));
}
function need(head: string | undefined): string {
  if (head === undefined)
    throw new OperatorError('BASE_UNKNOWN', 'transient', 'the head of the base branch is not known');
  return head;
}
async function withValue<T, U>(
  fact: Known<T>,
  source: string,
  next: (value: T) => Promise<Known<U>>,
): Promise<Known<U>> {
  return fact.kind === 'known' ? next(fact.value) : unknown(fact.why, source, fact.readAt);
}
function methodOf(
  allowed: readonly MergeMethod[],
  rules: BranchRules,
  wanted: MergeMethod | undefined,
  readAt: number,
): Known<MergeMethod> {
  const usable = METHODS.filter((m) => allowed.includes(m) && (rules.mergeMethods?.includes(m) ?? true));
  const method = wanted === undefined ? usable[0] : usable.find((m) => m === wanted);
  return method === undefined
    ? unknown(
        wanted === undefined
          ? 'the repository allows no merge method'
          : `the configured merge method ${wanted} is not allowed`,
        'GitHub',
        readAt,
      )
    : { kind: 'known', value: method, source: 'GitHub', readAt };
}
