import { isWithin, joinInRepository } from './repository-path.js';
import { matchesSegment } from './path-scope.js';

/** Argo CD regenerates an application only when a commit changes one of these paths; without it, always. */
export const GENERATE_PATHS_ANNOTATION = 'argocd.argoproj.io/manifest-generate-paths';

/**
 * The annotation's entries, as paths from the root of the repository (Argo CD, util/app/path).
 * Undefined = no annotation or no entry: every change counts. `''` = the whole repository.
 * An entry that leaves the repository names nothing and is left out.
 */
export function generatePaths(
  annotations: Readonly<Record<string, string>>,
  sourcePath: string,
): readonly string[] | undefined {
  const entries = (annotations[GENERATE_PATHS_ANNOTATION] ?? '')
    .split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (entries.length === 0) return undefined;
  const fromRoot = (item: string): string | undefined =>
    item.startsWith('/') ? joinInRepository('', item.replace(/^\/+/, '')) : joinInRepository(sourcePath, item);
  return entries.map(fromRoot).filter((path) => path !== undefined);
}

/** Go's `filepath.Match` as far as `*` and `?` go: segment by segment. Brackets and backslashes match nothing here. */
function matchesPattern(pattern: string, path: string): boolean {
  if (/[[\]\\]/.test(pattern)) return false;
  const wanted = pattern.split('/');
  const parts = path.split('/');
  return wanted.length === parts.length && wanted.every((segment, i) => matchesSegment(segment, parts[i] ?? ''));
}

/** One entry covers a path: the same file, a directory above it, or a pattern. */
export const generatePathCovers = (entry: string, path: string): boolean =>
  isWithin(entry, path) || matchesPattern(entry, path);
