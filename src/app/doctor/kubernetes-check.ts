import { asOperatorError, type OperatorError } from '../../base/errors.js';
import { isInCluster, isWorkload, type ApplicationSnapshot, type ResourceStatus } from '../../model/application.js';
import type { Kubernetes } from '../../ports/kubernetes.js';
import type { Check, Findings } from './finding.js';

const TIMEOUT_MS = 45_000;
const RIGHTS =
  'Grant get on deployments, statefulsets, daemonsets, replicasets and rollouts, list on replicasets and pods.';

/** Does the cluster answer, and may we read a workload of a staging application there? */
export class KubernetesCheck implements Check {
  readonly subject = 'kubernetes';
  readonly timeoutMs = TIMEOUT_MS;
  constructor(
    private readonly make: () => Promise<Kubernetes | undefined>,
    /** Managed staging applications that could be read. */
    private readonly applications: () => Promise<readonly ApplicationSnapshot[]>,
  ) {}

  async look(found: Findings, signal: AbortSignal): Promise<void> {
    const client = await this.make();
    if (client === undefined) {
      found.warning(
        'is disabled: replicas are read through Argo CD, and pull requests carry no diagnosis of pods',
        'Set kubernetes.inCluster: true or kubernetes.kubeconfigFile.',
      );
      return;
    }
    found.ok(`answers, version ${await client.version(signal)}`);
    const example = firstWorkload(await this.applications());
    if (example === undefined) {
      found.ok('no staging application has a workload in this cluster: the right to read one was not tried');
      return;
    }
    await this.#tryReading(client, example, found, signal);
  }
  mend({ category }: OperatorError): string {
    return category === 'denied' ? RIGHTS : 'Correct kubernetes.inCluster or kubernetes.kubeconfigFile.';
  }

  async #tryReading(client: Kubernetes, workload: ResourceStatus, found: Findings, signal: AbortSignal): Promise<void> {
    const name = `${workload.kind} ${workload.namespace}/${workload.name}`;
    try {
      const status = await client.getDeploymentStatus(workload, signal);
      found.ok(`may read ${name}: ${status.available} of ${status.desired} replicas available`);
      if (status.trackingId === undefined) {
        found.warning(
          `${name} carries no tracking id of Argo CD, so its replicas are read through Argo CD instead`,
          'Let Argo CD track by annotation (its default): application.resourceTrackingMethod.',
        );
      }
      if (workload.kind === 'Deployment' && status.updatedAvailable === undefined) {
        found.warning(
          `the replicas of the newest version of ${name} could not be told: may replicasets be listed?`,
          RIGHTS,
        );
      }
    } catch (error) {
      return refused(found, `${name} could not be read`, error);
    }
    try {
      await client.listPods(workload, signal);
      found.ok(`may list the pods of ${name}`);
    } catch (error) {
      refused(found, `the pods of ${name} could not be listed, so pull requests carry no diagnosis`, error);
    }
  }
}

function refused(found: Findings, what: string, error: unknown): void {
  const e = asOperatorError(error);
  if (e.category === 'cancelled') throw e;
  found.warning(`${what}: ${e.message} [${e.code}]`, e.category === 'denied' ? RIGHTS : undefined);
}
function firstWorkload(applications: readonly ApplicationSnapshot[]): ResourceStatus | undefined {
  const workloads = applications.filter(isInCluster).flatMap((app) => app.resources.filter((r) => isWorkload(r)));
  return workloads.find((r) => r.kind === 'Deployment') ?? workloads[0];
}
