import type { PolicyBook } from '../governance/policy-book.js';
import type { Policy } from '../model/policy.js';
import type { OpenAttempt } from '../model/rollback-attempt.js';
import type { FleetView } from './fleet-view.js';

/** What the configuration, and the application's own annotations as last seen live, say about an attempt today. */
export class CurrentPolicy {
  constructor(
    private readonly policies: PolicyBook,
    private readonly fleet: FleetView,
  ) {}
  /** Undefined = unmanaged. */
  of(a: OpenAttempt): Policy | undefined {
    const { application, project, destination, policy } = a;
    const live = this.fleet.find(application)?.live;
    const sources = policy.repository === undefined ? {} : { sources: [{ repoURL: policy.repository.url }] };
    return this.policies.policyOf({ application, project, destination, ...live, ...sources });
  }
}
