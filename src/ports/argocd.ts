import type {
  ApplicationKey,
  ApplicationSnapshot,
  FleetEntry,
  FleetSource,
  ResourceStatus,
  Revision,
} from '../model/application.js';

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

/** One source of an application with several, and the revision to render it at. `position` counts from 1, as in `spec.sources`. */
export interface SourceRevision {
  readonly position: number;
  readonly revision: Revision;
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
  getApplicationHealth(
    app: ApplicationKey,
    project: string | undefined,
    signal: AbortSignal,
  ): Promise<ApplicationSnapshot>;
  getApplicationSyncStatus(app: ApplicationKey, signal: AbortSignal): Promise<ApplicationSyncStatus>;
  /** Asks for a normal refresh and does not wait for its end. Safe to repeat. */
  refresh(app: ApplicationKey, signal: AbortSignal): Promise<void>;
  /**
   * The manifests an application renders at a revision, each as canonical JSON, sorted. Secrets are masked. An
   * application with several sources needs a revision for each source that changes; the others render at their
   * `targetRevision`. `ARGOCD_RENDER_FAILED` (terminal) when they cannot be rendered, or the revisions do not fit the
   * application (Argo CD would ignore them and render the branch).
   */
  renderManifests(
    app: ApplicationKey,
    revision: Revision | readonly SourceRevision[],
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /** The live object of one of the application's resources, also on a remote cluster. `ARGOCD_RESOURCE_NOT_FOUND` (terminal) when it is gone. */
  getLiveResource(
    app: ApplicationKey,
    resource: ResourceStatus,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>>;
  identity(signal: AbortSignal): Promise<ArgoCdIdentity>;
  /** May this account do `action` on applications of the project? */
  canI(action: 'get' | 'sync' | 'update' | 'delete', project: string, signal: AbortSignal): Promise<boolean>;
}
