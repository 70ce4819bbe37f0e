import { isWorkload, type ApplicationSnapshot } from '../../model/application.js';
import type { DegradationCause } from '../../model/health-finding.js';

/** Pure: what is Degraded (semantics 3). Argo CD answers per-resource health on a live GET only; without it the cause is unknown. */
export function causeOf(app: ApplicationSnapshot): DegradationCause {
  const ailing = app.resources.filter((r) => !r.hook && r.health === 'Degraded');
  if (ailing.some((r) => isWorkload(r))) return 'workload';
  if (ailing.length === 0) return 'unknown';
  return ailing.every((r) => r.kind === 'Application') ? 'child-application' : 'not-a-workload';
}
