import type { Clock } from '../../base/clock.js';
import { asOperatorError } from '../../base/errors.js';
import { RecentMap } from '../../base/recent-map.js';
import type { WorkloadReader } from '../../governance/workload-reader.js';
import type { ClosureReader } from '../../gitops/closure-reader.js';
import type { AbortReason } from '../../model/abort-reason.js';
import type { ApplicationSnapshot, EpochMs } from '../../model/application.js';
import { currentRun } from '../../model/health-check.js';
import type { Effects } from '../../model/effect.js';
import type { Outcome, Stage } from '../../model/outcome.js';
import type { AttemptId, RollbackMerged } from '../../model/rollback-attempt.js';
import type { ArgoCd } from '../../ports/argocd.js';
import type { RepositoryId, SourceControl } from '../../ports/source-control.js';
import type { StateStore } from '../../ports/state-store.js';
import { syncProgress } from './sync-progress.js';

type Answer = Outcome<'RollbackMerged'>;

/** Module 6: the merge is what is deployed, and the application stays healthy without a break (semantics 9). */
export class HealthMonitor implements Stage<RollbackMerged> {
  readonly #refreshedAt = new RecentMap<AttemptId, EpochMs>(1_000);
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getApplicationHealth' | 'refresh'>,
    private readonly sourceControl: Pick<SourceControl, 'isAncestor'>,
    private readonly store: Pick<StateStore, 'checks'>,
    private readonly closures: ClosureReader,
    private readonly workloads: WorkloadReader,
    private readonly effects: Effects,
  ) {}

  async handle(a: RollbackMerged, signal: AbortSignal): Promise<Answer> {
    if (a.step.name === 'syncing') await this.#refresh(a, signal);
    const app = await this.argocd.getApplicationHealth(a.application, a.project, signal);
    if (!(await this.#carries(a, app, a.merge.commit, signal))) {
      return {
        kind: 'abort',
        reason: 'merge-differs',
        why: `the files at ${a.merge.commit.slice(0, 10)} are not those of the candidate ${a.candidate.revision.slice(0, 10)}`,
      };
    }
    if (a.step.name === 'syncing') return this.#sync(a, app, signal);
    const later = deployedSince(a, a.step.revision, app);
    if (later !== undefined && !(await this.#carries(a, app, later, signal))) {
      return {
        kind: 'abort',
        reason: 'superseded',
        why: `${later.slice(0, 10)} was deployed after the merge, and its files are not those of the candidate`,
      };
    }
    return this.#verify(a, a.step, app, signal);
  }

  async #sync(a: RollbackMerged, app: ApplicationSnapshot, signal: AbortSignal): Promise<Answer> {
    const progress = syncProgress(app, a.merge.commit);
    switch (progress.kind) {
      case 'not-yet':
        return this.#wait(a, progress.blocker);
      case 'synced':
        return {
          kind: 'step',
          step: { name: 'verifying', healthySince: this.clock.now(), revision: progress.revision },
          why: `${progress.revision.slice(0, 10)} is synced`,
        };
      case 'ask-git': {
        const descends = await this.sourceControl.isAncestor(
          repositoryOf(a),
          a.merge.commit,
          progress.revision,
          signal,
        );
        if (!descends) return this.#wait(a, progress.otherwise);
        if (!(await this.#carries(a, app, progress.revision, signal))) {
          return {
            kind: 'abort',
            reason: 'superseded',
            why: `${progress.revision.slice(0, 10)} came after the merge and changed the application again`,
          };
        }
        return {
          kind: 'step',
          step: { name: 'verifying', healthySince: this.clock.now(), revision: progress.revision },
          why: `${progress.revision.slice(0, 10)}, which contains the merge, is ${progress.how}`,
        };
      }
    }
  }

  async #verify(
    a: RollbackMerged,
    step: Extract<RollbackMerged['step'], { name: 'verifying' }>,
    app: ApplicationSnapshot,
    signal: AbortSignal,
  ): Promise<Answer> {
    const checks = await this.store.checks(a.application);
    const run = currentRun(checks, 'Healthy').filter((c) => c.at >= step.healthySince);
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined)
      return this.#wait(a, `Argo CD says ${checks.at(-1)?.health ?? 'nothing yet'}`);
    const healthySince = first.at;
    if (healthySince > step.healthySince) {
      return {
        kind: 'step',
        step: { name: 'verifying', healthySince, revision: step.revision },
        why: 'healthy, counted from this check on',
      };
    }
    const heldMs = last.at - healthySince;
    const need = a.policy.timing.HEALTH_RESTORATION_DURATION;
    if (heldMs < need) return this.#wait(a, `healthy for ${Math.round(heldMs / 1000)} of ${Math.round(need / 1000)} s`);
    return this.#complete(a, app, healthySince, signal);
  }

  async #complete(
    a: RollbackMerged,
    app: ApplicationSnapshot,
    healthySince: EpochMs,
    signal: AbortSignal,
  ): Promise<Answer> {
    if (app.health !== 'Healthy') return this.#wait(a, `Argo CD says ${app.health} now`);
    const workloads = await this.workloads.all(app, signal);
    const unread = workloads.find((w) => w.status.kind === 'unknown');
    if (unread?.status.kind === 'unknown')
      return this.#wait(a, `${unread.kind} ${unread.name} cannot be read: ${unread.status.why}`, 'unverified');
    const short = workloads.find(
      (w) =>
        w.status.kind === 'known' && (!w.status.value.observed || w.status.value.available < w.status.value.desired),
    );
    if (short?.status.kind === 'known')
      return this.#wait(
        a,
        `${short.kind} ${short.name} has ${short.status.value.available} of ${short.status.value.desired} replicas`,
      );
    return {
      kind: 'advance',
      to: 'RollbackComplete',
      why: `healthy without a break since ${new Date(healthySince).toISOString()}`,
      with: { recoveredAt: healthySince },
    };
  }

  async #carries(a: RollbackMerged, app: ApplicationSnapshot, revision: string, signal: AbortSignal): Promise<boolean> {
    const repo = repositoryOf(a);
    return this.closures.areEqual(repo, app, [revision, a.candidate.revision], signal);
  }
  /** A nudge for Argo CD, at once and each `refreshInterval`; a failed one costs time only. */
  async #refresh(a: RollbackMerged, signal: AbortSignal): Promise<void> {
    const last = this.#refreshedAt.get(a.id);
    const now = this.clock.now();
    if (last !== undefined && now - last < a.policy.timing.refreshInterval) return;
    if (this.effects.refusal(a, 'refresh') !== undefined) return;
    this.#refreshedAt.set(a.id, now);
    try {
      await this.argocd.refresh(a.application, signal);
    } catch (error) {
      if (asOperatorError(error).category === 'cancelled') throw error;
    }
  }
  #wait(a: RollbackMerged, why: string, expiresAs?: AbortReason): Answer {
    return {
      kind: 'wait',
      lookAgainAt: this.clock.now() + a.policy.timing.pullRequestPollInterval,
      why,
      ...(expiresAs === undefined ? {} : { expiresAs }),
    };
  }
}
/** Another revision than the verified one, deployed after the merge: its health would not be the rollback's. */
function deployedSince(a: RollbackMerged, verified: string, { deployed }: ApplicationSnapshot): string | undefined {
  const [revision] = deployed?.revisions ?? [];
  const at = deployed?.finishedAt ?? deployed?.startedAt ?? 0;
  return revision !== verified && at > a.enteredAt ? revision : undefined;
}
const repositoryOf = (a: RollbackMerged): RepositoryId => ({ owner: a.target.owner, name: a.target.repository });
