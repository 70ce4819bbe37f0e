import { closuresEqual } from '../../gitops/closure-equality.js';
import type { ClosureReader } from '../../gitops/closure-reader.js';
import type { ApplicationSnapshot } from '../../model/application.js';
import type { AwaitingMergeApproval, PRCreated } from '../../model/rollback-attempt.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';

type Proposed = PRCreated | AwaitingMergeApproval;
export type Drift =
  /** The application's files are still those of the bad version. */
  | { readonly kind: 'unchanged'; readonly head: string }
  /** They are the candidate's already. */
  | { readonly kind: 'restored'; readonly head: string }
  /** Somebody changed them: a newer commit supersedes the attempt (semantics 0.5, G7). */
  | { readonly kind: 'changed'; readonly head: string }
  | { readonly kind: 'unknown'; readonly head: string; readonly why: string };

export const repositoryOf = (a: Pick<Proposed, 'target'>): RepositoryId => ({
  owner: a.target.owner,
  name: a.target.repository,
});

/** Compares the application's files on the base branch with the bad version and the candidate. */
export class BranchDrift {
  constructor(
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth'>,
    private readonly sourceControl: Pick<SourceControl, 'findBranchHead'>,
    private readonly closures: ClosureReader,
  ) {}

  /** `app` spares a live GET where there is one already. Throws what the ports throw. */
  async read(a: Proposed, app: ApplicationSnapshot | undefined, signal: AbortSignal): Promise<Drift> {
    const repo = repositoryOf(a);
    const head = await this.sourceControl.findBranchHead(repo, a.target.branch, signal);
    if (head === undefined) return { kind: 'unknown', head: '', why: `the branch ${a.target.branch} is gone` };
    // Nothing was pushed since the plan was made: no file can have changed.
    if (head === a.pullRequest.plan.baseSha) return { kind: 'unchanged', head };
    const snapshot = app ?? (await this.argocd.getApplicationHealth(a.application, a.project, signal));
    const [now, bad, good] = await Promise.all(
      [head, a.bad.revisions[0] ?? '', a.candidate.revision].map((r) => this.closures.read(repo, snapshot, r, signal)),
    );
    if (now?.closure.kind !== 'closure' || bad?.closure.kind !== 'closure' || good?.closure.kind !== 'closure') {
      return { kind: 'unknown', head, why: 'the closure on the branch cannot be computed any more' };
    }
    if (closuresEqual(now.closure, bad.closure)) return { kind: 'unchanged', head };
    return closuresEqual(now.closure, good.closure) ? { kind: 'restored', head } : { kind: 'changed', head };
  }
  /** Would this commit (a test merge, a merge) give the application the candidate's files? */
  restores(a: Proposed, commit: string, app: ApplicationSnapshot, signal: AbortSignal): Promise<boolean> {
    return this.closures.areEqual(repositoryOf(a), app, [commit, a.candidate.revision], signal);
  }
}
