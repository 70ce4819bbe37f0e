import type { Clock } from '../base/clock.js';
import { asOperatorError } from '../base/errors.js';
import {
  isInCluster,
  isWorkload,
  splitApplicationKey,
  type ApplicationSnapshot,
  type ResourceStatus,
} from '../model/application.js';
import type { WorkloadStatus } from '../model/workload.js';
import { workloadStatusOf } from '../model/workload-status.js';
import type { ArgoCd } from '../ports/argocd.js';
import type { Kubernetes } from '../ports/kubernetes.js';
import type { AilingWorkload } from './evidence.js';
import { observe } from './known.js';

/**
 * Replicas of an application's own workloads (semantics 3): through Kubernetes only when it is the same cluster and the
 * object carries this application's tracking id, else through Argo CD, which reads the destination cluster.
 */
export class WorkloadReader {
  constructor(
    private readonly clock: Clock,
    private readonly argocd: Pick<ArgoCd, 'getLiveResource'>,
    private readonly kubernetes: Pick<Kubernetes, 'getDeploymentStatus'> | undefined,
  ) {}

  /** Every own workload that Argo CD does not call Healthy. */
  ailing(app: ApplicationSnapshot, signal: AbortSignal): Promise<readonly AilingWorkload[]> {
    return this.#read(
      app,
      app.resources.filter((r) => isWorkload(r) && r.health !== 'Healthy'),
      signal,
    );
  }
  all(app: ApplicationSnapshot, signal: AbortSignal): Promise<readonly AilingWorkload[]> {
    return this.#read(
      app,
      app.resources.filter((r) => isWorkload(r)),
      signal,
    );
  }
  #read(
    app: ApplicationSnapshot,
    resources: readonly ResourceStatus[],
    signal: AbortSignal,
  ): Promise<readonly AilingWorkload[]> {
    return Promise.all(
      resources.map(async (r) => ({
        kind: r.kind,
        name: r.name,
        health: r.health ?? 'unknown',
        status: await observe(this.clock, `${r.kind} ${r.name}`, () => this.#status(app, r, signal)),
      })),
    );
  }
  async #status(app: ApplicationSnapshot, r: ResourceStatus, signal: AbortSignal): Promise<WorkloadStatus> {
    if (this.kubernetes !== undefined && isInCluster(app)) {
      try {
        const status = await this.kubernetes.getDeploymentStatus(r, signal);
        if (status.trackingId === trackingId(app, r)) return status;
      } catch (error) {
        // Argo CD may see what the operator's own account may not.
        if (asOperatorError(error).category === 'cancelled') throw error;
      }
    }
    return workloadStatusOf(await this.argocd.getLiveResource(app.application, r, signal));
  }
}

/** `<app>:<group>/<kind>:<namespace>/<name>`; applications outside Argo CD's own namespace are `<namespace>_<app>` there. */
function trackingId(app: ApplicationSnapshot, r: ResourceStatus): string {
  const { namespace, name } = splitApplicationKey(app.application);
  const plain = app.controllerNamespace === undefined || app.controllerNamespace === namespace;
  return `${plain ? name : `${namespace}_${name}`}:${r.group}/${r.kind}:${r.namespace}/${r.name}`;
}
