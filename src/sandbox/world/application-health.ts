import type { HealthStatus } from '../../model/application.js';
import { objectHealth } from '../workloads/workload-health.js';
import type { ResourceHealth } from '../workloads/workload-health.js';
import type { ObjectReference } from '../workloads/cluster.js';
import type { SimulatedApplication } from './simulated-application.js';

/** Best to worst; Unknown is the worst (argo-cd `health.go`). */
const ORDER: readonly HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];

/** Health of one of an application's resources; undefined = not live, or a kind without health. */
export function resourceHealth(app: SimulatedApplication, reference: ObjectReference): ResourceHealth | undefined {
  const sick = app.switches.sickResources.get(`${reference.kind}/${reference.name}`);
  if (sick) return sick;
  const entry = app.surroundings.cluster.find(reference);
  return entry && objectHealth(app.surroundings.cluster.liveObject(entry));
}

/** The worst of the application's resources that are live; pods and ReplicaSets do not count. */
export function applicationHealth(app: SimulatedApplication): HealthStatus {
  const references = [...app.managed.values()];
  const all = references.map((reference) => resourceHealth(app, reference)?.status);
  const known = all.filter((status) => status !== undefined);
  return known.reduce<HealthStatus>(
    (worst, status) => (ORDER.indexOf(status) > ORDER.indexOf(worst) ? status : worst),
    'Healthy',
  );
}
