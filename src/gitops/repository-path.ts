/** Paths inside a repository: no leading slash, no `.` or `..`, `''` is the root. */

/**
 * `reference` as seen from `directory`, cleaned by text alone (what `filepath.Join` does in Argo CD and kustomize).
 * Undefined = it is absolute or leaves the repository.
 */
export function joinInRepository(directory: string, reference: string): string | undefined {
  if (reference.startsWith('/') || reference.includes('\0')) return undefined;
  const segments = directory === '' ? [] : directory.split('/');
  for (const segment of reference.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join('/');
}

/** `path` is `directory` or lies below it; everything lies below the root. */
export const isWithin = (directory: string, path: string): boolean =>
  directory === '' || path === directory || path.startsWith(`${directory}/`);

/** Directory of a file; `''` for one at the root. */
export const directoryOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Last segment of a path. */
export const baseNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** One order for paths everywhere: by code unit. */
export const byPath = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
