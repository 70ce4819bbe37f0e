import { asOperatorError } from '../../base/errors.js';
import { isInCluster, isWorkload, type ApplicationSnapshot, type EpochMs } from '../../model/application.js';
import type { Kubernetes } from '../../ports/kubernetes.js';

/** Reasons that no patience mends (semantics 3). */
const FAILING = /^(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|OOMKilled|CreateContainerConfigError)\b/;

/**
 * The opt-in early signal `detection.stalledProgress`: Argo CD calls a Deployment Degraded only some 600 s after its last
 * progress, and stateful and daemon sets never. It counts for proposing only: I2 stays about Argo CD's own word.
 */
export class StalledProgress {
  constructor(
    private readonly kubernetes: Pick<Kubernetes, 'listPods'> | undefined,
    /** Undefined = off. */
    private readonly limitMs: () => number | undefined,
  ) {}

  /** Which pod fails, and how; undefined = off, not stalled, or nothing could be seen. */
  async of(app: ApplicationSnapshot, now: EpochMs, signal: AbortSignal): Promise<string | undefined> {
    const limitMs = this.limitMs();
    if (limitMs === undefined || this.kubernetes === undefined || !isInCluster(app)) return undefined;
    if (app.health !== 'Progressing' || app.healthChangedAt === undefined || now - app.healthChangedAt <= limitMs)
      return undefined;
    for (const workload of app.resources.filter((r) => isWorkload(r) && r.health !== 'Healthy')) {
      const trouble = (await this.#troubles(workload, signal)).find((t) => FAILING.test(t.reason));
      if (trouble !== undefined) {
        return `Progressing for ${Math.round((now - app.healthChangedAt) / 1000)} s, pod ${trouble.pod}: ${trouble.reason}`;
      }
    }
    return undefined;
  }
  /** What cannot be read is no signal. */
  async #troubles(
    workload: Parameters<Kubernetes['listPods']>[0],
    signal: AbortSignal,
  ): ReturnType<Kubernetes['listPods']> {
    try {
      return (await this.kubernetes?.listPods(workload, signal)) ?? [];
    } catch (error) {
      if (asOperatorError(error).category === 'cancelled') throw error;
      return [];
    }
  }
}
