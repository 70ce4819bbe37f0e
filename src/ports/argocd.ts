import type { ApplicationKey, ApplicationSnapshot, FleetEntry, FleetSource, ResourceStatus } from '../model/application.js';

/** What stands between a commit and its deployment, beside the application itself. */
export interface ApplicationSyncStatus {
  /** The automated rule (deny wins, an inactive allow bars), not the manual one that `canSync` answers. */
  readonly windowOpen: boolean;
  /** In words, for people. */
  readonly windows: string;
}

/** Who the operator is for Argo CD, for `doctor`. */
export interface ArgoCdIdentity {
  readonly loggedIn: boolean;
  readonly username: string;
  readonly version: string;
}

/**
 * Argo CD, read only but for the refresh. Errors: an OperatorError of category transient, denied, terminal, config.
 * `ARGOCD_NOT_FOUND` (terminal) is thrown only when Argo CD says so itself; a refusal is `denied`.
 */
export interface ArgoCd {
  /** One list call for the whole fleet (or one per project when the answer is too large). Empty is not "all gone". */
  listFleet(signal: AbortSignal): Promise<readonly FleetEntry[]>;
  /** The fleet with sources and annotations; heavier, only when a diff must be weighed against everybody. */
  listSources(signal: AbortSignal): Promise<readonly FleetSource[]>;
  /** One live GET: a health check. `project` makes Argo CD tell "does not exist" from "forbidden". */
  getApplicationHealth(app: ApplicationKey, project: string | undefined, signal: AbortSignal): Promise<ApplicationSnapshot>;
  getApplicationSyncStatus(app: ApplicationKey, signal: AbortSignal): Promise<ApplicationSyncStatus>;
  /** Asks for a normal refresh and does not wait for its end. Safe to repeat. */
  refresh(app: ApplicationKey, signal: AbortSignal): Promise<void>;
  /** The manifests an application renders at a revision, each as canonical JSON, sorted. Secrets are masked. `ARGOCD_RENDER_FAILED` (terminal) when they cannot be rendered. */
  renderManifests(app: ApplicationKey, revision: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The live object of one of the application's resources, also on a remote cluster. */
  getLiveResource(app: ApplicationKey, resource: ResourceStatus, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
  identity(signal: AbortSignal): Promise<ArgoCdIdentity>;
  /** May this account do `action` on applications of the project? */
  canI(action: 'get' | 'sync' | 'update' | 'delete', project: string, signal: AbortSignal): Promise<boolean>;
}
