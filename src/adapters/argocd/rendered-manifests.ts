import { OperatorError } from '../../base/errors.js';
import { canonicalJson } from '../../base/hash.js';
import type { ApplicationKey, Revision, SourceShape } from '../../model/application.js';
import type { SourceRevision } from '../../ports/argocd.js';

/** Equal renderings give equal arrays: canonical JSON, sorted, nothing taken away. Throws `ARGOCD_MALFORMED`. */
export function comparableManifests(application: ApplicationKey, manifests: readonly string[]): readonly string[] {
  return manifests.map((manifest) => canonicalJson(parseObject(`a manifest of ${application}`, manifest))).toSorted();
}

/** An object that Argo CD sends as a string of JSON. Throws `ARGOCD_MALFORMED` (terminal). */
export function parseObject(what: string, json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new OperatorError('ARGOCD_MALFORMED', 'terminal', `ARGOCD: ${what} is not JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OperatorError('ARGOCD_MALFORMED', 'terminal', `ARGOCD: ${what} is not an object`);
}

/**
 * The query that renders an application at the given revision. Argo CD ignores `revision` for an application with
 * several sources, and positions for one with a single source: it would render the branch instead, and two equal
 * renderings would prove nothing. So what does not fit the shape is refused (`ARGOCD_RENDER_FAILED`).
 */
export function renderQuery(
  application: ApplicationKey,
  shape: SourceShape,
  sourceCount: number,
  at: Revision | readonly SourceRevision[],
): Readonly<Record<string, string | readonly string[]>> {
  const refuse = (why: string): OperatorError =>
    new OperatorError('ARGOCD_RENDER_FAILED', 'terminal', `ARGOCD: ${application} cannot be rendered: ${why}`);
  if (shape !== 'multiple') {
    const only = typeof at === 'string' ? at : at.length === 1 && at[0]?.position === 1 ? at[0].revision : undefined;
    if (!only) throw refuse('it has one source, so exactly one revision must be given');
    return { revision: only };
  }
  if (typeof at === 'string' || at.length === 0) {
    throw refuse('it has several sources, so a revision must be given for each that changes');
  }
  const exists = (position: number): boolean => Number.isInteger(position) && position >= 1 && position <= sourceCount;
  const wrong = at.find((r) => r.revision === '' || !exists(r.position));
  if (wrong) throw refuse(`no source ${wrong.position} of ${sourceCount} at ${wrong.revision || 'no revision'}`);
  return { sourcePositions: at.map((r) => String(r.position)), revisions: at.map((r) => r.revision) };
}
