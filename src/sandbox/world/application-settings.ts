import type { JsonObject } from '../json-path.js';
import type { SyncWindow } from './sync-window.js';

/** An Application's spec and metadata, as a scenario sets it up. */
export interface ApplicationSettings {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  readonly destination: { readonly server?: string; readonly name?: string; readonly namespace: string };
  /** The one source the sandbox renders: `repoURL`, `path`, `targetRevision`, `kustomize`, `directory`. */
  readonly source: JsonObject;
  /** Other shapes are shown but not simulated: they stay Healthy and Synced, and cannot be rendered. */
  readonly sources?: readonly JsonObject[];
  readonly sourceHydrator?: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absent = automated sync is off. */
  readonly automated?: { readonly prune: boolean; readonly selfHeal: boolean };
  readonly syncOptions: readonly string[];
  readonly retryLimit: number;
  readonly historyLimit: number;
  readonly syncWindows: readonly SyncWindow[];
  /** Name of the ApplicationSet that owns it. */
  readonly applicationSet?: string;
}

/** Has it one plain source, so that its controller can work? */
export const isSimulated = (settings: ApplicationSettings): boolean =>
  settings.sources === undefined && settings.sourceHydrator === undefined;

/** Argo CD's own cluster. */
export const IN_CLUSTER = 'https://kubernetes.default.svc';

/** Where a destination points; `in-cluster` is Argo CD's name for its own. */
export function destinationServer(destination: ApplicationSettings['destination']): string {
  if (destination.server !== undefined) return destination.server;
  return destination.name === 'in-cluster' || destination.name === undefined ? IN_CLUSTER : destination.name;
}
