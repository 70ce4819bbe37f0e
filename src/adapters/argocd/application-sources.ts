import type { Destination, HealthStatus, SourceSettings, SourceShape } from '../../model/application.js';
import { HEALTH_STATUSES } from '../../model/application.js';
import type { WireDestination, WireSources } from './argocd-schemas.js';

/** A hydrator wins over several sources, several over one (Argo CD's own order). */
export function shapeOf(spec: WireSources): SourceShape {
  if (spec.sourceHydrator) return 'hydrator';
  return (spec.sources?.length ?? 0) > 0 ? 'multiple' : 'single';
}

/**
 * What an application renders from. For a hydrator both ends: the dry source people edit, and the hydrated branch that
 * is synced; a change of either concerns the application.
 */
export function sourcesOf(spec: WireSources): readonly SourceSettings[] {
  const { sourceHydrator: hydrator, sources, source } = spec;
  if (hydrator) {
    const sync = hydrator.syncSource;
    const hydrated = {
      repoURL: sync?.repoURL ? sync.repoURL : hydrator.drySource.repoURL,
      ...(sync?.path ? { path: sync.path } : {}),
      ...(sync?.targetBranch ? { targetRevision: sync.targetBranch } : {}),
    };
    return sync ? [hydrator.drySource, hydrated] : [hydrator.drySource];
  }
  if (sources && sources.length > 0) return sources;
  // Argo CD writes `"source":{"repoURL":""}` where an application has several: that is none.
  return source && source.repoURL !== '' ? [source] : [];
}

/** The destination as the model has it. */
export function destinationOf(wire: WireDestination | null | undefined): Destination {
  const destination: { -readonly [K in keyof Destination]: Destination[K] } = {};
  if (wire?.server) destination.server = wire.server;
  if (wire?.name) destination.name = wire.name;
  if (wire?.namespace) destination.namespace = wire.namespace;
  return destination;
}

/** Argo CD's word, or `Unknown` for none and for one this version does not know. */
export const healthOf = (word: string | null | undefined): HealthStatus =>
  HEALTH_STATUSES.find((known) => known === word) ?? 'Unknown';

/** An application without a project belongs to `default`. */
export const projectOf = (project: string | null | undefined): string => (project ? project : 'default');

/** RFC 3339 to milliseconds; undefined when absent or unreadable. */
export function epochOf(time: string | null | undefined): number | undefined {
  if (!time) return undefined;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}
