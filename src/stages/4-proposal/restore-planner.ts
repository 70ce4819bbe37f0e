import type { Clock } from '../../base/clock.js';
import { branchOf } from '../../gitops/rollback-branch.js';
import { closuresEqual } from '../../gitops/closure-equality.js';
import type { ClosureReader } from '../../gitops/closure-reader.js';
import { refuse, type Refusal } from '../../gitops/refusal.js';
import { plannedContent, planRestore, postConditionViolation, type RestorePlan } from '../../gitops/restore-plan.js';
import type { ApplicationSnapshot } from '../../model/application.js';
import type { CandidateResolved, ProposePlan } from '../../model/rollback-attempt.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';

/** More than this is only counted as "more". */
const COUNTED_COMMITS = 100;

export type Planned =
  | { readonly kind: 'plan'; readonly plan: ProposePlan }
  /** The application's files on the branch are the candidate's already. */
  | { readonly kind: 'restored'; readonly head: string }
  /** The application's files on the branch are not those of the bad version any more (G7). */
  | { readonly kind: 'superseded'; readonly head: string }
  | Refusal;

export const repositoryOf = (a: Pick<CandidateResolved, 'target'>): RepositoryId => ({
  owner: a.target.owner,
  name: a.target.repository,
});

/** Works out what a rollback changes. Reads only; everything it answers can be computed again from two commits. */
export class RestorePlanner {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly sourceControl: Pick<SourceControl, 'findBranchHead' | 'listCommits'>,
    private readonly closures: ClosureReader,
  ) {}

  /** On top of the branch head as it is now. */
  async plan(a: CandidateResolved, signal: AbortSignal): Promise<Planned> {
    const repo = repositoryOf(a);
    const head = await this.sourceControl.findBranchHead(repo, a.target.branch, signal);
    if (head === undefined) return refuse('pinned-revision', `the branch ${a.target.branch} is gone`);
    const app = await this.argocd.getApplicationHealth(a.application, a.project, signal);
    const [atHead, atBad, atCandidate] = await Promise.all(
      [head, a.bad.revisions[0] ?? '', a.candidate.revision].map((revision) =>
        this.closures.read(repo, app, revision, signal),
      ),
    );
    if (atHead === undefined || atBad === undefined || atCandidate === undefined)
      throw new RangeError('three closures were asked for');
    for (const { closure } of [atHead, atBad, atCandidate]) if (closure.kind === 'refusal') return closure;
    if (
      atHead.closure.kind === 'closure' &&
      atCandidate.closure.kind === 'closure' &&
      closuresEqual(atHead.closure, atCandidate.closure)
    )
      return { kind: 'restored', head };
    if (
      atHead.closure.kind === 'closure' &&
      atBad.closure.kind === 'closure' &&
      !closuresEqual(atHead.closure, atBad.closure)
    )
      return { kind: 'superseded', head };
    const restore = planRestore({
      head: atHead.content,
      candidate: atCandidate.content,
      headClosure: atHead.closure,
      candidateClosure: atCandidate.closure,
    });
    if (restore.kind === 'refusal') return restore;
    if (atCandidate.closure.kind !== 'closure') return atCandidate.closure;
    const result = plannedContent(atHead.content, restore);
    const resultClosure = await this.closures.closureIn(repo, app, result, signal);
    const violation = postConditionViolation({
      plan: restore,
      result,
      resultClosure,
      head: atHead.content,
      candidateClosure: atCandidate.closure,
    });
    if (violation !== undefined)
      return refuse('closure-not-computable', `the restored files would not be the candidate's: ${violation}`);
    return { kind: 'plan', plan: await this.#describe(a, restore, signal) };
  }

  /** The changes of a stored plan, computed again. Throws PLAN_NOT_REPRODUCIBLE (terminal) when they do not lead to its tree. */
  async changesOf(
    a: CandidateResolved,
    plan: ProposePlan,
    signal: AbortSignal,
  ): Promise<{ readonly restore: RestorePlan; readonly baseTree: string } | Refusal> {
    const repo = repositoryOf(a);
    const app = await this.argocd.getApplicationHealth(a.application, a.project, signal);
    const moved = await this.#changedSince(a, plan, app, signal);
    if (moved !== undefined) return moved;
    const [atBase, atCandidate] = await Promise.all([
      this.closures.read(repo, app, plan.baseSha, signal),
      this.closures.read(repo, app, a.candidate.revision, signal),
    ]);
    const restore = planRestore({
      head: atBase.content,
      candidate: atCandidate.content,
      headClosure: atBase.closure,
      candidateClosure: atCandidate.closure,
    });
    if (restore.kind === 'refusal') return restore;
    if (restore.tree !== plan.tree)
      return refuse(
        'head-moved',
        `planned was the tree ${plan.tree.slice(0, 10)}, now it would be ${restore.tree.slice(0, 10)}`,
      );
    return { restore, baseTree: atBase.content.tree };
  }

  /** A plan may have waited out a crash: whoever changed the application's files meanwhile is not to be undone (G7). */
  async #changedSince(
    a: CandidateResolved,
    plan: ProposePlan,
    app: ApplicationSnapshot,
    signal: AbortSignal,
  ): Promise<Refusal | undefined> {
    const repo = repositoryOf(a);
    const head = await this.sourceControl.findBranchHead(repo, a.target.branch, signal);
    if (head === plan.baseSha) return undefined;
    if (head === undefined) return refuse('pinned-revision', `the branch ${a.target.branch} is gone`);
    const [now, bad] = await Promise.all([
      this.closures.read(repo, app, head, signal),
      this.closures.read(repo, app, a.bad.revisions[0] ?? '', signal),
    ]);
    const same =
      now.closure.kind === 'closure' && bad.closure.kind === 'closure' && closuresEqual(now.closure, bad.closure);
    return same
      ? undefined
      : refuse('head-moved', `the application's files on ${a.target.branch} changed since the plan was made`);
  }

  async #describe(a: CandidateResolved, restore: RestorePlan, signal: AbortSignal): Promise<ProposePlan> {
    return {
      branch: branchOf(a),
      baseSha: restore.head,
      tree: restore.tree,
      files: restore.changed.map(({ path, kind }) => ({ path, change: kind })),
      droppedCommits: await this.#droppedCommits(a, restore.head, signal),
      plannedAt: this.clock.now(),
    };
  }
  /** Commits under the application's path that the branch has and the candidate has not. */
  async #droppedCommits(a: CandidateResolved, head: string, signal: AbortSignal): Promise<number> {
    const repo = repositoryOf(a);
    const { path } = a.target;
    const [since, [last]] = await Promise.all([
      this.sourceControl.listCommits(repo, { revision: head, path, limit: COUNTED_COMMITS }, signal),
      this.sourceControl.listCommits(repo, { revision: a.candidate.revision, path, limit: 1 }, signal),
    ]);
    const at = since.findIndex((c) => c.sha === last?.sha);
    return at < 0 ? since.length : at;
  }
}
